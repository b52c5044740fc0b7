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

from survey_lib.perception.indicators import (
    Domains,
    answer_arrays,
    asked,
    domains,
    indicator_arrays,
)
from survey_lib.perception.respondents import area_sampling, respondent_profile
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.questionnaire import DONT_KNOW
from survey_lib.weighting import WeightedSurvey


@dataclass(frozen=True, eq=False)
class Estimates:
    """What a wave says, before the door.

    Attributes
    ----------
    indicators : a row per table × indicator × area × group category; ``rank`` in ranked tables.
    answers : a row per item × answer code × area, the whole distribution of the tables' items.
    areas : a row per area that has respondents or was asked: how it was sampled and who answered.
    profile : respondents beside population, a row per area × variable × category.
    """

    wave: Wave
    indicators: pd.DataFrame
    answers: pd.DataFrame
    areas: pd.DataFrame
    profile: pd.DataFrame


def estimate_wave(survey: WeightedSurvey, parameters: Parameters) -> Estimates:
    """Every share that the wave's tables declare."""
    tables = parameters.tables.tables.values()
    levels = list(dict.fromkeys(level for table in tables for level in table.levels))
    return Estimates(
        wave=survey.wave,
        indicators=_indicators(survey, parameters, levels),
        answers=_answers(survey, parameters),
        areas=area_sampling(survey, parameters, levels),
        profile=respondent_profile(survey, parameters, levels),
    )


def _indicators(survey: WeightedSurvey, parameters: Parameters, levels: list[str]) -> pd.DataFrame:
    tables = parameters.tables.tables
    home = {indicator: table for table, spec in tables.items() for indicator in spec.indicators}
    every = [parameters.questionnaire.indicators[i] for i in home]
    every = asked(every, survey.frame, survey.wave, parameters.questionnaire)
    numerators, bases = indicator_arrays(survey.frame, every, survey.wave, parameters.questionnaire)
    frames = []
    for level in levels:
        groups = dict.fromkeys(g for t in tables.values() if level in t.levels for g in t.groups)
        for group in [None, *groups]:
            chosen = [
                k
                for k, indicator in enumerate(every)
                if level in tables[home[indicator.id]].levels
                and (group is None or group in tables[home[indicator.id]].groups)
            ]
            where = domains(survey.frame, level, group, parameters)
            if chosen and len(where.keys):
                names = [every[k].id for k in chosen]
                frames.append(
                    _shares(
                        survey, numerators[:, chosen], bases[:, chosen], where, names, parameters
                    )
                )
    result = pd.concat(frames, ignore_index=True).rename(columns={"name": "indicator"})
    result.insert(0, "table", result["indicator"].map(home))
    result["rank"] = _ranks(result, parameters)
    return result


def _shares(
    survey: WeightedSurvey,
    numerators: np.ndarray,
    bases: np.ndarray,
    where: Domains,
    names: list[str],
    parameters: Parameters,
) -> pd.DataFrame:
    shares = estimate_shares(
        survey.design,
        numerators,
        bases,
        where.codes,
        len(where.keys),
        confidence=parameters.tables.showing.confidence,
    )
    keys = where.keys.iloc[shares["domain"]].reset_index(drop=True)
    keys.insert(0, "name", np.asarray(names, dtype=object)[shares["indicator"]])
    return pd.concat([keys, shares.drop(columns=["indicator", "domain"])], axis=1)


def _ranks(rows: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """Rank of each indicator in its area and table: descending share, ties by the indicator that
    its rule names, then by label in Swedish order (guide 3.5). Only for whole areas."""
    ranked = [table for table, spec in parameters.tables.tables.items() if spec.ranked]
    rank = pd.Series(np.nan, index=rows.index)
    whole = rows[rows["group"] == ""].set_index(["area", "indicator"])["estimate"]
    chosen = rows[rows["table"].isin(ranked) & (rows["group"] == "") & rows["estimate"].notna()]
    indicators = parameters.questionnaire.indicators
    by_name = parameters.swedish_order(
        {i: indicators[i].rule.label for i in chosen["indicator"].unique()}
    )
    for (_, area), part in chosen.groupby(["table", "area"], sort=False):
        keys = [
            (
                -row.estimate,
                -whole.get((area, indicators[row.indicator].rule.ties), 0.0),
                by_name.index(row.indicator),
            )
            for row in part.itertuples()
        ]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        rank[part.index[order]] = np.arange(1, len(order) + 1)
    return rank


def _answers(survey: WeightedSurvey, parameters: Parameters) -> pd.DataFrame:
    """Every answer to the items that a table shows whole; of its other items, *vet inte*."""
    questionnaire = parameters.questionnaire
    frames = []
    for table, spec in parameters.tables.tables.items():
        shown = list(spec.distributions)
        others = dict.fromkeys(questionnaire.indicators[i].item for i in spec.indicators)
        for item in [*shown, *(i for i in others if i not in shown)]:
            if item not in survey.frame:
                continue
            labels = questionnaire.answers(item, survey.wave)
            codes = list(labels) if item in shown else [c for c in labels if c == DONT_KNOW]
            if not codes:
                continue
            numerators, bases = answer_arrays(survey.frame, item, codes, questionnaire)
            for level in spec.levels:
                where = domains(survey.frame, level, None, parameters)
                rows = _shares(
                    survey, numerators, bases, where, [str(c) for c in codes], parameters
                )
                rows = rows.rename(columns={"name": "answer"})
                rows.insert(0, "item", item)
                rows.insert(0, "table", table)
                rows.insert(3, "label", rows["answer"].map({str(c): labels[c] for c in codes}))
                frames.append(rows)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
