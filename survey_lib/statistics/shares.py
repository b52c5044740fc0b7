"""Shares of many indicators in many groups at once: the two fast roads to their variance.

The share of indicator k in group g is p = Σ w y / Σ w b over the group, y its numerator and b its
base. Its influence value is u = (y - b p)/Σ w b inside the group and 0 outside, its contribution
z = v (u - x'β), v = w/(1 - h), β = A⁻¹ Σ d x u and A = Σ d x x' (:mod:`.variance`). Multiplied out,

    V = Σ_h a_h [Σ_j t_hj² - c_h (Σ_j t_hj)²],    t_j = U_j - P_j'β,
    Σ a t² = Σ a U² - 2 β'Σ a P U + β'(Σ a P P')β,

with U_j = Σ v u and P_j = Σ v x over the persons of primary unit j. So an estimate needs its own
Σ a U², Σ a P U and Σ d x u, in which only its group counts, and one q × q matrix that is the same
for all. All of them are sums over small tables, filled in one pass over the persons per question:

*Kernel (a), persons drawn one by one.* Persons of a cell of group × stratum × calibration cross
with the same answer share u and x, so that Σ v and Σ v² per cell and answer suffice.

*Kernel (b), persons drawn in primary units.* Σ v per group × primary unit and answer.

Where both apply they agree, which a property test holds, as it holds both to the textbook's road.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from survey_lib.statistics.answers import Answers, Division
from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import cross, sum_sorted
from survey_lib.statistics.variance import Linearised

EXPLAINED = 1e-12
"""A variance below this part of the uncalibrated one is rounding: the margins fix the share. Set to
0.
"""

TABLE_SIZE = 4_000_000
"""Cells × indicators worked on at a time, so that memory stays small."""


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of K indicators in G groups and what their intervals need; every array is (G, K).

    Attributes
    ----------
    share : NaN where nobody is in the base.
    variance : linearised; NaN where the share is.
    n, count : persons in the base and in the numerator, unweighted.
    total : Σ w over the base.
    kish : n Σ w² / (Σ w)² over the base where the share is 0 or 1, else NaN: Kish's design effect.
    df : primary units minus strata among the persons in the base, at least 1.
    """

    share: Floats
    variance: Floats
    n: NDArray[np.int64]
    count: NDArray[np.int64]
    total: Floats
    kish: Floats
    df: NDArray[np.int64]


def shares_in_groups(
    linearised: Linearised,
    answers: Answers,
    groups: Codes,
    n_groups: int,
    *,
    by_unit: bool | None = None,
) -> Shares:
    """Shares of all indicators in all groups.

    Parameters
    ----------
    groups : (n,) 0 … n_groups-1, or -1 for persons in no group.
    by_unit : True and False ask for kernel (b) or (a); None takes (b) for clustered designs. (a) is
        wrong for them.
    """
    design, projection = linearised.design, linearised.projection
    by_unit = design.clustered if by_unit is None else by_unit
    counted = (groups >= 0) & (design.weights > 0)
    rows = None if counted.all() else np.flatnonzero(counted)
    alone = (np.zeros(design.size, dtype=np.intp), 1)
    crossed = alone if projection is None else (projection.cell, len(projection.variables))
    cells = Division(answers, rows, (groups, n_groups), (design.stratum, design.n_strata), crossed)
    kernel: _Kernel
    if by_unit:
        units = Division(answers, rows, (groups, n_groups), (design.unit, design.n_units))
        kernel = _ByUnit(linearised, units, n_groups)
    else:
        kernel = _ByCell(linearised, cells, n_groups)
    parts = [
        _shares(linearised, cells, kernel, indicators, n_groups)
        for indicators in _blocks(answers, max(cells.n_cells, kernel.size))
    ]
    order = np.argsort(np.concatenate([indicators for indicators, _ in parts]))
    return Shares(
        **{
            field.name: np.concatenate([getattr(part, field.name) for _, part in parts], axis=1)[
                :, order
            ]
            for field in fields(Shares)
        }
    )


def share_of(top: Floats, total: Floats, count: Array, n: Array) -> Floats:
    """Σ w y / Σ w b; exactly 0 or 1 where nobody or everybody counts, NaN where nobody is asked."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 0, np.clip(top / total, 0, 1), np.nan)
    share[(count == 0) & (n > 0)], share[(count == n) & (n > 0)] = 0.0, 1.0
    return share


def _blocks(answers: Answers, size: int) -> Iterator[Codes]:
    """Indicators by question, as many at a time as tables of ``size`` rows allow."""
    ordered = np.argsort(answers.question, kind="stable")
    first = np.flatnonzero(np.diff(answers.question[ordered], prepend=-1))
    allowed, start = max(TABLE_SIZE // max(size, 1), 1), 0
    for stop, following in pairwise([*first[1:], len(ordered)]):
        if following - start > allowed:
            yield ordered[start:stop]
            start = stop
    yield ordered[start:]


def _shares(
    linearised: Linearised, cells: Division, kernel: _Kernel, indicators: Codes, n_groups: int
) -> tuple[Codes, Shares]:
    design, projection = linearised.design, linearised.projection
    group, stratum, _ = cells.levels
    weights: dict[str, Floats | None] = {"count": None, "weight": design.weights}
    if projection is not None:
        weights |= {"multiplier": projection.multiplier, "start": projection.start}
    sums = cells.sums(indicators, weights | kernel.cell_weights)
    count, n = (sum_sorted(part, group, n_groups) for part in sums["count"])
    top, total = (sum_sorted(part, group, n_groups) for part in sums["weight"])
    share = share_of(top, total, count, n)
    influence = _Influence(np.nan_to_num(share), np.where(n > 0, total, 1.0))

    kernel.tabulate(sums, influence, indicators)
    variance = kernel.squares()
    smallest = EXPLAINED * variance
    pair, (pair_group, pair_stratum) = cross((group, n_groups), (stratum, design.n_strata))
    multiplied = sums["weight" if projection is None else "multiplier"]
    stratum_sums = sum_sorted(influence.of(multiplied, group), pair, len(pair_group))
    scale, centring = design.stratum_factors
    centre = (scale * centring)[:, None]
    if projection is None:
        between = np.square(stratum_sums) * centre[pair_stratum]
        variance -= sum_sorted(between, pair_group, n_groups)
    else:
        started = influence.of(sums["start"], group)
        for g, here in enumerate(_slices(group, n_groups)):
            local, columns = _occurring(projection.variables[cells.levels[2][here]])
            beta = projection.inverse[:, columns] @ (local.T @ started[here])
            variance[g] -= 2 * kernel.mixed(g, beta)
            variance[g] += np.einsum("qk,qk->k", beta, kernel.fitted_squares @ beta)
            centred = -(kernel.stratum_fitted @ beta)
            in_group = pair_group == g
            centred[pair_stratum[in_group]] += stratum_sums[in_group]
            variance[g] -= np.einsum("hk,hk,hj->k", centred, centred, centre)
    variance[variance <= smallest] = 0.0
    variance[n == 0] = np.nan

    present = sum_sorted(sums["count"][1], pair, len(pair_group)) > 0
    strata = sum_sorted(present.astype(np.int64), pair_group, n_groups)
    df = np.maximum(kernel.units_in_base(n) - strata, 1).astype(np.int64)
    kish = _kish(design.weights, cells, indicators, share, n, total, n_groups)
    return indicators, Shares(
        share, variance, n.astype(np.int64), count.astype(np.int64), total, kish, df
    )


@dataclass(frozen=True, eq=False)
class _Influence:
    """u = (y - b p)/W of each indicator in each group, summed over persons of a cell."""

    share: Floats
    total: Floats

    def of(self, sums: tuple[Floats, Floats], group: Codes) -> Floats:
        """Σ u from the (cells, K) sums over numerators and bases of cells in these groups."""
        return (sums[0] - self.share[group] * sums[1]) / self.total[group]

    def squared(self, sums: tuple[Floats, Floats], group: Codes) -> Floats:
        """Σ u²: (1 - p)² in the numerator, p² in the rest of the base."""
        p = self.share[group]
        inside, outside = sums[0], sums[1] - sums[0]
        return (inside * np.square(1 - p) + outside * np.square(p)) / np.square(self.total[group])


class _Kernel(Protocol):
    """Σ a U², β'Σ a P U and Σ a P P' over primary units, from one kind of table."""

    size: int
    cell_weights: dict[str, Floats | None]
    fitted_squares: Floats
    stratum_fitted: Floats

    def tabulate(self, sums: dict[str, Any], influence: _Influence, indicators: Codes) -> None: ...
    def squares(self) -> Floats: ...
    def mixed(self, g: int, beta: Floats) -> Floats: ...
    def units_in_base(self, n: Floats) -> Floats: ...


class _ByCell:
    """Kernel (a): every person is a primary unit; tables by group × stratum × calibration cell."""

    def __init__(self, linearised: Linearised, cells: Division, n_groups: int):
        design, projection = linearised.design, linearised.projection
        self.size, self.n_groups = cells.n_cells, n_groups
        self.group, stratum, self.crossed = cells.levels
        self.here = _slices(self.group, n_groups)
        self.scale = design.stratum_factors[0][stratum][:, None]
        v = design.weights if projection is None else projection.multiplier
        self.cell_weights: dict[str, Floats | None] = {"squared": np.square(v)}
        if projection is not None:
            self.variables = projection.variables
            both, (crossed, stratum) = cross(
                (projection.cell, len(projection.variables)), (design.stratum, design.n_strata)
            )
            x = projection.variables[crossed]
            squared = np.bincount(both, np.square(v)) * design.stratum_factors[0][stratum]
            self.fitted_squares = (x.T * squared) @ x
            spread = np.zeros((design.n_strata, len(crossed)))
            spread[stratum, np.arange(len(crossed))] = np.bincount(both, v)
            self.stratum_fitted = spread @ x

    def tabulate(self, sums: dict[str, Any], influence: _Influence, indicators: Codes) -> None:
        squared = sums["squared"]
        self._squares = influence.squared(squared, self.group) * self.scale
        self._linear = influence.of(squared, self.group) * self.scale

    def squares(self) -> Floats:
        return sum_sorted(self._squares, self.group, self.n_groups)

    def mixed(self, g: int, beta: Floats) -> Floats:
        local, columns = _occurring(self.variables[self.crossed[self.here[g]]])
        linear = local.T @ self._linear[self.here[g]]
        return np.asarray(np.einsum("qk,qk->k", beta[columns], linear))

    def units_in_base(self, n: Floats) -> Floats:
        return n


class _ByUnit:
    """Kernel (b): tables by group × primary unit."""

    def __init__(self, linearised: Linearised, units: Division, n_groups: int):
        design, projection = linearised.design, linearised.projection
        self.units, self.size, self.n_groups = units, units.n_cells, n_groups
        self.group, self.unit = units.levels
        self.here = _slices(self.group, n_groups)
        scale = design.stratum_factors[0][design.unit_stratum]
        self.scale = scale[self.unit][:, None]
        self.cell_weights: dict[str, Floats | None] = {}
        self.multiplier = design.weights if projection is None else projection.multiplier
        fitted = linearised.unit_variables
        if fitted is not None:
            self.fitted = fitted.of_units
            self.fitted_squares = fitted.squares
            self.stratum_fitted = fitted.by_stratum

    def tabulate(self, sums: dict[str, Any], influence: _Influence, indicators: Codes) -> None:
        own = self.units.sums(indicators, {"count": None, "multiplier": self.multiplier})
        self._totals = influence.of(own["multiplier"], self.group)
        self._present = own["count"][1] > 0

    def squares(self) -> Floats:
        return sum_sorted(np.square(self._totals) * self.scale, self.group, self.n_groups)

    def mixed(self, g: int, beta: Floats) -> Floats:
        here = self.here[g]
        linear = self.fitted[self.unit[here]].T @ (self._totals[here] * self.scale[here])
        return np.asarray(np.einsum("qk,qk->k", beta, linear))

    def units_in_base(self, n: Floats) -> Floats:
        return sum_sorted(self._present.astype(np.int64), self.group, self.n_groups)


def _slices(sorted_codes: Codes, size: int) -> list[slice]:
    """The rows of each code in an array sorted by code."""
    edges = np.searchsorted(sorted_codes, np.arange(size + 1))
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _occurring(variables: Floats) -> tuple[Floats, Codes]:
    """The columns that are not 0 everywhere, and which they are."""
    columns = np.flatnonzero(variables.any(axis=0))
    return variables[:, columns], columns


def _kish(
    weights: Floats,
    cells: Division,
    indicators: Codes,
    share: Floats,
    n: Floats,
    total: Floats,
    n_groups: int,
) -> Floats:
    """Kish's design effect where the share is 0 or 1, for its interval; NaN elsewhere."""
    kish = np.full(share.shape, np.nan)
    extreme = (share == 0) | (share == 1)
    columns = np.flatnonzero(extreme.any(axis=0))
    if len(columns):
        squared = cells.sums(indicators[columns], {"squared": np.square(weights)})["squared"][1]
        within = sum_sorted(squared, cells.levels[0], n_groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = n[:, columns] * within / np.square(total[:, columns])
        kish[:, columns] = np.where(extreme[:, columns], found, np.nan)
    return kish
