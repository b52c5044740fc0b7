"""The linearised variance of anything, written out: influence values, residuals, unit totals.

This is the plain road, the one to check against the textbook. The estimators of shares take two
faster ones (:mod:`survey_lib.statistics.shares`), which a property test holds to this one.

1. An estimate θ has an *influence value* u_i per person, such that θ - θ₀ ≈ Σ w_i u_i. For a mean
   of y in a domain D: u_i = 1[i ∈ D] (y_i - ȳ_D) / Σ_D w. A domain is a random part of the sample:
   all units stay in the sum, those outside with u = 0 (Särndal, Swensson & Wretman 1992, ch. 5
   and 10; Lumley 2010, section 2.4).
2. Where the weights w were calibrated from d, u_i is replaced by its residual in the d-weighted
   regression on the calibration variables, e_i = u_i - x_i'β, β = (Σ d x x')⁻¹ Σ d x u (Deville &
   Särndal 1992, equation 3.4, with the g-weights: z_i = w_i e_i). In small samples the fitted β
   makes the residuals too small; the default divides by 1 minus the leverage,
   h_i = d_i x_i' (Σ d x x')⁻¹ x_i, as the HC3 estimator does in regression (MacKinnon & White
   1985). ``residuals="plain"`` does not, and is what R's ``calibrate`` gives.
   R's ``rake`` takes unweighted means of margins in place of the regression: not followed, since
   the point estimate's own expansion has the d-weighted form.
3. V = Σ_h (1 - n_h/N_h) n_h/(n_h - 1) Σ_j (t_hj - t̄_h)², t_hj = Σ_{i in unit j} z_i.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from survey_lib.statistics.arrays import Array, Codes
from survey_lib.statistics.codes import sum_sorted
from survey_lib.statistics.design import Design

RANK_TOLERANCE = 1e-11
"""Eigenvalues of the calibration variables' cross-product below this part of the largest are 0."""


class Projection:
    """The regression on the calibration variables, made once for a design and used by all
    estimates.

    Attributes
    ----------
    cell : (n,) calibration cell of each person.
    variables : (cells, q) calibration variables.
    start : (n,) d, the weights before calibration.
    inverse : (q, q) pseudo-inverse of Σ d x x'.
    leverage : (n,) h_i; 0 everywhere for plain residuals.
    multiplier : (n,) w_i / (1 - h_i), by which a residual is multiplied to give z_i.
    capped : (n,) bool, whose leverage was lowered to the cap.
    """

    def __init__(self, design: Design):
        calibration = design.calibration
        if calibration is None:
            raise ValueError("the design has no calibration")
        self.cell = calibration.cell
        self.variables = np.asarray(calibration.variables, dtype=float)
        self.start = np.asarray(calibration.start, dtype=float)
        start_of_cell = np.bincount(self.cell, self.start, minlength=len(self.variables))
        # each variable on its own scale, so that one tolerance fits heads and kronor alike
        square = np.einsum("c,cq,cq->q", start_of_cell, self.variables, self.variables)
        scale = 1 / np.sqrt(np.where(square > 0, square, 1.0))
        scaled = self.variables * scale
        values, vectors = np.linalg.eigh((scaled.T * start_of_cell) @ scaled)
        kept = values > RANK_TOLERANCE * values[-1]
        half = vectors[:, kept] / np.sqrt(values[kept]) * scale[:, None]
        self.inverse = half @ half.T
        if design.residuals == "plain":
            self.leverage = np.zeros(design.size)
            self.capped = np.zeros(design.size, dtype=bool)
        else:
            per_weight = np.square(self.variables @ half).sum(axis=1)
            leverage = self.start * per_weight[self.cell]
            self.capped = leverage > design.leverage_cap
            self.leverage = np.minimum(leverage, design.leverage_cap)
        self.multiplier = design.weights / (1 - self.leverage)

    @cached_property
    def _cell_order(self) -> Codes:
        return np.argsort(self.cell, kind="stable")

    def fitted(self, influence: Array) -> Array:
        """x_i'β for each column of influence values; (n, E)."""
        order = self._cell_order
        started = (influence * self.start[:, None])[order]
        weighted = sum_sorted(started, self.cell[order], len(self.variables))
        coefficients = self.inverse @ (self.variables.T @ weighted)
        return np.asarray((self.variables @ coefficients)[self.cell])


class UnitVariables:
    """P, the totals of v x per primary unit, and its products that all estimates share.

    Attributes
    ----------
    of_units : (m, q) sparse, Σ v_i x_i over the persons of each primary unit.
    squares : (q, q) Σ_j a P_j P_j'.
    by_stratum : (H, q) sums of P over the units of each stratum.
    """

    def __init__(self, design: Design, projection: Projection):
        from scipy import sparse

        cells = sparse.csr_array(
            (projection.multiplier, (design.unit, projection.cell)),
            shape=(design.n_units, len(projection.variables)),
        )
        self.of_units = (cells @ sparse.csr_array(projection.variables)).tocsr()
        scale = design.stratum_factors[0][design.unit_stratum]
        self.squares = (self.of_units.T @ self.of_units.multiply(scale[:, None])).toarray()
        strata = sparse.csr_array(
            (np.ones(design.n_units), (design.unit_stratum, np.arange(design.n_units))),
            shape=(design.n_strata, design.n_units),
        )
        self.by_stratum = (strata @ self.of_units).toarray()


class Linearised:
    """A design made ready for linearised variances; keeps what every estimate shares."""

    def __init__(self, design: Design):
        self.design = design

    @cached_property
    def projection(self) -> Projection | None:
        return None if self.design.calibration is None else Projection(self.design)

    @cached_property
    def unit_variables(self) -> UnitVariables | None:
        """Totals of the calibration variables per unit; None without a calibration."""
        return None if self.projection is None else UnitVariables(self.design, self.projection)

    @cached_property
    def _by_unit(self) -> tuple[Codes, Codes]:
        order = np.argsort(self.design.unit, kind="stable")
        return order, self.design.unit[order]

    def contributions(self, influence: Array) -> Array:
        """z_i = w_i u_i, or the calibration residual in u's place; (n, E) from (n, E)."""
        if self.projection is None:
            return influence * self.design.weights[:, None]
        residual = influence - self.projection.fitted(influence)
        return residual * self.projection.multiplier[:, None]

    def unit_totals(self, influence: Array) -> Array:
        """t_j = Σ z_i over the persons of each unit; (m, E) from influence values (n, E)."""
        z = self.contributions(influence)
        if not self.design.clustered:
            return z
        order, owner = self._by_unit
        return sum_sorted(z[order], owner, self.design.n_units)

    def covariance(self, influence: Array) -> Array:
        """(E, E) covariance of E estimates from their influence values (n, E)."""
        return covariance_of_totals(self.design, self.unit_totals(influence))

    def variance(self, influence: Array) -> Array:
        """(E,) variances: the diagonal of :meth:`covariance` without the rest."""
        totals = self.unit_totals(influence)
        return np.maximum(self.covariances_of_totals(totals, totals), 0)

    def covariances_of_totals(self, first: Array, second: Array) -> Array:
        """(E,) covariances of pairs of estimates, from unit totals (m, E) of each."""
        scale, centring = self.design.stratum_factors
        weighted = (first * second).T @ scale[self.design.unit_stratum]
        sums = stratum_sums(self.design, first) * stratum_sums(self.design, second)
        return np.asarray(weighted - (scale * centring) @ sums)


def stratum_sums(design: Design, totals: Array) -> Array:
    """(H, E) sums over the units of each stratum of unit totals (m, E)."""
    order = np.argsort(design.unit_stratum, kind="stable")
    return sum_sorted(totals[order], design.unit_stratum[order], design.n_strata)


def covariance_of_totals(design: Design, totals: Array) -> Array:
    """Σ_h a_h [Σ_j t_hj t_hj' - c_h (Σ_j t_hj)(Σ_j t_hj)'] for unit totals (m, E)."""
    scale, centring = design.stratum_factors
    rooted = totals * np.sqrt(scale)[design.unit_stratum][:, None]
    sums = stratum_sums(design, totals) * np.sqrt(scale * centring)[:, None]
    return np.asarray(rooted.T @ rooted - sums.T @ sums)
