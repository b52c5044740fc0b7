"""The made-up population: what is declared is true, level by level and wave by wave."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_lib.demo import Population, make_population, truth
from survey_lib.demo.answers import true_answers
from survey_lib.demo.people import AREA, simulate_people, whole_numbers
from survey_lib.faults import BadInput
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.demo import DemoPlan, end_of_order


@pytest.fixture(scope="module")
def plan(population: Population) -> DemoPlan:
    return population.plan


@pytest.fixture(scope="module")
def true(population: Population) -> dict[str, pd.Series]:
    """Wave -> true share by indicator and area."""
    found = {}
    for wave in population.parameters.delivered:
        shares = truth(population, wave)
        found[wave] = shares.set_index(["indicator", "area"])["share"]
    return found


def indicator_of(parameters: Parameters, item: str, codes: list[int]) -> str:
    """The indicator that counts these codes of an item."""
    (found,) = [
        one.id
        for one in parameters.questionnaire.indicators.values()
        if one.item == item and set(one.rule.numerator) == set(codes)
    ]
    return found


def previous(parameters: Parameters, wave: str) -> str:
    return next(first for first, second in pairwise(parameters.delivered) if second == wave)


def test_everyone_in_the_population_file_is_there_once(
    population: Population, plan: DemoPlan
) -> None:
    cells = population.parameters.population(plan.persons.cells)
    variables = list(cells.columns.difference(["id", "persons"]))
    for area, rows in cells.groupby("id"):
        people = population.people[str(area)].background
        counted = people.groupby(variables, observed=False).size()
        declared = rows.set_index(variables)["persons"]
        assert abs(counted.loc[declared.index] - declared).max() < 1
        assert len(people) == round(declared.sum())


def test_subareas_hold_their_part_of_the_population(population: Population, plan: DemoPlan) -> None:
    rows = population.parameters.population(plan.persons.subareas)
    (column,) = rows.columns.difference(["id", "persons"])
    for area, mine in rows.groupby("id"):
        counted = population.people[str(area)].background[AREA].value_counts()
        expected = mine["persons"] / mine["persons"].sum() * counted.sum()
        assert np.allclose(counted[mine[column]], expected, atol=1)


def test_every_item_has_an_answer_from_everyone_asked(population: Population) -> None:
    asked = population.parameters.questionnaire
    area = next(iter(population.people))
    for wave, spec in population.parameters.delivered.items():
        answers = population.answers(wave, area)
        for item, definition in asked.items.items():
            if definition.kind == "text":
                continue
            for column in asked.columns(item):
                codes = {1, 0} if definition.kind == "multiple" else set(asked.codes(item, spec))
                assert set(answers[column].unique()) <= codes - {99}, column


def answers_of(parameters: Parameters, plan: DemoPlan, seed: int) -> pd.DataFrame:
    """True answers of the first area in the first wave, from persons made anew."""
    area, wave = (
        parameters.population(plan.persons.cells)["id"][0],
        next(iter(parameters.delivered)),
    )
    people = simulate_people(parameters, plan, area, seed)
    return true_answers(parameters, plan, people, wave, seed)


def test_same_seed_same_answers_and_another_seed_others(
    parameters: Parameters, population: Population, plan: DemoPlan
) -> None:
    answers = population.answers(next(iter(parameters.delivered)), next(iter(population.people)))
    pd.testing.assert_frame_equal(answers_of(parameters, plan, plan.seed), answers)
    assert not answers_of(parameters, plan, 1).equals(answers)


def test_one_item_less_leaves_all_other_answers_alone(
    parameters: Parameters, plan: DemoPlan
) -> None:
    """Every variable has its own random stream: taking one away changes no other."""
    *others, last = plan.truth.questions
    fewer = {item: plan.truth.questions[item] for item in others}
    smaller = plan.truth.model_copy(update={"questions": fewer})
    without = answers_of(parameters, plan.model_copy(update={"truth": smaller}), plan.seed)
    pd.testing.assert_frame_equal(
        answers_of(parameters, plan, plan.seed).drop(columns=last), without
    )


def test_answers_of_one_person_hang_together(population: Population, plan: DemoPlan) -> None:
    area, wave = next(iter(population.people)), list(population.parameters.delivered)[-1]
    answers = population.answers(wave, area)
    by_dimension: dict[str, list[str]] = {}
    for item, question in plan.truth.questions.items():
        order = list(question.shares)
        if not question.outside and order == sorted(order) and len(order) > 2:
            by_dimension.setdefault(question.dimension, []).append(item)
    within, between = [], []
    codes = answers.where(answers < 96)
    correlations = codes.corr()
    for dimension, items in by_dimension.items():
        for k, item in enumerate(items):
            within += [correlations.loc[item, other] for other in items[k + 1 :]]
            for other_dimension, others in by_dimension.items():
                if other_dimension > dimension:
                    between += [correlations.loc[item, other] for other in others]
    assert 0.25 < np.mean(within) < 0.6
    assert 0.03 < np.mean(between) < np.mean(within) - 0.1


def test_levels_are_as_declared(
    parameters: Parameters, plan: DemoPlan, true: dict[str, pd.Series]
) -> None:
    """Levels hold in the waves without drift, until a declared change."""
    for level in plan.truth.levels:
        dimension = plan.truth.questions[level.item].dimension
        indicator = indicator_of(parameters, level.item, level.codes)
        changed = [c for c in plan.truth.changes if (c.area, c.item) == (level.area, level.item)]
        for wave in parameters.delivered:
            if plan.truth.drift.get(wave, {}).get(dimension) or any(
                c.wave <= wave for c in changed
            ):
                continue
            if (indicator, level.area) in true[wave].index:
                assert true[wave][indicator, level.area] == pytest.approx(level.share, abs=1e-4)


def test_levels_lie_where_published_surveys_put_them(
    parameters: Parameters, true: dict[str, pd.Series]
) -> None:
    whole = next(area for area in parameters.areas.areas if not parameters.areas.ancestors(area))
    between = {  # domain guide, section 8
        "trygg_omrade": (0.80, 0.90),
        "otrygg_ute_kvall": (0.12, 0.28),
        "prob_nedskrapning_stort": (0.2, 0.5),
        "uts_hot": (0.03, 0.06),
        "uts_vald": (0.01, 0.03),
        "radd_for_person": (0.05, 0.17),
        "fort_polis": (0.45, 0.55),
        "bryr_polis": (0.4, 0.55),
        "plats_finns": (0.35, 0.6),
        "otrygg_lokaler_kvall": (0.1, 0.2),  # on its older scale too
    }
    for shares in true.values():
        for indicator, (low, high) in between.items():
            assert low <= shares[indicator, whole] <= high, indicator
        order = ["nedskrapning", "fortkorning", "belysning", "skadegorelse", "narkotika"]
        stort = [shares[f"prob_{problem}_stort", whole] for problem in order]
        assert stort == sorted(stort, reverse=True)
        areas = [a for a in parameters.areas.of_level("sdn") if ("trygg_omrade", a) in shares.index]
        assert min(shares["trygg_omrade", a] for a in areas) > 0.74
        assert max(shares["trygg_omrade", a] for a in areas) < 0.95


def test_the_sex_gap_is_largest_among_the_youngest_in_the_evening(population: Population) -> None:
    wave = list(population.parameters.delivered)[-1]
    rows = []
    for area in population.parameters.delivered[wave].strata:
        answers, people = population.answers(wave, area), population.people[area].background
        unsafe = answers["trygg_ute_kvall"].isin([4, 5]) | answers["ute_kvall_orsak"].eq(1)
        rows.append(people[["kon", "alder_grp"]].assign(unsafe=unsafe))
    share = pd.concat(rows).groupby(["alder_grp", "kon"], observed=True)["unsafe"].mean().unstack()
    gap = share[1] - share[2]
    assert gap.idxmax() == "16_24"
    assert gap["16_24"] > 0.28
    assert 0.10 < gap.drop("16_24").mean() < 0.20


def test_one_change_and_one_noise_per_area(parameters: Parameters, plan: DemoPlan) -> None:
    areas = set(parameters.population(plan.persons.cells)["id"])
    for entries in (plan.truth.changes, plan.truth.noise):
        assert sorted(entry.area for entry in entries) == sorted(areas)
    latest = list(parameters.delivered)[-1]
    for change in plan.truth.changes:
        surveyed = change.area in parameters.delivered[latest].strata
        assert change.wave == (latest if surveyed else previous(parameters, latest))


def test_changes_are_true_and_noise_is_not(
    parameters: Parameters, plan: DemoPlan, true: dict[str, pd.Series]
) -> None:
    for change in plan.truth.changes:
        key = indicator_of(parameters, change.item, change.codes), change.area
        before = true[previous(parameters, change.wave)][key]
        drift = 0.015 if plan.truth.drift.get(previous(parameters, change.wave)) else 1e-4
        assert true[change.wave][key] - before == pytest.approx(change.change, abs=drift)
    for noise in plan.truth.noise:
        key = indicator_of(parameters, noise.item, noise.codes), noise.area
        assert true[noise.wave][key] == true[previous(parameters, noise.wave)][key]


def test_nothing_else_changes_between_the_two_latest_waves(
    parameters: Parameters, plan: DemoPlan, true: dict[str, pd.Series]
) -> None:
    before, latest = list(parameters.delivered)[-2:]
    shares = pd.concat([true[before], true[latest]], axis=1, keys=["before", "latest"]).dropna()
    for area in parameters.delivered[latest].strata:
        mine = shares.xs(area, level="area")
        moved = mine.index[(mine["latest"] - mine["before"]).abs() > 0]
        changed = {change.item for change in plan.truth.changes if change.area == area}
        assert {parameters.questionnaire.indicators[one].item for one in moved} == changed


def test_truth_of_an_area_is_that_of_its_parts(
    parameters: Parameters, population: Population
) -> None:
    wave = list(parameters.delivered)[-1]
    rows = truth(population, wave).set_index(["area", "indicator"])
    counted = rows["share"] * rows["persons"]
    for area in ("so:nordost", "sdn:angered"):
        level = "sdn" if area.startswith("so:") else "del"
        parts = [one for one in parameters.areas.of_level(level) if one in rows.index.levels[0]]
        parts = [one for one in parts if parameters.areas.contains(area, one)]
        for indicator in ("trygg_omrade", "otrygg_hallplats_kvall", "otrygg_barn_skola"):
            total = sum(counted[part, indicator] for part in parts)
            persons = sum(rows["persons"][part, indicator] for part in parts)
            assert rows["share"][area, indicator] == pytest.approx(total / persons, rel=1e-12)
    by_sex = truth(population, wave, "kon")
    assert set(by_sex["group"]) == {1, 2, 3}
    assert by_sex.loc[by_sex["group"] == 3, "share"].isna().all()


def test_parameters_without_a_plan_make_no_survey(parameters: Parameters) -> None:
    with pytest.raises(BadInput, match=r"demo\.yaml"):
        make_population(replace(parameters, demo=None))


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=40))
def test_whole_numbers_keep_the_total_and_stay_near(persons: list[float]) -> None:
    rounded = whole_numbers(np.array(persons))
    assert rounded.sum() == round(sum(persons)) or abs(rounded.sum() - sum(persons)) <= 0.5 + 1e-6
    assert (np.abs(rounded - persons) < 1 + 1e-9).all()


def test_an_end_of_an_order_is_found_or_refused() -> None:
    assert end_of_order([1, 2, 3, 4, 5], [4, 5]) == (2, False)
    assert end_of_order([1, 2, 3, 4, 5], [2, 1]) == (1, True)
    assert end_of_order([4, 3, 2, 1], [1, 2]) == (1, False)
    for codes in ([2], [1, 3], [1, 2, 3, 4, 5], []):
        with pytest.raises(ValueError, match="neither"):
            end_of_order([1, 2, 3, 4, 5], codes)
