"""Replicate weights: the bootstrap and the jackknife made here, and any delivered in a file.

The linearised variance is exact, has no noise and costs a fraction (500 replicates scatter by some
3 %). Replicates are for statistics without an influence value, for files that come with them, and
as a check: each replicate repeats the whole weighting, so nothing about it needs to be derived.

A variance is scale · Σ_r s_r (θ_r - θ̄)(θ_r - θ̄)', with the scale and the factors s_r of the
method.

Sources
-------
Rao, J. N. K., Wu, C. F. J. & Yue, K. (1992), Survey Methodology 18, 209–217 (the rescaled bootstrap
with n_h - 1 draws). Wolter, K. (2007), Introduction to Variance Estimation, ch. 4 (the stratified
jackknife).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.answers import Answers
from survey_lib.statistics.arrays import Array, Floats
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import checked_groups, share_frame
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.raking import TOLERANCE, rake_replicates
from survey_lib.statistics.shares import Shares


@dataclass(frozen=True, eq=False)
class Replicates:
    """Weights of the whole sample and of each replicate.

    Attributes
    ----------
    weights : (n,) final weights.
    replicates : (n, R) final weights of each replicate.
    scale : multiplies the sum of squares.
    factors : (R,) of each replicate's square; None for ones.
    df : degrees of freedom; for delivered weights R - 1 where nothing better is known.
    centre : ``"replicates"`` takes squares about the replicates' mean (R's ``mse = FALSE``),
        ``"estimate"`` about the estimate.
    """

    weights: Array
    replicates: Array
    scale: float
    factors: Array | None = None
    df: int | None = None
    centre: Literal["replicates", "estimate"] = "replicates"

    def __post_init__(self) -> None:
        if self.replicates.ndim != 2 or len(self.replicates) != len(self.weights):
            raise ValueError("replicates must be persons × replicates, one row per weight")
        if self.factors is not None and len(self.factors) != self.replicates.shape[1]:
            raise ValueError(
                f"{len(self.factors)} factors for {self.replicates.shape[1]} replicates"
            )

    @property
    def degrees_of_freedom(self) -> int:
        return self.replicates.shape[1] - 1 if self.df is None else self.df

    def covariance(self, estimate: ArrayLike, replicated: ArrayLike) -> Floats:
        """(E, E) covariance from an estimate (E,) and its replicates (R, E)."""
        off = self._deviations(np.asarray(estimate, dtype=float), np.asarray(replicated))
        return np.asarray(off.T @ off)

    def variance(self, estimate: ArrayLike, replicated: ArrayLike) -> Floats:
        """Variances of an estimate of any shape from its replicates (R, …)."""
        off = self._deviations(np.asarray(estimate, dtype=float), np.asarray(replicated))
        return np.asarray(np.square(off).sum(axis=0))

    def apply(self, statistic: Callable[[Floats], ArrayLike]) -> tuple[Floats, Floats]:
        """A statistic of weights (n,), for the whole sample (E,) and the replicates (R, E)."""
        whole = np.atleast_1d(np.asarray(statistic(self.weights), dtype=float))
        each = [np.atleast_1d(statistic(column)) for column in self.replicates.T]
        return whole, np.array(each, dtype=float)

    def _deviations(self, estimate: Floats, replicated: Array) -> Floats:
        centre = replicated.mean(axis=0) if self.centre == "replicates" else estimate
        factors = np.ones(len(replicated)) if self.factors is None else np.asarray(self.factors)
        rooted = np.sqrt(self.scale * factors)
        return np.asarray((replicated - centre) * rooted.reshape(-1, *[1] * (replicated.ndim - 1)))


def bootstrap(
    design: Design,
    replicates: int,
    seed: int,
    *,
    margins: Sequence[Margin | tuple[Any, ...]] | None = None,
) -> Replicates:
    """Rao–Wu rescaled bootstrap: n_h - 1 units drawn with replacement in each stratum.

    The factor of a unit drawn r times is 1 - λ + λ r n_h/(n_h - 1), λ = √(1 - n_h/N_h); without a
    finite population correction r n_h/(n_h - 1).

    Parameters
    ----------
    design : ``calibration.start``, or ``weights`` without a calibration, are what is resampled.
    margins : raked to again in each replicate; needed when the design has a calibration.

    Raises
    ------
    EmptyCell
        A replicate in which nobody is left in a level; join it with a neighbour.
    """
    rng = np.random.default_rng(seed)
    drawn = np.bincount(design.unit_stratum, minlength=design.n_strata)
    factors = np.ones((design.n_units, replicates))
    shrink = np.sqrt(_remaining(design))
    for stratum in np.flatnonzero(drawn > 1):
        units = np.flatnonzero(design.unit_stratum == stratum)
        n = len(units)
        times = rng.multinomial(n - 1, np.full(n, 1 / n), size=replicates).T
        factors[units] = 1 - shrink[stratum] + shrink[stratum] * times * n / (n - 1)
    return _replicates(design, factors, margins, 1 / (replicates - 1), None)


def jackknife(
    design: Design, *, margins: Sequence[Margin | tuple[Any, ...]] | None = None
) -> Replicates:
    """Stratified jackknife (JKn): each primary unit left out once, its stratum's others raised.

    Parameters and errors as :func:`bootstrap`. R is the number of units: for clustered designs.
    """
    drawn = np.bincount(design.unit_stratum, minlength=design.n_strata)
    deleted = np.flatnonzero(drawn[design.unit_stratum] > 1)
    stratum = design.unit_stratum[deleted]
    n = drawn[stratum]
    same = design.unit_stratum[:, None] == stratum
    factors = np.where(same, n / (n - 1), 1.0)
    factors[deleted, np.arange(len(deleted))] = 0.0
    weight = (n - 1) / n * _remaining(design)[stratum]
    return _replicates(design, factors, margins, 1.0, weight)


def estimate_replicated_shares(
    replicates: Replicates,
    answers: Answers,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Shares of K indicators in G groups with replicate variances; columns as in
    :mod:`.estimation`.
    """
    weights = replicates.weights
    codes, n_groups = checked_groups(groups, n_groups, len(weights))
    shape = n_groups, answers.n_indicators
    found = {
        name: np.full(shape, np.nan)
        for name in ("share", "variance", "n", "count", "total", "kish")
    }
    for group in range(n_groups):
        rows = np.flatnonzero((codes == group) & (weights > 0))
        numerators, bases = (part.astype(float) for part in answers.expanded(rows))
        distinct, which = np.unique(bases, axis=1, return_inverse=True)
        w = np.column_stack([weights[rows], replicates.replicates[rows]])
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = (w.T @ numerators) / (w.T @ distinct)[:, which]
            found["n"][group] = bases.sum(axis=0)
            found["count"][group] = numerators.sum(axis=0)
            found["total"][group] = w[:, 0] @ bases
            found["share"][group] = shares[0]
            found["variance"][group] = replicates.variance(shares[0], shares[1:])
            found["kish"][group] = (
                found["n"][group] * (np.square(w[:, 0]) @ bases) / np.square(found["total"][group])
            )
    df = np.full(shape, replicates.degrees_of_freedom)
    count, n = found["count"], found["n"]
    share = np.where(
        n > 0, np.where(count == 0, 0.0, np.where(count == n, 1.0, found["share"])), np.nan
    )
    return share_frame(
        Shares(
            share,
            np.where((share == 0) | (share == 1), 0.0, found["variance"]),
            n.astype(np.int64),
            count.astype(np.int64),
            found["total"],
            found["kish"],
            df,
        ),
        confidence,
    )


def _remaining(design: Design) -> Floats:
    """(H,) 1 - n_h/N_h; checks lonely units by the design's policy."""
    design.stratum_factors  # noqa: B018  raises for lonely units and for a wrong fpc
    if design.fpc is None:
        return np.ones(design.n_strata)
    population = np.zeros(design.n_strata)
    population[design.stratum] = design.fpc
    return 1 - np.bincount(design.unit_stratum, minlength=design.n_strata) / population


def _replicates(
    design: Design,
    factors: Floats,
    margins: Sequence[Margin | tuple[Any, ...]] | None,
    scale: float,
    squares: Floats | None,
) -> Replicates:
    if design.calibration is not None and margins is None:
        raise ValueError("the design is calibrated: give the margins, to repeat it in replicates")
    start = design.weights if design.calibration is None else design.calibration.start
    weights = start[:, None] * factors[design.unit]
    if margins is not None:
        weights = rake_replicates(weights, margins, tolerance=TOLERANCE)
    df = int(design.degrees_of_freedom())
    return Replicates(design.weights, weights, scale, squares, df)
