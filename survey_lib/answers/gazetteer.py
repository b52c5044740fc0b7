"""Places that people name in their own words, coded against the gazetteer (domain guide 3.9).

Many spellings lead to one id. A text that fits no place, or several, is 98: it was answered but
can't be coded. What a person wrote goes no further than this.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_lib.vocabulary.gazetteer import Names, places_meant
from survey_lib.vocabulary.questionnaire import DONT_KNOW


def places_in(texts: pd.Series, names: Names) -> tuple[pd.Categorical, np.ndarray]:
    """What people wrote as places.

    Returns
    -------
    place ids, "98" where it can't be coded and NaN for nothing, and for each text the number of
    places that it names (n,), −1 for nothing.
    """
    places, distinct = pd.factorize(texts)
    meant = [places_meant(text, names) for text in distinct]
    ids = [next(iter(one)) if len(one) == 1 else str(DONT_KNOW) for one in meant]
    number = np.array([*(len(one) for one in meant), -1])
    return place_category(ids, places), number[places]


def place_category(found: Sequence[str], places: np.ndarray) -> pd.Categorical:
    """Codes of the distinct values over the rows; "" is nothing."""
    order = sorted(set(found) - {""})
    lookup = np.array([order.index(text) if text else -1 for text in found] + [-1])
    return pd.Categorical.from_codes(lookup[places], categories=pd.Index(order, dtype="str"))
