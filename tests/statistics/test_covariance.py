"""The covariance of any set of estimates, by three roads."""

from __future__ import annotations

import gold_cases as cases
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from samples import sample, seeds, weightings

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.covariance import contrast, covariance_of_answers, stack
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import estimate_answers, share_influence
from survey_lib.statistics.raking import rake
from survey_lib.statistics.variance import Linearised


@given(seeds, weightings, st.booleans(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_all_groups_at_once_is_the_covariance_of_the_influence_values(
    seed, weighting, clustered, zeros
):
    s = sample(seed, clustered=clustered, weighting=weighting, zeros=zeros)
    shares, covariance = covariance_of_answers(s.design, s.answers, s.groups, 5)
    numerators, bases = s.answers.expanded()
    parts = [
        share_influence(s.design, numerators, bases & (s.groups == g)[:, None]) for g in range(5)
    ]
    influence = np.stack([part[1] for part in parts], axis=2).reshape(s.design.size, -1)
    expected = Linearised(s.design).covariance(influence)
    known = ~np.isnan(shares)
    assert_allclose(shares, np.stack([part[0] for part in parts], axis=1).ravel(), rtol=1e-12)
    assert_allclose(
        covariance[np.ix_(known, known)], expected[np.ix_(known, known)], rtol=1e-9, atol=1e-14
    )
    frame = estimate_answers(s.design, s.answers, s.groups, 5)
    assert_allclose(np.sqrt(np.diag(covariance)), frame["se"], rtol=1e-9, atol=1e-8)


def test_a_contrast_is_the_comparison_s_difference_and_standard_error():
    s = sample(11, clustered=True, weighting="raked")
    shares, covariance = covariance_of_answers(s.design, s.answers, s.groups, 5)
    numerators, bases = s.answers.expanded()
    compared = compare_groups(s.design, numerators, bases, s.groups == 1, s.groups == 4)
    rows = np.zeros((8, 40))
    rows[np.arange(8), np.arange(8) * 5 + 1], rows[np.arange(8), np.arange(8) * 5 + 4] = 1, -1
    known = ~np.isnan(shares)
    found = contrast(np.nan_to_num(shares), np.nan_to_num(covariance), rows, df=30)[
        compared["difference"].notna().to_numpy()
    ]
    compared = compared[compared["difference"].notna()]
    assert known.any()
    assert_allclose(found["difference"], compared["difference"], rtol=1e-12)
    assert_allclose(found["se"], compared["se"], rtol=1e-9, atol=1e-9)


def test_a_panel_that_answers_the_same_has_not_changed():
    """The same persons twice: the difference is 0 with variance 0; as strangers it would be 2 V."""
    design = cases.design("wave_psu")
    numerator, base = cases.share("wave_psu", "unsafe")
    twice = stack(design, design, common=True)
    wave = np.repeat([0, 1], design.size)
    found = compare_groups(
        twice, np.vstack([numerator] * 2), np.vstack([base] * 2), wave == 0, wave == 1
    ).iloc[0]
    assert abs(found["difference"]) < 1e-15
    assert found["se"] < 1e-9
    assert found["p"] > 0.999


@pytest.mark.parametrize("clustered", [True, False])
def test_samples_drawn_apart_are_independent(clustered):
    s = sample(12, clustered=clustered, weighting="raked")
    both = stack(s.design, s.design, common=False)
    twice = np.vstack([s.answers.codes] * 2)
    answers = Answers(twice, s.answers.question, s.answers.numerator, s.answers.base)
    _, covariance = covariance_of_answers(both, answers, np.repeat([0, 1], s.design.size), 2)
    one = estimate_answers(s.design, s.answers)
    assert_allclose(np.sqrt(np.diag(covariance)[::2]), one["se"], rtol=1e-9, atol=1e-9)
    assert_allclose(np.nan_to_num(covariance[::2, 1::2]), 0, atol=1e-16)


def test_raking_shows_in_the_stack():
    """Each wave keeps its own margins: what they fix has no variance in either."""
    wave = cases.table("wave")
    raked = rake(wave["start"].to_numpy(), cases.margins())
    design = Design(
        raked.weights, wave["stratum"].to_numpy(), wave["psu"].to_numpy(),
        calibration=raked.calibration,
    )  # fmt: skip
    twice = stack(design, design, common=True)
    women = (wave["sex"] == 1).to_numpy()[:, None]
    _, influence = share_influence(
        twice, np.vstack([women] * 2), np.repeat(np.repeat([True, False], 900)[:, None], 1, axis=1)
    )
    assert Linearised(twice).variance(influence)[0] < 1e-20
