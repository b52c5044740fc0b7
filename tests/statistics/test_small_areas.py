"""The Fay–Herriot model: limits, areas without answers, and truth in simulation; pooled waves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from samples import sample

from survey_lib.statistics.estimation import estimate_shares
from survey_lib.statistics.small_areas import fay_herriot, pool


def areas(seed: int, sigma: float, m: int = 40) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(m), rng.normal(size=m)])
    psi = rng.uniform(0.5, 2, m) * 0.02
    truth = x @ [0.5, 0.1] + rng.normal(0, np.sqrt(sigma), m)
    return truth, truth + rng.normal(0, np.sqrt(psi)), psi, x


def test_the_estimate_lies_between_direct_and_synthetic():
    _, y, psi, x = areas(1, 0.02)
    found = fay_herriot(y, psi, x).areas
    low = np.minimum(found["direct"], found["synthetic"])
    high = np.maximum(found["direct"], found["synthetic"])
    assert ((found["estimate"] >= low) & (found["estimate"] <= high)).all()
    assert found["gamma"].between(0, 1).all()
    assert (found["se"] < found["direct_se"] * 1.05).all()


def test_precise_areas_keep_their_own_value_and_an_empty_one_gets_the_model_s():
    _, y, psi, x = areas(2, 0.02)
    psi[0], y[1] = 1e-10, np.nan
    found = fay_herriot(y, psi, x).areas
    assert_allclose(found["estimate"][0], y[0], rtol=1e-6)
    assert found["gamma"][1] == 0
    assert found["estimate"][1] == found["synthetic"][1]
    assert found["se"][1] > found["se"][2:].min()


def test_no_differences_between_areas_means_a_model_variance_of_zero():
    x = np.ones((20, 1))
    found = fay_herriot(np.full(20, 0.3) + 1e-6 * np.arange(20), np.full(20, 0.01), x)
    assert found.model_variance == 0
    assert_allclose(found.areas["estimate"], found.areas["synthetic"])
    assert (found.areas["se"] > 0).all()


def test_mean_squared_errors_are_true_on_average():
    """300 draws of 40 areas: mean estimated MSE over true MSE within a few percent, and a gain."""
    true, stated, plain = [], [], []
    for seed in range(300):
        truth, y, psi, x = areas(seed, 0.01)
        found = fay_herriot(y, psi, x).areas
        true.append(np.mean((found["estimate"] - truth) ** 2))
        stated.append(np.mean(found["se"] ** 2))
        plain.append(np.mean((y - truth) ** 2))
    assert 0.93 < np.mean(stated) / np.mean(true) < 1.07
    assert np.mean(true) < 0.6 * np.mean(plain)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, psi, x: (y[:3], psi[:3], x[:3]), "3 areas are too few for 2 covariates"),
        (lambda y, psi, x: (y, psi * 0, x), "variance above 0"),
        (lambda y, psi, x: (y, psi, np.ones((40, 2))), "linearly independent"),
        (lambda y, psi, x: (y, psi[:5], x), "one row per area"),
    ],
)
def test_what_cannot_be_modelled_says_why(change, message):
    _, y, psi, x = areas(3, 0.01)
    with pytest.raises(ValueError, match=message):
        fay_herriot(*change(y, psi, x))


def test_pooled_waves_weigh_the_same_and_are_more_precise():
    first = sample(41, clustered=False, weighting="raked")
    second = sample(42, clustered=False, weighting="raked")
    both = pool(first.design, second.design)
    size = first.design.size
    assert_allclose(both.weights[:size].sum(), both.weights[size:].sum())
    ys = [
        np.random.default_rng(k).random((s.design.size, 1)) < 0.4
        for k, s in enumerate((first, second))
    ]
    singles = [
        estimate_shares(s.design, y, np.ones_like(y)).iloc[0]
        for s, y in zip((first, second), ys, strict=True)
    ]
    y = np.vstack(ys)
    pooled = estimate_shares(both, y, np.ones_like(y)).iloc[0]
    assert_allclose(pooled["estimate"], np.mean([single["estimate"] for single in singles]))
    expected = np.sqrt(sum(single["se"] ** 2 for single in singles)) / 2
    assert_allclose(pooled["se"], expected, rtol=1e-9)
