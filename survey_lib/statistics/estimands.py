"""Means, totals, ratios, quantiles and index scores, with design-based standard errors.

Shares have a module of their own, for their speed and their intervals (:mod:`.estimation`). What is
here is written as the textbook has it: an estimate, its influence values, their variance
(:mod:`.variance`). The influence values are public, since with them the covariance of any set of
estimates is one call: ``Linearised(design).covariance(np.hstack([…]))``.

======== ======================= =======================================  ================
estimand θ                       influence value in the domain            interval
======== ======================= =======================================  ================
mean     Σ w y / Σ w             (y - θ)/Σ w                              θ ± t s
total    Σ w y                   y                                        θ ± t s
ratio    Σ w y / Σ w x           (y - θ x)/Σ w x                          θ ± t s
quantile inf{q: F(q) ≥ p}        -                                        Woodruff
======== ======================= =======================================  ================

(Särndal, Swensson & Wretman 1992, sections 5.5–5.11; Woodruff 1952, JASA 47, 635–646.) An influence
value outside the domain is 0; the person stays in the design.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Flags, Floats
from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import checked_groups
from survey_lib.statistics.intervals import t_quantile


def mean_influence(design: Design, values: ArrayLike, members: Flags) -> tuple[Floats, Floats]:
    """Means (K,) of values (n, K) among members (n,) bool, and influence values (n, K).

    NaN among the values is outside the base of its column.
    """
    values, inside = _columns(values, members)
    total = design.weights @ inside
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (design.weights @ values) / np.where(total > 0, total, np.nan)
        influence = inside * (values - mean) / total
    return mean, np.nan_to_num(influence)


def total_influence(design: Design, values: ArrayLike, members: Flags) -> tuple[Floats, Floats]:
    """Totals (K,) of values (n, K) among members, and influence values (n, K)."""
    values, _ = _columns(values, members)
    return design.weights @ values, values


def ratio_influence(
    design: Design, values: ArrayLike, others: ArrayLike, members: Flags
) -> tuple[Floats, Floats]:
    """Ratios (K,) of totals of values to totals of others, both (n, K), and influence values (n,
    K).

    A person counts where both are known.
    """
    both = np.asarray(values, dtype=float) + np.asarray(others, dtype=float)
    y, _ = _columns(np.where(np.isnan(both), np.nan, values), members)
    x, _ = _columns(np.where(np.isnan(both), np.nan, others), members)
    total = design.weights @ x
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (design.weights @ y) / np.where(total != 0, total, np.nan)
        influence = (y - ratio * x) / total
    return ratio, np.nan_to_num(influence, posinf=0.0, neginf=0.0)


def estimate_means(
    design: Design,
    values: ArrayLike,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Means of K variables in G groups.

    Parameters
    ----------
    values : (n, K); NaN is outside the base.
    groups : (n,) 0 … n_groups-1, -1 for none; None for one group of all.

    Returns
    -------
    K × G rows with the columns of :mod:`.estimation`; ``n_effective`` = s²/V with s² the weighted
    variance of the variable, ``deff`` = n/n_effective. ``count`` is not defined here.
    """
    values = _two_dimensional(values)

    def spread(members: Flags) -> Floats:
        mean, _ = mean_influence(design, values, members)
        known, inside = _columns(values, members)
        counted = inside & (design.weights > 0)[:, None]
        n = counted.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            square = design.weights @ (inside * np.square(known - mean))
            return np.asarray(square / (design.weights @ inside) * n / (n - 1))

    return _frame(
        design,
        values,
        lambda members: mean_influence(design, values, members),
        groups,
        n_groups,
        confidence,
        spread,
    )


def estimate_totals(
    design: Design,
    values: ArrayLike,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Totals of K variables in G groups; parameters and columns as :func:`estimate_means`.

    A person of unknown value (NaN) counts as 0: totals of partly unknown variables are too low.
    """
    values = _two_dimensional(values)
    return _frame(
        design,
        values,
        lambda members: total_influence(design, values, members),
        groups,
        n_groups,
        confidence,
    )


def estimate_ratios(
    design: Design,
    values: ArrayLike,
    others: ArrayLike,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Ratios of K pairs of totals in G groups, over persons for whom both are known."""
    values, others = _two_dimensional(values), _two_dimensional(others)
    return _frame(
        design,
        values + others,
        lambda members: ratio_influence(design, values, others, members),
        groups,
        n_groups,
        confidence,
    )


def estimate_quantiles(
    design: Design,
    values: ArrayLike,
    probability: float,
    groups: ArrayLike | None = None,
    n_groups: int | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """One quantile of K variables in G groups: the smallest value q with F(q) ≥ probability.

    The interval is Woodruff's: F's Wald interval at q, p ± t s, read back through F. ``se`` is its
    length over 2 t. Both as R's ``svyquantile(qrule = "math", interval.type = "mean")``.
    """
    if not 0 < probability < 1:
        raise ValueError(f"the probability {probability} must lie between 0 and 1")
    values = _two_dimensional(values)
    codes, n_groups = checked_groups(groups, n_groups, design.size)
    linearised = design.linearised
    rows = []
    for column in values.T:
        for group in range(n_groups):
            inside = (codes == group) & ~np.isnan(column) & (design.weights > 0)
            df = int(design.degrees_of_freedom(inside))
            row = {"n": int(inside.sum()), "total": design.weights[inside].sum(), "df": df}
            if inside.any():
                inverse = _Inverse(column[inside], design.weights[inside])
                found = inverse(probability)
                below = np.where(inside, (column <= found).astype(float), np.nan)[:, None]
                share, influence = mean_influence(design, below, inside)
                t = float(t_quantile(confidence, df))
                half = t * float(np.sqrt(linearised.variance(influence)[0]))
                low, high = inverse(share[0] - half), inverse(share[0] + half)
                row |= {"estimate": found, "se": (high - low) / (2 * t), "low": low, "high": high}
            rows.append(row)
    k = values.shape[1]
    frame = pd.DataFrame(rows, columns=["estimate", "se", "low", "high", "n", "total", "df"])
    frame.insert(0, "domain", np.tile(np.arange(n_groups), k))
    frame.insert(0, "indicator", np.repeat(np.arange(k), n_groups))
    return frame.assign(n_effective=np.nan, deff=np.nan, interval="woodruff")


def index_scores(codes: ArrayLike, worst: ArrayLike, best: ArrayLike, *, at_least: int) -> Floats:
    """An index of several items: each rescaled to 0 (worst) … 100 (best), then the person's mean.

    Parameters
    ----------
    codes : (n, J) scale points; NaN is no valid answer.
    worst, best : (J,) the codes that give 0 and 100, in either order.
    at_least : valid answers that a person needs; with fewer the score is NaN.

    Returns
    -------
    (n,) scores, for :func:`estimate_means`.
    """
    codes = _two_dimensional(codes)
    worst, best = np.asarray(worst, dtype=float), np.asarray(best, dtype=float)
    if worst.shape != (codes.shape[1],) or best.shape != worst.shape or (worst == best).any():
        raise ValueError("each item needs a worst and a best code that differ")
    points = 100 * (codes - worst) / (best - worst)
    if (points < 0).any() or (points > 100).any():
        raise ValueError("a code lies outside its item's worst and best")
    valid = ~np.isnan(points)
    number = valid.sum(axis=1)
    total = np.where(valid, points, 0.0).sum(axis=1)
    return np.where(number >= max(at_least, 1), total / np.maximum(number, 1), np.nan)


class _Inverse:
    """F⁻¹ of a weighted sample: the smallest value at or below which lies a share of p."""

    def __init__(self, values: Floats, weights: Floats):
        self.values, index = np.unique(values, return_inverse=True)
        self.cumulated = np.cumsum(np.bincount(index, weights)) / weights.sum()

    def __call__(self, probability: float) -> float:
        place = int(np.searchsorted(self.cumulated, probability * (1 - 1e-12)))
        return float(self.values[min(place, len(self.values) - 1)])


def _two_dimensional(values: ArrayLike) -> Floats:
    values = np.asarray(values, dtype=float)
    values = values[:, None] if values.ndim == 1 else values
    if np.isinf(values).any():
        raise ValueError(f"an infinite value in row {int(np.isinf(values).any(axis=1).argmax())}")
    return values


def _columns(values: ArrayLike, members: Flags) -> tuple[Floats, Flags]:
    """Values with 0 outside the base, and the base: members whose value is known."""
    values = np.asarray(values, dtype=float)
    inside = ~np.isnan(values) & np.asarray(members, dtype=bool)[:, None]
    return np.where(inside, values, 0.0), inside


def _frame(
    design: Design,
    values: Floats,
    influence_of: Callable[[Flags], tuple[Floats, Floats]],
    groups: ArrayLike | None,
    n_groups: int | None,
    confidence: float,
    spread: Callable[[Flags], Floats] | None = None,
) -> pd.DataFrame:
    """The tidy frame with Wald intervals; ``values`` says by NaN who is in the base."""
    if len(values) != design.size:
        raise ValueError(f"values have {len(values)} rows, weights {design.size}")
    codes, n_groups = checked_groups(groups, n_groups, design.size)
    linearised = design.linearised
    shape = (n_groups, values.shape[1])
    column = {
        name: np.full(shape, np.nan)
        for name in ("estimate", "variance", "n", "total", "df", "square")
    }
    for group in range(n_groups):
        members = codes == group
        inside = ~np.isnan(values) & (members & (design.weights > 0))[:, None]
        column["n"][group] = inside.sum(axis=0)
        column["total"][group] = design.weights @ inside
        column["df"][group] = design.degrees_of_freedom(inside)
        found, influence = influence_of(members)
        known = column["n"][group] > 0
        column["estimate"][group] = np.where(known, found, np.nan)
        column["variance"][group] = np.where(known, linearised.variance(influence), np.nan)
        if spread is not None:
            column["square"][group] = spread(members)
    flat = {name: np.ascontiguousarray(array.T).ravel() for name, array in column.items()}
    se = np.sqrt(flat["variance"])
    half = t_quantile(confidence, flat["df"]) * se
    with np.errstate(invalid="ignore", divide="ignore"):
        n_effective = flat["square"] / flat["variance"]
    return pd.DataFrame(
        {
            "indicator": np.repeat(np.arange(shape[1]), n_groups),
            "domain": np.tile(np.arange(n_groups), shape[1]),
            "estimate": flat["estimate"],
            "se": se,
            "low": flat["estimate"] - half,
            "high": flat["estimate"] + half,
            "n": flat["n"].astype(np.int64),
            "total": flat["total"],
            "n_effective": n_effective,
            "deff": flat["n"] / n_effective,
            "df": flat["df"].astype(np.int64),
            "interval": "wald",
        }
    )
