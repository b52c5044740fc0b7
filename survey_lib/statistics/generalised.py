"""Calibration to any totals, also continuous ones, by the distance of one's choice.

Weights w_i = d_i F(x_i'λ) with Σ w_i x_i = T (Deville & Särndal 1992, JASA 87, 376–382):

=============  ==========================================  ==================================
kind           F(u)                                        weights
=============  ==========================================  ==================================
``linear``     1 + u                                       those of the regression estimator;
                                                           may become negative
``raking``     exp(u)                                      positive; raking, for margins
``logit``      (L(U-1) + U(1-L)e^{Au}) /                   d times something in (L, U)
               ((U-1) + (1-L)e^{Au}),
               A = (U-L)/((1-L)(U-1))
=============  ==========================================  ==================================

With bounds, ``linear`` and ``raking`` are cut at L and U. All are asymptotically the regression
estimator, so the variance is that of its residuals whatever the kind (their result 5).

Margins of classes alone are met faster by :func:`survey_lib.statistics.raking.rake`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Codes, Floats
from survey_lib.statistics.design import Calibration, checked_weights
from survey_lib.statistics.errors import NotConverged
from survey_lib.statistics.raking import TOLERANCE, Raked

Kind = Literal["linear", "raking", "logit"]


def calibrate(
    start: ArrayLike,
    variables: ArrayLike,
    totals: ArrayLike,
    *,
    kind: Kind,
    bounds: tuple[float, float] | None = None,
    cell: Codes | None = None,
    names: Sequence[str] | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = 100,
) -> Raked:
    """Weights close to the start weights that meet the totals of the calibration variables.

    Parameters
    ----------
    start : (n,) weights before calibration.
    variables : (n, q), or (cells, q) when ``cell`` gives each person's cell. The count of persons
        is a variable of ones. Linear dependence is allowed as long as the totals agree with it.
    totals : (q,) population totals.
    bounds : L and U, limits of w/d with L < 1 < U; needed by ``logit``.
    names : of the variables, for messages.
    tolerance : largest difference of any total, relative to the larger of the total and the
        start weights' total of absolute values.

    Returns
    -------
    Raked; ``trimmed`` counts the weights at a bound (not for ``logit``, whose bounds are never
    met).

    Raises
    ------
    NotConverged
        Names the variable furthest off: contradictory totals, or bounds too narrow.
    """
    start = checked_weights(start)
    x = np.asarray(variables, dtype=float)
    target = np.asarray(totals, dtype=float)
    if x.ndim != 2 or target.shape != (x.shape[1],):
        raise ValueError(f"variables have shape {x.shape}, totals {target.shape}")
    if not (np.isfinite(x).all() and np.isfinite(target).all()):
        raise ValueError("variables and totals must be finite")
    cell = np.arange(len(start)) if cell is None else np.asarray(cell, dtype=np.intp)
    if len(cell) != len(start) or (len(cell) and cell.max() >= len(x)):
        raise ValueError(f"{len(x)} rows of variables do not cover {len(start)} persons")
    distance = _Distance(kind, bounds)
    d = np.bincount(cell, start, minlength=len(x))
    size = np.maximum(np.abs(target), d @ np.abs(x))
    size[size == 0] = 1.0
    scaled, aim = x / size, target / size

    multipliers = np.zeros(len(target))
    factors = distance.value(scaled @ multipliers)
    off = scaled.T @ (d * factors) - aim
    iterations = 0
    while np.abs(off).max(initial=0) > tolerance and iterations < max_iterations:
        iterations += 1
        slope = d * distance.slope(scaled @ multipliers)
        step = np.linalg.lstsq((scaled.T * slope) @ scaled, off, rcond=1e-12)[0]
        for _ in range(40):  # halve the step until it helps
            trial = multipliers - step
            with np.errstate(over="ignore", invalid="ignore"):
                trial_factors = distance.value(scaled @ trial)
                trial_off = scaled.T @ (d * trial_factors) - aim
            if np.isfinite(trial_off).all() and (trial_off @ trial_off) < (off @ off):
                break
            step = step / 2
        else:
            break
        multipliers, factors, off = trial, trial_factors, trial_off
    error = float(np.abs(off).max(initial=0))
    if error > tolerance:
        worst = int(np.abs(off).argmax())
        raise NotConverged(
            f"{kind} calibration did not converge in {iterations} steps: the total of "
            f"{names[worst] if names is not None else f'variable {worst}'} is off by {error:.1e} "
            f"(relative), the limit is {tolerance:.0e}; the totals may contradict each other"
            + ("" if bounds is None else f", or the bounds {bounds} be too narrow")
        )
    personal = factors[cell]
    at_bound = 0 if kind == "logit" else distance.at_bound(personal[start > 0])
    return Raked(
        start * personal, personal, iterations, error, Calibration(cell, x, start), at_bound
    )


class _Distance:
    """F and its derivative for a kind and bounds."""

    def __init__(self, kind: Kind, bounds: tuple[float, float] | None):
        if kind not in ("linear", "raking", "logit"):
            raise ValueError(f"kind is {kind!r}, not 'linear', 'raking' or 'logit'")
        if kind == "logit" and bounds is None:
            raise ValueError("logit calibration needs bounds")
        if bounds is not None and not bounds[0] < 1 < bounds[1]:
            raise ValueError(f"the bounds {bounds} must lie on either side of 1")
        self.kind = kind
        self.low, self.high = (-np.inf, np.inf) if bounds is None else bounds

    def value(self, u: Floats) -> Floats:
        if self.kind == "logit":
            low, high = self.low, self.high
            odds = np.exp(np.clip(self._steepness() * u, -500, 500))
            top = low * (high - 1) + high * (1 - low) * odds
            return np.asarray(top / ((high - 1) + (1 - low) * odds))
        return np.clip(1 + u if self.kind == "linear" else np.exp(u), self.low, self.high)

    def slope(self, u: Floats) -> Floats:
        value = self.value(u)
        if self.kind == "logit":
            share = (value - self.low) * (self.high - value)
            return np.asarray(self._steepness() * share / (self.high - self.low))
        free = (value > self.low) & (value < self.high)
        return np.where(free, 1.0 if self.kind == "linear" else value, 0.0)

    def at_bound(self, factors: Floats) -> int:
        return int(((factors <= self.low) | (factors >= self.high)).sum())

    def _steepness(self) -> float:
        return (self.high - self.low) / ((1 - self.low) * (self.high - 1))
