"""Differences between shares: contrasts with their covariance, MOVER intervals, families of tests.

A difference of two shares is treated as carefully as a share. Its interval joins the two shares'
own intervals (l₁, u₁) and (l₂, u₂) with their correlation r (MOVER: Zou & Donner 2008, Statistics
in Medicine 27, 1693–1702; for r = 0 it is Newcombe's 1998 hybrid score interval, ibid. 17,
873–890):

    low  = d - √[(p₁ - l₁)² - 2 r (p₁ - l₁)(u₂ - p₂) + (u₂ - p₂)²]
    high = d + √[(u₁ - p₁)² - 2 r (u₁ - p₁)(p₂ - l₂) + (p₂ - l₂)²]

The p-value is 1 - c for the largest confidence c at which the interval excludes 0, so interval and
test always say the same. 0 of 40 against 3 of 45 has a standard error of 0 on one side; here both
sides have an interval, so the difference has one too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
import scipy  # loads scipy.special at its first use
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Array, Floats
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import share_influence
from survey_lib.statistics.intervals import effective_size, share_limits

Z_STEPS = 2.0, 3.0, 4.0, 6.0, 8.0
"""Normal quantiles between which a p-value is looked for, the nearest first. The last is that of
1e-15; beyond it a confidence rounds to 1."""


Method = Literal["list", "named", "none"]
"""How the p-values of a family are adjusted."""

Limits = tuple[Floats, Floats, Floats]
"""Estimates (K,) and the lower and upper limits of their intervals."""


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a comparison: what the interval of its shares needs; all arrays (K,)."""

    share: Floats
    variance: Floats
    n_effective: Floats
    n: Array
    df: Array

    def limits(self, confidence: ArrayLike) -> tuple[Array, Array]:
        return share_limits(self.share, self.n_effective, self.n, self.df, confidence)

    def at(self, which: Array) -> Side:
        """Some of the comparisons."""
        return Side(*(values[which] for values in vars(self).values()))


def compare_groups(
    design: Design,
    numerators: ArrayLike,
    bases: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Differences of shares between two groups of one sample, which may overlap.

    The covariance is that of the joint influence values, so a district against the rest of the
    city, or against the whole that it is part of, are both right.

    Parameters
    ----------
    numerators, bases : (n, K) bool.
    first, second : (n,) bool, the members of each group.

    Returns
    -------
    One row per indicator: ``indicator``, ``second`` with its interval ``second_low``,
    ``second_high``, ``difference`` (first - second), ``se``, ``low``, ``high``, ``p``, ``n_first``,
    ``n_second``, ``df`` (units minus strata of both groups together). NaN where a base is empty.

    See Also
    --------
    survey_lib.statistics.rest.compare_with_rest : each of many groups with all the others, at once.
    """
    numerators, bases = np.asarray(numerators, dtype=bool), np.asarray(bases, dtype=bool)
    linearised = design.linearised
    members = [np.asarray(group, dtype=bool)[:, None] for group in (first, second)]
    totals, sides = [], []
    for group in members:
        share, influence = share_influence(design, numerators, bases & group)
        total = linearised.unit_totals(influence)
        variance = np.maximum(linearised.covariances_of_totals(total, total), 0)
        totals.append(total)
        sides.append(side_of(design, bases & group, share, variance))
    covariance = linearised.covariances_of_totals(totals[0], totals[1])
    df = design.degrees_of_freedom(bases & (members[0] | members[1]))
    return difference_frame(sides[0], sides[1], covariance, df, confidence)


def compare_independent(
    first: pd.DataFrame, second: pd.DataFrame, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Differences between two separately sampled and calibrated designs (two waves, say).

    Parameters
    ----------
    first, second : frames of :func:`~survey_lib.statistics.estimation.estimate_shares`, rows
        aligned with each other.

    Returns
    -------
    As :func:`compare_groups`, ``indicator`` counting the rows; ``df`` is Welch–Satterthwaite's.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} rows against {len(second)}")
    sides = [
        Side(
            *(
                frame[name].to_numpy(dtype=float)
                for name in ("estimate", "se", "n_effective", "n", "df")
            )
        )
        for frame in (first, second)
    ]
    a, b = (
        Side(side.share, np.square(side.variance), side.n_effective, side.n, side.df)
        for side in sides
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = np.square(a.variance + b.variance) / (
            np.square(a.variance) / a.df + np.square(b.variance) / b.df
        )
    df = np.where(np.isfinite(welch), welch, np.minimum(a.df, b.df))
    return difference_frame(a, b, np.zeros(len(first)), df, confidence)


def difference_limits(
    first: Side, second: Side, correlation: ArrayLike, confidence: ArrayLike
) -> tuple[Array, Array]:
    """The MOVER interval of first - second (see the module's head)."""
    limits = first.limits(confidence), second.limits(confidence)
    low, high = mover((first.share, *limits[0]), (second.share, *limits[1]), correlation)
    return np.maximum(low, -1), np.minimum(high, 1)


def mover(first: Limits, second: Limits, correlation: ArrayLike) -> tuple[Array, Array]:
    """The MOVER interval of a difference of two estimates, each with its own two limits."""
    (one, low1, high1), (other, low2, high2) = first, second

    def joined(a: Floats, b: Floats) -> Floats:
        square = np.square(a) + np.square(b) - 2 * np.asarray(correlation) * a * b
        return np.sqrt(np.maximum(square, 0))

    difference = one - other
    low = difference - joined(one - low1, high2 - other)
    return low, difference + joined(high1 - one, other - low2)


def difference_p(first: Side, second: Side, correlation: ArrayLike) -> Array:
    """Two-sided p-values: 1 minus the confidence at which the MOVER interval reaches 0.

    The confidence is looked for by its normal quantile, so p is never below 1e-15; it is 1 where
    even an interval of confidence 0 holds 0.
    """
    difference = first.share - second.share
    correlation = np.broadcast_to(np.asarray(correlation, dtype=float), difference.shape)

    def excluded(z: Floats, which: Array) -> Floats:
        """By how much the interval stays clear of 0; negative when it holds 0."""
        sides = first.at(which), second.at(which)
        confidence = 1 - 2 * scipy.special.ndtr(-z)
        low, high = difference_limits(*sides, correlation[which], confidence)
        return np.where(difference[which] < 0, -high, low)

    p = np.where(np.isnan(difference), np.nan, 1.0)
    which = np.flatnonzero(~np.isnan(difference))
    start, at_start = 0.0, excluded(np.zeros(len(which)), which)
    for end in Z_STEPS:
        which, at_start = which[at_start > 0], at_start[at_start > 0]
        at_end = excluded(np.full(len(which), end), which)
        here = at_end <= 0
        z = _root(excluded, which[here], (start, end), at_start[here], at_end[here])
        p[which[here]] = 2 * scipy.special.ndtr(-z)
        start, at_start = end, at_end
    p[which[at_start > 0]] = 2 * scipy.special.ndtr(-start)
    return p


def _root(
    function: Callable[[Floats, Array], Floats],
    which: Array,
    between: tuple[float, float],
    starts: Floats,
    ends: Floats,
) -> Floats:
    """Where falling functions pass 0 between two points, to 1e-12 (Chandrupatla 1997, Advances in
    Engineering Software 28, 145–149: inverse quadratic steps where they are safe, else halving).

    ``function(x, which)`` gives the functions ``which`` at the points x; ``starts`` > 0 and
    ``ends`` <= 0 are their values at the two points.
    """
    root = np.zeros(len(which))
    left = np.arange(len(which))  # those not found yet
    x1, f1, x2, f2 = np.full(len(which), between[1]), ends, np.full(len(which), between[0]), starts
    step = np.full(len(which), 0.5)
    while len(left):
        x = x1 + step * (x2 - x1)
        f = function(x, which[left])
        same = (f > 0) == (f1 > 0)
        x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
        x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
        x1, f1 = x, f
        smallest = 1e-12 / np.maximum(np.abs(x2 - x1), 1e-300)
        found = (smallest > 0.5) | (f1 == 0)
        root[left[found]] = np.where(f1 >= 0, x1, x2)[found]
        with np.errstate(invalid="ignore", divide="ignore"):
            xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
            safe = (np.square(phi) < xi) & (np.square(1 - phi) < 1 - xi)
            step = f1 / (f2 - f1) * f3 / (f2 - f3)
            step += (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        step = np.where(safe & np.isfinite(step), step, 0.5)
        step = np.clip(step, smallest, 1 - smallest)
        going = ~found
        left, step = left[going], step[going]
        x1, f1, x2, f2 = x1[going], f1[going], x2[going], f2[going]
    return root


def adjust(p: ArrayLike, method: Method) -> Array:
    """p-values adjusted for the family they belong to; NaN stays NaN and isn't counted.

    ``"list"``: Benjamini–Hochberg (1995), for tables and lists: of what is called significant at
    5 %, at most 5 % is false on average. ``"named"``: Holm (1979), for a few indicators named
    beforehand: the chance of any false one is at most 5 %. ``"none"``: as they are, each with a
    chance of 5 % to be false.
    """
    if method not in get_args(Method):
        raise ValueError(f"method is {method!r}, not one of {', '.join(get_args(Method))}")
    p = np.array(p, dtype=float)
    if method == "none":
        return p
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    m, rank = len(order), np.arange(1, len(order) + 1)
    if method == "named":
        grown = np.maximum.accumulate(p[order] * (m + 1 - rank))
    else:
        grown = np.minimum.accumulate((p[order] * m / rank)[::-1])[::-1]
    p[order] = np.minimum(grown, 1)
    return p


def side_of(design: Design, bases: Array, share: Floats, variance: Floats) -> Side:
    """Shares (K,) and their variances as one side of a comparison; ``bases`` (n, K)."""
    w = design.weights
    counted = bases & (w > 0)[:, None]
    n = counted.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        kish = n * (np.square(w) @ counted) / np.square(w @ counted)
    n_effective = effective_size(share, variance, n, kish)
    return Side(share, variance, n_effective, n, design.degrees_of_freedom(bases))


def difference_frame(
    first: Side, second: Side, covariance: Floats, df: Array, confidence: float
) -> pd.DataFrame:
    """Differences first - second as a frame, from the covariances (K,) of the two sides' shares;
    columns as of :func:`compare_groups`.
    """
    correlation = correlation_of(first, second, covariance)
    low, high = difference_limits(first, second, correlation, confidence)
    difference = first.share - second.share
    variance = np.maximum(first.variance + second.variance - 2 * covariance, 0)
    second_low, second_high = second.limits(confidence)
    return pd.DataFrame(
        {
            "indicator": np.arange(len(first.share)),
            "second": second.share,
            "second_low": second_low,
            "second_high": second_high,
            "difference": difference,
            "se": np.where(np.isnan(difference), np.nan, np.sqrt(variance)),
            "low": low,
            "high": high,
            "p": difference_p(first, second, correlation),
            "n_first": first.n.astype(np.int64),
            "n_second": second.n.astype(np.int64),
            "df": df,
        }
    )


def correlation_of(first: Side, second: Side, covariance: Floats) -> Floats:
    """Correlations (K,) of the two sides' shares; 0 where a share is 0 or 1."""
    spread = np.sqrt(first.variance * second.variance)
    for side in (first, second):
        spread[(side.share == 0) | (side.share == 1)] = 0  # a variance of 0, whatever rounding left
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, np.clip(covariance / spread, -1, 1), 0.0)
