"""The problem picture drawn again and again from the made-up survey, whose truth is known.

A draw is a whole city as `trygg reports` would meet it: every stadsdel with a random sample, its
own non-response, weights, estimates, sets of ranks, and the test of every change. Only the ranked
problems are estimated, for whole stadsdelar, so that hundreds of draws fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from survey_lib.answers import Answers
from survey_lib.demo import Population, draw_samples
from survey_lib.demo.population import counted_and_base
from survey_lib.perception.comparisons import compare_with_earlier
from survey_lib.perception.estimates import Estimates, estimate_wave
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.tables import Tables
from survey_lib.weighting import WeightedSurvey, weight

TABLE, LEVEL = "problems", "sdn"


@dataclass(frozen=True, eq=False)
class Draw:
    """One draw: a wave, another sample of the same answers, and the wave before it."""

    now: Estimates
    again: Estimates
    before: Estimates


def two_waves(parameters: Parameters) -> tuple[str, str]:
    """The latest wave and the one before it."""
    before, now = list(pairwise(parameters.delivered))[-1]
    return now, before


def narrowed(parameters: Parameters) -> Parameters:
    """The same parameters with the ranked table only, for whole stadsdelar. Weights are not
    trimmed: in a draw with few of the youngest no weights within the limits meet the margins, and
    the weighting stops, as it should with a real wave.
    """
    table = parameters.tables.tables[TABLE].model_copy(
        update={"levels": [LEVEL], "groups": [], "distributions": []}
    )
    tables = Tables(showing=parameters.tables.showing, tables={TABLE: table})
    waves = {
        name: wave.model_copy(
            update={"weighting": wave.weighting.model_copy(update={"trim": None})}
        )
        for name, wave in parameters.delivered.items()
    }
    return replace(parameters, tables=tables, waves=waves)


def areas_drawn(parameters: Parameters) -> list[str]:
    """Stadsdelar with a random sample in both waves."""
    return [
        area
        for area in parameters.delivered[two_waves(parameters)[0]].strata
        if all(
            (stratum := parameters.delivered[wave].strata.get(area))
            and stratum.sampling == "sannolikhet"
            for wave in two_waves(parameters)
        )
    ]


def draws(population: Population, repeats: int, seed: int) -> Iterator[Draw]:
    """Independent draws."""
    parameters = narrowed(population.parameters)
    for surveys in drawn_surveys(population, repeats, seed):
        yield Draw(*(estimate_wave(one, parameters) for one in surveys))


def drawn_surveys(
    population: Population, repeats: int, seed: int
) -> Iterator[tuple[WeightedSurvey, WeightedSurvey, WeightedSurvey]]:
    """The same before anything is estimated: now, again, before."""
    parameters = narrowed(population.parameters)
    now, before = two_waves(parameters)
    samples = [
        _samples(population, wave, repeats, seed + k) for k, wave in enumerate((now, now, before))
    ]
    for latest, again, earlier in zip(*samples, strict=True):
        yield (
            _weighted(latest, now, parameters),
            _weighted(again, before, parameters),  # nothing has changed since
            _weighted(earlier, before, parameters),
        )


def _samples(
    population: Population, wave: str, repeats: int, seed: int
) -> Iterator[list[pd.DataFrame]]:
    columns = [
        population.parameters.questionnaire.indicators[one].column
        for one in population.parameters.tables.tables[TABLE].indicators
    ]
    people = {
        area: population.people[area].background.assign(
            stratum=area, **population.answers(wave, area)[columns]
        )
        for area in areas_drawn(population.parameters)
    }
    drawn = [draw_samples(population, wave, area, repeats, seed) for area in people]
    for rows in zip(*drawn, strict=True):
        yield [frame.iloc[which] for frame, which in zip(people.values(), rows, strict=True)]


def _weighted(frames: list[pd.DataFrame], wave: str, parameters: Parameters) -> WeightedSurvey:
    frame = pd.concat(frames, ignore_index=True)
    frame["row"] = np.arange(1, len(frame) + 1)
    frame["area"] = frame["area"].astype("category")
    return weight(Answers(frame, wave, pd.DataFrame()), parameters)


def changes(draw: Draw, parameters: Parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The verdicts on every change: where all is as it was, and since the wave before."""
    narrow = narrowed(parameters)
    return (
        compare_with_earlier(draw.now, draw.again, narrow),
        compare_with_earlier(draw.now, draw.before, narrow),
    )


def true_shares(population: Population, wave: str) -> pd.DataFrame:
    """Areas × problems: shares of all inhabitants."""
    asked, spec = population.parameters.questionnaire, population.parameters.delivered[wave]
    shares = {}
    for area in areas_drawn(population.parameters):
        answers = population.answers(wave, area)
        for one in population.parameters.tables.tables[TABLE].indicators:
            indicator = asked.indicators[one]
            numerator = asked.numerator(one, spec) or []
            counted, base = counted_and_base(indicator.rule, answers, indicator.column, numerator)
            shares[area, one] = counted.sum() / base.sum()
    return pd.Series(shares).unstack()


def in_the_sets(estimates: Estimates, shares: pd.DataFrame) -> pd.DataFrame:
    """Per area: whether the truly largest, and all of the three truly largest, are in the reported
    sets, and how many problems the sets hold."""
    rows = []
    for area, own in estimates.indicators.groupby("area"):
        best = own.set_index("indicator")["best"]
        largest = shares.loc[area].sort_values(ascending=False).index
        rows.append(
            {
                "area": area,
                "largest": best[largest[0]] <= 1,
                "three": (best[largest[:3]] <= 3).all(),
                "size of first": int((best <= 1).sum()),
                "size of three": int((best <= 3).sum()),
            }
        )
    return pd.DataFrame(rows)


def power(change: float, se: float, family: int, alpha: float, seed: int = 1) -> float:
    """How often Benjamini and Hochberg's procedure finds one true change among a family whose
    others are unchanged and independent.

    A p-value is rejected when it is at most R α/family, R the rejections if it were 0 (Ferreira &
    Zwinderman 2006, Annals of Statistics 34, 1827–1849): the distribution of R is drawn from the
    others' uniform p-values, and the change's own test is normal with a standard error ``se``.
    """
    if family == 1:
        z = -ndtri(alpha / 2)
        return float(ndtr(abs(change) / se - z) + ndtr(-abs(change) / se - z))
    p = np.sort(np.random.default_rng(seed).random((200_000, family - 1)), axis=1)
    ranks = np.arange(2, family + 1)
    rejected = 1 + np.where(p <= alpha * ranks / family, ranks - 1, 0).max(axis=1)
    levels, counts = np.unique(rejected, return_counts=True)
    z = -ndtri(alpha * levels / family / 2)
    found = ndtr(abs(change) / se - z) + ndtr(-abs(change) / se - z)
    return float(found @ counts / counts.sum())
