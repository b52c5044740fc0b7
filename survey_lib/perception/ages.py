"""The ages that two waves have in common, and this wave's estimates for them.

Two waves of different age spans are compared on the ages that both asked (domain guide, 5.2). Files
hold age in bands, so these are the bands that lie wholly inside both spans.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from survey_lib.perception.indicators import areas_of, asked, indicator_arrays
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.estimation import estimate_answers
from survey_lib.vocabulary import Parameters, Questionnaire, Wave
from survey_lib.weighting import WeightedSurvey

Span = tuple[int, int | None]  # first and last age; None: no upper limit

INSIDE, BESIDE = "inside", "beside"
"""``category`` of those in the common ages, and of the others of the wave."""


def common_ages(wave: Wave, other: Wave, questionnaire: Questionnaire) -> Span | None:
    """The ages that a comparison of two waves is about; None when the bands share none."""
    if wave.age_span == other.age_span:
        return wave.age_span
    bands = _bands(questionnaire)
    if bands is None or any(bands[0] in one.not_asked for one in (wave, other)):
        return None
    inside = [b for b in bands[1].values() if all(_within(b, w.age_span) for w in (wave, other))]
    if not inside:
        return None
    return min(first for first, _ in inside), max((last for _, last in inside), key=_last)


def name_of(span: Span) -> str:
    """ "25-84", "65-" """
    return f"{span[0]}-{'' if span[1] is None else span[1]}"


def all_inside(wave: Wave, span: Span) -> bool:
    """Whether a wave asked nobody of other ages."""
    return _within(wave.age_span, span)


def inside_span(survey: WeightedSurvey, span: Span | None, parameters: Parameters) -> np.ndarray:
    """(n,) bool, whose ages lie in a span; nobody's in none."""
    bands = _bands(parameters.questionnaire)
    if span is not None and all_inside(survey.wave, span):
        return np.ones(len(survey.frame), dtype=bool)
    if span is None or bands is None:
        return np.zeros(len(survey.frame), dtype=bool)
    kept = [code for code, band in bands[1].items() if _within(band, span)]
    return survey.frame[bands[0]].isin(kept).to_numpy()


def estimates_on_common_ages(
    survey: WeightedSurvey, parameters: Parameters, levels: list[str]
) -> pd.DataFrame:
    """The wave's shares on the ages that it has in common with each wave of another age span.

    Returns
    -------
    rows as of ``Estimates.indicators`` for whole areas, and ``ages`` (:func:`name_of`); for each
    one of those inside and one of those beside, by ``category``. Empty where no wave has another
    span.
    """
    questionnaire = parameters.questionnaire
    others = [common_ages(survey.wave, o, questionnaire) for o in parameters.waves.values()]
    spans = dict.fromkeys(s for s in others if s is not None and not all_inside(survey.wave, s))
    bands = _bands(questionnaire)
    if not spans or bands is None:
        return pd.DataFrame()
    tables = parameters.tables.tables
    home = {indicator: table for table, spec in tables.items() for indicator in spec.indicators}
    every = [questionnaire.indicators[i] for i in home]
    every = asked(every, survey.frame, survey.wave, questionnaire)
    answers = Answers.from_indicators(
        *indicator_arrays(survey.frame, every, survey.wave, parameters)
    )
    ids = np.array([one.id for one in every], dtype=object)
    frames = []
    for span in spans:
        kept = [code for code, band in bands[1].items() if _within(band, span)]
        beside = ~survey.frame[bands[0]].isin(kept).to_numpy()
        known = survey.frame[bands[0]].isin(list(bands[1])).to_numpy()
        for level in levels:
            order = parameters.areas.of_level(level)
            area = areas_of(survey.frame, level, parameters.areas, order)
            codes = np.where((area >= 0) & known, 2 * area + beside, -1)
            rows = estimate_answers(
                survey.design,
                answers,
                codes,
                2 * len(order),
                confidence=parameters.tables.showing.confidence,
            )
            place, domain = rows.pop("indicator").to_numpy(), rows.pop("domain").to_numpy()
            names = {
                "ages": name_of(span),
                "area": np.array(order, dtype=object)[domain // 2],
                "category": np.where(domain % 2, BESIDE, INSIDE),
                "indicator": ids[place],
            }
            frame = pd.concat([pd.DataFrame(names), rows], axis=1)
            frame.insert(0, "table", frame["indicator"].map(home))
            there = [level in tables[table].levels for table in frame["table"]]
            frames.append(frame[there])
    return pd.concat(frames, ignore_index=True)


def _bands(questionnaire: Questionnaire) -> tuple[str, dict[str, Span]] | None:
    """The background variable that holds age in bands, and its bands."""
    for name, background in questionnaire.background.items():
        if background.years:
            return name, background.years
    return None


def _within(span: Span, limits: Span) -> bool:
    return span[0] >= limits[0] and _last(span[1]) <= _last(limits[1])


def _last(age: int | None) -> float:
    return math.inf if age is None else age
