"""The two fast kernels against each other and against the variance as the textbook writes it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from samples import sample, seeds, weightings

from survey_lib.statistics import shares as shares_module
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import (
    covariance_of_shares,
    estimate_answers,
    estimate_shares,
)
from survey_lib.statistics.shares import shares_in_groups
from survey_lib.statistics.variance import Linearised

residual_kinds = st.sampled_from(["leverage", "plain"])


@given(seeds, weightings, residual_kinds, st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_kernels_agree(seed, weighting, residuals, zeros):
    s = sample(seed, clustered=False, weighting=weighting, residuals=residuals, zeros=zeros)
    by_cell, by_unit = (
        shares_in_groups(Linearised(s.design), s.answers, s.groups, 5, by_unit=by_unit)
        for by_unit in (False, True)
    )
    for name, values in vars(by_cell).items():
        assert_allclose(getattr(by_unit, name), values, rtol=1e-12, atol=1e-300, err_msg=name)


@given(seeds, weightings, residual_kinds, st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_kernels_agree_with_the_textbook(seed, weighting, residuals, clustered, zeros):
    s = sample(seed, clustered=clustered, weighting=weighting, residuals=residuals, zeros=zeros)
    fast = shares_in_groups(Linearised(s.design), s.answers, s.groups, 5)
    numerators, bases = s.answers.expanded()
    for group in range(5):
        members = s.groups == group
        share, covariance = covariance_of_shares(s.design, numerators, bases, members)
        assert_allclose(fast.share[group], share, rtol=1e-12, atol=1e-15)
        # what the margins explain wholly is 0 in the fast road and rounding in the plain one
        assert_allclose(fast.variance[group], np.diag(covariance), rtol=1e-10, atol=1e-14)
        for k, column in enumerate((bases & members[:, None]).T):
            if column.any() and (s.design.weights[column] > 0).any():
                assert fast.df[group, k] == s.design.degrees_of_freedom(column)


@given(seeds, weightings, st.booleans())
@settings(max_examples=15, deadline=None)
def test_memory_blocks_change_nothing(seed, weighting, clustered):
    s = sample(seed, clustered=clustered, weighting=weighting)
    whole = estimate_answers(s.design, s.answers, s.groups, 5)
    size = shares_module.TABLE_SIZE
    try:
        shares_module.TABLE_SIZE = 1
        in_blocks = estimate_answers(s.design, s.answers, s.groups, 5)
    finally:
        shares_module.TABLE_SIZE = size
    pd.testing.assert_frame_equal(in_blocks, whole, rtol=1e-12)


@given(seeds, weightings, st.booleans(), st.floats(1e-6, 1e6))
@settings(max_examples=20, deadline=None)
def test_the_scale_of_the_weights_is_irrelevant(seed, weighting, clustered, factor):
    s = sample(seed, clustered=clustered, weighting=weighting)
    calibration = s.design.calibration
    scaled = Design(
        s.design.weights * factor, s.design.strata, s.design.psu, lonely_psu="adjust",
        calibration=calibration and type(calibration)(
            calibration.cell, calibration.variables, calibration.start * factor
        ),
    )  # fmt: skip
    first, second = (estimate_answers(d, s.answers, s.groups, 5) for d in (s.design, scaled))
    second["total"] /= factor
    pd.testing.assert_frame_equal(first, second, rtol=1e-8)


@given(seeds, weightings, st.booleans())
@settings(max_examples=20, deadline=None)
def test_shares_of_all_categories_sum_to_one(seed, weighting, clustered):
    s = sample(seed, clustered=clustered, weighting=weighting)
    codes = s.answers.codes[:, 0]
    categories = codes[:, None] == np.arange(5)
    bases = np.repeat((codes >= 0)[:, None], 5, axis=1)
    found = estimate_shares(s.design, categories, bases, s.groups, 5)
    assert_allclose(found.groupby("domain")["estimate"].sum(), 1, rtol=1e-12)
    # and so the covariance of the categories sums to 0
    _, covariance = covariance_of_shares(s.design, categories, bases)
    assert_allclose(covariance.sum(axis=1), 0, atol=1e-14)
    assert np.linalg.eigvalsh(covariance).min() > -1e-14


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_one_stratum_of_equal_weights_is_the_textbook_formula(seed):
    """p(1 - p)/(n - 1), without and with the finite population correction (Cochran 1977, 3.12)."""
    rng = np.random.default_rng(seed)
    n, population = int(rng.integers(20, 300)), int(rng.integers(300, 5000))
    y = rng.random((n, 1)) < 0.3
    weights = np.full(n, population / n)
    for fpc, correction in ((None, 1.0), (np.full(n, population), 1 - n / population)):
        found = estimate_shares(Design(weights, fpc=fpc), y, np.ones_like(y)).iloc[0]
        p = y.mean()
        assert_allclose(found["se"], np.sqrt(correction * p * (1 - p) / (n - 1)), rtol=1e-12)
        assert found["df"] == n - 1


def test_a_share_that_the_margins_fix_has_no_variance():
    s = sample(1, clustered=False, weighting="raked")
    area = s.margins[0].codes == 2
    found = estimate_shares(s.design, area[:, None], np.ones((len(area), 1), dtype=bool)).iloc[0]
    assert found["se"] == 0
    assert found["low"] == found["estimate"] == found["high"]
    assert np.isinf(found["n_effective"])


def test_a_group_with_nobody_is_a_row_of_nothing():
    s = sample(2, clustered=False, weighting="raked")
    found = estimate_answers(s.design, s.answers, np.where(s.groups == 3, -1, s.groups), 5)
    empty = found[found["domain"] == 3]
    assert (empty["n"] == 0).all() and (empty["count"] == 0).all()
    assert empty[["estimate", "se", "low", "high", "n_effective", "deff"]].isna().all(axis=None)


@pytest.mark.parametrize(("answer", "share"), [(True, 1.0), (False, 0.0)])
@pytest.mark.parametrize("weighting", ["fixed", "raked"])
def test_when_all_answer_the_same_the_interval_has_one_limit_inside(answer, share, weighting):
    s = sample(3, clustered=True, weighting=weighting)
    everyone = np.ones((s.design.size, 1), dtype=bool)
    found = estimate_shares(s.design, everyone & answer, everyone, s.groups, 5)
    assert_array_equal(found["estimate"], share)
    assert_array_equal(found["se"], 0)
    assert_array_equal(found["high"] if answer else found["low"], share)
    inside = found["low"] if answer else found["high"]
    assert ((inside > 0) & (inside < 1)).all()
    assert (found["deff"] >= 1).all()
    assert (found["interval"] == "korn-graubard").all()
