"""The change in one group beside the change in another: a difference in differences.

Two samples stand as one (:func:`.covariance.stack`), so that whatever they share, units or a
calibration, is in the joint covariance of the four shares: inside and beside, later and earlier.
Samples drawn independently are the case where the earlier and the later are uncorrelated.

Each change has the MOVER interval of :mod:`.comparison`. The difference between the two changes
joins their intervals in the same way, with the correlation of the changes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Floats
from survey_lib.statistics.comparison import (
    Limits,
    Side,
    correlation_of,
    difference_limits,
    mover,
    side_of,
)
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import share_influence

DIFFERENCE = np.array([1.0, -1.0, -1.0, 1.0])  # (inside: later - earlier) - (beside: the same)


def compare_changes(
    design: Design,
    numerators: ArrayLike,
    bases: ArrayLike,
    inside: ArrayLike,
    beside: ArrayLike,
    later: ArrayLike,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The change of each share inside, beside, and how much larger the first is.

    Parameters
    ----------
    design : two samples as one.
    numerators, bases : (n, K) bool.
    inside, beside : (n,) bool, the members of the two groups.
    later : (n,) bool, who is in the later sample.

    Returns
    -------
    One row per indicator: ``inside, inside_low, inside_high`` (the change there), ``beside,
    beside_low, beside_high``, ``difference, se, low, high`` (of the changes), and of the group
    beside its shares ``first, first_low, first_high`` (later) and ``second, …``, ``n_first,
    n_second`` and unweighted numerators ``count_first, count_second``. NaN where a base is empty.
    """
    numerators, bases = np.asarray(numerators, dtype=bool), np.asarray(bases, dtype=bool)
    late = np.asarray(later, dtype=bool)
    groups = [
        (np.asarray(group, dtype=bool) & when)[:, None]
        for group in (inside, beside)
        for when in (late, ~late)
    ]
    linearised = design.linearised
    sides, totals = [], []
    for group in groups:
        share, influence = share_influence(design, numerators, bases & group)
        total = linearised.unit_totals(influence)
        variance = np.maximum(linearised.covariances_of_totals(total, total), 0)
        sides.append(side_of(design, bases & group, share, variance))
        totals.append(total)
    covariance = np.array(
        [[linearised.covariances_of_totals(a, b) for b in totals] for a in totals]
    )
    here = _change(sides[0], sides[1], covariance[0, 1], confidence)
    there = _change(sides[2], sides[3], covariance[2, 3], confidence)
    spread = np.sqrt(_variance(covariance[:2, :2]) * _variance(covariance[2:, 2:]))
    crossed = covariance[0, 2] - covariance[0, 3] - covariance[1, 2] + covariance[1, 3]
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.where(spread > 0, np.clip(crossed / spread, -1, 1), 0.0)
    low, high = mover(here, there, correlation)
    variance = np.einsum("i,ijk,j->k", DIFFERENCE, covariance, DIFFERENCE)
    later_limits, earlier_limits = (side.limits(confidence) for side in sides[2:])
    counts = [(numerators & group & (design.weights > 0)[:, None]).sum(axis=0) for group in groups]
    columns = {
        **dict(zip(("inside", "inside_low", "inside_high"), here, strict=True)),
        **dict(zip(("beside", "beside_low", "beside_high"), there, strict=True)),
        "difference": here[0] - there[0],
        "se": np.where(np.isnan(here[0] - there[0]), np.nan, np.sqrt(np.maximum(variance, 0))),
        "low": low,
        "high": high,
        "first": sides[2].share,
        **dict(zip(("first_low", "first_high"), later_limits, strict=True)),
        "second": sides[3].share,
        **dict(zip(("second_low", "second_high"), earlier_limits, strict=True)),
        "n_first": sides[2].n,
        "n_second": sides[3].n,
        "count_first": counts[2],
        "count_second": counts[3],
    }
    return pd.DataFrame(columns)


def _change(later: Side, earlier: Side, covariance: Floats, confidence: float) -> Limits:
    correlation = correlation_of(later, earlier, covariance)
    low, high = difference_limits(later, earlier, correlation, confidence)
    return later.share - earlier.share, low, high


def _variance(covariance: Floats) -> Floats:
    """(K,) of the difference of two shares, from their covariances (2, 2, K)."""
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return np.asarray(np.maximum(variance, 0))
