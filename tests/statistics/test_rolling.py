"""Rolling windows: identities of their covariance, limits that keep a year's rate of false signals.

Small here, full size with ``-m evidence``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal, norm
from simulation_page import ONE_AT_A_TIME, write_sections

from survey_lib.statistics.intervals import effective_size, share_limits
from survey_lib.statistics.rolling import (
    alarm_limit,
    change_weights,
    rolling_shares,
    watched_changes,
    window_weights,
)

pytestmark = ONE_AT_A_TIME
MONTHS = 12


@given(st.integers(1, 12), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_overlapping_windows_differ_by_what_they_do_not_share(
    length: int, more: int, seed: int
) -> None:
    """Var(r_t - r_s) from A V A' is the variance of the periods in one of them only, and windows
    without a period in common are independent."""
    periods = length + more
    variances = np.random.default_rng(seed).uniform(0.001, 0.01, periods)
    weights = window_weights(periods, length)
    assert_allclose(weights.sum(axis=1), 1)
    covariance = weights @ np.diag(variances) @ weights.T
    for late in range(more + 1):
        first, last = set(range(length)), set(range(late, late + length))
        alone = sum(variances[k] for k in first ^ last) / length**2
        difference = covariance[0, 0] + covariance[late, late] - 2 * covariance[0, late]
        assert_allclose(difference, alone, atol=1e-15)
        if late >= length:
            assert covariance[0, late] == 0


def test_a_panel_s_own_covariance_counts() -> None:
    """Persons asked twice: a window of two periods has the variance of their joint mean."""
    covariance = np.array([[1.0, 0.6], [0.6, 1.0]])
    weights = window_weights(2, 2)
    assert_allclose(weights @ covariance @ weights.T, [[(1 + 1 + 2 * 0.6) / 4]])


def test_a_window_is_a_mean_with_the_interval_of_a_share() -> None:
    shares, size, n = [0.2, 0.3, 0.25], [90.0, 110.0, 100.0], [100.0, 120.0, 130.0]
    alone = rolling_shares(shares, size, n, 1)
    low, high = share_limits(shares, size, n, np.array(n) - 1)
    assert_allclose(alone[["low", "high"]], np.column_stack([low, high]))
    together = rolling_shares(shares, size, n, 3).iloc[0]
    variance = 0.25 * 0.75 * sum(1 / one for one in size) / 9
    assert_allclose(together["estimate"], 0.25)
    assert_allclose(together["n_effective"], 0.25 * 0.75 / variance)
    assert together["n"] == 350 and together["last"] == 2


def test_an_unknown_period_is_in_no_window() -> None:
    found = rolling_shares([0.2, np.nan, 0.3, 0.3], [90.0, np.nan, 90.0, 90.0], [100.0] * 4, 2)
    assert list(found["estimate"].isna()) == [True, True, False]
    changes = watched_changes([0.2] * 4 + [np.nan] + [0.9] * 3, [90.0] * 8, 1, 4)
    assert changes["difference"].isna().tolist() == [True, False, False, False]
    assert changes["signal"].tolist() == [False, True, True, True]


def test_a_change_is_from_the_same_time_of_the_year_before() -> None:
    """A season that comes back gives no change at all."""
    season = np.tile(0.3 + 0.1 * np.sin(np.arange(MONTHS)), 3)
    changes = watched_changes(season, np.full(36, 100.0), 3, MONTHS)
    assert_allclose(changes["difference"], 0, atol=1e-15)
    assert list(changes["last"]) == list(range(14, 36))
    assert watched_changes(season[:14], np.full(14, 100.0), 3, MONTHS).empty
    with pytest.raises(ValueError, match="longer than a year"):
        change_weights(40, 13, MONTHS)


@pytest.mark.parametrize("length", [1, 3, 12])
def test_the_limit_is_the_quantile_of_the_largest_change(length: int) -> None:
    """Against Genz' integral of the multivariate normal distribution."""
    limit = alarm_limit(length, MONTHS, 0.05)
    weights = change_weights(2 * MONTHS + length - 1, length, MONTHS)
    covariance = weights @ weights.T
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    normal = multivariate_normal(cov=correlation, allow_singular=True, abseps=1e-3, releps=1e-3)
    same = normal.cdf(np.full(MONTHS, limit), lower_limit=np.full(MONTHS, -limit), rng=1)
    assert abs(same - 0.95) < 0.003
    assert norm.isf(0.025) < limit < norm.isf(0.025 / MONTHS) + 0.01


def test_one_change_a_year_is_a_single_test() -> None:
    assert abs(alarm_limit(1, 1, 0.05) - norm.isf(0.025)) < 0.01


def years(
    share: float, after: float, length: int, runs: int, seed: int, n: int = 100
) -> tuple[float, float]:
    """How many years of pulses have a signal, and after how many months the first comes.

    About ``n`` answers a month, with log-normal weights of design effect 1.3 and a season of a
    fifth of the share; the share is ``after`` from the first month of the year on.
    """
    random = np.random.default_rng(seed)
    before = MONTHS + length - 1
    true = np.r_[np.full(before, share), np.full(MONTHS, after)]
    true = true * (1 + 0.2 * np.sin(2 * np.pi * np.arange(len(true)) / MONTHS))
    signals, months = 0, []
    for _ in range(runs):
        shares, sizes = np.empty((2, len(true)))
        for month, expected in enumerate(true):
            size = random.integers(int(0.7 * n), int(1.3 * n))
            weights = random.lognormal(0, np.sqrt(np.log(1.3)), size)
            answers = random.random(size) < expected
            p = weights @ answers / weights.sum()
            square = np.square(weights * (answers - p)).sum() / weights.sum() ** 2
            kish = size * np.square(weights).sum() / weights.sum() ** 2
            shares[month] = p
            sizes[month] = effective_size(p, size / (size - 1) * square, size, kish)
        found = watched_changes(shares, sizes, length, MONTHS)["signal"].to_numpy()
        signals += found.any()
        months += [1 + int(found.argmax())] if found.any() else []
    return signals / runs, float(np.mean(months)) if months else np.nan


@pytest.mark.parametrize("length", [3, 12])
def test_a_year_without_change_is_rarely_alarmed(length: int) -> None:
    runs = 150
    rate, _ = years(0.25, 0.25, length, runs, 7)
    assert rate <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
    assert years(0.25, 0.5, length, 20, 8)[0] > 0.9


@pytest.mark.evidence
def test_the_rate_of_false_signals_in_full() -> None:
    rows, runs = [], 2000
    for share in (0.05, 0.1, 0.25):
        for length in (1, 3, 6, 12):
            false, _ = years(share, share, length, runs, 100 + length)
            rises = [years(share, share + rise, length, 300, 200 + length) for rise in (0.05, 0.1)]
            rows.append((share, length, 100 * false, *(x for f, m in rises for x in (100 * f, m))))
    names = [
        "share", "window", "false", "found +5", "months +5", "found +10", "months +10",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=names)
    text = "\n".join(
        [
            f"A pulse of about 100 answers a month, design effect 1.3, a season of a fifth of the "
            f"share. Percent of years with any signal: without a change ({runs} years, limit 5), "
            "and when the share rises by 5 and 10 percentage points in the year's first month; "
            "then also the mean month of the first signal.",
            "",
            "```",
            table.round(dict.fromkeys(table.columns[1:], 1) | {"share": 2}).to_string(index=False),
            "```",
        ]
    )
    print(text)
    write_sections({"8 Rolling windows watched for change": text})
    error = 100 * np.sqrt(0.05 * 0.95 / runs)
    assert (table["false"] <= 5 + 3 * error).all()
