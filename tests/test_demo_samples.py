"""Samples of the made-up population: weighting matters, and true changes are found as planned.

Estimates here are textbook post-stratification written out in numpy, so that the demo is checked
without the project's own weighting and statistics.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import ndtr

from survey_lib.demo import Population, draw_samples
from survey_lib.demo.respondents import draw_respondents_of_wave
from survey_lib.vocabulary import Parameters


def previous(parameters: Parameters, wave: str) -> str:
    return next(first for first, second in pairwise(parameters.delivered) if second == wave)


def problem_items(parameters: Parameters) -> list[str]:
    """The rows of the ranked battery, whose changes are tested as one family."""
    (battery,) = [b for b in parameters.questionnaire.batteries.values() if b.flag_same_answer]
    return list(battery.items)


def post_stratified(
    population: Population, wave: str, area: str, items: list[str], codes: list[int]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of sample after sample: weighted shares, their variances, unweighted shares (K,)."""
    people = population.people[area].background
    counted = np.isin(population.answers(wave, area)[items].to_numpy(), codes).astype(float)
    cell = people.groupby(["alder_grp", "kon"], observed=True).ngroup().to_numpy()
    weight = np.bincount(cell) / len(cell)
    for rows in draw_samples(population, wave, area, 120, seed=7):
        n = np.bincount(cell[rows], minlength=len(weight))[:, None]
        sums = np.zeros((len(weight), len(items)))
        np.add.at(sums, cell[rows], counted[rows])
        mean = sums / n
        variance = np.square(weight) @ (mean * (1 - mean) / (n - 1))
        yield weight @ mean, variance, counted[rows].mean(axis=0)


def test_weighting_matters(population: Population) -> None:
    """Against the truth, weighted shares have little bias and unweighted ones much; 95 % intervals
    around the weighted ones cover."""
    items, codes = problem_items(population.parameters), [3]
    wave = list(population.parameters.delivered)[-2]
    covered, errors = [], []
    for area in list(population.people)[:4]:
        target = population.answers(wave, area)[items].isin(codes).mean().to_numpy()
        samples = [
            np.array(s)
            for s in zip(*post_stratified(population, wave, area, items, codes), strict=True)
        ]
        weighted, variance, unweighted = samples
        covered.append(np.abs(weighted - target) <= 1.96 * np.sqrt(variance))
        errors.append(
            (
                np.abs(weighted.mean(axis=0) - target).mean(),
                np.abs(unweighted.mean(axis=0) - target).mean(),
                np.sqrt(np.square(weighted - target).mean()),
                np.sqrt(np.square(unweighted - target).mean()),
            )
        )
    bias, raw_bias, error, raw_error = np.mean(errors, axis=0)
    assert raw_bias > 0.006
    assert bias < raw_bias / 4
    assert error < 0.85 * raw_error
    assert 0.93 < np.mean(covered) < 0.97


def adjusted(p: np.ndarray) -> np.ndarray:
    """Benjamini and Hochberg's adjusted p-values, as the paper writes them."""
    order = np.argsort(p)
    raised = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty_like(p)
    found[order] = np.minimum.accumulate(raised[::-1])[::-1]
    return found


def test_true_changes_are_found_as_often_as_planned(population: Population) -> None:
    """The adjusted test over the family finds the change in 80-90 % of samples; a few percentage
    points of slack for 120 repetitions."""
    parameters, plan = population.parameters, population.plan
    items = problem_items(parameters)
    powers = []
    for change in plan.truth.changes:
        if parameters.delivered[change.wave].strata[change.area].sampling != "sannolikhet":
            continue
        sides = [
            post_stratified(population, wave, change.area, items, change.codes)
            for wave in (previous(parameters, change.wave), change.wave)
        ]
        found = []
        for before, after in zip(*sides, strict=True):
            z = np.abs(after[0] - before[0]) / np.sqrt(after[1] + before[1])
            found.append(adjusted(2 * ndtr(-z))[items.index(change.item)] < 0.05)
        powers.append(np.mean(found))
        assert 0.72 < powers[-1] < 0.96, change
    assert 0.80 < np.mean(powers) < 0.92


def test_the_delivered_samples_show_every_verdict(population: Population) -> None:
    """The plan's seed is chosen so: changes are found, noise is not, and some noise would have been
    by a test of its own."""
    parameters, plan = population.parameters, population.plan
    items, latest = problem_items(parameters), list(parameters.delivered)[-1]
    shares = {}
    for wave in (previous(parameters, latest), latest):
        respondents = draw_respondents_of_wave(population, wave)
        codes = respondents.codes.assign(stratum=respondents.stratum)[respondents.fault == ""]
        for area, mine in codes[codes["kon"] != 3].groupby("stratum"):
            people = population.people[area].background
            weight = people.groupby(["alder_grp", "kon"], observed=True).size() / len(people)
            cells = (
                mine[items].eq(3).where(mine[items] != 99).groupby([mine["alder_grp"], mine["kon"]])
            )
            mean, n = cells.mean().astype(float), cells.count()
            variance = (mean * (1 - mean) / (n - 1)).mul(weight**2, axis=0).sum()
            shares[wave, area] = mean.mul(weight, axis=0).sum(), variance
    alone = []
    for change in plan.truth.changes:
        strata = parameters.delivered[latest].strata
        if change.area not in strata or strata[change.area].sampling != "sannolikhet":
            continue
        (before, first), (now, second) = (
            shares[w, change.area] for w, a in shares if a == change.area
        )
        p = 2 * ndtr(-(now - before).abs() / np.sqrt(first + second))
        p_adjusted = pd.Series(adjusted(p.to_numpy()), index=items)
        (noise,) = [one.item for one in plan.truth.noise if one.area == change.area]
        assert p_adjusted[change.item] < 0.05
        assert p_adjusted.drop(change.item).min() > 0.05
        alone.append(p[noise] < 0.05)
    assert 2 <= sum(alone) < len(alone)


def test_samples_are_independent_and_differ(population: Population) -> None:
    wave = list(population.parameters.delivered)[-2]
    area = next(iter(population.people))
    first, second = draw_samples(population, wave, area, 2, seed=3)
    again, _ = draw_samples(population, wave, area, 2, seed=3)
    assert np.array_equal(first, again)
    assert (
        len(np.unique(first))
        == len(first)
        == population.parameters.delivered[wave].strata[area].responding
    )
    assert len(np.intersect1d(first, second)) < 0.1 * len(first)


def test_a_quota_sample_meets_those_who_go_out(population: Population) -> None:
    parameters = population.parameters
    (wave, area) = next(
        (wave, area)
        for wave, spec in parameters.delivered.items()
        for area, stratum in spec.strata.items()
        if stratum.sampling == "kvot"
    )
    codes = [4, 5, 96]
    item = "trygg_ute_kvall"
    target = population.answers(wave, area)[item].isin(codes).mean()
    weighted = [s[0][0] for s in post_stratified(population, wave, area, [item], codes)]
    assert np.mean(weighted) < target - 0.05
    drawn = [
        s[0][0]
        for s in post_stratified(population, previous(parameters, wave), area, [item], codes)
    ]
    assert abs(np.mean(drawn) - target) < 0.02


def test_exactly_those_promised_respond(population: Population) -> None:
    for wave, spec in population.parameters.delivered.items():
        respondents = draw_respondents_of_wave(population, wave)
        proper = pd.Series(respondents.stratum[respondents.fault == ""]).value_counts()
        assert proper.to_dict() == {area: one.responding for area, one in spec.strata.items()}


def test_blanks_grow_and_dont_knows_are_many_where_they_should(population: Population) -> None:
    asked = population.parameters.questionnaire
    wave = list(population.parameters.delivered)[-1]
    respondents = draw_respondents_of_wave(population, wave)
    codes = respondents.codes[respondents.fault == ""]
    single = [i for i, item in asked.items.items() if item.kind == "single" and not item.asked_if]
    blank = codes[single].eq(99).mean()
    assert blank.between(0.003, 0.05).all()
    third = len(single) // 3
    assert blank.iloc[-third:].mean() > 1.6 * blank.iloc[:third].mean()
    unsure = codes[single].eq(98).sum() / codes[single].isin([1, 2, 3, 4, 5, 98]).sum()
    many = ["bryr_polis", "bryr_stad", "prob_narkotika"]
    assert unsure[many].between(0.15, 0.25).all()
    assert unsure.drop(many).max() < 0.10
