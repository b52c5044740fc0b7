"""All estimates of a wave: every declared table, for every area and group, at once.

The frames here are exact and unrounded and may hold small groups: they stay before the door. Column
names are the project's glossary: ``indicator, area, group, category, estimate, se, low, high, n,
count, n_effective, deff, interval``; ``n`` is the unweighted base, ``count`` the unweighted
numerator, shares are between 0 and 1. ``group`` and ``category`` are "" for the area as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.perception.ages import estimates_on_common_ages
from survey_lib.perception.indicators import (
    answer_places,
    asked,
    domains,
    indicator_arrays,
)
from survey_lib.perception.places import place_mentions
from survey_lib.perception.pooled import not_pooled, only_pooled, respondents_by_wave
from survey_lib.perception.ranks import ranks
from survey_lib.perception.respondents import area_sampling, respondent_profile
from survey_lib.perception.small_areas import modelled_estimates
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.estimation import estimate_answers
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.questionnaire import DONT_KNOW
from survey_lib.weighting import WeightedSurvey


@dataclass(frozen=True, eq=False)
class Estimates:
    """What a wave says, before the door.

    Attributes
    ----------
    indicators : a row per table × indicator × area × group category; in ranked tables ``rank`` and
        its confidence sets (:mod:`survey_lib.perception.ranks`).
    answers : a row per item × answer code × area, the whole distribution of the tables' items.
    areas : a row per area that has respondents or was asked: how it was sampled and who answered.
    profile : respondents beside population, a row per area × variable × category.
    parts : of a pooled wave, the respondents of each area by wave: ``wave, area, n``.
    unpooled : of a pooled wave, what has no pooled value: ``indicator, area, reason``
        (:mod:`~survey_lib.perception.pooled`).
    ages : shares of whole areas on the ages in common with a wave of another age span
        (:mod:`~survey_lib.perception.ages`); empty when all waves asked the same ages.
    places, place_answers : mentions of each place in each area, and the times and reasons given
        for it (:mod:`~survey_lib.perception.places`); empty for a pooled wave.
    modelled : estimates of small areas by a model (:mod:`~survey_lib.perception.small_areas`).
    """

    wave: Wave
    indicators: pd.DataFrame
    answers: pd.DataFrame
    areas: pd.DataFrame
    profile: pd.DataFrame
    parts: pd.DataFrame
    unpooled: pd.DataFrame
    ages: pd.DataFrame
    places: pd.DataFrame
    place_answers: pd.DataFrame
    modelled: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Columns:
    """Shares to estimate: each a row of ``names`` (``table`` first) and one of the answers'
    indicators."""

    names: pd.DataFrame
    answers: Answers

    def of(self, tables: set[str]) -> _Columns:
        """Those of some tables."""
        chosen = np.flatnonzero(self.names["table"].isin(tables))
        names = self.names.iloc[chosen].reset_index(drop=True)
        return _Columns(names, self.answers.indicators(chosen))


def estimate_wave(survey: WeightedSurvey, parameters: Parameters) -> Estimates:
    """Every share that the wave's tables declare."""
    tables = parameters.tables.tables.values()
    levels = list(dict.fromkeys(level for table in tables for level in table.levels))
    unpooled = not_pooled(survey, parameters, levels)
    indicators = _indicators(survey, parameters, levels, unpooled)
    areas = area_sampling(survey, parameters, levels)
    places, place_answers = place_mentions(
        survey.frame, parameters, [] if survey.wave.pools else levels
    )
    return Estimates(
        wave=survey.wave,
        indicators=indicators,
        answers=only_pooled(_answers(survey, parameters, levels), unpooled, parameters),
        areas=areas,
        profile=respondent_profile(survey, parameters, levels),
        parts=respondents_by_wave(survey, parameters, levels),
        unpooled=unpooled,
        ages=only_pooled(
            estimates_on_common_ages(survey, parameters, levels), unpooled, parameters
        ),
        places=places,
        place_answers=place_answers,
        modelled=modelled_estimates(indicators, areas, parameters),
    )


def _indicators(
    survey: WeightedSurvey, parameters: Parameters, levels: list[str], unpooled: pd.DataFrame
) -> pd.DataFrame:
    tables = parameters.tables.tables
    home = {indicator: table for table, spec in tables.items() for indicator in spec.indicators}
    every = [parameters.questionnaire.indicators[i] for i in home]
    every = asked(every, survey.frame, survey.wave, parameters.questionnaire)
    ids = [indicator.id for indicator in every]
    names = pd.DataFrame({"table": [home[i] for i in ids], "indicator": ids}, dtype=object)
    arrays = indicator_arrays(survey.frame, every, survey.wave, parameters)
    columns = _Columns(names, Answers.from_indicators(*arrays))
    frames = []
    for level in levels:
        groups = dict.fromkeys(g for t in tables.values() if level in t.levels for g in t.groups)
        for group in [None, *groups] if parameters.tables.splits(level) else [None]:
            wanted = {
                table
                for table, spec in tables.items()
                if level in spec.levels and (group is None or group in spec.groups)
            }
            frames.append(_shares(survey, columns.of(wanted), level, group, parameters))
    result = only_pooled(pd.concat(frames, ignore_index=True), unpooled, parameters)
    places = ranks(survey, result, ids, columns.answers, parameters)
    return pd.concat([result, places], axis=1)


def _answers(survey: WeightedSurvey, parameters: Parameters, levels: list[str]) -> pd.DataFrame:
    """Every answer to the items that a table shows whole; of its other items, *vet inte*."""
    questionnaire, tables = parameters.questionnaire, parameters.tables.tables
    names, places, shown = [], [], []
    for table, spec in tables.items():
        items = [*spec.distributions, *(questionnaire.indicators[i].item for i in spec.indicators)]
        for item in dict.fromkeys(items):
            if not {item, *(questionnaire.items[item].asked_if or {})} <= set(survey.frame):
                continue
            labels = questionnaire.answers(item, survey.wave)
            if item not in spec.distributions:
                labels = {code: label for code, label in labels.items() if code == DONT_KNOW}
            if labels:
                places.append(answer_places(survey.frame, item, list(labels), questionnaire))
                names += [(table, item, str(code), label) for code, label in labels.items()]
                shown.append(len(labels))
    described = pd.DataFrame(names, columns=["table", "item", "answer", "label"], dtype=object)
    place = np.concatenate([np.arange(number) for number in [0, *shown]])[:, None]
    asked_of = np.repeat(np.arange(len(shown)), shown)
    every = np.arange(max(shown, default=0) + 1)
    base = every <= np.repeat(shown, shown)[:, None]
    nothing = np.empty((len(survey.frame), 0), dtype=np.int8)
    codes = np.asfortranarray(np.column_stack(places or [nothing]))
    answers = Answers(codes, asked_of, every == place, base)
    columns = _Columns(described, answers)
    frames = []
    for level in levels:
        wanted = {table for table, spec in tables.items() if level in spec.levels}
        frames.append(_shares(survey, columns.of(wanted), level, None, parameters))
    return pd.concat(frames, ignore_index=True)


def _shares(
    survey: WeightedSurvey,
    columns: _Columns,
    level: str,
    group: str | None,
    parameters: Parameters,
) -> pd.DataFrame:
    """Every share in every area of a level, by one reporting group or none."""
    where = domains(survey.frame, level, group, parameters)
    shares = estimate_answers(
        survey.design,
        columns.answers,
        where.codes,
        len(where.keys),
        confidence=parameters.tables.showing.confidence,
    )
    names = columns.names.iloc[shares["indicator"]].reset_index(drop=True)
    keys = where.keys.iloc[shares["domain"]].reset_index(drop=True)
    return pd.concat([names, keys, shares.drop(columns=["indicator", "domain"])], axis=1)
