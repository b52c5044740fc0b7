"""Does what is promised hold for known truth? Small here, full size with ``-m evidence``."""

from __future__ import annotations

import numpy as np
import pytest
from simulation import coverage, false_alarms, standard_errors

from survey_lib.statistics.intervals import share_limits


def check_coverage(draws: int, rules=None) -> None:
    table = coverage(draws, 20240917, rules or {"rule": share_limits})
    print(table.pivot_table("coverage", ["rule", "deff", "n"], "share").round(1).to_string())
    assert set(table.groupby("rule").size()) == {72}, "a point of the grid is missing"
    rule = table[table["rule"] == "rule"].copy()
    error = 200 * np.sqrt(rule["coverage"] / 100 * (1 - rule["coverage"] / 100) / draws)
    low = rule[rule["coverage"] < 92 - error]
    assert low.empty, f"below 92 %:\n{low.to_string()}"
    large = rule["n"] * rule["share"] * (1 - rule["share"]) / rule["deff"] >= 10
    low = rule[large & (rule["coverage"] < 93.5 - error)]
    assert low.empty, f"below 93,5 % in a large domain:\n{low.to_string()}"
    wide = rule[large & (rule["coverage"] > 97 + error)]
    print(f"conservative (above 97 %) in large domains: {len(wide)}\n{wide.to_string()}")


def test_coverage_of_the_rule():
    check_coverage(1500)


@pytest.mark.parametrize("clustered", [False, True])
def test_standard_errors_after_raking(clustered):
    table = standard_errors(250, 5, clustered=clustered)
    print(table.to_string())
    error = 2 / np.sqrt(2 * 250)
    assert table["ratio"].between(0.97 - error, 1.08 + error).all(), table.to_string()


def test_false_alarms_are_rare():
    any_alarm, _ = false_alarms(200, 6, changed=0)
    assert any_alarm <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)
    _, false = false_alarms(200, 7, changed=5)
    assert false <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.evidence
def test_coverage_in_full():
    from simulation import RULES

    check_coverage(20_000, RULES)


@pytest.mark.evidence
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("residuals", ["leverage", "plain"])
def test_standard_errors_after_raking_in_full(clustered, residuals):
    table = standard_errors(2000, 5, clustered=clustered, residuals=residuals)
    print(f"clustered {clustered}, {residuals}\n{table.to_string()}")
    if residuals == "leverage":
        error = 2 / np.sqrt(2 * 2000)
        assert table["ratio"].between(0.97 - error, 1.08 + error).all(), table.to_string()


@pytest.mark.evidence
@pytest.mark.parametrize("changed", [0, 5])
def test_false_alarms_in_full(changed):
    runs = 3000
    any_alarm, false = false_alarms(runs, 8, changed=changed)
    print(f"changed {changed}: any false alarm {any_alarm:.3f}, mean share false {false:.3f}")
    limit = 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)
    assert (any_alarm if changed == 0 else false) <= limit
