"""Sums of parts added up, against the estimators that see all persons at once."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample, seeds, weightings

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.by_part import divide, sums_of_part
from survey_lib.statistics.covariance import covariance_of_answers
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.estimation import estimate_answers, share_frame
from survey_lib.statistics.rest import compare_with_rest

PARTS = 3


def country(seed: int, clustered: bool, weighting: str, zeros: bool = False):
    """Three areas sampled and calibrated one by one; the whole sample, and whose part each is."""
    made = [
        sample(seed + i, clustered=clustered, weighting=weighting, zeros=zeros)
        for i in range(PARTS)
    ]
    indicators = made[0].answers
    sizes = [one.design.size for one in made]
    part = np.repeat(np.arange(PARTS), sizes)
    calibration = None
    if weighting != "fixed":
        members = [np.flatnonzero(part == i) for i in range(PARTS)]
        calibration = Calibration.join([s.design.calibration for s in made], members, sum(sizes))
    design = Design(
        np.concatenate([one.design.weights for one in made]),
        np.concatenate([one.design.strata for one in made]) + 10 * part,
        np.concatenate([one.design.psu for one in made]) if clustered else None,
        calibration=calibration,
        lonely_psu="adjust",
    )
    answers = replace(indicators, codes=np.concatenate([one.answers.codes for one in made]))
    return design, answers, np.concatenate([one.groups for one in made]), part


def added(design: Design, answers: Answers, groups: np.ndarray, n: int, part: np.ndarray):
    """Part by part, each pickled as it would be on its way between machines."""
    sums = [
        pickle.loads(
            pickle.dumps(
                sums_of_part(own, replace(answers, codes=answers.codes[rows]), groups[rows], n)
            )
        )
        for rows, own in divide(design, part, PARTS)
    ]
    return reduce(add, reversed(sums))


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    found, expected = found.copy(), expected.copy()
    for frame in (found, expected):  # where the margins fix a share, its variance is rounding
        frame["se"] = np.square(frame["se"])
    rough = [name for name in ("p",) if name in expected]
    for name in rough:
        np.testing.assert_allclose(found.pop(name), expected.pop(name), rtol=1e-8, atol=1e-12)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12, atol=1e-12, check_dtype=False)


@given(seeds, weightings, st.booleans(), st.booleans())
@settings(max_examples=15, deadline=None)
def test_shares_and_their_covariance(seed, weighting, clustered, zeros):
    """In groups that lie in all parts, and in the whole."""
    design, answers, groups, part = country(seed, clustered, weighting, zeros)
    for codes, n in ((groups, 5), (np.zeros_like(groups), 1)):
        sums = added(design, answers, codes, n, part)
        assert_same(share_frame(sums.shares), estimate_answers(design, answers, codes, n))
        _, together = covariance_of_answers(design, answers, codes, n)
        k = answers.n_indicators
        together = together.reshape(k, n, k, n)
        for group in range(n):
            np.testing.assert_allclose(
                sums.covariance_of_shares(group),
                together[:, group, :, group],
                rtol=1e-9,
                atol=1e-14,
            )


@given(seeds, weightings, st.booleans())
@settings(max_examples=15, deadline=None)
def test_every_area_against_the_rest(seed, weighting, clustered):
    design, answers, _, part = country(seed, clustered, weighting)
    found = added(design, answers, part, PARTS, part).compare_with_rest()
    assert_same(found, compare_with_rest(design, answers, part, PARTS))


def test_parts_that_belong_together_are_refused():
    design, answers, groups, part = country(3, False, "raked")
    with pytest.raises(ValueError, match="stratum"):
        list(divide(design, groups % PARTS, PARTS))
    joined = replace(design, strata=np.arange(design.size) // 2 + 1000 * part)
    one = replace(joined.calibration, variables=np.ones((len(joined.calibration.variables), 1)))
    with pytest.raises(ValueError, match="calibrated"):
        list(divide(replace(joined, calibration=one), part, PARTS))
    with pytest.raises(ValueError, match="one part"):
        added(design, answers, groups, 5, part).compare_with_rest()
    with pytest.raises(ValueError, match="average"):
        sums_of_part(replace(design, lonely_psu="average"), answers, groups, 5)
