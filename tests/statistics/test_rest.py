"""Every group against its rest at once, against the comparison of two groups, one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample, seeds, weightings

from survey_lib.statistics import rest
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.rest import compare_with_rest

PARTS = ("question", "numerator", "base")

references = st.sampled_from(
    [None, [True, True, False, True, True], [False, True, False, False, True]]
)


def one_by_one(s, groups, reference) -> pd.DataFrame:
    """The same by one comparison of two groups after the other."""
    numerators, bases = s.answers.expanded()
    reference = np.ones(5, bool) if reference is None else np.asarray(reference)
    frames = []
    for group in range(5):
        others = (groups >= 0) & reference[groups] & (groups != group)
        frame = compare_groups(s.design, numerators, bases, groups == group, others)
        frame.insert(1, "domain", group)
        frames.append(frame)
    return pd.concat(frames).sort_values(["indicator", "domain"], ignore_index=True)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    # a standard error of 0 (what the margins fix) is rounding in the one-by-one comparison, so that
    # its square, the variance, is what agrees
    for frame in (found, expected):
        frame["se"] = np.square(frame["se"])
    p = [frame.pop("p") for frame in (found, expected)]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12, atol=1e-12, check_dtype=False)
    np.testing.assert_allclose(*p, rtol=1e-8, atol=1e-12)


@given(seeds, weightings, st.booleans(), st.booleans(), references)
@settings(max_examples=40, deadline=None)
def test_all_at_once_is_one_by_one(seed, weighting, clustered, zeros, reference):
    s = sample(seed, clustered=clustered, weighting=weighting, zeros=zeros)
    found = compare_with_rest(s.design, s.answers, s.groups, 5, reference=reference)
    assert_same(found, one_by_one(s, s.groups, reference))


@pytest.mark.parametrize("clustered", [True, False])
def test_memory_blocks_change_nothing(monkeypatch, clustered):
    s = sample(5, clustered=clustered, weighting="raked")
    whole = compare_with_rest(s.design, s.answers, s.groups, 5)
    monkeypatch.setattr(rest, "TABLE_SIZE", 1)
    pd.testing.assert_frame_equal(
        compare_with_rest(s.design, s.answers, s.groups, 5), whole, rtol=1e-12
    )


def test_a_group_of_nobody_and_a_rest_of_nobody_have_no_difference():
    s = sample(6, clustered=True, weighting="raked")
    groups = np.where(s.groups == 3, -1, s.groups)
    found = compare_with_rest(s.design, s.answers, groups, 5)
    assert_same(found, one_by_one(s, groups, None))
    empty = found[found["domain"] == 3]
    assert (empty["n_first"] == 0).all() and (empty["n_second"] > 0).any()
    assert empty[["difference", "se", "low", "high"]].isna().all(axis=None)
    alone = compare_with_rest(s.design, s.answers, groups, 5, reference=np.arange(5) == 1)
    alone = alone[alone["domain"] == 1]
    assert (alone["n_second"] == 0).all()
    assert alone[["difference", "se", "low", "high", "p"]].isna().all(axis=None)


def test_a_reference_needs_a_flag_for_each_group_and_answers_one_row_each():
    s = sample(7, clustered=False, weighting="fixed")
    with pytest.raises(ValueError, match="reference must be 5 flags"):
        compare_with_rest(s.design, s.answers, s.groups, 5, reference=[True, False])
    short = Answers(s.answers.codes[1:], *(getattr(s.answers, name) for name in PARTS))
    with pytest.raises(ValueError, match="rows, weights"):
        compare_with_rest(s.design, short, s.groups, 5)
