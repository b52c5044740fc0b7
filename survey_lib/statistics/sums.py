"""Sums over some persons, linearised: what the covariance of one group's sums with another's needs.

The linearised total of primary unit j is t_j = U_j - P_j'β (see :mod:`.shares`): U_j = Σ v u over
the unit's persons in the group, and a part fitted on the calibration variables, which reaches all
units. U is 0 outside the group's own units, so it is kept for those only; of the fitted part it is
enough to keep β, and the covariance of two sums X and Y is

    Σ a U_X U_Y - β_X'P'aU_Y - β_Y'P'aU_X + β_X'(P'aP)β_Y - Σ_h a_h c_h S_X S_Y,

S the totals of strata. Everything here is linear in u: sums of a union of disjoint groups are sums
of the groups' sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_lib.statistics.arrays import Array, Codes, Floats
from survey_lib.statistics.codes import sum_sorted
from survey_lib.statistics.variance import Linearised


@dataclass(frozen=True, eq=False)
class Sums:
    """E sums of weighted values u over some persons.

    Attributes
    ----------
    units : (m,) the primary units of these persons, rising.
    totals : (m, E) U.
    weighted : (m, E) a U.
    beta : (q, E) β; no rows without a calibration.
    mixed : (q, E) P'aU.
    strata : (H, E) S.
    """

    units: Codes
    totals: Floats
    weighted: Floats
    beta: Floats
    mixed: Floats
    strata: Floats

    @staticmethod
    def of(linearised: Linearised, rows: Codes, values: Floats) -> Sums:
        """Sums of values (rows, E) over the persons in these rows, rising."""
        design, projection = linearised.design, linearised.projection
        v = design.weights if projection is None else projection.multiplier
        units, totals = unit_totals(design.unit[rows], values * v[rows, None], design.clustered)
        weighted = totals * design.stratum_factors[0][design.unit_stratum[units], None]
        strata = sums_by(design.unit_stratum[units], totals, design.n_strata)
        fitted = linearised.unit_variables
        if projection is None or fitted is None:
            none = np.zeros((0, values.shape[1]))
            return Sums(units, totals, weighted, none, none, strata)
        started = values * projection.start[rows, None]
        by_cell = sums_by(projection.cell[rows], started, len(projection.variables))
        beta = projection.inverse @ (projection.variables.T @ by_cell)
        mixed = fitted.of_units[units].T @ weighted
        return Sums(units, totals, weighted, beta, mixed, strata - fitted.by_stratum @ beta)


def unit_totals(unit: Codes, values: Array, clustered: bool) -> tuple[Codes, Array]:
    """The units that occur, rising, and their totals of values (rows, …)."""
    if not clustered:
        return unit, values
    order = np.argsort(unit, kind="stable")
    occurring, owner = np.unique(unit[order], return_inverse=True)
    return occurring, sum_sorted(values[order], owner, len(occurring))


def sums_by(owner: Codes, values: Array, size: int) -> Floats:
    """(size, E) sums of rows (rows, E) by owner, in any order."""
    return np.stack([np.bincount(owner, column, minlength=size) for column in values.T], axis=1)
