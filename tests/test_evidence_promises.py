"""Promises against the truth of the made-up survey: how often is a verdict right, how often wrong,
and does the interval of the difference between two changes hold the true one?

Every stadsdel with a random sample in both waves has one promise here: the problem that truly
changed there, and some that didn't, tested as one family (Holm). Small here, full size with ``-m
evidence``; the draws are those of :mod:`problem_picture`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import problem_picture as picture
import pytest
from scipy.stats import binom
from simulation_page import ONE_AT_A_TIME, write_sections

from survey_lib.demo import Population
from survey_lib.perception.beside import rest_of, with_rest
from survey_lib.perception.comparisons import compare_with_earlier
from survey_lib.perception.estimates import Estimates, estimate_wave
from survey_lib.perception.followup import follow_up
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.statistics.power import power
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.promises import Promise

pytestmark = ONE_AT_A_TIME
SIZES = (1, 3, 6)  # indicators in a promise, area by area in turn
WRONG = 0.05  # of families with anything säkerställt that hasn't changed
ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Measured:
    """What the draws say.

    Attributes
    ----------
    verdicts : a row per area: the ``indicator`` that changed and its true ``change``, the ``size``
        of its family, its mean ``deff``, the ``power`` of the adjusted test, and how often the
        verdict was ``right`` and ``opposite``.
    alarms : (families, draws) bool, whether anything unchanged had a verdict, in the promises where
        one thing has changed.
    quiet : the same where nothing has changed at all.
    covered : share of the intervals for the difference between the two changes that hold the truth.
    """

    verdicts: pd.DataFrame
    alarms: np.ndarray
    quiet: np.ndarray
    covered: np.ndarray


def promised(true: pd.DataFrame, waves: tuple[str, str]) -> dict[str, Promise]:
    """One promise per area: what changed there, wanted down, and others that didn't."""
    promises = {}
    for number, (area, changes) in enumerate(true.iterrows()):
        same = [i for i in changes.index if changes[i] == 0]
        chosen = [changes.abs().idxmax(), *same[: SIZES[number % len(SIZES)] - 1]]
        promises[f"p{number}"] = Promise(
            level=picture.LEVEL, areas=[str(area)], text="Löfte.", wanted="ned", source="Källa",
            period=(date(2023, 1, 1), date(2023, 12, 31)), indicators=dict.fromkeys(chosen),
            baseline=waves[1], follow_up=waves[0],
        )  # fmt: skip
    return promises


def drawn(population: Population, repeats: int, seed: int) -> Measured:
    waves = picture.two_waves(population.parameters)
    shares = {wave: picture.true_shares(population, wave) for wave in waves}
    true = shares[waves[0]] - shares[waves[1]]
    parameters = unranked(replace(picture.narrowed(population.parameters),
                                  promises=promised(true, waves)))  # fmt: skip
    beyond = true_beyond(population, true, parameters)
    found, alarms, quiet, covered, deffs = [], [], [], [], []
    for surveys in picture.drawn_surveys(population, repeats, seed):
        now, again, before = (estimate_wave(one, parameters) for one in surveys)
        rows, nothing = (followed(now, other, parameters) for other in (before, again))
        two = TwoWaves(surveys[0], surveys[2], parameters)
        rows = with_rest(rows, {waves[1]: two}, parameters.areas)
        rows["truth"] = [true.loc[r.area, r.indicator] for r in rows.itertuples()]
        secured = rows["verdict"].isin(["ratt", "annat"])
        alarms.append((secured & (rows["truth"] == 0)).groupby(rows["promise"]).any())
        quiet.append(nothing["verdict"].isin(["ratt", "annat"]).groupby(nothing["promise"]).any())
        inside = [r.beyond_low <= beyond[r.area, r.indicator] <= r.beyond_high
                  for r in rows.itertuples()]  # fmt: skip
        covered.append(inside)
        found.append(rows[rows["truth"] != 0].set_index("area")["verdict"])
        deffs.append([spread(one, parameters) for one in (before, now)])
    verdicts = planned(parameters, shares, waves, deffs)
    told = pd.concat(found, axis=1)
    right = np.where(verdicts["change"] < 0, "ratt", "annat")
    wrong = np.where(verdicts["change"] < 0, "annat", "ratt")
    told = told.loc[verdicts["area"]].to_numpy()
    verdicts["right"] = (told == right[:, None]).mean(axis=1)
    verdicts["opposite"] = (told == wrong[:, None]).mean(axis=1)
    return Measured(verdicts, np.array(alarms).T, np.array(quiet).T, np.array(covered))


def followed(now: Estimates, before: Estimates, parameters: Parameters) -> pd.DataFrame:
    changes = compare_with_earlier(now, before, parameters)
    return follow_up(now, {before.wave.id: changes}, parameters)


def unranked(parameters: Parameters) -> Parameters:
    table = parameters.tables.tables[picture.TABLE].model_copy(update={"ranked": False})
    tables = parameters.tables.model_copy(update={"tables": {picture.TABLE: table}})
    return replace(parameters, tables=tables)


def spread(estimates: Estimates, parameters: Parameters) -> pd.DataFrame:
    rows = estimates.indicators.assign(area=lambda frame: frame["area"].astype(str))
    return rows.set_index(["area", "indicator"])[["deff", "n"]]


def true_beyond(
    population: Population, true: pd.DataFrame, parameters: Parameters
) -> dict[tuple[str, str], float]:
    """Each area's true change less that of its rest, all inhabitants together."""
    waves = [parameters.waves[wave] for wave in picture.two_waves(parameters)]
    size = pd.Series({area: len(population.people[area].background) for area in true.index})
    found = {}
    for promise in parameters.promises.values():
        (area,) = promise.areas
        rest = rest_of(area, *waves, parameters.areas)
        assert len(rest) == len(true) - 1
        for i in promise.indicators:
            found[area, i] = true.loc[area, i] - np.average(true.loc[rest, i], weights=size[rest])
    return found


def planned(
    parameters: Parameters,
    shares: dict[str, pd.DataFrame],
    waves: tuple[str, str],
    deffs: list[list[pd.DataFrame]],
) -> pd.DataFrame:
    """What truly changed, and the power to find it with the mean deff of the draws."""
    rows = []
    for promise in parameters.promises.values():
        (area,), family = promise.areas, len(promise.indicators)
        key = (area, next(iter(promise.indicators)))
        p = [shares[wave].loc[key] for wave in reversed(waves)]
        deff = [np.mean([one.loc[key, "deff"] for one in each])
                for each in zip(*deffs, strict=True)]  # fmt: skip
        n = [one.loc[key, "n"] / d for one, d in zip(deffs[0], deff, strict=True)]
        rows.append((*key, p[1] - p[0], family, np.mean(deff), holm_power(*p, *n, family)))
    columns = ["area", "indicator", "change", "size", "deff", "power"]
    return pd.DataFrame(rows, columns=columns)


def holm_power(first: float, second: float, n1: float, n2: float, family: int) -> float:
    """How often Holm's procedure finds one true change among a family whose others are unchanged
    and independent: its p meets α/(family - R), R the others that are called before it."""
    p = np.sort(np.random.default_rng(1).random((100_000, family - 1)), axis=1)
    called = np.logical_and.accumulate(p <= ALPHA / (family - np.arange(family - 1)), axis=1)
    levels, counts = np.unique(family - called.sum(axis=1), return_counts=True)
    found = power(first, second, n1, n2, alpha=ALPHA, family=levels)
    return float(found @ counts / counts.sum())


def check(result: Measured, errors: float) -> None:
    """The limits, with so many Monte Carlo standard errors; one more for what may miss on both
    sides, and two for every single area."""
    draws = result.alarms.shape[1]
    for alarms in (result.alarms, result.quiet):
        assert alarms.mean() <= WRONG + errors * np.sqrt(WRONG * (1 - WRONG) / alarms.size)
    rows = result.verdicts
    error = np.sqrt(rows["power"] * (1 - rows["power"]) / draws)
    off = rows["right"] - rows["power"]
    assert abs(off.mean()) <= (errors + 1) * np.sqrt(np.square(error).sum()) / len(rows)
    assert (off.abs() <= (errors + 2) * error + 1e-9).all(), rows.to_string()
    assert (rows["opposite"] == 0).all()
    low = 0.95 - errors * np.sqrt(0.95 * 0.05 / result.covered.size)
    assert result.covered.mean() >= low


def test_holms_power_by_drawing() -> None:
    from survey_lib.statistics.comparison import adjust

    n, first, second, family, draws = 800, 0.25, 0.20, 4, 3000
    random = np.random.default_rng(3)
    z = random.standard_normal((draws, family))
    se = np.sqrt(first * (1 - first) / n + second * (1 - second) / n)
    z[:, 0] += (first - second) / se
    p = 2 * picture.ndtr(-np.abs(z))
    found = np.mean([adjust(row, "named")[0] < ALPHA for row in p])
    computed = holm_power(first, second, n, n, family)
    assert abs(found - computed) < 3 * np.sqrt(computed * (1 - computed) / draws)
    assert computed >= power(first, second, n, n, family=family)


def test_the_verdicts_on_promises_are_true(population: Population) -> None:
    check(drawn(population, 3, 20240903), 4)


@pytest.mark.evidence
def test_the_verdicts_on_promises_are_true_in_full(population: Population) -> None:
    draws = 100
    result = drawn(population, draws, 20240903)
    rows, families = result.verdicts, result.alarms.size
    table = {
        "a true change has the right verdict": (
            f"{100 * rows['power'].mean():.1f}", rows["right"].mean()),
        "a true change has the opposite verdict": ("0", rows["opposite"].mean()),
        f"one change each: another verdict in the promise, {families} promises": (
            "≤ 5", result.alarms.mean()),
        f"nothing changed: any verdict in the promise, {families} promises": (
            "≤ 5", result.quiet.mean()),
        f"the interval of here less the rest holds the truth, {result.covered.size} intervals": (
            "95", result.covered.mean()),
    }  # fmt: skip
    lines = [
        f"{draws} draws of {len(rows)} stadsdelar, about 1 000 answers each, raked; one promise in "
        f"each, of {', '.join(map(str, SIZES))} indicators in turn, the first of which has truly "
        "changed. In percent; what is promised of true changes is the power of Holm's procedure in "
        "the family with the mean design effect of the draws, area by area below.",
        "",
        "| | promised | measured |",
        "|---|---|---|",
        *(f"| {name} | {limit} | {100 * found:.1f} |" for name, (limit, found) in table.items()),
        "",
        "```",
        rows.round(3).to_string(index=False),
        "```",
    ]
    text = "\n".join(lines)
    print(text)
    write_sections({"6 Promises of the made-up survey": text})
    check(result, 2)
    assert binom.sf(int(result.quiet.sum()) - 1, families, WRONG) > 0.02
