"""Power, the smallest change found and the size needed: R's power.prop.test, the domain guide's
figures, and the test itself on drawn samples."""

from __future__ import annotations

import gold_cases as cases
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from survey_lib.statistics.comparison import adjust, compare_independent
from survey_lib.statistics.power import detectable_change, needed_size, power

DEFF = 1.3  # of the figures in the guide, 5.3


def test_power_and_size_are_those_of_r():
    gold = cases.table("gold_power")
    shares = gold["first"], gold["second"]
    found = power(*shares, gold["n"], gold["n"], family=gold["family"])
    assert_allclose(found, gold["power"], rtol=1e-10)
    assert_allclose(needed_size(*shares, family=gold["family"]), gold["size"], rtol=1e-6)


GUIDE = [
    # share, n of each wave, family, power, percentage points
    (0.25, 1000, 1, 0.8, 6.2),
    (0.25, 1000, 18, 0.8, 8.5),
    (0.25, 1000, 3, 0.8, 7.1),
    (0.08, 1000, 1, 0.5, 2.7),
    (0.50, 1000, 1, 0.5, 5.0),
    (0.25, 30, 1, 0.5, 25),
    (0.25, 50, 1, 0.5, 19),
    (0.25, 100, 1, 0.5, 14),
    (0.25, 250, 1, 0.5, 8.6),
    (0.25, 500, 1, 0.5, 6.1),
    (0.25, 1000, 1, 0.5, 4.3),
]  # fmt: skip


@pytest.mark.parametrize(("share", "n", "family", "target", "points"), GUIDE)
def test_the_guides_figures(share, n, family, target, points):
    """Guide 5.3 takes the variance at the first share for both waves; a fall needs less than that,
    a rise more. *Differ safely* is a difference that is säkerställd in itself: power one half."""
    size = n / DEFF
    down, up = detectable_change(share, size, size, up=[0, 1], family=family, target=target)
    slack = 0.5 if points > 9 else 0.05  # the figures are rounded
    assert 100 * down - slack <= points <= 100 * up + slack
    assert abs(50 * (down + up) - points) <= 0.03 * points + slack / 5


SHARE = st.floats(0.02, 0.98)
SIZE = st.floats(20, 5000)


@given(share=SHARE, sizes=st.tuples(SIZE, SIZE), up=st.booleans(), family=st.integers(1, 20))
def test_a_detectable_change_has_the_power_it_is_found_with(share, sizes, up, family):
    change = detectable_change(share, *sizes, up=up, family=family)
    most = 1 - share if up else share
    if np.isnan(change):
        assert power(share, float(up), *sizes, family=family) < 0.8
        return
    assert 0 < change <= most
    after = share + (change if up else -change)
    assert power(share, after, *sizes, family=family) == pytest.approx(0.8, abs=1e-6)


@given(share=SHARE, change=st.floats(0.01, 0.3), family=st.integers(1, 20))
def test_the_size_needed_has_the_power_that_it_is_needed_for(share, change, family):
    size = needed_size(share, share - change, family=family)
    if share < change:
        assert np.isnan(size)
        return
    assert power(share, share - change, size, size, family=family) == pytest.approx(0.8)


def test_no_change_needs_more_than_everybody():
    assert needed_size(0.3, 0.3) == np.inf


@pytest.mark.parametrize("family", [1, 3])
@pytest.mark.parametrize(("first", "second", "sizes"), [
    (0.25, 0.19, (1000, 1000)), (0.10, 0.14, (800, 1200)), (0.45, 0.52, (700, 500)),
])  # fmt: skip
def test_the_power_of_the_test_that_is_used(first, second, sizes, family):
    """Samples drawn at random, one true change in a family: MOVER's p, Holm. The computed power is
    for Bonferroni's first step, so the test may find a little more."""
    random, draws = np.random.default_rng(7), 3000
    true = np.full((2, family), first)
    true[1, 0] = second
    sides = [
        side(random.binomial(n, p, (draws, family)), n) for p, n in zip(true, sizes, strict=True)
    ]
    p = compare_independent(*reversed(sides))["p"].to_numpy().reshape(draws, family)
    found = np.mean([adjust(row, "named")[0] < 0.05 for row in p])
    computed = power(first, second, *sizes, family=family)
    error = np.sqrt(computed * (1 - computed) / draws)
    assert computed - 3 * error - 0.01 <= found <= computed + 3 * error + 0.02


def side(count: np.ndarray, n: int) -> pd.DataFrame:
    """Counts as the rows of ``estimate_shares`` from a simple random sample."""
    share = count.ravel() / n
    return pd.DataFrame(
        {"estimate": share, "se": np.sqrt(share * (1 - share) / (n - 1)), "n_effective": n,
         "n": n, "df": n - 1}
    )  # fmt: skip
