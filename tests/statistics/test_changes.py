"""One group's change beside another's: R's survey, identities, and coverage with known truth."""

from __future__ import annotations

from dataclasses import replace

import gold_cases as cases
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from samples import sample, seeds, weightings

from survey_lib.statistics.changes import compare_changes
from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.covariance import stack
from survey_lib.statistics.design import Design


@pytest.mark.parametrize("case", ["independent_persons", "independent_units", "shared_units"])
def test_changes_are_those_of_r(case):
    """R's svycontrast of four domains' shares: two waves drawn apart, or in the same units."""
    wave, gold = cases.table("wave"), cases.table("gold_changes")
    expected = gold[gold["case"] == case].set_index("statistic")["value"]
    shared = case == "shared_units"
    even = (np.arange(len(wave)) % 2 == 1) if shared else (wave["psu"] % 2 == 0).to_numpy()
    psu = None if case == "independent_persons" else wave["psu"].to_numpy()

    def part(rows: np.ndarray, times: float) -> Design:
        start, stratum = wave["start"].to_numpy(), wave["stratum"].to_numpy()
        units = None if psu is None else psu[rows]
        return Design(times * start[rows], stratum[rows], units)

    design = stack(part(even, 2), part(~even, 1), common=shared)
    both = pd.concat([wave[even], wave[~even]])
    trusting = (both["trust"] >= 4).to_numpy()[:, None]
    inside = (both["group"] == 1).to_numpy()
    later = np.arange(len(both)) < even.sum()
    everyone = np.ones_like(trusting)
    found = compare_changes(design, trusting, everyone, inside, ~inside, later).iloc[0]
    for name in ("inside", "beside", "difference"):
        assert_allclose(found[name], expected[name], rtol=1e-10)
    assert_allclose(found["se"], expected["difference_se"], rtol=1e-10)
    for group, name in ((inside, "inside"), (~inside, "beside")):
        alone = compare_groups(design, trusting, everyone, group & later, group & ~later).iloc[0]
        assert_allclose(alone["se"], expected[f"{name}_se"], rtol=1e-10)
        mine = found[[name, f"{name}_low", f"{name}_high"]].to_numpy(float)
        assert_allclose(alone[["difference", "low", "high"]].to_numpy(float), mine, rtol=1e-12)


@given(seeds, weightings, st.booleans())
@settings(max_examples=25)
def test_waves_drawn_apart_and_groups_weighted_apart_are_a_special_case(seed, weighting, clustered):
    """Two groups that have nothing in common, in waves that have nothing in common: all four shares
    are uncorrelated, and the interval is Newcombe's of the two changes."""
    waves = [sample(seed + k, clustered=clustered, weighting="fixed") for k in (0, 1)]
    designs = [replace(one.design, strata=one.groups) for one in waves]
    groups = np.concatenate([one.groups for one in waves])
    numerators, bases = (
        np.vstack(a) for a in zip(*(w.answers.expanded() for w in waves), strict=True)
    )
    design = stack(*designs, common=False)
    later = np.arange(design.size) < designs[0].size
    inside, beside = groups == 1, groups == 3
    found = compare_changes(design, numerators, bases, inside, beside, later)
    parts = [
        compare_groups(design, numerators, bases, group & later, group & ~later)
        for group in (inside, beside)
    ]
    assert_allclose(found["se"], np.hypot(parts[0]["se"], parts[1]["se"]), rtol=1e-9)
    low = found["difference"] - np.hypot(
        found["inside"] - found["inside_low"], found["beside_high"] - found["beside"]
    )
    assert_allclose(found["low"], low, rtol=1e-9, atol=1e-12)
    assert (found["count_first"] <= found["n_first"]).all()
    back = compare_changes(design, numerators, bases, beside, inside, later)
    assert_allclose(found[["difference", "low", "high"]], -back[["difference", "high", "low"]])


def test_an_empty_base_has_no_change():
    s = sample(3, clustered=False, weighting="fixed")
    numerators, bases = s.answers.expanded()
    later = np.arange(s.design.size) % 2 == 0
    nobody = np.zeros(s.design.size, dtype=bool)
    found = compare_changes(s.design, numerators, bases, s.groups == 1, nobody, later)
    assert found[["beside", "difference", "se", "low", "high"]].isna().all(axis=None)
    assert found["inside"].notna()[0]


@pytest.mark.parametrize("shared", [True, False])
def test_the_interval_of_the_difference_covers_the_truth(shared):
    """Units of ten persons visited in both waves, or other units in the second; 3 000 draws as so
    many questions to the same persons."""
    random, units, draws = np.random.default_rng(11), 40, 3000
    truth = {(True, True): 0.24, (True, False): 0.35, (False, True): 0.30, (False, False): 0.33}
    unit = np.repeat(np.arange(units), 10)
    effects = [random.normal(0, 0.06, (units, draws)) for _ in range(2)]

    def wave(later: bool) -> tuple[Design, np.ndarray, np.ndarray]:
        effect = effects[0 if shared else int(later)]
        inside = unit % 2 == 0
        share = np.where(inside, truth[True, later], truth[False, later])[:, None]
        answers = random.random((len(unit), draws)) < np.clip(share + effect[unit], 0, 1)
        return Design(np.ones(len(unit)), psu=unit), answers, inside

    (now, yes, here), (before, said, there) = wave(True), wave(False)
    design = stack(now, before, common=shared)
    inside, later = np.concatenate([here, there]), np.arange(design.size) < now.size
    numerators = np.vstack([yes, said])
    found = compare_changes(design, numerators, np.ones_like(numerators), inside, ~inside, later)
    true = truth[True, True] - truth[True, False] - truth[False, True] + truth[False, False]
    covered = ((found["low"] <= true) & (true <= found["high"])).mean()
    assert 0.94 <= covered <= 0.975, covered
    assert abs(found["se"].mean() / found["difference"].std() - 1) < 0.05
