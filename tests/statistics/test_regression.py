"""Regression: what it is for a saturated model, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from samples import sample

from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.design import Design
from survey_lib.statistics.errors import NotConverged
from survey_lib.statistics.regression import average_effects, linear, logistic


@pytest.mark.parametrize("weighting", ["fixed", "raked"])
@pytest.mark.parametrize("fit", [linear, logistic])
def test_one_indicator_alone_is_a_difference_of_shares(weighting, fit):
    """The average effect of a single 0/1 predictor is the difference, with its standard error."""
    s = sample(31, clustered=True, weighting=weighting)
    numerators, bases = s.answers.expanded()
    y = np.where(bases[:, 0], numerators[:, 0], np.nan)
    woman = s.groups >= 2
    model = fit(s.design, y, woman.astype(float), ["woman"])
    effect = average_effects(model, [[0]]).iloc[0]
    expected = compare_groups(s.design, numerators[:, :1], bases[:, :1], woman, ~woman).iloc[0]
    assert_allclose(effect["estimate"], expected["difference"], rtol=1e-9)
    assert_allclose(effect["se"], expected["se"], rtol=1e-9)


def test_classes_are_each_set_against_the_reference():
    rng = np.random.default_rng(2)
    age = rng.integers(0, 3, 400)
    dummies = (age[:, None] == [1, 2]).astype(float)
    y = (rng.random(400) < np.array([0.2, 0.4, 0.7])[age]).astype(float)
    effects = average_effects(logistic(Design(np.ones(400)), y, dummies, ["b", "c"]), [[0, 1]])
    means = np.array([y[age == k].mean() for k in range(3)])
    assert_allclose(effects["estimate"], means[1:] - means[0], rtol=1e-8)


def test_the_effect_of_a_continuous_predictor_is_its_slope():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 2))
    y = 2 + x @ [0.5, -1] + rng.normal(size=300)
    model = linear(Design(np.ones(300)), y, x)
    effects = average_effects(model, [[0], [1]])
    assert_allclose(effects["estimate"], model.coefficients[1:])
    assert_allclose(effects["se"], model.table()["se"][1:])
    logit = logistic(Design(np.ones(300)), (y > 2).astype(float), x)
    step = 1e-5
    for column in range(2):
        moved = logit.predictors.copy()
        moved[:, column + 1] += step
        numeric = (
            np.mean(
                1 / (1 + np.exp(-moved @ logit.coefficients))
                - 1 / (1 + np.exp(-logit.predictors @ logit.coefficients))
            )
            / step
        )
        assert_allclose(average_effects(logit, [[column]])["estimate"][0], numeric, rtol=1e-4)


@pytest.mark.parametrize("fit", [linear, logistic])
def test_what_cannot_be_fitted_says_why(fit):
    design, x = Design(np.ones(20)), np.arange(20.0)[:, None]
    y = (np.arange(20) % 2).astype(float)
    with pytest.raises(ValueError, match="all outcomes are equal"):
        fit(design, np.ones(20), x)
    with pytest.raises(ValueError, match="linearly dependent"):
        fit(design, y, np.hstack([x, 2 * x]))
    with pytest.raises(ValueError, match="outcome 3"):
        fit(design, y[:3], x)


def test_separated_classes_are_told():
    x = np.arange(20.0)
    with pytest.raises(NotConverged, match="tell the outcome for sure"):
        logistic(Design(np.ones(20)), (x > 9).astype(float), x)


def test_a_logistic_outcome_is_0_or_1():
    with pytest.raises(ValueError, match="must be 0 or 1"):
        logistic(Design(np.ones(4)), [1, 2, 1, 2], [1.0, 2, 3, 5])
