"""Confidence sets for ranks: another package's results, table values, properties, odd samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_lib.statistics.intervals import share_limits
from survey_lib.statistics.ranking import DRAWS, rank_sets, with_floor

GOLD = Path(__file__).parent / "gold" / "rank_sets"
CASES = ["ensu_2024_09_city09", "ensu_2024_09_city38", "pisa2018_math"]
BOUNDS = ["low", "high", "low_all", "high_all"]
SIMULATED = 3 * np.sqrt(2 * 0.05 * 0.95 / DRAWS)
"""Three standard errors of the level that a simulated 95 % point has, of theirs minus of ours."""


def reference(case: str, stepdown: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, covariance and the package's bounds, (K, 4) in the order of ``BOUNDS``."""
    estimates = pd.read_csv(GOLD / f"{case}_estimates.csv", index_col="id")["estimate"]
    covariance = pd.read_csv(GOLD / f"{case}_covariance.csv", index_col="id")
    sets = pd.read_csv(GOLD / f"{case}_rank_sets.csv").query("stepdown == @stepdown")
    bounds = [
        sets[sets["simultaneous"] == every].set_index("id").loc[estimates.index, ["low", "high"]]
        for every in (False, True)
    ]
    return estimates.to_numpy(), covariance.to_numpy(), np.hstack(bounds)


@pytest.mark.parametrize("stepdown", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_as_csranks_gives_them(case: str, stepdown: bool) -> None:
    """Equal wherever a bound is the same for every level within simulation error of 95 %. Where it
    isn't, theirs lies between the bounds of these levels."""
    estimates, covariance, theirs = reference(case, stepdown)
    ours, narrow, wide = (
        rank_sets(estimates, covariance, confidence=0.95 + shift, stepdown=stepdown)[BOUNDS]
        for shift in (0, -SIMULATED, SIMULATED)
    )
    decided = (narrow == wide).to_numpy()
    assert np.array_equal(theirs[decided], ours.to_numpy()[decided])
    least, most = np.minimum(narrow, wide).to_numpy(), np.maximum(narrow, wide).to_numpy()
    assert ((least <= theirs) & (theirs <= most)).all()
    assert (~decided).sum() <= decided.size / 8
    one_rank = np.abs(theirs - ours.to_numpy()) <= 1
    # one pair at its threshold can decide the next one in the stepwise method
    assert (~one_rank).sum() <= (1 if stepdown and case == "pisa2018_math" else 0)


def test_by_hand_three_estimates() -> None:
    """Independent, each with variance 1/2, so that a difference has variance 1. Table values: of
    the largest of three differences (Tukey's 3,314/√2) 2,343; of two against the third (Dunnett)
    2,212. The middle differs from the first by 2,28, from the last by 2,5."""
    x, sigma = np.array([2.28, 0.0, -2.5]), np.eye(3) / 2
    sets = rank_sets(x, sigma, stepdown=False)
    assert sets[["low", "high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3]]
    assert sets[["low_all", "high_all"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]
    # with 10 degrees of freedom: 3,877/√2 = 2,741 and 2,569
    sets = rank_sets(x, sigma, 10, stepdown=False)
    assert sets[["low", "high"]].to_numpy().tolist() == [[1, 2], [1, 3], [2, 3]]
    sets = rank_sets(np.array([2.65, 0.0, -2.8]), sigma, 10, stepdown=False)
    assert sets[["low", "high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3]]
    assert sets[["low_all", "high_all"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]


def test_by_hand_the_second_step_finds_more() -> None:
    """2,3 lies below the first step's 2,343. After it |d₁₂| and the opposites of the two sure pairs
    are left: one two-sided test and two one-sided ones, so that 2,2414 is enough by Bonferroni
    (tails of 0,025 and twice 0,0125)."""
    x, sigma = np.array([2.3, 0.0, -90.0]), np.eye(3) / 2
    assert rank_sets(x, sigma, stepdown=False)["high_all"].tolist() == [2, 2, 3]
    assert rank_sets(x, sigma)["high_all"].tolist() == [1, 2, 3]
    assert rank_sets(x, sigma)["low_all"].tolist() == [1, 2, 3]


def test_two_estimates_are_a_plain_test() -> None:
    """One pair: 1,96 for the normal, 2,228 with 10 degrees of freedom."""
    sigma = np.eye(2) / 2
    for z, df, apart in [(1.93, np.inf, False), (1.99, np.inf, True),
                         (2.18, 10, False), (2.28, 10, True)]:  # fmt: skip
        sets = rank_sets([z, 0.0], sigma, df)
        assert sets.to_numpy().tolist() == (
            [[1, 1, 1, 1], [2, 2, 2, 2]] if apart else [[1, 2, 1, 2], [1, 2, 1, 2]]
        )


# -- properties ----------------------------------------------------------------------------------

samples = st.builds(
    lambda seed, k, n, spread: (
        np.random.default_rng(seed).random((n, k))
        < np.clip(np.random.default_rng(seed + 1).normal(0.3, spread, k), 0, 1)
    ),
    st.integers(0, 10_000),
    st.integers(1, 7),
    st.integers(20, 300),
    st.sampled_from([0, 0.05, 0.2]),
)


def moments(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return y.mean(axis=0), np.atleast_2d(np.cov(y.T.astype(float))) / len(y)


@given(samples)
@settings(max_examples=60)
def test_sets_hold_the_own_rank_and_lie_within_each_other(y: np.ndarray) -> None:
    x, sigma = moments(y)
    sets, higher = rank_sets(x, sigma), rank_sets(x, sigma, confidence=0.99)
    one_step, few = rank_sets(x, sigma, stepdown=False), rank_sets(x, sigma, 8)
    first = 1 + (x[None] > x[:, None]).sum(axis=1)
    last = (x[None] >= x[:, None]).sum(axis=1)
    assert (sets["low"] <= first).all() and (sets["high"] >= last).all()
    assert (sets["low_all"] <= sets["low"]).all() and (sets["high_all"] >= sets["high"]).all()
    for wider in (higher, one_step, few):
        for low, high in (("low", "high"), ("low_all", "high_all")):
            assert (wider[low] <= sets[low]).all() and (wider[high] >= sets[high]).all()
    assert sets[["low", "low_all"]].to_numpy().min() == 1
    assert sets[["high", "high_all"]].to_numpy().max() == len(x)


@given(samples, st.floats(-5, 5), st.floats(0.01, 100), st.integers(0, 1000))
@settings(max_examples=40)
def test_neither_level_nor_unit_nor_order_matters(
    y: np.ndarray, shift: float, unit: float, seed: int
) -> None:
    x, sigma = moments(y)
    sets = rank_sets(x, sigma)
    assert rank_sets(unit * x, unit**2 * sigma).equals(sets)
    shifted = rank_sets(x + shift, sigma)
    untied = len(set(np.round(x, 9))) == len(x)  # adding may tell equal shares apart by rounding
    assert shifted.equals(sets) or not untied
    order = np.random.default_rng(seed).permutation(len(x))
    moved = rank_sets(x[order], sigma[np.ix_(order, order)])
    if untied:
        assert np.array_equal(moved.to_numpy(), sets.to_numpy()[order])


def test_the_same_input_gives_the_same_sets() -> None:
    estimates, covariance, _ = reference("pisa2018_math", True)
    assert rank_sets(estimates, covariance).equals(rank_sets(estimates, covariance))


# -- odd samples ---------------------------------------------------------------------------------


def test_ties_and_copies_are_never_told_apart() -> None:
    y = np.random.default_rng(3).random((400, 3)) < [0.4, 0.4, 0.1]
    x, sigma = moments(y[:, [0, 0, 2]])
    assert rank_sets(x, sigma).to_numpy().tolist() == [[1, 2, 1, 2], [1, 2, 1, 2], [3, 3, 3, 3]]
    x, sigma = moments(y)
    x[1] = x[0]
    assert rank_sets(x, sigma)["high"].tolist() == [2, 2, 3]


def test_one_estimate_none_and_what_nobody_was_asked() -> None:
    assert rank_sets([0.3], [[0.01]]).to_numpy().tolist() == [[1, 1, 1, 1]]
    assert rank_sets([], np.zeros((0, 0))).empty
    sigma = np.diag([1e-6, np.nan, 1e-6])
    sets = rank_sets([0.2, np.nan, 0.5], sigma)
    assert sets["low"].fillna(0).tolist() == [2, 0, 1]
    assert sets.iloc[1].isna().all()


def test_a_known_difference_is_known() -> None:
    """No variance at all, as of shares that the margins fix."""
    assert rank_sets([0.2, 0.5, 0.5], np.zeros((3, 3)))["low"].tolist() == [3, 1, 1]


@pytest.mark.parametrize("everyone", [False, True])
def test_nobody_is_not_a_known_zero(everyone: bool) -> None:
    """0 of 40 has a variance of 0, but isn't a known share: among four, 7 of 40 isn't surely more
    (Fisher's exact p is 0,012, and there are six pairs)."""
    counts = np.array([0, 0, 7, 30])
    share, n, df = counts / 40, 40, 39
    if everyone:
        share = 1 - share
    variance = share * (1 - share) / n
    low, high = share_limits(share, np.full(4, 40.0), n, df)
    floored = with_floor(np.diag(variance), share, low, high, df)
    assert (floored.diagonal() >= variance).all()
    assert floored[0, 0] == pytest.approx(((high - low)[0] / 2.0227) ** 2, rel=1e-3)
    sets = rank_sets(share, floored, df)
    expected = [[2, 4], [2, 4], [2, 4], [1, 1]] if not everyone else [[1, 3]] * 3 + [[4, 4]]
    assert sets[["low_all", "high_all"]].to_numpy().tolist() == expected
    known = rank_sets(share, np.diag(variance), df)
    assert not known.equals(sets), "without the floor the two that nobody names would be too sure"


def test_the_floor_adds_nothing_where_the_interval_says_no_more() -> None:
    share, n = np.array([0.3, 0.5, np.nan]), 900
    variance = share * (1 - share) / n
    low, high = share_limits(share, np.full(3, 900.0), n, 899)
    floored = with_floor(np.diag(variance), share, low, high, 899)
    assert np.allclose(floored.diagonal()[:2], variance[:2], rtol=2e-3)
    assert np.isnan(floored[2, 2])
    fixed = with_floor(np.zeros((1, 1)), [0.3], [0.3], [0.3], 50)  # by the margins of a calibration
    assert fixed[0, 0] == 0
