"""Intervals defined everywhere, and differences as carefully as shares."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from survey_lib.statistics.comparison import Side, adjust, difference_limits, difference_p
from survey_lib.statistics.intervals import (
    effective_size,
    korn_graubard,
    share_limits,
    wilson,
)

shares = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
sizes = st.floats(0.5, 1e6)
degrees = st.integers(1, 10_000)


@given(shares, sizes, st.integers(1, 10_000), degrees, st.floats(0.5, 0.999))
@example(2e-311, 1.0, 1, 1, 0.5)  # scipy's inverse of the beta distribution is off there
@settings(max_examples=200, deadline=None)
def test_every_interval_exists_and_holds_the_share(share, n_effective, base, df, confidence):
    low, high = share_limits(share, n_effective, base, df, confidence)
    assert 0 <= low <= high <= 1
    assert low <= share <= high
    if share == 0:
        assert low == 0 and high > 0
    if share == 1:
        assert high == 1 and low < 1


@given(st.floats(0.001, 0.999), sizes, degrees)
@settings(max_examples=100, deadline=None)
def test_wilson_limits_solve_the_score_equation(share, n_effective, df):
    t = stats.t.ppf(0.975, df)
    for limit in wilson(share, n_effective, df):
        assert_allclose(
            (share - limit) ** 2, t**2 * limit * (1 - limit) / n_effective, rtol=1e-6, atol=1e-12
        )


def test_korn_graubard_is_clopper_pearson_for_a_simple_sample():
    """40 of 200: [0.1469, 0.2622], as scipy's exact binomial interval."""
    exact = stats.binomtest(40, 200).proportion_ci(0.95, method="exact")
    assert_allclose(korn_graubard(0.2, 200, 200, 199), exact, rtol=1e-12)


def side(count: int, n: int) -> Side:
    p = count / n
    return Side(*(np.array([value]) for value in (p, p * (1 - p) / n, n, n, n - 1)))


def test_nobody_against_a_few_has_an_interval_and_a_p_value():
    """0 of 40 against 3 of 45: the zero brings its own uncertainty."""
    first, second = side(0, 40), side(3, 45)
    low, high = difference_limits(first, second, 0.0, 0.95)
    p = difference_p(first, second, 0.0)
    assert low < -3 / 45 < 0 < high
    assert 0.1 < p < 0.5


@given(
    st.integers(0, 60), st.integers(0, 90), st.integers(60, 300), st.integers(90, 300),
    st.floats(-0.9, 0.9),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_p_says_what_the_interval_says(x, y, n, m, correlation):
    first, second = side(x, n), side(y, m)
    p = difference_p(first, second, correlation)[0]
    low, high = difference_limits(first, second, correlation, 1 - p)
    if 1e-12 < p < 1:
        closest = min(abs(low[0]), abs(high[0]))
        assert closest < 1e-6
    for confidence in (0.5, 0.9, 0.95, 0.99):
        low, high = difference_limits(first, second, correlation, confidence)
        if abs((1 - confidence) - p) > 1e-9:
            assert ((low[0] > 0) or (high[0] < 0)) == (p < 1 - confidence)


def test_p_is_the_same_whichever_side_comes_first():
    first, second = side(12, 80), side(30, 120)
    assert_allclose(difference_p(first, second, 0.2), difference_p(second, first, 0.2))


def test_a_large_simple_comparison_is_close_to_the_z_test():
    first, second = side(4000, 10_000), side(4200, 10_000)
    p = (4000 + 4200) / 20_000
    z = 0.02 / np.sqrt(p * (1 - p) * 2 / 10_000)
    assert_allclose(difference_p(first, second, 0.0), 2 * stats.norm.sf(z), rtol=0.02)


def test_a_family_ignores_what_was_not_tested():
    assert_allclose(adjust([0.01, np.nan, 0.04], "list"), [0.02, np.nan, 0.04])
    assert_allclose(adjust([0.01, np.nan, 0.04], "named"), [0.02, np.nan, 0.04])
    assert np.isnan(adjust([np.nan], "list")).all()


def test_few_persons_never_make_the_effective_n_larger_than_the_base():
    """9,9 of 100 on the smaller side: at most 100, however small V is; 10 of 100: p(1 - p)/V."""
    p, small = np.array([0.099, 0.1, 0.901, 0.9]), 1e-4
    found = effective_size(p, small, 100, 1.0)
    assert_allclose(found, [100, 0.09 / small, 100, 0.09 / small])
    large = 0.01  # an effective n below the base stays as it is
    assert_allclose(effective_size(0.05, large, 100, 1.0), 0.05 * 0.95 / large)
    # what the margins fix has no variance, and 0 and 1 have Kish's
    assert np.isinf(effective_size(0.05, 0.0, 100, 1.0))
    assert_allclose(effective_size(np.array([0.0, 1.0]), 0.0, 100, [1.6, 0.8]), [62.5, 100])
