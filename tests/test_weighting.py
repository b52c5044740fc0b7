"""Weights: collapsing, unknown categories, stops. Raking itself is tested with the statistics."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from survey_lib.weighting import collapse


def test_small_neighbours_are_joined_along_the_ordered_variable():
    counts = np.array([[5, 40], [18, 40], [30, 40], [30, 3]])
    groups = collapse(counts, 20)
    # women: 5 joins 18 (23); men: the last 3 joins its only neighbour
    assert groups[0, 0] == groups[1, 0] != groups[2, 0] != groups[3, 0]
    assert groups[2, 1] == groups[3, 1]
    assert len({groups[0, 1], groups[1, 1], groups[2, 1]}) == 3
    assert not set(groups[:, 0]) & set(groups[:, 1])


def test_a_smallest_cell_joins_its_smaller_neighbour():
    assert collapse(np.array([30, 5, 25]), 20).tolist() == [0, 1, 1]


def test_a_column_too_small_to_stand_alone_is_joined_with_the_others():
    counts = np.array([[4, 30], [4, 30]])
    assert collapse(counts, 20).tolist() == [[0, 0], [1, 1]]


def test_nothing_is_joined_when_every_cell_is_large_enough():
    assert collapse(np.full((3, 2), 20), 20).tolist() == [[0, 3], [1, 4], [2, 5]]


@given(
    hnp.arrays(
        np.int64, st.tuples(st.integers(1, 7), st.integers(1, 3)), elements=st.integers(0, 60)
    )
)
def test_collapsed_cells_are_large_enough_or_cannot_be_larger(counts):
    groups = collapse(counts, 20)
    sizes = np.bincount(groups.ravel(), weights=counts.ravel())
    assert sizes.sum() == counts.sum()
    assert set(groups.ravel()) == set(range(groups.max() + 1))
    assert (sizes >= 20).all() or groups.max() == 0 or len(sizes) == 1
    for column in groups.T:  # only neighbours are joined
        assert (np.diff(column) >= 0).all()
