"""The demo's published tables as linear relations: the truth keeps every one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import REST, Rule, remainder, system
from survey_lib.disclosure.linked import (
    around,
    by_question,
    question_tables,
    questions,
    respondents,
    wave_links,
)
from survey_lib.disclosure.rounding import Rounding
from survey_lib.disclosure.rules import HIDDEN, hide, marks, protect_areas, protect_profile
from survey_lib.disclosure.suppression import hide_cells, suppress, whole_rows
from survey_lib.disclosure.truth import counted, members, tabulate
from survey_lib.perception.estimates import estimate_wave
from survey_lib.pipeline import weigh_wave

WAVE = "2024"
SOME = ["problems", "problems_any", "safety", "exposure_person"]  # of make test; else all


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.evidence)])
def parameters(request, answered):
    """The embedded default with some of its tables, or all."""
    from survey_lib.vocabulary import load_parameters

    whole = load_parameters(answered / "parameters")
    if request.param == "all":
        return whole
    kept = {name: whole.tables.tables[name] for name in SOME}
    for table in ("problems", "problems_any"):
        few = kept[table].indicators[:2]
        kept[table] = kept[table].model_copy(update={"indicators": few})
    return replace(whole, tables=whole.tables.model_copy(update={"tables": kept}))


@pytest.fixture(scope="module")
def survey(parameters):
    return weigh_wave(parameters, WAVE)[0]


@pytest.fixture(scope="module")
def published(survey, parameters):
    """Indicators, answers, areas, profile, weights after the primary rules, unrounded."""
    made, showing = estimate_wave(survey, parameters), parameters.tables.showing
    sensitive = {i.id: i.sensitive for i in parameters.questionnaire.indicators.values()}
    items = {i.item: i.sensitive for i in parameters.questionnaire.indicators.values()}

    def marked(rows, theme):
        return hide(rows, marks(rows["n"], rows["count"], theme, showing))

    return (
        marked(made.indicators, made.indicators["indicator"].map(sensitive)),
        marked(made.answers, made.answers["item"].map(items).eq(True)),
        protect_areas(made.areas, showing),
        protect_profile(made.profile, showing),
        survey.areas,
    )


EXACT, ROUNDED = Rounding(step=1), Rounding()


def tables_of(published, survey, parameters, rounding):
    """Each question with its tables and the truth in them."""
    frames = [rounding.frame(rows) for rows in published]
    indicators, answers, areas, profile, weights = frames
    known = respondents(areas, profile, weights, rounding, parameters)
    weights = survey.design.weights / known.unit
    wave, present = parameters.waves[WAVE], set(indicators["area"])
    links, inside = {}, {}
    for question in questions(indicators, answers, wave, parameters):
        key = question.levels, question.groups
        if key not in links:
            links[key] = around(wave_links(*key, present, parameters), known, parameters)
            inside[key] = members(survey.frame, links[key].links, parameters)
        mine = by_question(question, indicators, answers)
        tables = question_tables(question, links[key], *mine, rounding)
        who = counted(survey.frame, question, wave, parameters)
        yield question, tables, tabulate(question, *who, inside[key], weights)


@pytest.mark.parametrize("rounding", [EXACT, ROUNDED], ids=["exact", "rounded"])
def test_the_truth_keeps_every_relation(published, survey, parameters, rounding):
    seen = 0
    for question, tables, truth in tables_of(published, survey, parameters, rounding):
        assert system(tables).broken_by(truth) < 1e-6, question.column
        seen += 1
    assert seen >= 12


def test_every_hidden_row_and_everyone_of_unpublished_sex_is_a_target(
    published, survey, parameters
):
    question, tables, _ = next(tables_of(published, survey, parameters, EXACT))
    rows = published[0]
    rows = rows[rows["indicator"].isin(question.shares) & (rows["mark"] == HIDDEN)]
    targets = {tables.links.cells[c] for c, _ in np.argwhere(tables.hidden)}
    assert set(zip(rows["area"], rows["group"], rows["category"], strict=True)) <= targets
    assert ("kommun:goteborg", "kon", REST) in targets
    assert ("kommun:goteborg", "kon_alder", f"{REST}.16_24") in targets
    assert ("kommun:goteborg", "boendeform", REST) not in targets  # no answer is nobody's secret
    assert not any(area == remainder("sdn:angered") for area, _, _ in targets)


def test_how_many_have_an_unpublished_sex_is_known_from_exact_bases(published, survey, parameters):
    """Total minus women minus men: why bases must be rounded, or a sex hidden."""
    _, tables, truth = next(tables_of(published, survey, parameters, EXACT))
    attack = Attack(tables, Rule(), truth)
    here = tables.links.place["sdn:lundby", "kon", REST]
    (one,) = np.flatnonzero((attack.target == [here, 0]).all(1))
    known = tables.base[:, 0]
    place = tables.links.place
    total, women, men = (known[place["sdn:lundby", *kind]] for kind in (
        ("", ""), ("kon", "1"), ("kon", "2")))  # fmt: skip
    assert total[0] - women[0] - men[0] == attack.reached.base[one, 0] > 0
    assert total[0] == total[1]


def test_bases_rounded_to_five_and_a_few_cells_make_subtraction_harmless(
    published, survey, parameters, capsys
):
    """The whole city: no base of a hidden row, and not how many have an unpublished sex, can be got
    by subtraction; a fraction of what hiding whole rows would lose."""
    rule = Rule()
    secondary = rows = before = 0
    for _, tables, truth in tables_of(published, survey, parameters, ROUNDED):
        pattern = suppress(tables, truth, rule, rings=0)
        assert not len(pattern.unsafe)
        assert not known_by_subtraction(hide_cells(tables, pattern.hidden), rule).any()
        before += int(known_by_subtraction(tables, rule).sum())
        secondary += int(tables.shown[pattern.hidden].sum())
        rows += int(tables.shown[whole_rows(tables)].sum())
    assert secondary <= 2 * before < rows / 50
    with capsys.disabled():
        print(f"\n{before} known, {secondary} rows hidden besides; whole rows would be {rows}")
