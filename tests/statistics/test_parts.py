"""Each part against its complement inside a whole, against the comparison of two groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sample, seeds, weightings
from scipy import special

from survey_lib.statistics import parts
from survey_lib.statistics.comparison import Side, compare_groups, difference_limits, difference_p
from survey_lib.statistics.intervals import effective_size
from survey_lib.statistics.parts import compare_parts

WHOLES, PARTS = 3, 5


def one_by_one(s, wholes) -> pd.DataFrame:
    """The same by one comparison of two groups after the other."""
    numerators, bases = s.answers.expanded()
    frames = []
    for whole in range(WHOLES):
        inside = wholes == whole
        for part in range(PARTS):
            here = inside & (s.groups == part)
            frame = compare_groups(s.design, numerators, bases, here, inside & ~here)
            frames.append(frame.assign(whole=whole, part=part))
    found = pd.concat(frames, ignore_index=True)
    return found.sort_values(["whole", "indicator", "part"], ignore_index=True)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    # what the margins fix has a standard error of 0, and rounding one by one: variances agree
    found, expected = (f.assign(se=np.square(f["se"])) for f in (found, expected[found.columns]))
    p = [frame.pop("p") for frame in (found, expected)]
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10, atol=1e-12, check_dtype=False)
    np.testing.assert_allclose(*p, rtol=1e-7, atol=1e-10)


@given(seeds, weightings, st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_all_at_once_is_one_by_one(seed, weighting, clustered, zeros):
    s = sample(seed, clustered=clustered, weighting=weighting, zeros=zeros)
    wholes = np.random.default_rng(seed).integers(-1, WHOLES, s.design.size)
    found = compare_parts(s.design, s.answers, wholes, WHOLES, s.groups, PARTS)
    assert_same(found, one_by_one(s, wholes))


def test_memory_blocks_and_a_whole_of_nobody_change_nothing(monkeypatch):
    s = sample(5, clustered=False, weighting="raked")
    wholes = np.where(np.arange(s.design.size) % 2, 0, 2)
    found = compare_parts(s.design, s.answers, wholes, WHOLES, s.groups, PARTS)
    nobody = found[found["whole"] == 1]
    assert len(nobody) == 8 * PARTS and (nobody["n_first"] == 0).all()
    assert nobody[["difference", "se", "p"]].isna().all(axis=None)
    monkeypatch.setattr(parts, "TABLE_SIZE", 1)
    again = compare_parts(s.design, s.answers, wholes, WHOLES, s.groups, PARTS)
    pd.testing.assert_frame_equal(again, found, rtol=1e-12)


def test_persons_in_no_part_are_in_every_complement():
    s = sample(6, clustered=False, weighting="raked")
    whole = np.zeros(s.design.size, dtype=int)
    found = compare_parts(s.design, s.answers, whole, 1, s.groups, PARTS)
    both = (found["n_first"] + found["n_second"]).groupby(found["indicator"])
    assert (s.groups == -1).any() and (both.nunique() == 1).all()
    assert both.first()[1] == s.answers.expanded()[1][:, 1].sum()


def test_answers_have_one_row_each():
    s = sample(7, clustered=False, weighting="fixed")
    with pytest.raises(ValueError, match="rows, weights"):
        compare_parts(s.design, sample(8, clustered=False, weighting="fixed").answers, s.groups, 5,
                      s.groups, 5)  # fmt: skip


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_p_is_where_the_interval_reaches_0(seed):
    """The p-values, found by root-finding, against plain halving."""
    rng = np.random.default_rng(seed)
    sides = []
    for _ in range(2):
        n = rng.integers(30, 900, 60)
        share = rng.binomial(n, rng.uniform(0, 1, 60)) / n
        variance = share * (1 - share) / n * rng.uniform(0.7, 2, 60)
        size = effective_size(share, variance, n, rng.uniform(1, 1.5, 60))
        sides.append(Side(share, variance, size, n, n - 1))
    spread = sides[0].variance * sides[1].variance
    correlation = np.where(spread > 0, rng.uniform(-0.5, 0.5, 60), 0.0)
    inside, outside = np.zeros(60), np.full(60, 8.0)
    for _ in range(60):
        z = (inside + outside) / 2
        low, high = difference_limits(*sides, correlation, 1 - 2 * special.ndtr(-z))
        excludes = (low > 0) | (high < 0)
        inside, outside = np.where(excludes, z, inside), np.where(excludes, outside, z)
    found = difference_p(*sides, correlation)
    np.testing.assert_allclose(found, 2 * special.ndtr(-inside), rtol=1e-8, atol=1e-14)
