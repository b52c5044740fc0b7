"""What of a pooled wave is one value, and what isn't: n per wave, and where the waves differ.

Two waves are laid together to say more surely what they both say. Where an indicator differs
clearly between them in an area (an unadjusted p below the significance level), the average would
describe neither, and the area gets no pooled value of it (domain guide, 5.4). Unadjusted, since
calling two waves equal is what needs caution here: of values that did not change, about one in
twenty is left out, and nobody is told of a change.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from survey_lib.perception.indicators import areas_of, asked, domains, indicator_arrays
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.comparison import compare_groups, compare_independent
from survey_lib.statistics.estimation import estimate_answers
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

QUESTION = "question"  # not asked, or not asked in the same way, in all of the waves
DIFFERS = "differs"  # the waves differ clearly in the area

PARTS = ["wave", "area", "n"]
UNPOOLED = ["indicator", "area", "reason"]


def respondents_by_wave(
    survey: WeightedSurvey, parameters: Parameters, levels: list[str]
) -> pd.DataFrame:
    """How many of each area's respondents come from which of the pooled waves.

    Returns
    -------
    one row per area × pooled wave with ``wave, area, n``; none for a wave that isn't pooled.
    """
    rows = []
    for level in levels if survey.wave.pools else ():
        order = parameters.areas.of_level(level)
        place = areas_of(survey.frame, level, parameters.areas, order)
        for wave in survey.wave.pools:
            here = place[(place >= 0) & (survey.frame["wave"] == wave).to_numpy()]
            counts = np.bincount(here, minlength=len(order))
            rows += [(wave, area, int(n)) for area, n in zip(order, counts, strict=True)]
    return pd.DataFrame(rows, columns=PARTS).astype({"wave": object, "area": object, "n": int})


def not_pooled(survey: WeightedSurvey, parameters: Parameters, levels: list[str]) -> pd.DataFrame:
    """The declared indicators that have no pooled value.

    Returns
    -------
    ``indicator, area, reason``: a row with area "" for one that is pooled nowhere, a row per area
    for one that differs clearly between two of the waves there. None for a wave that isn't pooled.
    """
    rows: list[tuple[str, str, str]] = []
    if survey.wave.pools:
        declared = dict.fromkeys(
            indicator
            for table in parameters.tables.tables.values()
            for indicator in table.indicators
        )
        every = [parameters.questionnaire.indicators[one] for one in declared]
        pooled = asked(every, survey.frame, survey.wave, parameters.questionnaire)
        everywhere = {indicator.id for indicator in pooled}
        for indicator in every:
            if indicator.id not in everywhere and _asked_once(indicator.item, survey, parameters):
                rows.append((indicator.id, "", QUESTION))
        arrays = indicator_arrays(survey.frame, pooled, survey.wave, parameters)
        for level in levels:
            for k, area in _differing(survey, arrays, level, parameters):
                rows.append((pooled[k].id, area, DIFFERS))
    return pd.DataFrame(rows, columns=UNPOOLED, dtype=object)


def only_pooled(rows: pd.DataFrame, unpooled: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Rows of indicators or items by area, without those that have no pooled value."""
    if unpooled.empty or "area" not in rows or not {"indicator", "item"} & {*rows.columns}:
        return rows
    differing = unpooled[unpooled["reason"] == DIFFERS]
    name = "indicator" if "indicator" in rows else "item"
    of = {i: one.item for i, one in parameters.questionnaire.indicators.items()}
    names = differing["indicator"] if name == "indicator" else differing["indicator"].map(of)
    absent = set(zip(names, differing["area"], strict=True))
    kept = [key not in absent for key in zip(rows[name], rows["area"], strict=True)]
    return rows[np.array(kept, dtype=bool)].reset_index(drop=True)


def _asked_once(item: str, survey: WeightedSurvey, parameters: Parameters) -> bool:
    """Whether any of the pooled waves asked a question."""
    return any(item not in parameters.waves[part].not_asked for part in survey.wave.pools)


def _differing(
    survey: WeightedSurvey,
    arrays: tuple[np.ndarray, np.ndarray],
    level: str,
    parameters: Parameters,
) -> list[tuple[int, str]]:
    """Indicators (by place) and areas of a level in which two of the waves differ clearly; of waves
    that share primary units by the covariance of the two."""
    showing, waves, design = parameters.tables.showing, survey.wave.pools, survey.design
    where = domains(survey.frame, level, None, parameters)
    size, confidence = len(where.keys), showing.confidence
    wave = pd.Index(waves).get_indexer(survey.frame["wave"])
    shares = None
    if not parameters.tables.shared_units:
        codes = np.where(where.codes >= 0, wave * size + where.codes, -1)
        answers = Answers.from_indicators(*arrays)
        shares = estimate_answers(design, answers, codes, len(waves) * size, confidence=confidence)
    found: set[tuple[int, int]] = set()
    for one, other in combinations(range(len(waves)), 2):
        if shares is None:
            sides = [
                [(where.codes == place) & (wave == part) for part in (one, other)]
                for place in range(size)
            ]
            compared = [
                compare_groups(design, *arrays, *two, confidence=confidence) for two in sides
            ]
            p = np.column_stack([frame["p"] for frame in compared])
        else:
            first, second = (
                shares[shares["domain"] // size == part].reset_index(drop=True)
                for part in (one, other)
            )
            p = compare_independent(first, second, confidence=confidence)["p"].to_numpy()
        found |= set(zip(*np.nonzero(p.reshape(-1, size) < showing.significance), strict=True))
    return [(int(k), str(where.keys["area"][place])) for k, place in sorted(found)]
