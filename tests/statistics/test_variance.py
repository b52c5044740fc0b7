"""The plain road of the variance, against matrices written out in full."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from samples import sample, seeds

from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.variance import Linearised


def written_out(design: Design, influence: np.ndarray) -> float:
    """V of one estimate, with dense matrices and a loop over strata and units."""
    calibration = design.calibration
    x, d = calibration.variables[calibration.cell], calibration.start
    inverse = np.linalg.pinv((x.T * d) @ x, hermitian=True, rcond=1e-10)
    residual = influence - x @ (inverse @ (x.T @ (d * influence)))
    hat = np.einsum("iq,qr,ir->i", x, inverse, x) * d
    h = np.minimum(hat, design.leverage_cap) if design.residuals == "leverage" else 0
    z = design.weights * residual / (1 - h)
    units = np.arange(design.size) if design.psu is None else design.psu
    variance = 0.0
    for stratum in np.unique(design.strata):
        inside = design.strata == stratum
        totals = np.array([z[inside & (units == u)].sum() for u in np.unique(units[inside])])
        n = len(totals)
        fraction = 0 if design.fpc is None else n / design.fpc[inside][0]
        variance += (1 - fraction) * n / (n - 1) * np.square(totals - totals.mean()).sum()
    return variance


@given(
    seeds, st.sampled_from(["raked", "trimmed"]), st.sampled_from(["leverage", "plain"]),
    st.booleans(), st.booleans(), st.sampled_from([0.5, 0.02]),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_variance_is_the_textbook_s(seed, weighting, residuals, clustered, finite, cap):
    s = sample(seed, clustered=clustered, weighting=weighting)
    design = Design(
        s.design.weights, s.design.strata, s.design.psu,
        fpc=np.full(s.design.size, 900.0) if finite else None,
        calibration=s.design.calibration, residuals=residuals, leverage_cap=cap,
    )  # fmt: skip
    influence = np.random.default_rng(seed).normal(size=(design.size, 2)) * (s.groups == 2)[:, None]
    found = Linearised(design).variance(influence)
    assert_allclose(found, [written_out(design, u) for u in influence.T], rtol=1e-8)


def test_someone_alone_in_a_level_has_leverage_one_and_is_capped_and_counted():
    cell = np.array([0, 1, 1, 1, 1, 1])
    design = Design(np.ones(6), calibration=Calibration(cell, np.eye(2), np.full(6, 2.0)))
    projection = design.linearised.projection
    assert_allclose(projection.leverage, [0.5, 0.2, 0.2, 0.2, 0.2, 0.2])
    assert_array_equal(projection.capped, cell == 0)
    assert_allclose(projection.multiplier, 1 / (1 - projection.leverage))


@pytest.mark.parametrize(("policy", "expected"), [("certainty", 4), ("adjust", 13), ("average", 8)])
def test_a_lonely_unit_contributes_by_policy(policy, expected):
    """Strata of units 1, 3 | 3: V = 2 · (1 + 1) = 4 in the first; the lonely one is 0, 3² or 4."""
    design = Design(np.ones(3), np.array([0, 0, 1]), lonely_psu=policy)
    variance = Linearised(design).variance(np.array([[1.0], [3.0], [3.0]]))
    assert_allclose(variance, expected)
