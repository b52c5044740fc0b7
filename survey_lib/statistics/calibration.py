"""Weights that meet known totals: raking to margins, and trimming with re-raking.

Raking (iterative proportional fitting; Deming & Stephan 1940, Annals of Mathematical Statistics 11,
427–444; as a calibration: Deville, Särndal & Sautory 1993, JASA 88, 1013–1020) multiplies the start
weights by one factor per level of each margin, w_i = d_i Π_m f_m(level of i in m), such that every
level's weighted total meets its target. Persons with the same levels in all margins get the same
factor, so the work is done on the cells of the cross of the margins, whatever the number of
persons.

The start weights always count. Convergence is the largest relative error of any level, and a
failure names the margin and the level furthest off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross, encode, sum_sorted
from survey_lib.statistics.design import Calibration, checked_weights
from survey_lib.statistics.errors import ContradictoryMargins, EmptyCell, NotConverged

TOLERANCE = 1e-10
"""Largest relative error of a margin's level in published weights."""

BOUND_TOLERANCE = 1e-8
"""Largest relative excess of a trimmed weight over its bound after the last re-raking."""


@dataclass(frozen=True, eq=False)
class Margin:
    """The known totals of one classification of the population.

    Attributes
    ----------
    codes : (n,) level of each person, 0 … L-1; -1 for a person in no level of this margin, whose
        weight the margin leaves alone; L + m for a person in mixture m.
    targets : (L,) population totals, not negative. A target of 0 gives its level the weight 0.
    name : of the margin, for messages.
    level_names : (L,) names of the levels, for messages; None takes the numbers.
    mixtures : (M, L) rows of fractions that sum to 1: persons counted partly in several levels. A
        person of known age and unknown sex in a margin of age × sex belongs half to each sex of
        that age; the age's total then holds exactly and the sexes share the rest by their targets.
    """

    codes: Array
    targets: Array
    name: str = "margin"
    level_names: Sequence[str] | None = None
    mixtures: Array | None = None

    def __post_init__(self) -> None:
        codes = np.asarray(self.codes)
        targets = np.asarray(self.targets, dtype=float)
        mixtures = (
            np.zeros((0, len(targets)))
            if self.mixtures is None
            else np.asarray(self.mixtures, dtype=float)
        )
        if codes.dtype.kind not in "iu":
            raise ValueError(f"{self.name}: codes must be integers")
        if mixtures.ndim != 2 or mixtures.shape[1] != len(targets):
            raise ValueError(f"{self.name}: mixtures must have {len(targets)} columns")
        if (np.abs(mixtures.sum(axis=1) - 1) > 1e-9).any() or (mixtures < 0).any():
            raise ValueError(f"{self.name}: each mixture must be fractions that sum to 1")
        if codes.size and not -1 <= codes.min() <= codes.max() < len(targets) + len(mixtures):
            raise ValueError(f"{self.name}: codes must lie in -1 … {len(targets) - 1}")
        if not (np.isfinite(targets).all() and (targets >= 0).all()):
            raise ValueError(f"{self.name}: targets must be finite and not negative")
        if self.level_names is not None and len(self.level_names) != len(targets):
            raise ValueError(f"{self.name}: {len(self.level_names)} names, {len(targets)} targets")
        for name, value in (("codes", codes), ("targets", targets), ("mixtures", mixtures)):
            object.__setattr__(self, name, value)

    def level_name(self, level: int) -> str:
        return str(level) if self.level_names is None else str(self.level_names[level])

    @cached_property
    def covers_everyone(self) -> bool:
        """Whether no person is outside all levels."""
        return bool(self.codes.size == 0 or self.codes.min() >= 0)

    def membership(self) -> Floats:
        """(L + M + 1, L) part of each level that a code means; the last row is code -1."""
        levels = len(self.targets)
        mixtures = np.asarray(self.mixtures)
        return np.vstack([np.eye(levels), mixtures, np.zeros(levels)])


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


@dataclass(eq=False)
class _Cross:
    """The cells of the cross of the margins, on which raking works."""

    margins: Sequence[Margin]
    cell: Codes = field(init=False)
    codes: tuple[Codes, ...] = field(init=False)
    membership: list[Floats] = field(init=False)

    def __post_init__(self) -> None:
        self.membership = [margin.membership() for margin in self.margins]
        self.cell, self.codes = cross(
            *(
                (_rows(margin, len(rows)), len(rows))
                for margin, rows in zip(self.margins, self.membership, strict=True)
            )
        )

    @property
    def size(self) -> int:
        return len(self.codes[0])

    def variables(self) -> Floats:
        """(cells, q) the levels of all margins side by side."""
        return np.hstack(
            [rows[codes] for rows, codes in zip(self.membership, self.codes, strict=True)]
        )

    def totals(self, weights: Floats) -> Floats:
        """(cells,) sums of weights (n,)."""
        sums = np.bincount(self.cell, weights, minlength=self.size)
        return sums.astype(np.float64, copy=False)

    def achieved(self, m: int, cell_totals: Floats) -> Floats:
        """(L,) weighted total of each level of margin m."""
        rows = self.membership[m]
        by_code = np.bincount(self.codes[m], cell_totals, minlength=len(rows))
        levels = rows.shape[1]
        return np.asarray(by_code[:levels] + by_code[levels:] @ rows[levels:])

    def errors(self, m: int, cell_totals: Floats) -> Floats:
        """(L,) relative error of each level of margin m; absolute where the target is 0."""
        targets = self.margins[m].targets
        off = self.achieved(m, cell_totals) - targets
        return np.abs(off) / np.where(targets > 0, targets, 1.0)

    def factors(self, m: int, cell_totals: Floats) -> Floats:
        """(cells,) by which one step of raking multiplies, for margin m."""
        achieved, targets = self.achieved(m, cell_totals), self.margins[m].targets
        by_level = np.divide(targets, achieved, out=np.ones_like(targets), where=achieved > 0)
        rows = self.membership[m]
        mixed = rows[len(targets) : -1]
        # a mixture's factor is the product of its levels' factors to the power of its fractions
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.where(mixed > 0, mixed * np.log(by_level), 0.0)
        by_code = np.concatenate([by_level, np.exp(powers.sum(axis=1)), [1.0]])
        return by_code[self.codes[m]]

    def rake(
        self, totals: Floats, tolerance: float, max_iterations: int
    ) -> tuple[Floats, int, float]:
        """(cells,) factors that bring cell totals to the margins, sweeps used, largest error."""
        factors = np.ones(self.size)
        for iteration in range(max_iterations + 1):
            errors = [self.errors(m, totals * factors) for m in range(len(self.margins))]
            largest = max(float(error.max(initial=0.0)) for error in errors)
            if largest <= tolerance:
                return factors, iteration, largest
            if iteration < max_iterations:
                for m in range(len(self.margins)):
                    factors *= self.factors(m, totals * factors)
        worst = max(range(len(errors)), key=lambda m: errors[m].max(initial=0.0))
        raise self._not_converged(worst, errors[worst], max_iterations, tolerance)

    def _not_converged(
        self, m: int, errors: Floats, iterations: int, tolerance: float
    ) -> NotConverged:
        level, margin = int(errors.argmax()), self.margins[m]
        return NotConverged(
            f"raking did not converge in {iterations} sweeps: margin {margin.name}, level "
            f"{margin.level_name(level)} is off by {errors[level]:.1e} (relative), the limit is "
            f"{tolerance:.0e}; the margins may contradict each other there"
        )


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
    margins = _as_margins(margins)
    if not margins:
        raise ValueError("there is no margin to rake to")
    for margin in margins:
        if len(margin.codes) != len(start):
            raise ValueError(f"{margin.name} has {len(margin.codes)} rows, weights {len(start)}")
    crossed = _Cross(margins)
    totals = crossed.totals(start)
    _check_targets(crossed, totals, tolerance)
    factors, iterations, error = crossed.rake(totals, tolerance, max_iterations)
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
    margins = _as_margins(margins)
    crossed = _Cross(margins)
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
        by_cell, sweeps, error = crossed.rake(totals, tolerance, 2000)
        weights, iterations = clipped * by_cell[crossed.cell], iterations + sweeps
    raise NotConverged(
        f"after {max_cycles} rounds of trimming to {lower}–{upper} times the mean weight and "
        f"raking, {int(outside.sum())} of {len(weights)} weights are still outside the bounds; "
        f"widen them or join levels of the margins"
    )


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
    crossed = _Cross(_as_margins(margins))
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


def nonresponse_weights(start: ArrayLike, classes: ArrayLike, responded: ArrayLike) -> Floats:
    """Weights of the respondents, raised by the inverse weighted response rate of their class.

    Särndal, Swensson & Wretman 1992, section 15.6 (response homogeneity groups).

    Parameters
    ----------
    start : (n,) design weights of all who were invited.
    classes : (n,) any labels.
    responded : (n,) bool.

    Returns
    -------
    (n,) weights: 0 for those who did not respond.

    Raises
    ------
    EmptyCell
        A class in which nobody responded.
    """
    start = checked_weights(start)
    index, labels = encode(classes)
    answered = np.where(np.asarray(responded, dtype=bool), start, 0.0)
    invited = np.bincount(index, start, minlength=len(labels))
    respondents = np.bincount(index, answered, minlength=len(labels))
    silent = (respondents <= 0) & (invited > 0)
    if silent.any():
        raise EmptyCell(f"class {labels[int(silent.argmax())]}: nobody responded; join it")
    rate = np.divide(respondents, invited, out=np.ones_like(invited), where=invited > 0)
    return np.asarray(answered / rate[index])


def weight_summary(weights: ArrayLike, groups: ArrayLike | None = None) -> pd.DataFrame:
    """How uneven weights are, per group (one row) or over all.

    Columns: ``group``, ``n`` (weights above 0), ``sum``, ``mean``, ``smallest`` and ``largest`` (as
    multiples of the mean), ``kish_deff`` = 1 + CV² = n Σ w²/(Σ w)², ``n_effective`` = n/kish_deff.
    Kish's design effect describes the weights only, not the precision of any one estimate.
    """
    weights = checked_weights(weights)
    index, labels = encode(np.zeros(len(weights), np.int8) if groups is None else groups)
    kept = weights > 0
    index, weights = index[kept], weights[kept]
    frame = pd.DataFrame({"group": labels[index], "weight": weights, "square": np.square(weights)})
    by = frame.groupby("group", sort=True)
    n, total = by["weight"].size(), by["weight"].sum()
    kish = n * by["square"].sum() / total**2
    return pd.DataFrame(
        {
            "group": n.index,
            "n": n.to_numpy(),
            "sum": total.to_numpy(),
            "mean": (total / n).to_numpy(),
            "smallest": (by["weight"].min() * n / total).to_numpy(),
            "largest": (by["weight"].max() * n / total).to_numpy(),
            "kish_deff": kish.to_numpy(),
            "n_effective": (n / kish).to_numpy(),
        }
    )


def margin_table(
    start: ArrayLike, weights: ArrayLike, margins: Sequence[Margin | tuple[Any, ...]]
) -> pd.DataFrame:
    """Respondents beside the population, per level of each margin, before and after.

    Columns: ``margin``, ``level`` (names), ``n`` (persons, mixtures by their fractions),
    ``target``, ``before`` and ``after`` (weighted totals), ``error`` (relative, after).
    """
    margins = _as_margins(margins)
    crossed = _Cross(margins)
    start, weights = checked_weights(start), checked_weights(weights)
    totals = [crossed.totals(values) for values in (np.ones(len(start)), start, weights)]
    rows = []
    for m, margin in enumerate(margins):
        n, before, after = (crossed.achieved(m, values) for values in totals)
        rows.append(
            pd.DataFrame(
                {
                    "margin": margin.name,
                    "level": [margin.level_name(level) for level in range(len(margin.targets))],
                    "n": n,
                    "target": margin.targets,
                    "before": before,
                    "after": after,
                    "error": crossed.errors(m, totals[2]),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


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
    crossed = _Cross(
        [
            Margin(np.asarray(codes), np.zeros(count))
            for codes, count in zip(margins, levels, strict=True)
        ]
    )
    return Calibration(crossed.cell, crossed.variables(), weights)


def _rows(margin: Margin, size: int) -> Codes:
    """Rows of the membership matrix: the codes, the last row for those of no level."""
    codes = margin.codes.astype(np.intp, copy=False)
    return codes if margin.covers_everyone else np.where(codes < 0, size - 1, codes)


def _as_margins(margins: Sequence[Margin | tuple[Any, ...]]) -> list[Margin]:
    return [margin if isinstance(margin, Margin) else Margin(*margin) for margin in margins]


def _check_targets(crossed: _Cross, totals: Floats, tolerance: float) -> None:
    """Targets that can be met at all: nobody missing, sums that agree."""
    sums = []
    for m, margin in enumerate(crossed.margins):
        empty = (crossed.achieved(m, totals) <= 0) & (margin.targets > 0)
        if empty.any():
            level = int(empty.argmax())
            raise EmptyCell(
                f"margin {margin.name}: {int(empty.sum())} levels have a target but nobody in the "
                f"sample, the first {margin.level_name(level)} ({margin.targets[level]:g}); join "
                f"it with a neighbour"
            )
        if margin.covers_everyone:
            sums.append((float(margin.targets.sum()), margin.name))
    (lowest, first), (highest, second) = min(sums, default=(0.0, "")), max(sums, default=(0.0, ""))
    if highest - lowest > max(tolerance, 1e-12) * highest:
        raise ContradictoryMargins(
            f"margin {first} sums to {lowest:.10g}, margin {second} to {highest:.10g}; rescale one"
        )
