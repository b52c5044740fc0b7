"""Everything that can be wrong with the numbers: defined, documented, named."""

from __future__ import annotations

import numpy as np
import pytest

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.errors import BadWeights, LonelyPsu, StatisticsError
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.statistics.raking import rake

Y = np.array([[True], [False], [True], [False]])
ALL = np.ones_like(Y)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -2, 3, -4], "2 negative weights, the first in position 1"),
        ([1, 2, np.nan, 4], "1 missing or infinite weights, the first in position 2"),
        ([np.inf, 2, 3, 4], "1 missing or infinite weights, the first in position 0"),
        ([0, 0, 0, 0], "none of 4 weights is above 0"),
        ([[1, 2], [3, 4]], "2 dimensions"),
    ],
)
def test_bad_weights_are_counted_and_placed(weights, message):
    with pytest.raises(BadWeights, match=message):
        Design(np.array(weights, dtype=float))
    if np.ndim(weights) == 1:
        with pytest.raises(BadWeights, match=message):
            rake(weights, [(np.array([0, 0, 1, 1]), [1.0, 1.0])])


def test_every_exception_here_is_a_value_error():
    assert issubclass(StatisticsError, ValueError)


def test_a_weight_of_zero_counts_in_the_design_and_nowhere_else():
    with_zero = Design(np.array([1.0, 2.0, 3.0, 0.0]))
    found = estimate_shares(with_zero, Y, ALL).iloc[0]
    assert (found["n"], found["count"], found["df"], found["total"]) == (3, 2, 2, 6.0)
    p = 4 / 6
    z = np.array([1 * (1 - p), 2 * (0 - p), 3 * (1 - p), 0.0]) / 6
    assert found["se"] == pytest.approx(np.sqrt(4 / 3 * np.sum((z - z.mean()) ** 2)), rel=1e-12)


def test_a_stratum_with_one_unit_stops_unless_a_policy_is_declared():
    strata, psu = np.array(["a", "a", "a", "b"]), np.array([1, 2, 3, 1])
    with pytest.raises(LonelyPsu, match=r"1 of 2 strata have a single primary unit \(b\)"):
        estimate_shares(Design(np.ones(4), strata, psu), Y, ALL)
    for policy in ("adjust", "average", "certainty"):
        found = estimate_shares(Design(np.ones(4), strata, psu, lonely_psu=policy), Y, ALL)
        assert found["se"][0] > 0


def test_a_unit_taken_with_certainty_is_not_lonely():
    """A stratum with its whole population of units in the sample adds nothing."""
    strata, fpc = np.array([0, 0, 0, 1]), np.array([9.0, 9, 9, 1])
    assert estimate_shares(Design(np.ones(4), strata, fpc=fpc), Y, ALL)["se"][0] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strata": np.array([1, 2])}, "strata has 2 rows, weights 4"),
        ({"strata": np.array([1, np.nan, 2, 2])}, "missing value in position 1"),
        ({"strata": np.array(["a", None, "b", "b"], dtype=object)}, "missing value in position 1"),
        ({"fpc": np.array([2.0, 2, 2, 2])}, "not below the number of its units"),
        ({"fpc": np.array([np.nan, 8, 8, 8])}, "not below the number of its units"),
        ({"residuals": "hc3"}, "not 'leverage' or 'plain'"),
        ({"lonely_psu": "scaled"}, "lonely_psu is 'scaled'"),
        ({"leverage_cap": 1.0}, "leverage_cap is 1.0"),
        ({"calibration": Calibration(np.zeros(3, int), np.ones((1, 1)), np.ones(3))}, "3 rows"),
    ],
)
def test_bad_designs_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        estimate_shares(Design(np.ones(4), **arguments), Y, ALL)


@pytest.mark.parametrize(
    ("groups", "n_groups", "message"),
    [
        (np.array([0, 1, 2, 3]), 3, "groups must lie in -1 … 2"),
        (np.array([0, 1, -2, 1]), 2, "groups must lie in -1 … 1"),
        (np.array([0.0, 1, 1, 1]), 2, "4 integers"),
        (np.array([0, 1]), 2, "4 integers"),
    ],
)
def test_bad_groups_are_named(groups, n_groups, message):
    with pytest.raises(ValueError, match=message):
        estimate_shares(Design(np.ones(4)), Y, ALL, groups, n_groups)


@pytest.mark.parametrize(
    ("codes", "numerator", "base", "message"),
    [
        (np.zeros((4, 1)), [[True]], [[True]], "integers in two dimensions"),
        (np.zeros((4, 1), int), [[True]], [[False]], "indicator 0 counts a code outside its base"),
        (np.full((4, 1), 3), [[True]], [[True]], "codes go to 3, tables to 0"),
        (np.zeros((4, 1), int), [[True]], [[True, True]], "one row per indicator"),
    ],
)
def test_bad_answers_are_named(codes, numerator, base, message):
    with pytest.raises(ValueError, match=message):
        Answers(codes, np.array([0]), np.array(numerator), np.array(base))


@pytest.mark.parametrize(
    ("margin", "message"),
    [
        ((np.array([0.0, 1, 1, 1]), [1, 2]), "codes must be integers"),
        ((np.array([0, 1, 2, 1]), [1, 2]), r"codes must lie in -1 … 1"),
        ((np.array([0, 1, 1, 1]), [1, -2]), "finite and not negative"),
        ((np.array([0, 1, 1, 1]), [1, np.nan]), "finite and not negative"),
        ((np.array([0, 1, 1, 1]), [1, 2], "age", ["young"]), "1 names, 2 targets"),
        ((np.array([0, 1, 2, 1]), [1, 2], "age", None, [[0.5, 0.4]]), "sum to 1"),
        ((np.array([0, 1]), [1, 2]), "margin has 2 rows, weights 4"),
    ],
)
def test_bad_margins_are_named(margin, message):
    with pytest.raises(ValueError, match=message):
        rake(np.ones(4), [margin])


def test_no_margin_is_an_error():
    with pytest.raises(ValueError, match="no margin"):
        rake(np.ones(4), [])
