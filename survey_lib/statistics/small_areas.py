"""Small areas: the Fay–Herriot model, and waves pooled as the alternative without a model.

Direct estimates y_i with known sampling variances ψ_i are taken as

    y_i = x_i'β + v_i + e_i,   v ~ (0, σ²), e ~ (0, ψ_i).

The estimate (EBLUP) is the average γ_i y_i + (1 - γ_i) x_i'β with γ_i = σ²/(σ² + ψ_i): an area with
few answers leans on what areas like it have (Fay & Herriot 1979, JASA 74, 269–277). σ² is found by
restricted maximum likelihood, and the mean squared error is g₁ + g₂ + 2 g₃ (Datta & Lahiri 2000,
Statistica Sinica 10, 613–627; Rao & Molina 2015, sections 5.2 and 6.2), where

    g₁ = γ ψ,   g₂ = (1 - γ)² x'(Σ x x'/(σ² + ψ))⁻¹ x,   g₃ = ψ²/(σ² + ψ)³ · 2/Σ (σ² + ψ)⁻².

These are modelled values. They are published apart from direct estimates, marked as such, and never
tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from survey_lib.statistics.arrays import Array, Floats
from survey_lib.statistics.covariance import stack
from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.errors import NotConverged


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """A fitted area-level model.

    Attributes
    ----------
    areas : one row per area: ``domain, direct, direct_se, estimate, se`` (root of the MSE), ``low,
        high`` (normal), ``synthetic`` (x'β), ``gamma`` (weight of the direct estimate, 0 where
        there is none), ``residual`` (y - x'β over its standard deviation).
    coefficients, covariance : β (p,) and (p, p).
    model_variance : σ².
    explained : 1 - σ²/variance of the direct estimates net of sampling variance: how much of the
        real differences between areas the covariates tell; NaN where these are not above 0.
    normal_p : Shapiro–Wilk test of the residuals, small when the model's normality is doubtful.
    """

    areas: pd.DataFrame
    coefficients: Array
    covariance: Array
    model_variance: float
    explained: float
    normal_p: float


def fay_herriot(
    direct: ArrayLike,
    variances: ArrayLike,
    covariates: ArrayLike,
    *,
    confidence: float = 0.95,
) -> FayHerriot:
    """EBLUP of each area with its mean squared error.

    Parameters
    ----------
    direct : (m,) direct estimates; NaN for areas without any, which get x'β.
    variances : (m,) their sampling variances, known or smoothed; above 0 where there is an
        estimate. A share of 0 or 1 has none: leave it out or give its n_effective-based one.
    covariates : (m, p) with the intercept; known for every area.

    Raises
    ------
    ValueError
        Fewer areas with estimates than covariates + 2, variances not above 0, dependent covariates.
    NotConverged
        When the likelihood has no maximum in reach.
    """
    y, psi, x = (np.asarray(values, dtype=float) for values in (direct, variances, covariates))
    known = ~np.isnan(y)
    if x.ndim != 2 or len(x) != len(y) or len(psi) != len(y):
        raise ValueError("direct, variances and covariates must have one row per area")
    if known.sum() < x.shape[1] + 2:
        raise ValueError(f"{int(known.sum())} areas are too few for {x.shape[1]} covariates")
    if not (np.isfinite(psi[known]).all() and (psi[known] > 0).all()):
        raise ValueError("every direct estimate needs a sampling variance above 0")
    if not np.isfinite(x).all() or np.linalg.matrix_rank(x[known]) < x.shape[1]:
        raise ValueError("covariates must be known for every area and linearly independent")

    sigma = _reml(y[known], psi[known], x[known])
    inverse = 1 / (sigma + psi[known])
    covariance = np.linalg.inv((x[known].T * inverse) @ x[known])
    beta = covariance @ (x[known].T @ (inverse * y[known]))
    synthetic = x @ beta

    total = np.where(known, sigma + psi, np.inf)
    gamma = np.where(known, sigma / total, 0.0)
    estimate = synthetic + gamma * np.where(known, y - synthetic, 0.0)
    uncertainty = np.einsum("ip,pq,iq->i", x, covariance, x)
    g1 = np.where(known, gamma * psi, sigma)
    g3 = np.where(known, np.square(psi) / total**3, 0.0) * 2 / np.square(inverse).sum()
    se = np.sqrt(g1 + np.square(1 - gamma) * uncertainty + 2 * g3)
    residual = (y - synthetic) / np.sqrt(total)
    half = special.ndtri((1 + confidence) / 2) * se
    spread = float(np.var(y[known], ddof=1) - psi[known].mean())
    return FayHerriot(
        pd.DataFrame(
            {
                "domain": np.arange(len(y)),
                "direct": y,
                "direct_se": np.sqrt(np.where(known, psi, np.nan)),
                "estimate": estimate,
                "se": se,
                "low": estimate - half,
                "high": estimate + half,
                "synthetic": synthetic,
                "gamma": gamma,
                "residual": residual,
            }
        ),
        beta,
        covariance,
        sigma,
        1 - sigma / spread if spread > 0 else np.nan,
        _shapiro(residual[known]),
    )


def pool(first: Design, second: Design) -> Design:
    """Two waves sampled independently as one sample, each with the same total weight.

    Persons of the second come after those of the first. The pooled value describes the period, not
    its end; it is only for questions and populations that are the same in both.
    """
    half = (first.weights.sum() + second.weights.sum()) / 2
    return stack(*(_scaled(design, half / design.weights.sum()) for design in (first, second)),
                 common=False)  # fmt: skip


def _scaled(design: Design, factor: float) -> Design:
    calibration = design.calibration and Calibration(
        design.calibration.cell,
        design.calibration.variables,
        np.asarray(design.calibration.start) * factor,
    )
    return Design(
        design.weights * factor,
        design.strata,
        design.psu,
        design.fpc,
        calibration,
        design.residuals,
        design.leverage_cap,
        design.lonely_psu,
    )


def _reml(y: Floats, psi: Floats, x: Floats) -> float:
    """σ² at the maximum of the restricted likelihood, 0 if it falls from there.

    Newton's method on the score Σ(Py)² - tr P with Fisher's information tr P², kept at or above 0.
    """

    def projection(sigma: float) -> Floats:
        v = 1 / (sigma + psi)
        weighted = x * v[:, None]
        return np.asarray(np.diag(v) - weighted @ np.linalg.solve(weighted.T @ x, weighted.T))

    sigma = float(np.median(psi))
    for _ in range(500):
        p = projection(sigma)
        score = float(np.square(p @ y).sum() - np.trace(p))
        following = max(sigma + score / float(np.square(p).sum()), 0.0)
        if abs(following - sigma) <= 1e-13 * (sigma + psi.min()):
            return following
        sigma = following
    raise NotConverged("the model variance of the areas was not found in 500 steps")


def _shapiro(residual: Floats) -> float:
    from scipy.stats import shapiro

    return float(shapiro(residual).pvalue)
