"""Replicate weights: margins hit in each, and the same variance as linearisation, up to noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose
from samples import sample, seeds

from survey_lib.statistics.design import Design
from survey_lib.statistics.errors import EmptyCell, LonelyPsu
from survey_lib.statistics.estimation import estimate_answers, estimate_shares
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import rake, rake_replicates
from survey_lib.statistics.replicates import (
    Replicates,
    bootstrap,
    estimate_replicated_shares,
    jackknife,
)


@given(seeds)
@settings(max_examples=5, deadline=None)
def test_every_replicate_hits_the_margins(seed):
    s = sample(seed, clustered=True, weighting="raked")
    made = bootstrap(s.design, 20, seed, margins=s.margins)
    for margin in s.margins:
        for column in made.replicates.T:
            achieved = np.bincount(margin.codes, column, minlength=len(margin.targets))
            assert_allclose(achieved, margin.targets, rtol=1e-8)


def test_raking_many_is_raking_one_by_one():
    s = sample(3, clustered=False, weighting="fixed")
    rng = np.random.default_rng(3)
    start = s.design.weights[:, None] * rng.uniform(0.5, 2, (s.design.size, 4))
    mixture = np.array([[0.25, 0.25, 0.5]])
    age = s.margins[1]
    unknown = np.where(rng.random(s.design.size) < 0.1, 3, age.codes)
    margins = [s.margins[0], Margin(unknown, age.targets, "age", None, mixture)]
    together = rake_replicates(start, margins)
    for column, raked in zip(start.T, together.T, strict=True):
        assert_allclose(raked, rake(column, margins).weights, rtol=1e-8)


@pytest.mark.parametrize("weighting", ["fixed", "raked"])
def test_bootstrap_and_linearisation_tell_the_same_story(weighting):
    s = sample(21, clustered=False, weighting=weighting, residuals="plain")
    margins = s.margins if weighting == "raked" else None
    made = bootstrap(s.design, 500, 1, margins=margins)
    boot = estimate_replicated_shares(made, s.answers, s.groups, 5)
    linear = estimate_answers(s.design, s.answers, s.groups, 5)
    assert_allclose(boot["estimate"], linear["estimate"], rtol=1e-9)
    inner = (linear["count"] > 5) & (linear["n"] - linear["count"] > 5)
    ratio = (boot["se"] / linear["se"])[inner]
    assert 0.9 < ratio.median() < 1.1


def test_the_bootstrap_of_one_stratum_has_the_textbook_s_variance_on_average():
    """E* of Rao–Wu's variance of a mean is s²/n exactly; with fpc (1 - n/N) s²/n."""
    rng = np.random.default_rng(5)
    y = rng.random((40, 1)) < 0.4
    for fpc, correction in ((None, 1.0), (np.full(40, 100.0), 0.6)):
        made = bootstrap(Design(np.ones(40), fpc=fpc), 20_000, 2)
        total, each = made.apply(lambda weights: weights @ y[:, 0])
        expected = correction * 40 * y.var(ddof=1)
        assert_allclose(made.variance(total, each)[0], expected, rtol=0.05)


def test_the_jackknife_of_a_mean_is_the_textbook_s_variance():
    """For a mean of equal weights in one stratum JKn is s²/n to the last digit."""
    y = np.arange(12.0)
    made = jackknife(Design(np.ones(12)))
    mean, each = made.apply(lambda weights: weights @ y / weights.sum())
    assert_allclose(made.variance(mean, each), y.var(ddof=1) / 12, rtol=1e-12)


def test_the_same_seed_gives_the_same_replicates():
    design = Design(np.ones(30))
    assert np.array_equal(bootstrap(design, 5, 9).replicates, bootstrap(design, 5, 9).replicates)


def test_what_cannot_be_replicated_says_so():
    codes = np.array([0] * 29 + [1])
    raked = rake(np.ones(30), [(codes, [29.0, 1.0])])
    design = Design(raked.weights, calibration=raked.calibration)
    with pytest.raises(ValueError, match="give the margins"):
        bootstrap(design, 5, 1)
    with pytest.raises(EmptyCell, match="nobody in replicate"):
        bootstrap(design, 50, 1, margins=[(codes, [29.0, 1.0])])
    with pytest.raises(LonelyPsu):
        jackknife(Design(np.ones(3), np.array([0, 0, 1])))
    with pytest.raises(ValueError, match="persons × replicates"):
        Replicates(np.ones(3), np.ones((2, 5)), 1.0)
    with pytest.raises(ValueError, match="4 factors for 5 replicates"):
        Replicates(np.ones(3), np.ones((3, 5)), 1.0, np.ones(4))


def test_a_share_of_zero_keeps_an_upper_limit():
    made = bootstrap(Design(np.ones(30)), 50, 1)
    from survey_lib.statistics.answers import Answers

    nobody = np.zeros((30, 1), dtype=bool)
    found = estimate_replicated_shares(made, Answers.from_indicators(nobody, ~nobody)).iloc[0]
    plain = estimate_shares(Design(np.ones(30)), nobody, ~nobody).iloc[0]
    assert found["se"] == 0 and found["low"] == 0
    assert_allclose(found["high"], plain["high"])


@pytest.mark.parametrize("population", [None, 12.0])
def test_the_bootstrap_of_a_small_sample_is_the_textbook_s(population):
    """Strata of 3 and 4 units: each replicate's factors sum to the units, and the variance of a
    total is Σ (1 - n/N) n/(n - 1) Σ (y - ȳ)², up to the noise of 40 000 replicates."""
    strata, y = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([1.0, 4, 5, 2, 2, 3, 9])
    fpc = None if population is None else np.full(7, population)
    made = bootstrap(Design(np.ones(7), strata, fpc=fpc), 40_000, 3)
    for stratum, units in ((0, 3), (1, 4)):
        assert_allclose(made.replicates[strata == stratum].sum(axis=0), units, rtol=1e-12)
    found = made.variance(y.sum(), y @ made.replicates)
    parts = [y[strata == stratum] for stratum in (0, 1)]
    expected = sum(
        (1 - (0 if population is None else len(part) / population)) * len(part) * part.var(ddof=1)
        for part in parts
    )
    assert_allclose(found, expected, rtol=0.04)
