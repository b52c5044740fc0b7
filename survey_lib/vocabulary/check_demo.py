"""Holds ``demo.yaml`` against the questionnaire, the areas, the waves and the population files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.demo import Code, Condition, DemoPlan, Effect, Question, end_of_order
from survey_lib.vocabulary.questionnaire import DONT_KNOW, OUTSIDE_SCALE, Questionnaire
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.validation import Names, listed
from survey_lib.vocabulary.waves import Wave


def check_demo(
    plan: DemoPlan,
    source: Source,
    questionnaire: Questionnaire,
    areas: Areas,
    waves: Mapping[str, Wave],
    populations: Mapping[str, pd.DataFrame],
    names: Names,
) -> None:
    """Notes every fault: names that lead nowhere, codes that aren't the item's, items and
    background variables without a truth."""
    check = _Check(source, questionnaire, areas, names)
    cells = populations.get(plan.persons.cells)
    for key, stem in (("cells", plan.persons.cells), ("subareas", plan.persons.subareas)):
        if stem is not None:
            check.known(("persons", key), "population file", stem, populations)
    _strata(plan, waves, cells, check)
    crossed = set() if cells is None else set(cells.columns) - {"id", "persons"}
    _persons(plan, crossed, check)
    _dimensions(plan, check)
    for item, question in plan.truth.questions.items():
        _question(item, question, plan, check)
    _ticks(plan, check)
    _completeness(plan, check)
    _shares(plan, waves, check)
    _response(plan, check)
    _delivery(plan, waves, check)


@dataclass(frozen=True)
class _Check:
    source: Source
    asked: Questionnaire
    areas: Areas
    names: Names

    def known(self, path: KeyPath, what: str, word: object, known: Iterable[object]) -> bool:
        return self.names.require(self.source, path, what, word, known)

    def same(self, path: KeyPath, found: Iterable[Code], wanted: Iterable[Code]) -> None:
        found, wanted = list(found), list(wanted)
        if set(found) != set(wanted):
            self.source.fault(path, listed(found), listed(wanted, 30), "name exactly these")

    def codes(self, path: KeyPath, variable: str, codes: Iterable[Code]) -> None:
        for code in codes:
            self.known(path, f"code of {variable}", code, self.asked.codes(variable))

    def condition(self, path: KeyPath, when: Condition, known: Collection[str]) -> None:
        for variable, codes in when.items():
            if variable == "area":
                for code in codes:
                    self.known((*path, variable), "area", code, self.areas.areas)
            elif self.known(path, "variable", variable, known) and variable != "sampling":
                self.codes((*path, variable), variable, codes)

    def effects(self, path: KeyPath, effects: list[Effect], known: Collection[str]) -> None:
        for k, effect in enumerate(effects):
            self.condition((*path, k, "when"), effect.when, known)


def _strata(
    plan: DemoPlan, waves: Mapping[str, Wave], cells: pd.DataFrame | None, check: _Check
) -> None:
    """A wave that is made up needs persons to draw from, and how many are to answer."""
    for wave in (one for one in waves.values() if one.demo):
        for area, stratum in wave.strata.items():
            if cells is not None:
                what = f"stratum of wave {wave.id}"
                check.known(("persons", "cells"), what, area, cells["id"].unique())
            if stratum.responding is None:
                found = f"no responding in {area} of wave {wave.id}"
                action = f"add it in waves/{wave.id}.yaml"
                check.source.fault(("persons",), found, "how many are to answer", action)


def _persons(plan: DemoPlan, crossed: set[str], check: _Check) -> None:
    known = {"area", *crossed}
    for variable, mixes in plan.persons.background.items():
        path: KeyPath = ("persons", "background", variable)
        if check.known(path, "background variable", variable, check.asked.background):
            for k, mix in enumerate(mixes):
                check.condition((*path, k, "when"), mix.when, known)
                check.codes((*path, k, "shares"), variable, mix.shares)
        if not mixes or mixes[0].when:
            check.source.fault(path, "no mix for everyone", "a first mix without when", "add one")
        known.add(variable)
    for variable in check.asked.background:
        if variable not in known and crossed:
            path, action = ("persons", "background"), f"add {variable}:"
            check.source.fault(path, f"no {variable}", "every background variable", action)


def _dimensions(plan: DemoPlan, check: _Check) -> None:
    background = {"area", *check.asked.background}
    for name, dimension in plan.truth.dimensions.items():
        path: KeyPath = ("truth", "dimensions", name, "effects")
        check.effects(path, dimension.effects, background)
    for area, shifts in plan.truth.area_shifts.items():
        check.known(("truth", "area_shifts", area), "area", area, check.areas.areas)
        for name in shifts:
            path = ("truth", "area_shifts", area, name)
            check.known(path, "dimension", name, plan.truth.dimensions)


def _question(item: str, question: Question, plan: DemoPlan, check: _Check) -> None:
    path: KeyPath = ("truth", "questions", item)
    if not check.known(path, "item", item, check.asked.items):
        return
    background = {"area", *check.asked.background}
    check.known((*path, "dimension"), "dimension", question.dimension, plan.truth.dimensions)
    check.same((*path, "shares"), question.shares, check.asked.substantive(item))
    for scale, shares in question.other_scales.items():
        if check.known((*path, "other_scales", scale), "scale", scale, check.asked.scales):
            check.same((*path, "other_scales", scale), shares, check.asked.scales[scale].labels)
    check.effects((*path, "effects"), question.effects, background)
    offered = check.asked.codes(item)
    if question.dont_know and DONT_KNOW not in offered:
        check.source.fault((*path, "dont_know"), "a share", f"none: {item} has no 98", "remove it")
    if question.outside:
        here = (*path, "outside")
        if OUTSIDE_SCALE not in offered:
            check.source.fault(here, "a share", f"none: {item} has no 96", "remove it")
        check.effects((*here, "effects"), question.outside.effects, background)
        if reason := question.outside.reason:
            if check.known((*here, "reason", "item"), "item", reason.item, check.asked.items):
                codes = [reason.for_fear, reason.otherwise]
                check.codes((*here, "reason"), reason.item, codes)
            check.codes((*here, "reason", "unsafe_codes"), item, reason.unsafe_codes)


def _ticks(plan: DemoPlan, check: _Check) -> None:
    for item, ticks in plan.truth.ticks.items():
        path: KeyPath = ("truth", "ticks", item)
        if check.known(path, "item", item, check.asked.items):
            options = check.asked.items[item].options or {}
            check.same((*path, "shares"), ticks.shares, options)
        if ticks.dimension is not None:
            check.known((*path, "dimension"), "dimension", ticks.dimension, plan.truth.dimensions)
        if ticks.none is not None:
            check.known((*path, "none"), "option", ticks.none, ticks.shares)


def _completeness(plan: DemoPlan, check: _Check) -> None:
    outside = [question.outside for question in plan.truth.questions.values() if question.outside]
    reasons = {one.reason.item for one in outside if one.reason}
    made = {
        "single": ("questions", {*plan.truth.questions, *reasons}),
        "multiple": ("ticks", {*plan.truth.ticks}),
    }
    for item, definition in check.asked.items.items():
        key, there = made.get(definition.kind, ("", {item}))
        if item not in there:
            path, action = ("truth", key), f"add {item}:"
            check.source.fault(path, f"no {item}", "every item of the questionnaire", action)


def _shares(plan: DemoPlan, waves: Mapping[str, Wave], check: _Check) -> None:
    truth = plan.truth
    for wave, shifts in truth.drift.items():
        check.known(("truth", "drift", wave), "wave", wave, waves)
        for dimension in shifts:
            path: KeyPath = ("truth", "drift", wave, dimension)
            check.known(path, "dimension", dimension, truth.dimensions)
    for key in ("levels", "changes", "noise"):
        entries: list[Any] = getattr(truth, key)
        for k, entry in enumerate(entries):
            path = ("truth", key, k)
            check.known((*path, "area"), "area", entry.area, check.areas.areas)
            if key != "levels":
                check.known((*path, "wave"), "wave", entry.wave, waves)
            if check.known((*path, "item"), "question", entry.item, truth.questions):
                order = list(truth.questions[entry.item].shares)
                try:
                    end_of_order(order, entry.codes)
                except ValueError:
                    path, found = (*path, "codes"), listed(entry.codes)
                    expected = f"the first or the last codes of {listed(order)}"
                    check.source.fault(path, found, expected, "name an end of the order")


def _response(plan: DemoPlan, check: _Check) -> None:
    known = {"area", *check.asked.background, *plan.truth.questions}
    for sampling, effects in plan.response.items():
        check.effects(("response", sampling), effects, known)


def _delivery(plan: DemoPlan, waves: Mapping[str, Wave], check: _Check) -> None:
    delivery, asked = plan.delivery, check.asked
    variables = [*asked.items, *asked.background]
    for k, variable in enumerate(delivery.labels):
        check.known(("delivery", "labels", k), "variable", variable, variables)
    for wave, decimals in delivery.decimals.items():
        check.known(("delivery", "decimals", wave), "wave", wave, waves)
        for k, variable in enumerate(decimals):
            check.known(("delivery", "decimals", wave, k), "variable", variable, variables)
    for variable, shares in delivery.replaced.items():
        if check.known(("delivery", "replaced", variable), "variable", variable, asked.background):
            check.codes(("delivery", "replaced", variable), variable, shares)
    for name, mixes in delivery.paradata.items():
        for k, mix in enumerate(mixes):
            known = {"area", "sampling", *asked.background}
            check.condition(("delivery", "paradata", name, k, "when"), mix.when, known)
    for item in delivery.free_texts:
        check.known(("delivery", "free_texts", item), "item", item, asked.items)
    if delivery.places and asked.places:
        for key in ("times", "day_types", "reasons"):
            path = ("delivery", "places", key)
            check.same(path, getattr(delivery.places, key), getattr(asked.places, key))
    for wave, dirt in delivery.dirt.items():
        path = ("delivery", "dirt", wave)
        if not check.known(path, "wave", wave, waves):
            continue
        in_years = any(variable.years for variable in waves[wave].variables.values())
        if dirt.outside_age and not in_years:
            expected = "0, in a wave that has no variable with years: true"
            found = str(dirt.outside_age)
            check.source.fault((*path, "outside_age"), found, expected, "remove it")
