"""Places that people name in their own words, coded against the gazetteer (domain guide 3.9).

Many spellings lead to one id. A text that fits no place, or several, is 98: it was answered but
can't be coded. What a person wrote goes no further than this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from survey_lib.answers.matching import plain
from survey_lib.vocabulary.gazetteer import Place
from survey_lib.vocabulary.questionnaire import DONT_KNOW


def place_names(places: Mapping[str, Place]) -> dict[str, str]:
    """Every id, name and alias that means one place only, as it is compared -> the place's id."""
    meant: dict[str, set[str]] = {}
    for place in places.values():
        for name in (place.id, place.name, *place.alias):
            meant.setdefault(plain(name), set()).add(place.id)
    return {name: next(iter(ids)) for name, ids in meant.items() if len(ids) == 1}


def coded_places(texts: pd.Series, names: Mapping[str, str]) -> pd.Categorical:
    """Place ids of what people wrote; "98" where it can't be coded, NaN for nothing."""
    places, distinct = pd.factorize(texts)
    return place_category([names.get(plain(text), str(DONT_KNOW)) for text in distinct], places)


def place_category(found: Sequence[str], places: np.ndarray) -> pd.Categorical:
    """Codes of the distinct values over the rows; "" is nothing."""
    order = sorted(set(found) - {""})
    lookup = np.array([order.index(text) if text else -1 for text in found] + [-1])
    return pd.Categorical.from_codes(lookup[places], categories=pd.Index(order, dtype="str"))
