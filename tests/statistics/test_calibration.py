"""Raking and trimming: margins hit, start weights counted, failures named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from samples import sample, seeds

from survey_lib.statistics.design import Calibration, Design
from survey_lib.statistics.diagnostics import margin_table, weight_summary
from survey_lib.statistics.errors import ContradictoryMargins, EmptyCell, NotConverged
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.statistics.generalised import calibrate
from survey_lib.statistics.margins import Margin
from survey_lib.statistics.nonresponse import nonresponse_weights
from survey_lib.statistics.raking import declared, rake, rake_and_trim, trim


@given(seeds, st.booleans())
@settings(max_examples=30, deadline=None)
def test_every_margin_is_hit(seed, zeros):
    s = sample(seed, clustered=False, weighting="fixed", zeros=zeros)
    raked = rake(s.design.weights, s.margins)
    for margin in s.margins:
        achieved = np.bincount(margin.codes, raked.weights, minlength=len(margin.targets))
        assert_allclose(achieved, margin.targets, rtol=1e-10)
    assert raked.margin_error <= 1e-10
    assert_allclose(raked.factors * s.design.weights, raked.weights)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_factors_are_products_over_margins(seed):
    """log(w/d) is additive in the levels: that, and the margins, is what makes it raking."""
    s = sample(seed, clustered=False, weighting="fixed")
    raked = rake(s.design.weights, s.margins)
    dummies = raked.calibration.variables[raked.calibration.cell]
    fitted = dummies @ np.linalg.lstsq(dummies, np.log(raked.factors), rcond=None)[0]
    assert_allclose(fitted, np.log(raked.factors), atol=1e-9)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_trimming_keeps_margins_and_bounds(seed):
    s = sample(seed, clustered=False, weighting="fixed")
    raked = rake(s.design.weights, s.margins)
    area = s.margins[0].codes
    mean = (np.bincount(area, raked.weights) / np.bincount(area))[area]
    trimmed = trim(raked, s.margins, 0.35, 2.6, groups=area)
    relative = trimmed.weights / mean
    assert relative.min() >= 0.35 * (1 - 1e-7) and relative.max() <= 2.6 * (1 + 1e-7)
    for margin in s.margins:
        achieved = np.bincount(margin.codes, trimmed.weights, minlength=len(margin.targets))
        assert_allclose(achieved, margin.targets, rtol=1e-10)
    untouched = (raked.weights / mean).min() >= 0.35 and (raked.weights / mean).max() <= 2.6
    assert (trimmed.trimmed == 0) == untouched


def test_trimming_within_groups_uses_each_group_s_mean():
    s = sample(5, clustered=False, weighting="fixed")
    area = s.margins[0].codes
    trimmed = trim(rake(s.design.weights, s.margins), s.margins, 0.4, 2.2, groups=area)
    for level in range(4):
        relative = trimmed.weights[area == level] / trimmed.weights[area == level].mean()
        assert relative.min() > 0.4 - 1e-6 and relative.max() < 2.2 + 1e-6


def test_start_weights_count():
    codes = np.array([0, 0, 1, 1])
    raked = rake([1.0, 3.0, 2.0, 2.0], [(codes, [40.0, 60.0])])
    assert_allclose(raked.weights, [10, 30, 30, 30])


def test_a_person_of_unknown_level_shares_it_by_the_mixture():
    """Four of known sex, one of unknown: the age total holds, and the sexes share the rest by
    target.
    """
    codes = np.array([0, 0, 1, 1, 2])
    margin = Margin(codes, np.array([50.0, 50.0]), "sex", None, np.array([[0.5, 0.5]]))
    raked = rake(np.array([1.0, 1.0, 2.0, 2.0, 1.0]), [margin])
    women, men, unknown = raked.weights[:2].sum(), raked.weights[2:4].sum(), raked.weights[4]
    assert_allclose(women + unknown / 2, 50)
    assert_allclose(men + unknown / 2, 50)
    assert_allclose(raked.factors[4], np.sqrt(raked.factors[0] * raked.factors[2]))


def test_a_person_outside_a_margin_is_left_alone_by_it():
    raked = rake(np.ones(5), [(np.array([0, 0, 1, 1, -1]), [10.0, 20.0])])
    assert_allclose(raked.weights, [5, 5, 10, 10, 1])


def test_an_empty_level_is_named():
    with pytest.raises(EmptyCell, match=r"margin age: 1 levels .* the first 75–84"):
        rake(np.ones(3), [(np.array([0, 0, 1]), [5, 5, 5], "age", ["16–64", "65–74", "75–84"])])


def test_a_level_without_population_gets_no_weight():
    raked = rake(np.ones(3), [(np.array([0, 0, 1]), [5.0, 0.0])])
    assert_allclose(raked.weights, [2.5, 2.5, 0])


def test_margins_of_different_sums_are_named():
    codes = np.array([0, 0, 1, 1])
    with pytest.raises(ContradictoryMargins, match="age sums to 10, margin sex to 11"):
        rake(np.ones(4), [(codes, [5.0, 5.0], "age"), (codes[::-1], [5.0, 6.0], "sex")])


def test_margins_that_contradict_each_other_inside_are_named():
    """Same sums, but the same persons cannot weigh both 4 and 5: the level is named."""
    codes = np.array([0, 0, 1, 1])
    with pytest.raises(NotConverged, match=r"margin (district|area), level (0|1) is off by"):
        rake(np.ones(4), [(codes, [4.0, 6.0], "district"), (codes, [5.0, 5.0], "area")])


def test_bounds_that_cannot_be_met_are_reported():
    codes = np.array([0] * 9 + [1])
    with pytest.raises(NotConverged, match="still outside the bounds"):
        rake_and_trim(np.ones(10), [(codes, [5.0, 5.0])], bounds=(0.5, 2))


def test_the_margin_table_shows_before_and_after():
    s = sample(7, clustered=False, weighting="fixed")
    raked = rake(s.design.weights, s.margins)
    table = margin_table(s.design.weights, raked.weights, s.margins)
    assert len(table) == 9
    assert_allclose(table["after"], table["target"], rtol=1e-10)
    assert_allclose(table.groupby("margin")["before"].sum(), s.design.weights.sum())
    assert table.groupby("margin")["n"].sum().eq(s.design.size).all()


def test_weights_that_came_raked_earn_their_credit():
    s = sample(8, clustered=False, weighting="raked")
    fixed = Design(s.design.weights, s.design.strata)
    credited = Design(
        s.design.weights, s.design.strata,
        calibration=declared(s.design.weights, [margin.codes for margin in s.margins]),
        residuals="plain",
    )  # fmt: skip
    area = (s.margins[1].codes == 1)[:, None]
    everyone = np.ones_like(area)
    assert estimate_shares(fixed, area, everyone)["se"][0] > 0.01
    assert estimate_shares(credited, area, everyone)["se"][0] == 0


def test_districts_raked_one_by_one_join_into_one_calibration():
    """Raking each area on its own is raking to margins crossed with the area."""
    s = sample(9, clustered=False, weighting="fixed")
    area, age = s.margins[0].codes, s.margins[1].codes
    targets = np.bincount(area * 3 + age, s.design.weights, minlength=12) * 1.1
    whole = rake(s.design.weights, [(area * 3 + age, targets)])
    members = [np.flatnonzero(area == level) for level in range(4)]
    parts = [
        rake(s.design.weights[rows], [(age[rows], targets[3 * level : 3 * level + 3])])
        for level, rows in enumerate(members)
    ]
    joined = Calibration.join([part.calibration for part in parts], members, s.design.size)
    numerators, bases = s.answers.expanded()
    frames = [
        estimate_shares(Design(whole.weights, area, calibration=c), numerators, bases, s.groups, 5)
        for c in (whole.calibration, joined)
    ]
    assert_allclose(frames[0]["se"], frames[1]["se"], rtol=1e-9, atol=1e-12)


def test_nonresponse_weights_restore_each_class():
    start = np.array([10.0, 10, 20, 20, 5, 5])
    classes = np.array(["a", "a", "a", "b", "b", "b"])
    responded = np.array([True, False, True, True, True, False])
    weights = nonresponse_weights(start, classes, responded)
    assert_allclose(weights, [10 * 40 / 30, 0, 20 * 40 / 30, 20 * 30 / 25, 5 * 30 / 25, 0])
    assert_allclose(weights.sum(), start.sum())
    with pytest.raises(EmptyCell, match="class b: nobody responded"):
        nonresponse_weights(start, classes, classes == "a")


def test_the_weight_summary_describes_each_group():
    table = weight_summary([1.0, 3.0, 2.0, 2.0, 0.0], np.array(["a", "a", "b", "b", "b"]))
    assert table["group"].tolist() == ["a", "b"]
    assert table["n"].tolist() == [2, 2]
    assert_allclose(table["kish_deff"], [2 * 10 / 16, 1])
    assert_allclose(table["n_effective"], [1.6, 2])
    assert_allclose(table[["smallest", "largest"]].iloc[0], [0.5, 1.5])


@given(seeds, st.sampled_from(["linear", "raking", "logit"]))
@settings(max_examples=30, deadline=None)
def test_every_distance_hits_continuous_and_class_totals(seed, kind):
    rng = np.random.default_rng(seed)
    n = 200
    start = rng.uniform(1, 3, n)
    x = np.column_stack([np.ones(n), rng.random(n) < 0.4, rng.lognormal(3, 0.5, n)])
    totals = (start @ x) * np.array([1.0, 1.08, 1.03])
    bounds = (0.2, 4.0) if kind == "logit" else None
    found = calibrate(start, x, totals, kind=kind, bounds=bounds)
    assert_allclose(found.weights @ x, totals, rtol=1e-9)
    if kind == "logit":
        assert found.factors.min() > 0.2 and found.factors.max() < 4
    if kind == "linear":
        fitted = x @ np.linalg.lstsq(x, found.factors - 1, rcond=None)[0]
        assert_allclose(found.factors - 1, fitted, atol=1e-9)


def test_bounded_calibration_stays_within_its_bounds():
    s = sample(4, clustered=False, weighting="fixed")
    variables = np.hstack([np.eye(len(m.targets))[m.codes] for m in s.margins])
    totals = np.concatenate([m.targets for m in s.margins])
    free = calibrate(s.design.weights, variables, totals, kind="raking")
    low, high = np.quantile(free.factors, [0.05, 0.95])
    cut = calibrate(
        s.design.weights, variables, totals, kind="raking", bounds=(low * 0.98, high * 1.02)
    )
    assert cut.factors.min() >= low * 0.98 and cut.factors.max() <= high * 1.02
    assert_allclose(cut.weights @ variables, totals, rtol=1e-9)
    assert cut.trimmed > 0


def test_calibration_on_cells_is_calibration_on_persons():
    s = sample(6, clustered=False, weighting="fixed")
    raked = rake(s.design.weights, s.margins)
    totals = np.concatenate([m.targets for m in s.margins])
    on_cells = calibrate(
        s.design.weights, raked.calibration.variables, totals, kind="raking",
        cell=raked.calibration.cell,
    )  # fmt: skip
    assert_allclose(on_cells.weights, raked.weights, rtol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "logit"}, "needs bounds"),
        ({"kind": "entropy"}, "not 'linear', 'raking' or 'logit'"),
        ({"kind": "linear", "bounds": (1.1, 2)}, "either side of 1"),
    ],
)
def test_calibration_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        calibrate(np.ones(4), np.ones((4, 1)), [8.0], **arguments)


def test_totals_that_cannot_be_met_name_the_variable():
    x = np.column_stack([np.ones(6), [1, 1, 1, 0, 0, 0]])
    with pytest.raises(NotConverged, match="the total of women is off by"):
        calibrate(
            np.ones(6), x, [6.0, 5.9], kind="linear", bounds=(0.5, 1.5), names=["all", "women"]
        )
    with pytest.raises(NotConverged, match="contradict each other"):
        calibrate(np.ones(6), np.ones((6, 2)), [6.0, 7.0], kind="raking")
