"""Weights that meet known totals: raking to margins, and trimming with re-raking.

Raking (iterative proportional fitting; Deming & Stephan 1940, Annals of Mathematical Statistics 11,
427–444; as a calibration: Deville, Särndal & Sautory 1993, JASA 88, 1013–1020) multiplies the start
weights by one factor per level of each margin, w_i = d_i Π_m f_m(level of i in m), such that every
level's weighted total meets its target. The work is done on the cells of the cross of the margins,
whatever the number of persons.

The start weights always count. Convergence is the largest relative error of any level, and a
failure names the margin and the level furthest off. Linear, logit and bounded calibration, and
totals of continuous variables, are in :mod:`.generalised`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Floats
from survey_lib.statistics.codes import sum_sorted
from survey_lib.statistics.design import Calibration, checked_weights
from survey_lib.statistics.errors import EmptyCell, NotConverged
from survey_lib.statistics.margins import Cross, Margin, as_margins, check_targets

TOLERANCE = 1e-10
"""Largest relative error of a margin's level in published weights."""

BOUND_TOLERANCE = 1e-8
"""Largest relative excess of a trimmed weight over its bound after the last re-raking."""


@dataclass(frozen=True, eq=False)
class Raked:
    """Weights that meet the margins.

    Attributes
    ----------
    weights : (n,) final weights.
    factors : (n,) weights / start (1 where the start is 0).
    iterations : sweeps over the margins; with trimming, of all rakings together.
    margin_error : largest relative error of a level.
    calibration : what a :class:`~survey_lib.statistics.design.Design` needs to know of it.
    trimmed : number of persons whose weight lies at a bound.
    """

    weights: Floats
    factors: Floats
    iterations: int
    margin_error: float
    calibration: Calibration
    trimmed: int = 0


def rake(
    start: ArrayLike,
    margins: Sequence[Margin | tuple[Any, ...]],
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = 2000,
) -> Raked:
    """Multiply start weights by a factor per level of each margin until every total is met.

    Parameters
    ----------
    start : (n,) weights before raking, the d of the textbooks.
    margins : :class:`Margin`, or tuples of its fields in order.
    tolerance : largest relative error of any level.

    Raises
    ------
    BadWeights
        Start weights negative, missing or infinite.
    EmptyCell
        A level with a target above 0 and nobody (with a weight) in the sample.
    ContradictoryMargins
        Margins that cover everybody and whose targets have different sums.
    NotConverged
        Names the margin and the level furthest off.
    """
    start = checked_weights(start)
    margins = as_margins(margins)
    if not margins:
        raise ValueError("there is no margin to rake to")
    for margin in margins:
        if len(margin.codes) != len(start):
            raise ValueError(f"{margin.name} has {len(margin.codes)} rows, weights {len(start)}")
    crossed = Cross(margins)
    totals = crossed.totals(start)
    check_targets(crossed, totals, tolerance)
    factors, iterations, error = _raked_cells(crossed, totals, tolerance, max_iterations)
    personal = factors[crossed.cell]
    calibration = Calibration(crossed.cell, crossed.variables(), start)
    return Raked(start * personal, personal, iterations, error, calibration)


def trim(
    raked: Raked,
    margins: Sequence[Margin | tuple[Any, ...]],
    lower: float,
    upper: float,
    *,
    groups: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    max_cycles: int = 1000,
) -> Raked:
    """Bring weights within bounds and rake again, in turn, until both hold.

    Each step is the projection of the weights on one of two convex sets in the Kullback–Leibler
    sense, so the alternation converges to weights in both, if there are any.

    Parameters
    ----------
    raked : the result of :func:`rake` with the same margins.
    lower, upper : bounds as multiples of the mean weight, 0,3 and 3 for instance.
    groups : (n,) codes 0 … ; the mean is taken within each group. None takes the mean of all.

    Returns
    -------
    Raked with ``start`` and ``calibration`` of the first raking; ``trimmed`` counts the weights at
    a bound. Margins hold to ``tolerance``, bounds to a relative 1e-8.

    Raises
    ------
    NotConverged
        When no weights were found that meet both; says how many were outside the bounds.
    """
    if not 0 <= lower < 1 < upper:
        raise ValueError(f"the bounds {lower} and {upper} must lie on either side of 1")
    margins = as_margins(margins)
    crossed = Cross(margins)
    codes = np.zeros(len(raked.weights), dtype=np.intp) if groups is None else np.asarray(groups)
    weights, iterations, error = raked.weights, raked.iterations, raked.margin_error
    positive = weights > 0
    persons = np.maximum(np.bincount(codes, positive), 1)
    for _ in range(max_cycles):
        mean = (np.bincount(codes, weights) / persons)[codes]
        low, high = np.where(positive, lower * mean, 0.0), upper * mean
        outside = (weights < low * (1 - BOUND_TOLERANCE)) | (weights > high * (1 + BOUND_TOLERANCE))
        if not outside.any():
            at_bound = positive & ((weights <= low * (1 + 1e-6)) | (weights >= high * (1 - 1e-6)))
            start = raked.calibration.start
            factors = np.divide(weights, start, out=np.ones_like(weights), where=start > 0)
            return Raked(
                weights, factors, iterations, error, raked.calibration, int(at_bound.sum())
            )
        clipped = np.clip(weights, low, high)
        totals = crossed.totals(clipped)
        by_cell, sweeps, error = _raked_cells(crossed, totals, tolerance, 2000)
        weights, iterations = clipped * by_cell[crossed.cell], iterations + sweeps
    raise NotConverged(
        f"after {max_cycles} rounds of trimming to {lower}–{upper} times the mean weight and "
        f"raking, {int(outside.sum())} of {len(weights)} weights are still outside the bounds; "
        f"widen them or join levels of the margins"
    )


def rake_and_trim(
    start: ArrayLike,
    margins: Sequence[Margin | tuple[Any, ...]],
    *,
    bounds: tuple[float, float] | None = None,
    tolerance: float = TOLERANCE,
) -> Raked:
    """:func:`rake`, then, if ``bounds`` are given, :func:`trim` to them (multiples of the mean)."""
    raked = rake(start, margins, tolerance=tolerance)
    return raked if bounds is None else trim(raked, margins, *bounds, tolerance=tolerance)


def post_stratify(start: ArrayLike, margin: Margin | tuple[Any, ...]) -> Raked:
    """Raking to one margin: in each stratum d times its target over its start-weighted total.

    Raises what :func:`rake` raises.
    """
    return rake(start, [margin])


def declared(weights: ArrayLike, margins: Sequence[ArrayLike]) -> Calibration:
    """The calibration of weights that came already raked to known classifications.

    The weights before raking are unknown; the final ones stand in for them, as in R's
    ``calibrate.formula``.

    Parameters
    ----------
    margins : (n,) codes of each classification, -1 for persons in none of its levels.
    """
    weights = checked_weights(weights)
    levels = [int(np.max(codes)) + 1 for codes in margins]
    crossed = Cross(
        [
            Margin(np.asarray(codes), np.zeros(count))
            for codes, count in zip(margins, levels, strict=True)
        ]
    )
    return Calibration(crossed.cell, crossed.variables(), weights)


def rake_replicates(
    start: Floats,
    margins: Sequence[Margin | tuple[Any, ...]],
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = 2000,
) -> Floats:
    """Rake many columns of start weights (n, R) to the same margins at once; (n, R).

    Raises
    ------
    EmptyCell
        A level with a target and nobody with a weight in it, in some column.
    NotConverged
        Names the margin and level furthest off in any column.
    """
    crossed = Cross(as_margins(margins))
    order = np.argsort(crossed.cell, kind="stable")
    totals = sum_sorted(start[order], crossed.cell[order], crossed.size)
    factors = np.ones_like(totals)
    current = totals.copy()
    for _ in range(max_iterations + 1):
        worst, named = 0.0, ""
        for m, margin in enumerate(crossed.margins):
            rows, codes = crossed.membership[m], crossed.codes[m]
            by_code = np.argsort(codes, kind="stable")
            achieved = rows.T @ sum_sorted(current[by_code], codes[by_code], len(rows))
            targets = margin.targets[:, None]
            if ((achieved <= 0) & (targets > 0)).any():
                level, replicate = np.argwhere((achieved <= 0) & (targets > 0))[0]
                raise EmptyCell(
                    f"margin {margin.name}, level {margin.level_name(level)}: nobody in replicate "
                    f"{replicate}; join it with a neighbour"
                )
            off = np.abs(achieved - targets).max(axis=1) / np.where(targets > 0, targets, 1.0)[:, 0]
            if off.max(initial=0) > worst:
                worst = float(off.max())
                named = f"margin {margin.name}, level {margin.level_name(int(off.argmax()))}"
            step = np.divide(targets, achieved, out=np.ones_like(achieved), where=achieved > 0)
            with np.errstate(divide="ignore"):
                logs = np.log(step)
            mixed = rows[len(targets) : -1]
            mixtures = np.exp(mixed @ logs) if len(mixed) else np.empty((0, step.shape[1]))
            change = np.vstack([step, mixtures, np.ones_like(step[:1])])[codes]
            factors *= change
            current *= change
        if worst <= tolerance:
            return np.asarray(start * factors[crossed.cell])
    raise NotConverged(f"raking of replicates did not converge: {named} is off by {worst:.1e}")


def _raked_cells(
    crossed: Cross, totals: Floats, tolerance: float, max_iterations: int
) -> tuple[Floats, int, float]:
    """(cells,) factors that bring cell totals to the margins, sweeps used, largest error."""
    factors, margins = np.ones(crossed.size), crossed.margins
    for iteration in range(max_iterations + 1):
        errors = [crossed.errors(m, totals * factors) for m in range(len(margins))]
        largest = max(float(error.max(initial=0.0)) for error in errors)
        if largest <= tolerance:
            return factors, iteration, largest
        if iteration < max_iterations:
            for m in range(len(margins)):
                factors *= crossed.factors(m, totals * factors)
    worst = max(range(len(errors)), key=lambda m: errors[m].max(initial=0.0))
    level, margin = int(errors[worst].argmax()), margins[worst]
    raise NotConverged(
        f"raking did not converge in {max_iterations} sweeps: margin {margin.name}, level "
        f"{margin.level_name(level)} is off by {errors[worst][level]:.1e} (relative), the limit is "
        f"{tolerance:.0e}; the margins may contradict each other there"
    )
