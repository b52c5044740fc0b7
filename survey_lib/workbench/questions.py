"""The numbers behind an analyst's own questions, each person by person from the microdata.

All frames here are exact and unprotected; :func:`survey_lib.workbench.material.protected` comes
after. Columns as in :mod:`survey_lib.perception.estimates`, with ``group`` and ``category`` "" for
everybody in the area.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.perception.families import secure
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.statistics.arrays import Codes, Flags
from survey_lib.statistics.association import RaoScott, rao_scott
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey
from survey_lib.workbench.classes import Classes


@dataclass(frozen=True)
class Association:
    """Rao and Scott's test of a crosstab, and whether it is säkerställd by itself."""

    found: RaoScott
    secured: bool


def persons_of(survey: WeightedSurvey, area: str, parameters: Parameters) -> Flags:
    """(n,) bool: who lives in an area."""
    level = parameters.areas.level_of(area)
    return areas_of(survey.frame, level, parameters.areas, [area]) == 0


def shares(
    survey: WeightedSurvey,
    indicators: Sequence[str],
    by: Classes | None,
    area: str,
    parameters: Parameters,
) -> pd.DataFrame:
    """Each indicator's share in an area, and in each class there: ``indicator, area, group,
    category, category_label`` and the numbers; indicator by indicator, everybody first."""
    questionnaire = parameters.questionnaire
    chosen = [questionnaire.indicators[one] for one in indicators]
    arrays = indicator_arrays(survey.frame, chosen, survey.wave, parameters)
    found = _by_class(survey, arrays, by, persons_of(survey, area, parameters), parameters)
    names = np.asarray(list(indicators), dtype=object)
    return found.assign(indicator=names[found["indicator"]], area=area)


def crosstab(
    survey: WeightedSurvey, answers: Classes, by: Classes, area: str, parameters: Parameters
) -> pd.DataFrame:
    """How the persons of each class, and all of them, are spread over the classes of ``answers``:
    ``answer`` (a place, 0 …), ``label``, ``area, group, category, category_label`` and the
    numbers. The base of a class are its persons with an answer."""
    places = np.arange(len(answers.ids))
    numerators = answers.codes[:, None] == places
    bases = np.repeat((answers.codes >= 0)[:, None], len(places), axis=1)
    inside = persons_of(survey, area, parameters)
    found = _by_class(survey, (numerators, bases), by, inside, parameters)
    found = found.rename(columns={"indicator": "answer"})
    labels = np.asarray(answers.labels, dtype=object)
    return found.assign(label=labels[found["answer"]], area=area)


def _by_class(
    survey: WeightedSurvey,
    arrays: tuple[Flags, Flags],
    by: Classes | None,
    inside: Flags,
    parameters: Parameters,
) -> pd.DataFrame:
    """Shares among everybody inside, then in each class; ordered by indicator, then class."""
    confidence = parameters.tables.showing.confidence
    everybody = np.where(inside, 0, -1)
    whole = estimate_shares(survey.design, *arrays, everybody, 1, confidence=confidence)
    frames = [whole.assign(group="", category="", category_label="", domain=-1)]
    if by is not None:
        codes = np.where(inside, by.codes, -1)
        parts = estimate_shares(survey.design, *arrays, codes, len(by.ids), confidence=confidence)
        ids, labels = (np.asarray(names, dtype=object) for names in (by.ids, by.labels))
        category, label = ids[parts["domain"]], labels[parts["domain"]]
        frames.append(parts.assign(group=by.name, category=category, category_label=label))
    found = pd.concat(frames).sort_values(["indicator", "domain"], kind="stable")
    return found.drop(columns="domain").reset_index(drop=True)


def association(
    survey: WeightedSurvey,
    answers: Classes,
    by: Classes,
    area: str,
    tested: Sequence[str],
    parameters: Parameters,
) -> Association | None:
    """Whether the answers differ between those classes of ``by`` whose ids are ``tested``; None
    where there is nothing to differ."""
    among: Codes = np.flatnonzero(np.isin(by.ids, list(tested)))
    inside = persons_of(survey, area, parameters) & np.isin(by.codes, among)
    rows, columns = (np.where(inside, one.codes, -1) for one in (answers, by))
    table = (rows >= 0) & (columns >= 0)
    if min(len(np.unique(codes[table])) for codes in (rows, columns)) < 2:
        return None
    found = rao_scott(survey.design, rows, columns)
    alone = pd.DataFrame({"family": [by.name], "area": [area], "state": [""], "p": [found.p]})
    decided = secure(alone, "none", parameters.tables.showing)
    return Association(found, bool(decided["secured"].iloc[0]))
