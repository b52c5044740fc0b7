"""Does what is promised hold for known truth? Small here, full size with ``-m evidence``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from simulation import (
    RANK_SIZES,
    RULES,
    TRUTHS,
    coverage,
    false_alarms,
    rank_coverage,
    standard_errors,
)
from simulation_page import ONE_AT_A_TIME, write_sections

from survey_lib.statistics.intervals import share_limits

pytestmark = ONE_AT_A_TIME
SEEDS = (20240917, 1, 2)


def check_coverage(draws: int, seed: int, rules=None) -> pd.DataFrame:
    """The table, if it holds what is promised, with two Monte Carlo standard errors."""
    table = coverage(draws, seed, rules or {"rule": share_limits})
    assert set(table.groupby("rule").size()) == {72}, "a point of the grid is missing"
    rule = table[table["rule"] == "rule"].copy()
    error = 200 * np.sqrt(rule["coverage"] / 100 * (1 - rule["coverage"] / 100) / draws)
    low = rule[rule["coverage"] < 92 - error]
    assert low.empty, f"below 92 %:\n{low.to_string()}"
    large = is_large(rule)
    low = rule[large & (rule["coverage"] < 93.5 - error)]
    assert low.empty, f"below 93,5 % in a large domain:\n{low.to_string()}"
    return table


def is_large(rule: pd.DataFrame) -> pd.Series:
    """Where 93,5–97 % is promised: n p (1 - p)/deff of at least 10."""
    return rule["n"] * rule["share"] * (1 - rule["share"]) / rule["deff"] >= 10


def test_coverage_of_the_rule():
    check_coverage(1500, SEEDS[0])


@pytest.mark.parametrize("clustered", [False, True])
def test_standard_errors_after_raking(clustered):
    table = standard_errors(250, 5, clustered=clustered)
    print(table.to_string())
    error = 2 / np.sqrt(2 * 250)
    assert table["leverage"].between(0.97 - error, 1.08 + error).all(), table.to_string()


def test_false_alarms_are_rare():
    any_alarm, _ = false_alarms(200, 6, changed=0)
    assert any_alarm <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)
    _, false = false_alarms(200, 7, changed=5)
    assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def check_rank_coverage(draws: int, seed: int, truths=tuple(TRUTHS), sizes=RANK_SIZES):
    """The table, if every set holds the truth in at least 95 % of draws, with two Monte Carlo
    standard errors (three for the least of ten)."""
    table = rank_coverage(draws, seed, truths, sizes)
    error = 100 * np.sqrt(0.05 * 0.95 / draws)
    assert (table["worst"] >= 95 - 3 * error).all(), table.to_string()
    low = table[["marginal", "all", "first", "top three"]] < 95 - 2 * error
    assert not low.any(axis=None), table.to_string()
    return table


def test_rank_sets_hold_the_true_ranks():
    check_rank_coverage(100, 11, ["tied", "all equal", "rare"], [30, 400])


# -- full size -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sections() -> Iterator[dict[str, str]]:
    """What the tests found, by heading; written to docs/simulation.md."""
    found: dict[str, str] = {}
    yield found
    write_sections(found)


def shown(table: pd.DataFrame, digits: int) -> str:
    """A table as Markdown code, its numbers rounded."""
    return "```\n" + table.round(digits).to_string() + "\n```"


@pytest.mark.evidence
@pytest.mark.parametrize("seed", SEEDS)
def test_coverage_in_full(seed, sections):
    first = seed == SEEDS[0]
    table = check_coverage(20_000, seed, RULES if first else None)
    rule = table[table["rule"] == "rule"]
    wide = rule[is_large(rule) & (rule["coverage"] > 97)]
    lowest = rule.loc[rule["coverage"].idxmin()]
    title = f"1 Coverage in percent of 95 % intervals, 20 000 draws, seed {seed}"
    sections[title] = (
        f"Lowest: {lowest['coverage']:.2f} % (n {lowest['n']:.0f}, p {lowest['share']}, deff "
        f"{lowest['deff']}). Above 97 % in large domains (n p (1 - p)/deff ≥ 10): {len(wide)} of "
        f"{int(is_large(rule).sum())}, at most {rule[is_large(rule)]['coverage'].max():.2f} %.\n\n"
        + shown(table.pivot_table("coverage", ["rule", "deff", "n"], "share"), 1)
    )


@pytest.mark.evidence
@pytest.mark.parametrize("clustered", [False, True])
def test_standard_errors_after_raking_in_full(clustered, sections):
    draws = 2000
    table = standard_errors(draws, 5, clustered=clustered)
    kind = "in clusters" if clustered else "one by one"
    title = f"2 Mean standard error over true spread after raking, persons drawn {kind}"
    sections[title] = shown(table, 3)
    error = 2 / np.sqrt(2 * draws)
    assert table["leverage"].between(0.97 - error, 1.08 + error).all(), table.to_string()


@pytest.mark.evidence
@pytest.mark.parametrize("changed", [0, 5])
def test_false_alarms_in_full(changed, sections):
    runs = 3000
    any_alarm, false = false_alarms(runs, 8, changed=changed)
    found = any_alarm if changed == 0 else false
    told = "runs with any false säkerställd" if changed == 0 else "mean share false of säkerställda"
    sections[f"3 False alarms, 18 problems of two waves, {changed} changed, {runs} runs"] = (
        f"{told}: {100 * found:.1f} %"
    )
    assert found <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.evidence
def test_rank_sets_in_full(sections):
    draws = 250
    table = check_rank_coverage(draws, 12)
    title = f"4 Sets of ranks that hold the truth, in percent of {draws} samples"
    sections[title] = (
        "Ten problems: each one's own set (the mean and the worst of ten), all sets at once, the "
        "set of what can be the largest, and of what can be among the three largest. Limit: 95.\n\n"
        + shown(table.set_index(["truth", "n"]), 1)
    )
