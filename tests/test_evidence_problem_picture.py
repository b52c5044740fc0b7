"""The problem picture against the truth of the made-up survey: is the largest problem in the
reported set, how often is noise called säkerställd, and how often is a true change found?

Small here, full size with ``-m evidence``; the draws are those of :mod:`problem_picture`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import problem_picture as picture
import pytest
from scipy.stats import binom
from simulation_page import ONE_AT_A_TIME, write_sections

from survey_lib.demo import Population
from survey_lib.perception.estimates import Estimates

pytestmark = ONE_AT_A_TIME
PROMISED = 0.95


@dataclass(frozen=True, eq=False)
class Measured:
    """What the draws say.

    Attributes
    ----------
    sets : a row per area × sample, of :func:`problem_picture.in_the_sets`.
    alarms : (areas, draws) bool, whether anything was säkerställt where nothing had changed.
    false : (areas, draws), the false among what was säkerställt, 0 where nothing was.
    power : a row per area: the true ``change``, its mean ``deff``, the size of its ``family`` (a
        promise takes its indicators out of the list), the ``power`` of the adjusted test, and how
        often the change was ``found``.
    """

    sets: pd.DataFrame
    alarms: np.ndarray
    false: np.ndarray
    power: pd.DataFrame

    @property
    def draws(self) -> int:
        return self.alarms.shape[1]


def measured(population: Population, repeats: int, seed: int) -> Measured:
    parameters = population.parameters
    now, before = picture.two_waves(parameters)
    shares = {wave: picture.true_shares(population, wave) for wave in (now, before)}
    true = shares[now] - shares[before]
    sets, alarms, false, found, deffs = [], [], [], [], []
    for draw in picture.draws(population, repeats, seed):
        for estimates, wave in ((draw.now, now), (draw.again, now), (draw.before, before)):
            sets.append(picture.in_the_sets(estimates, shares[wave]))
        tested = picture.changes(draw, parameters)
        nothing, something = (
            rows.pivot(index="area", columns="indicator", values="secured").reindex_like(true)
            for rows in tested
        )
        alarms.append(nothing.any(axis=1))
        secured = something.astype(bool)
        wrong = secured & (true == 0)
        false.append(wrong.sum(axis=1) / secured.sum(axis=1).clip(lower=1))
        found.append(secured)
        deffs.append([spread(one) for one in (draw.now, draw.before)])
    sizes = tested[1].groupby(["area", "family"])["p"].transform("count")
    sizes = sizes.set_axis(pd.MultiIndex.from_frame(tested[1][["area", "indicator"]].astype(str)))
    planned = planned_power(true, shares, deffs, sizes, parameters.tables.showing.significance)
    often = pd.concat(found).groupby(level=0).mean()
    planned["found"] = [often.loc[row.area, row.indicator] for row in planned.itertuples()]
    return Measured(
        pd.concat(sets, ignore_index=True),
        np.array(alarms).T,
        np.array(false).T,
        planned,
    )


def spread(estimates: Estimates) -> pd.DataFrame:
    rows = estimates.indicators.assign(area=lambda frame: frame["area"].astype(str))
    return rows.set_index(["area", "indicator"])[["deff", "n"]]


def planned_power(
    true: pd.DataFrame,
    shares: dict[str, pd.DataFrame],
    deffs: list[list[pd.DataFrame]],
    sizes: pd.Series,
    alpha: float,
) -> pd.DataFrame:
    """The true changes, and the power to find each with the mean deff of the draws."""
    changed = true.stack()
    changed = changed[changed != 0]
    rows = []
    for (area, indicator), change in changed.items():
        variance, told = 0.0, []
        for share, each in zip(shares.values(), zip(*deffs, strict=True), strict=True):
            deff = np.mean([one.loc[(area, indicator), "deff"] for one in each])
            p, n = share.loc[area, indicator], each[0].loc[(area, indicator), "n"]
            variance += p * (1 - p) * deff / n
            told.append(deff)
        family = int(sizes[area, indicator])
        power = picture.power(change, float(np.sqrt(variance)), family, alpha)
        rows.append((area, indicator, change, np.mean(told), family, power))
    columns = ["area", "indicator", "change", "deff", "family", "power"]
    return pd.DataFrame(rows, columns=columns)


def check(result: Measured, errors: float) -> None:
    """The limits, with so many Monte Carlo standard errors; one more for what may miss on both
    sides."""
    n = len(result.sets)
    least = PROMISED - errors * np.sqrt(PROMISED * (1 - PROMISED) / n)
    assert result.sets["largest"].mean() >= least
    assert result.sets["three"].mean() >= least
    most = 0.05 + errors * np.sqrt(0.05 * 0.95 / result.alarms.size)
    assert result.alarms.mean() <= most
    assert result.false.mean() <= 0.05 + errors * max(
        result.false.std() / np.sqrt(result.false.size), 0.0
    )
    power = result.power
    error = np.sqrt(power["power"] * (1 - power["power"]) / result.draws)
    assert abs(power["found"].mean() - power["power"].mean()) <= (errors + 1) * np.sqrt(
        np.square(error).sum()
    ) / len(power)
    assert (abs(power["found"] - power["power"]) <= (errors + 2) * error).all(), power.to_string()


def test_the_power_of_the_adjusted_test_by_drawing() -> None:
    """One change of 3 standard errors among 18: the computed power beside the procedure drawn."""
    from survey_lib.statistics.comparison import adjust

    random = np.random.default_rng(5)
    z = random.standard_normal((4000, 18))
    z[:, 0] += 3.0
    p = 2 * picture.ndtr(-np.abs(z))
    found = np.mean([adjust(row, "list")[0] < 0.05 for row in p])
    computed = picture.power(3.0, 1.0, 18, 0.05)
    assert abs(found - computed) < 3 * np.sqrt(computed * (1 - computed) / 4000)
    assert picture.power(0.0, 1.0, 18, 0.05) < 0.05


def test_the_problem_picture_is_true(population: Population) -> None:
    check(measured(population, 2, 20240902), 4)


@pytest.mark.evidence
def test_the_problem_picture_is_true_in_full(population: Population) -> None:
    draws = 80
    result = measured(population, draws, 20240902)
    sets, runs = result.sets, result.alarms.size
    power = result.power
    table = {
        f"largest problem in its set, {len(sets)} sets of {sets['size of first'].mean():.1f}": (
            "≥ 95",
            sets["largest"].mean(),
        ),
        f"three largest all in their set of {sets['size of three'].mean():.1f}": (
            "≥ 95",
            sets["three"].mean(),
        ),
        f"nothing changed: anything säkerställt, {runs} families": ("≤ 5", result.alarms.mean()),
        "one change each: mean share false of säkerställda": ("≤ 5", result.false.mean()),
        "the true change is säkerställd": (
            f"{100 * power['power'].mean():.1f}",
            power["found"].mean(),
        ),
    }
    lines = [
        f"{draws} draws of {len(power)} stadsdelar, about 1 000 answers each, raked. In percent; "
        "what is promised of true changes is the power of Benjamini–Hochberg's procedure in "
        "the family with the mean design effect of the draws, area by area below.",
        "",
        "| | promised | measured |",
        "|---|---|---|",
        *(f"| {name} | {limit} | {100 * found:.1f} |" for name, (limit, found) in table.items()),
        "",
        "```",
        power.round(3).to_string(index=False),
        "```",
    ]
    text = "\n".join(lines)
    print(text)
    write_sections({"5 The problem picture of the made-up survey": text})
    check(result, 2)
    assert binom.sf(int(result.alarms.sum()) - 1, runs, 0.05) > 0.02
