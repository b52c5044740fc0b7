"""Linear and logistic regression of survey data, and average marginal effects.

The coefficients solve the weighted score equations Σ w x (y - μ) = 0. Standard errors that take the
weights for counts, as most programs' do, are several times too small. Ours come from the influence
values of the coefficients (Binder 1983, International Statistical Review 51, 279–292; Lumley 2010,
ch. 5),

    u_i = A⁻¹ x_i (y_i - μ_i),   A = Σ w v(μ) x x',   v = 1 or μ(1 - μ),

with strata, units and calibration as for any other estimate (:mod:`.variance`).

An average marginal effect is what changes in the mean of the outcome, other things equal, when one
characteristic changes for everyone: for a class Σ w (μ¹ - μ⁰)/Σ w, in the units of the outcome. For
a logistic model that is percentage points, which a reader understands and an odds ratio is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from survey_lib.statistics.arrays import Array, Flags, Floats
from survey_lib.statistics.design import Design
from survey_lib.statistics.errors import NotConverged
from survey_lib.statistics.intervals import t_quantile

Family = Literal["linear", "logistic"]

MOST_STEPS = 50  # of the search for coefficients; a model that exists takes about seven


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model.

    Attributes
    ----------
    names : of the p coefficients; the first is the intercept.
    coefficients : (p,)
    df : the design's degrees of freedom minus the coefficients beside the intercept.
    n : persons in the model.
    influence : (n, p) influence values of the coefficients; 0 for persons outside the model.
    """

    family: Family
    design: Design
    names: tuple[str, ...]
    coefficients: Array
    influence: Array
    predictors: Array
    inside: Array
    df: int
    n: int

    @cached_property
    def covariance(self) -> Array:
        """(p, p) of the coefficients."""
        return self.design.linearised.covariance(self.influence)

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """``name, estimate, se, low, high, p, n, df``; log odds for a logistic model."""
        se = np.sqrt(np.diag(self.covariance))
        return _table(self.names, self.coefficients, se, self.n, self.df, confidence)


def linear(
    design: Design, outcome: ArrayLike, predictors: ArrayLike, names: Sequence[str] | None = None
) -> Regression:
    """Linear regression of a numeric outcome; see :func:`logistic` for parameters and errors."""
    return _fit(design, outcome, predictors, names, "linear")


def logistic(
    design: Design, outcome: ArrayLike, predictors: ArrayLike, names: Sequence[str] | None = None
) -> Regression:
    """Logistic regression of a 0/1 outcome.

    Parameters
    ----------
    outcome : (n,); NaN leaves the person out of the model (and in the design).
    predictors : (n, p) without an intercept, which is added; NaN as for the outcome.
    names : of the predictors.

    Raises
    ------
    ValueError
        All outcomes equal, or predictors that are linearly dependent.
    NotConverged
        When the classes are separated: some combination of predictors tells the outcome for sure.
    """
    return _fit(design, outcome, predictors, names, "logistic")


def average_effects(
    model: Regression,
    classes: Sequence[Sequence[int]],
    *,
    persons: Literal["sampled", "fixed"] = "sampled",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Average marginal effects of classes, each against its reference class.

    Parameters
    ----------
    classes : for each characteristic the columns of its indicator variables among the predictors
        (without the intercept, counted from 0); the reference class has none. ``[[2, 3, 4]]`` is
        one characteristic with four classes. A continuous predictor, alone in its list, gets the
        change per unit.
    persons : ``"sampled"`` counts that the persons averaged over are a sample too; ``"fixed"``
        holds them fixed, as most programs' delta method does.

    Returns
    -------
    One row per column of ``classes``: ``name, estimate, se, low, high, p, n, df``.
    """
    rows = np.flatnonzero(model.inside)
    x, beta = model.predictors[rows], model.coefficients
    w = model.design.weights[rows]
    names: list[str] = []
    estimates: list[float] = []
    influence: list[Floats] = []
    for columns in classes:
        own = np.asarray(columns) + 1
        indicators = np.isin(x[:, own], (0, 1)).all()
        without = x @ beta - x[:, own] @ beta[own]  # everyone in the reference class
        reference, slope = _mean(model.family, without), w * _slope(model.family, without)
        for column in own:
            if indicators:  # x with 1 in the column, less x with 0, both 0 in the other classes
                effect = _mean(model.family, without + beta[column]) - reference
                with_it = w * _slope(model.family, without + beta[column])
                change = (with_it - slope) @ x
                change[own] = 0
                change[column] = with_it.sum()
            elif len(own) == 1:
                effect, each = _derivative(model.family, x, beta, int(column))
                change = w @ each
            else:
                raise ValueError("classes of one characteristic must be 0/1 columns")
            average = float(w @ effect / w.sum())
            through = model.influence[rows] @ (change / w.sum())
            own_part = (effect - average) / w.sum()
            influence.append(through + own_part if persons == "sampled" else through)
            estimates.append(average)
            names.append(model.names[column])
    everyone = np.zeros((model.design.size, len(influence)))
    everyone[rows] = np.column_stack(influence)
    variance = model.design.linearised.variance(everyone)
    return _table(names, np.array(estimates), np.sqrt(variance), model.n, model.df, confidence)


def _fit(
    design: Design,
    outcome: ArrayLike,
    predictors: ArrayLike,
    names: Sequence[str] | None,
    family: Family,
) -> Regression:
    y = np.asarray(outcome, dtype=float)
    given = np.asarray(predictors, dtype=float)
    given = given[:, None] if given.ndim == 1 else given
    if len(y) != design.size or len(given) != design.size:
        raise ValueError(f"outcome {len(y)} and predictors {len(given)}, weights {design.size}")
    inside: Flags = ~np.isnan(y) & ~np.isnan(given).any(axis=1) & (design.weights > 0)
    x = np.column_stack([np.ones(design.size), np.where(inside[:, None], given, 0.0)])
    y = np.where(inside, y, 0.0)
    named = ["(Intercept)", *(names or [f"x{k}" for k in range(given.shape[1])])]
    if family == "logistic" and not np.isin(y, (0, 1)).all():
        raise ValueError("the outcome of a logistic regression must be 0 or 1")
    if not inside.any() or np.ptp(y[inside]) == 0:
        raise ValueError("all outcomes are equal; there is nothing to explain")
    if np.linalg.matrix_rank(x[inside]) < x.shape[1]:
        raise ValueError("the predictors are linearly dependent; leave one class out of each")
    weights = design.weights[inside] / design.weights[inside].mean()
    beta = _solve(family, x[inside], y[inside], weights)
    here, w = x[inside], design.weights[inside]
    information = (here.T * (w * _slope(family, here @ beta))) @ here
    influence = np.zeros_like(x)
    residual = y[inside] - _mean(family, here @ beta)
    influence[inside] = (here * residual[:, None]) @ np.linalg.inv(information)
    return Regression(
        family=family,
        design=design,
        names=tuple(named),
        coefficients=beta,
        influence=influence,
        predictors=x,
        inside=inside,
        df=max(design.degrees_of_freedom(inside) + 1 - x.shape[1], 1),
        n=int(inside.sum()),
    )


def _solve(family: Family, x: Floats, y: Floats, weights: Floats) -> Floats:
    """The coefficients: iteratively reweighted least squares until they stand still."""
    mean = (y + 0.5) / 2 if family == "logistic" else y
    linear_part = special.logit(mean) if family == "logistic" else y
    beta: Array = np.zeros(x.shape[1])
    for _ in range(MOST_STEPS):
        slope = weights * (mean * (1 - mean) if family == "logistic" else 1.0)
        working = slope * linear_part + weights * (y - mean)
        information = (x.T * slope) @ x
        try:
            last, beta = beta, np.asarray(np.linalg.solve(information, x.T @ working))
        except np.linalg.LinAlgError:  # separated: nobody is left in between
            break
        linear_part = x @ beta
        mean = _mean(family, linear_part)
        if np.abs(beta - last).max() <= 1e-13 * max(1.0, np.abs(beta).max()):
            break
    score = x.T @ (weights * (y - mean))
    scale = np.abs(x).T @ (weights * np.abs(y - mean))
    separated = np.abs(linear_part).max() > 25 and family == "logistic"
    if separated or (np.abs(score) > 1e-7 * np.maximum(scale, 1e-300)).any():
        raise NotConverged(
            "the regression did not converge: some predictors tell the outcome for sure; "
            "join classes"
        )
    return beta


def _mean(family: Family, linear_part: Floats) -> Floats:
    return np.asarray(special.expit(linear_part) if family == "logistic" else linear_part)


def _slope(family: Family, linear_part: Floats) -> Floats:
    if family == "linear":
        return np.ones_like(linear_part)
    mean = special.expit(linear_part)
    return np.asarray(mean * (1 - mean))


def _derivative(family: Family, x: Floats, beta: Floats, column: int) -> tuple[Floats, Floats]:
    """dμ/dx of one column for each person, and its derivative with respect to the coefficients."""
    slope = _slope(family, x @ beta)
    bend = slope * (1 - 2 * _mean(family, x @ beta)) if family == "logistic" else 0 * slope
    change = (bend * beta[column])[:, None] * x
    change[:, column] += slope
    return slope * beta[column], change


def _table(
    names: Sequence[str], estimate: Floats, se: Floats, n: int, df: int, confidence: float
) -> pd.DataFrame:
    half = t_quantile(confidence, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(df, -np.abs(estimate / se))
    return pd.DataFrame(
        {
            "name": list(names),
            "estimate": estimate,
            "se": se,
            "low": estimate - half,
            "high": estimate + half,
            "p": p,
            "n": n,
            "df": df,
        }
    )
