"""Tests of association: Rao–Scott's corrections of Pearson's chi-square, and the joint Wald test.

Under a survey design Pearson's statistic is not chi-square but a weighted sum of chi-squares, whose
weights δ are the generalised design effects of the table's interaction contrasts (Rao & Scott 1981,
JASA 76, 221–230; 1984, Annals of Statistics 12, 46–60):

- first order: X²/δ̄ against chi-square with (R-1)(C-1) degrees of freedom;
- second order: X²/Σδ against F with d₀ = (Σδ)²/Σδ² and d₀ν degrees of freedom, ν the design's
  (Thomas & Rao 1987). This is the one to use.

The same numbers as R's ``svychisq`` but for one point: for a subset of a calibrated design R counts
the persons outside it in n and ν; here both count the persons in the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from survey_lib.statistics.design import Design
from survey_lib.statistics.estimation import covariance_of_shares


@dataclass(frozen=True)
class RaoScott:
    """Both corrections of Pearson's chi-square of a two-way table.

    Attributes
    ----------
    pearson : X² of the weighted table scaled to n, uncorrected.
    df : (R-1)(C-1).
    chi2, p_first_order : X²/δ̄ and its p-value by chi-square.
    f, f_df, f_df_residual, p : X²/Σδ, its degrees of freedom, and its p-value by F.
    n : persons in the table.
    """

    pearson: float
    df: int
    chi2: float
    p_first_order: float
    f: float
    f_df: float
    f_df_residual: float
    p: float
    n: int


def rao_scott(design: Design, rows: ArrayLike, columns: ArrayLike) -> RaoScott:
    """Test whether two classifications are independent.

    Parameters
    ----------
    rows, columns : (n,) codes 0 …; -1 in either leaves the person out of the table.

    Raises
    ------
    ValueError
        If either classification has fewer than two levels with persons in the table.
    """
    row, column = np.asarray(rows), np.asarray(columns)
    inside = (row >= 0) & (column >= 0) & (design.weights > 0)
    levels = [np.unique(codes[inside]) for codes in (row, column)]
    if min(len(found) for found in levels) < 2:
        raise ValueError("a table needs two levels or more each way; all answers are equal")
    shape = len(levels[0]), len(levels[1])
    size = shape[0] * shape[1]
    cell = np.where(
        inside,
        np.searchsorted(levels[0], row) * shape[1] + np.searchsorted(levels[1], column),
        -1,
    )
    members = cell[:, None] == np.arange(size)
    share, covariance = covariance_of_shares(
        design, members, np.repeat(inside[:, None], size, axis=1)
    )
    n, nu = int(inside.sum()), int(design.degrees_of_freedom(inside))
    table = share.reshape(shape)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    pearson = n * float((np.square(table - expected) / expected).sum())

    # interaction contrasts, orthogonal to rows and columns; empty cells get no weight
    main = np.hstack(
        [
            np.kron(np.eye(shape[0]), np.ones((shape[1], 1))),
            np.tile(np.eye(shape[1]), (shape[0], 1)),
        ]
    )
    left, values, _ = np.linalg.svd(main)
    interaction = left[:, int((values > 1e-9 * values[0]).sum()) :]
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    weighted = interaction * inverse[:, None]
    simple = interaction.T @ weighted / n
    delta = np.linalg.solve(simple, weighted.T @ covariance @ weighted)
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    df = interaction.shape[1]
    d0 = trace**2 / square
    return RaoScott(
        pearson=pearson,
        df=df,
        chi2=pearson * df / trace,
        p_first_order=float(special.chdtrc(df, pearson * df / trace)),
        f=pearson / trace,
        f_df=d0,
        f_df_residual=d0 * nu,
        p=float(special.fdtrc(d0, d0 * nu, pearson / trace)),
        n=n,
    )


@dataclass(frozen=True)
class Wald:
    """A joint test: F with df and df_residual degrees of freedom."""

    f: float
    df: int
    df_residual: float
    p: float


def wald(values: ArrayLike, covariance: ArrayLike, df: float) -> Wald:
    """Test whether several contrasts are all 0.

    F = (d' V⁻¹ d / q)(ν - q + 1)/ν against F with q and ν - q + 1 degrees of freedom, q the rank of
    V (Korn & Graubard 1990, The American Statistician 44, 270–276): the adjusted Wald test.

    Parameters
    ----------
    values, covariance : (C,) contrasts and (C, C).
    df : ν, the design's degrees of freedom.

    Raises
    ------
    ValueError
        If there are as many contrasts as degrees of freedom.
    """
    d, v = np.asarray(values, dtype=float), np.asarray(covariance, dtype=float)
    rank = int(np.linalg.matrix_rank(v, hermitian=True))
    residual = df - rank + 1
    if residual <= 0:
        raise ValueError(f"{rank} contrasts cannot be tested with {df} degrees of freedom")
    statistic = float(d @ np.linalg.pinv(v, hermitian=True) @ d)
    f = statistic / rank * residual / df
    return Wald(f, rank, residual, float(special.fdtrc(rank, residual, f)))
