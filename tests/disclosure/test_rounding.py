"""One rounding of all that is published: what it keeps, and what is known from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.disclosure.rounding import (
    Rounding,
    half_unit,
    implied_bases,
    implied_shares,
    share_bounds,
    shares,
    two_digits,
)
from survey_lib.presentation import swedish

ROUNDING = Rounding()


def one(rule, value):
    return float(rule(np.array([float(value)]))[0])


@pytest.mark.parametrize(
    ("n", "expected"),
    [(0, 0), (2, 0), (30, 30), (32, 30), (33, 35), (97, 95), (98, 95), (99, 95), (100, 100),
     (102, 100), (103, 105), (1024, 1025)],
)  # fmt: skip
def test_respondents_to_the_nearest_five_but_never_across_a_limit(n, expected):
    assert one(ROUNDING.bases, n) == expected


@given(st.integers(0, 3000), st.integers(1, 12), st.integers(1, 40), st.integers(61, 150))
def test_a_published_base_decides_as_the_true_one_and_its_bounds_hold_it(n, step, first, second):
    limits = (first, second)
    rounding = Rounding(step, limits)
    published = np.array([one(rounding.bases, n)])
    assert one(rounding.bases, published[0]) == published[0]
    assert all((published[0] < limit) == (n < limit) for limit in limits)
    low, high = rounding.base_bounds(published)
    assert low[0] <= n <= high[0] <= low[0] + 3 * step
    assert step > 1 or published[0] == n
    for other in (low[0], high[0]):
        assert one(rounding.bases, other) == published[0]  # the bounds are the narrowest


@given(st.floats(-1, 1))
def test_whole_percent_of_a_published_share_is_that_of_the_unrounded_one(value):
    published = one(shares, value)
    assert swedish.rounded(100 * published) == swedish.rounded(100 * value)
    assert abs(published - value) <= 0.001
    assert np.sign(published) == np.sign(value) or value == 0
    assert (abs(published) == 1) == (abs(value) == 1)
    assert one(shares, published) == published
    assert published == round(published, 3)


@given(st.floats(0, 1))
def test_a_share_is_known_to_its_rounding(value):
    low, high = share_bounds(shares(np.array([value])))
    assert low[0] - 1e-9 <= value <= high[0] + 1e-9
    assert high[0] - low[0] <= 0.0015 + 1e-12


@given(st.floats(-1, 1))
def test_a_group_is_told_in_whole_percent_and_its_bounds_hold_it(value):
    published = one(lambda v: shares(v, coarse=True), value)
    assert swedish.rounded(100 * published) == swedish.rounded(100 * value)
    assert published == round(published, 2) or abs(published) in (0.001, 0.999)
    assert np.sign(published) == np.sign(value) or value == 0
    low, high = share_bounds(np.array([abs(published)]), coarse=True)
    assert low[0] - 1e-9 <= abs(value) <= high[0] + 1e-9
    assert high[0] - low[0] <= 0.01 + 1e-12


def test_groups_and_small_bases_are_told_in_whole_percent():
    rows = pd.DataFrame(
        {
            "group": ["", "", "kon"],
            "n": [1000.0, 60.0, 500.0],
            "estimate": [0.1234] * 3,
            "se": [0.01234] * 3,
        }
    )
    rounded = ROUNDING.frame(rows)
    assert rounded["estimate"].tolist() == [0.123, 0.12, 0.12]
    assert rounded["se"].tolist() == [0.012, 0.01, 0.01]
    again = ROUNDING.frame(rounded)
    pd.testing.assert_frame_equal(again, rounded)
    effects = ROUNDING.frame(pd.DataFrame({"variable": ["kon"], "effect": [-0.0512]}))
    assert effects["effect"].tolist() == [-0.05]


def test_double_rounding_zero_and_one():
    assert one(shares, 0.3449) == 0.344  # 0.345 would be printed as 35 %
    assert one(shares, 0.34501) == 0.345
    assert one(shares, -0.3449) == -0.344
    assert [one(shares, v) for v in (0.0, 1.0, 0.0001, 0.99999)] == [0.0, 1.0, 0.001, 0.999]


@given(st.floats(1e-9, 1e6))
def test_two_significant_digits(value):
    published = one(two_digits, value)
    assert published == float(f"{published:.1e}")
    assert abs(published - value) <= one(half_unit, published) * (1 + 1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_p_values_keep_their_order_and_their_side_of_the_level(values):
    p = np.sort(values)
    published = ROUNDING.frame(pd.DataFrame({"p": p}))["p"].to_numpy()
    assert (np.diff(published) >= 0).all()
    assert ((published < 0.05) == (p < 0.05)).all()


def test_a_frame_is_rounded_by_its_columns_names_and_nothing_else():
    rows = pd.DataFrame({"n": [98.0, np.nan], "estimate": [0.12345, np.nan], "se": [0.012345, 0],
                         "n_effective": [1234.5, np.nan], "p": [0.0496, 1.0], "rank": [3.0, np.nan],
                         "invited": [1001, 2], "left": pd.array([1003, None], dtype="Int64"),
                         "mark": ["", ".."]})  # fmt: skip
    result = ROUNDING.frame(rows)
    assert result.loc[0].to_dict() == {
        "n": 95.0, "estimate": 0.12, "se": 0.01, "n_effective": 1200.0, "p": 0.049, "rank": 3.0,
        "invited": 1001, "left": 1005, "mark": "",
    }  # fmt: skip
    assert result.loc[1, ["n", "estimate", "n_effective", "rank", "left"]].isna().all()
    assert result["left"].dtype == "Int64"
    pd.testing.assert_frame_equal(ROUNDING.frame(result), result)


def test_what_follows_from_other_numbers_is_computed_from_them():
    indicators = pd.DataFrame({"area": "a", "indicator": "i", "group": ["", "kon"], "n": [205, 95]})
    contrasts = pd.DataFrame({"comparison": ["group", "rest", "change"], "area": "a",
                              "indicator": "i", "n_first": [95, 205, 205],
                              "n_second": [105.0, 1235, 165]})  # fmt: skip
    assert implied_bases(contrasts, indicators)["n_second"].tolist() == [110, 1200, 165]
    areas = pd.DataFrame({"area": ["a", "b"], "n": [205.0, 100]})
    profile = pd.DataFrame({"area": ["a", "a", "b", "b"], "variable": "kon",
                            "n": [95.0, 105, 90, np.nan], "unweighted": 0.5})  # fmt: skip
    told = implied_shares(profile, areas)["unweighted"]
    assert told[:3].tolist() == [0.48, 0.53, 0.9] and np.isnan(told[3])
