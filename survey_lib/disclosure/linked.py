"""A wave's published frames as linked tables, question by question.

What is taken as known is what stands in the frames: shares, bases, effective n and design effects
to their rounding; how many answered in each area and background category, and the categories'
weighted shares; the population that the weights of an area add up to, and the smallest and largest
weight there. An observed zero is known to be nobody. Respondents of areas and the profile are
tables of their own kind (:func:`survey_lib.disclosure.guard.linked_tables`), and ``closed`` are the
cells of those in no published category (kon = 3), which are guarded though they have no row.

Not taken as known: standard errors and intervals beyond what n and effective n say, ranks, p-values
and differences, numbers of invited, and that the same persons answer all questions. Other waves,
the rest beside an area and modelled estimates aren't here: :mod:`survey_lib.audit` holds what they
hide against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from survey_lib.disclosure.cells import REST, WHOLE, Cell, Links, Tables, link
from survey_lib.disclosure.rounding import Rounding, half_unit, share_bounds
from survey_lib.disclosure.rules import HIDDEN
from survey_lib.statistics.arrays import Flags, Floats
from survey_lib.vocabulary import Indicator, Parameters, Wave
from survey_lib.vocabulary.questionnaire import DONT_KNOW, NO_ANSWER, NOT_APPLICABLE, OUTSIDE_SCALE


@dataclass(frozen=True, eq=False)
class Question:
    """What is published about one answer column: its shares (indicators, then answers as
    ``item=code``) and for each atom the pattern of numerators and bases that makes it."""

    column: str
    shares: tuple[str, ...]
    numerators: Flags
    bases: Flags
    sensitive: bool
    levels: tuple[str, ...]
    groups: tuple[str, ...]


def questions(
    indicators: pd.DataFrame, answers: pd.DataFrame, wave: Wave, parameters: Parameters
) -> Iterator[Question]:
    """Every answer column that a wave publishes something about."""
    questionnaire = parameters.questionnaire
    published = [questionnaire.indicators[i] for i in dict.fromkeys(indicators["indicator"])]
    asked = answers.drop_duplicates(["item", "answer"]) if len(answers) else pd.DataFrame()
    columns = dict.fromkeys(i.column for i in published)
    columns |= dict.fromkeys(asked["item"]) if len(asked) else {}
    for column in columns:
        mine = [one for one in published if one.column == column]
        codes = asked[asked["item"] == column]["answer"] if len(asked) else pd.Series([], dtype=str)
        if mine or len(codes):
            yield _question(column, mine, [int(c) for c in codes], wave, parameters)


def _question(
    column: str,
    indicators: Sequence[Indicator],
    answers: Sequence[int],
    wave: Wave,
    parameters: Parameters,
) -> Question:
    questionnaire, tables = parameters.questionnaire, parameters.tables_of(wave).tables
    item = questionnaire.column_owner[column]
    codes = [int(code) for code in questionnaire.codes(item, wave)]
    outside = {NOT_APPLICABLE, NO_ANSWER}
    dropped = {DONT_KNOW} if parameters.tables.showing.dont_know == "drop" else set()
    patterns: dict[tuple[tuple[bool, ...], tuple[bool, ...]], None] = {}
    for code in codes:
        for also in (False, True):
            numerator, base = [], []
            for one in indicators:
                present = {OUTSIDE_SCALE} if one.rule.base == "present" else set()
                inside = code not in outside | dropped | present
                counted = code in (questionnaire.numerator(one.id, wave) or [])
                may = code in (one.rule.also or {}).get(column, [])
                base.append(inside)
                numerator.append(inside and (counted or (also and may)))
            for answer in answers:
                base.append(code not in outside)
                numerator.append(code == answer)
            patterns[tuple(numerator), tuple(base)] = None
    nothing = (False,) * (len(indicators) + len(answers))
    patterns[nothing, nothing] = None
    numerators, bases = (np.array(part, dtype=bool).T for part in zip(*patterns, strict=True))
    names = [one.id for one in indicators] + [f"{item}={code}" for code in answers]
    specs = [
        table
        for table in tables.values()
        if column in table.distributions or set(names) & set(table.indicators)
    ]
    sensitive = questionnaire.sensitive(item)
    return Question(
        column,
        tuple(names),
        numerators,
        bases,
        sensitive,
        tuple(dict.fromkeys(level for spec in specs for level in spec.levels)),
        tuple(dict.fromkeys(group for spec in specs for group in spec.groups)),
    )


def wave_links(
    levels: Sequence[str], groups: Sequence[str], present: set[str], parameters: Parameters
) -> Links:
    """The cells of some levels and groups, in the areas that have respondents."""
    questionnaire = parameters.questionnaire
    plain: dict[str, Sequence[str]] = {}
    crosses: dict[str, tuple[str, str]] = {}
    for group in groups:
        members = questionnaire.groups[group].cross or []
        if len(members) == 2:
            plain |= {one: questionnaire.group(one).ids for one in members}
            crosses[group] = (members[0], members[1])
        else:
            plain[group] = questionnaire.group(group).ids
    merged = _merged(plain, parameters)
    inside = areas_inside(levels, present, parameters)
    splits, level_of = parameters.tables.splits, parameters.areas.level_of
    undivided = [area for area in inside if not splits(level_of(area))]
    return link(inside, plain, crosses, merged, undivided)


def areas_inside(
    levels: Sequence[str], present: set[str], parameters: Parameters
) -> dict[str, list[str]]:
    """Every published area -> those directly inside it, of one level so that they are disjoint."""
    areas = parameters.areas
    order = [level for level in areas.levels if level in levels]
    parts: dict[str, list[str]] = {}
    for place, level in enumerate(order):
        for area in (one for one in areas.of_level(level) if one in present):
            parts[area] = []
            above = (areas.at_level(area, higher) for higher in reversed(order[:place]))
            whole = next((one for one in above if one in parts), None)
            if whole and (not parts[whole] or areas.level_of(parts[whole][0]) == level):
                parts[whole].append(area)
    return parts


def _merged(
    plain: Mapping[str, Sequence[str]], parameters: Parameters
) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Of two groups by one variable, which categories of the finer each of the coarser holds."""
    found = {}
    every = {group: parameters.questionnaire.group(group) for group in plain}
    resolved = {group: one for group, one in every.items() if len(one.parts) == 1}
    for coarse, big in resolved.items():
        for fine, small in resolved.items():
            (variable, into, _), (other, of, _) = big.parts[0], small.parts[0]
            if variable != other or len(small.ids) <= len(big.ids):
                continue
            target = [{into.get(c) for c in of if of[c] == k} for k in range(len(small.ids))]
            if all(len(one) == 1 and None not in one for one in target):
                found[coarse, fine] = {
                    name: [f for f, one in zip(small.ids, target, strict=True) if one == {k}]
                    for k, name in enumerate(big.ids)
                }
    return found


@dataclass(frozen=True, eq=False)
class Respondents:
    """What is published of respondents: ``persons`` cell -> least and greatest number, ``each``
    area -> smallest and largest weight, ``weight`` area -> the population it adds up to, ``parts``
    (area, group) -> category -> weighted share; weights in ``unit``, about their mean."""

    persons: dict[Cell, tuple[float, float]]
    each: dict[str, tuple[float, float]]
    weight: dict[str, float]
    parts: dict[tuple[str, str], dict[str, float]]
    unit: float


def respondents(
    areas: pd.DataFrame,
    profile: pd.DataFrame,
    weights: pd.DataFrame,
    rounding: Rounding,
    parameters: Parameters,
) -> Respondents:
    """The published frames of areas, profile and weights, as facts about cells."""
    persons: dict[Cell, tuple[float, float]] = {}
    shown = areas[(areas["mark"] != HIDDEN) & (areas["n"] > 0)]
    low, high = rounding.base_bounds(shown["n"].to_numpy(float))
    high = np.fmin(high, shown["responding"].to_numpy(float))  # nobody else is analysed
    for area, *ends in zip(shown["area"], low, high, strict=True):
        persons[area, *WHOLE] = (ends[0], ends[1])
    parts: dict[tuple[str, str], dict[str, float]] = {}
    shown = profile[profile["mark"] != HIDDEN]
    low, high = rounding.base_bounds(shown["n"].to_numpy(float))
    for row, least, most in zip(shown.itertuples(), low, high, strict=True):
        persons[row.area, row.variable, row.category] = (least, most)
        parts.setdefault((row.area, row.variable), {})[row.category] = row.weighted
    each, weight, unit = _weights(areas, weights, rounding, parameters)
    return Respondents(persons, each, weight, parts, unit)


def _weights(
    areas: pd.DataFrame, weights: pd.DataFrame, rounding: Rounding, parameters: Parameters
) -> tuple[dict[str, tuple[float, float]], dict[str, float], float]:
    """``each``, ``weight`` and ``unit`` of :class:`Respondents`. The published smallest and largest
    weight are relative to the mean of their area."""
    if not len(weights):
        return {}, {}, 1.0
    unit = float(weights["population"].sum() / weights["respondents"].sum())
    least, most = rounding.base_bounds(weights["respondents"].to_numpy(float))
    ends = []
    for name, number, side in (("smallest", most, -1), ("largest", least, 1)):
        value = weights[name].to_numpy(float)
        value = value + side * half_unit(value)
        ends.append(value * weights["population"].to_numpy(float) / np.maximum(number, 1) / unit)
    inside = dict(zip(weights["area"], zip(*ends, strict=True), strict=True))
    total = dict(zip(weights["area"], weights["population"] / unit, strict=True))
    contains, each = parameters.areas.contains, {}
    for area in areas["area"]:
        near = [own for one, own in inside.items() if contains(area, one) or contains(one, area)]
        if near:
            each[area] = (min(low for low, _ in near), max(high for _, high in near))
    return each, total, unit


@dataclass(frozen=True, eq=False)
class Around:
    """What is known of the cells whatever the question: as in :class:`~.cells.Tables`, and
    ``closed`` (C,): those of an unpublished code (kon = 3)."""

    links: Links
    persons: Floats
    weight: Floats
    each: Floats
    ratios: sparse.csr_array
    closed: Flags


def around(links: Links, known: Respondents, parameters: Parameters) -> Around:
    """The facts about respondents, cell by cell."""
    persons, weight, each = _respondents(links, known)
    closed = closed_cells(links, parameters)
    return Around(links, persons, weight, each, _ratios(links, known), closed)


def question_tables(
    question: Question,
    near: Around,
    indicators: pd.DataFrame,
    answers: pd.DataFrame,
    rounding: Rounding,
) -> Tables:
    """Everything that is published about one question.

    ``indicators`` and ``answers`` are this question's rows of the published frames.
    """
    place = near.links.place
    cells, shares = len(near.links.cells), len(question.shares)
    number = {name: k for k, name in enumerate(question.shares)}
    shown = np.zeros((cells, shares), dtype=bool)
    guarded = np.zeros((cells, shares), dtype=bool)
    base = np.tile([0.0, np.inf], (cells, shares, 1))
    share = np.tile([0.0, 1.0], (cells, shares, 1))
    frames = [
        (indicators, indicators["indicator"], indicators["group"], indicators["category"]),
        (answers, answers["item"] + "=" + answers["answer"], "", "") if len(answers) else None,
    ]
    for entry in filter(None, frames):
        rows, names, group, category = entry
        at = pd.DataFrame({"area": rows["area"], "group": group, "category": category})
        c = np.array([place[cell] for cell in at.itertuples(index=False, name=None)], dtype=int)
        k = names.map(number).to_numpy(dtype=int)
        visible = (rows["mark"] != HIDDEN).to_numpy()
        shown[c, k] |= visible
        guarded[c, k] = True
        low, high = _base_bounds(rows, rounding)
        c, k = c[visible], k[visible]
        base[c, k] = np.stack([low, high], axis=1)[visible]
        low, high = share_bounds(
            rows["estimate"].to_numpy(float)[visible], rounding.coarse(rows)[visible]
        )
        # nobody is told apart from hardly anybody (guide 6.6)
        high = np.where(rows["estimate"][visible] == 0, 0.0, np.maximum(high, 1e-12))
        share[c, k] = np.stack([low, high], axis=1)
    guarded |= near.closed[:, None] & _somewhere(near.links, guarded)
    return Tables(
        links=near.links,
        numerators=question.numerators,
        bases=question.bases,
        shown=shown,
        base=base,
        share=share,
        persons=near.persons,
        weight=near.weight,
        each=near.each,
        ratios=near.ratios,
        guarded=guarded,
        sensitive=np.full(shares, question.sensitive),
    )


def _base_bounds(rows: pd.DataFrame, rounding: Rounding) -> tuple[Floats, Floats]:
    """From n to its rounding, and from effective n times design effect to theirs."""
    low, high = rounding.base_bounds(rows["n"].to_numpy(float))
    if rounding.step > 1:
        size, deff = rows["n_effective"].to_numpy(float), rows["deff"].to_numpy(float)
        with np.errstate(invalid="ignore"):
            low = np.fmax(low, np.ceil((size - half_unit(size)) * (deff - half_unit(deff)) - 1e-6))
            high = np.fmin(
                high, np.floor((size + half_unit(size)) * (deff + half_unit(deff)) + 1e-6)
            )
    return low, high


def closed_cells(links: Links, parameters: Parameters) -> Flags:
    """(C,) cells of those with an unpublished code (kon = 3), who may not be worked out."""
    questionnaire = parameters.questionnaire
    closed = {}
    for group in {cell[1] for cell in links.cells} - {""}:
        spec = questionnaire.groups.get(group)
        members = (spec.cross if spec else None) or [group]
        known = {name: one.variable for name, one in questionnaire.groups.items()}
        variables = [known.get(member) or member for member in members]
        closed[group] = [bool(questionnaire.background[v].unpublished) for v in variables]
    return np.array(
        [
            not area.startswith("~")
            and any(
                part == REST and shut
                for part, shut in zip(category.split("."), closed.get(group, []), strict=False)
            )
            for area, group, category in links.cells
        ],
        dtype=bool,
    )


def _somewhere(links: Links, guarded: Flags) -> Flags:
    """(C, K) whether a group has rows of a share in an area."""
    kinds = pd.MultiIndex.from_tuples([cell[:2] for cell in links.cells])
    number, _ = pd.factorize(kinds)
    there = np.zeros((number.max() + 1, guarded.shape[1]), dtype=bool)
    np.logical_or.at(there, number, guarded)
    return there[number]


def _respondents(links: Links, known: Respondents) -> tuple[Floats, Floats, Floats]:
    persons = np.tile([0.0, np.inf], (len(links.cells), 1))
    weight, each = persons.copy(), persons.copy()
    for number, cell in enumerate(links.cells):
        area, group, _ = cell
        of = area.removeprefix("~")
        most = known.persons.get((of, *WHOLE), (0.0, np.inf))[1]
        persons[number] = known.persons.get(cell, (0.0, most))
        each[number] = known.each.get(of, (0.0, np.inf))
        if group == "" and cell[0] in known.weight:
            total = known.weight[area]
            weight[number] = total - 1e-3, total + 1e-3
    return persons, weight, each


def _ratios(links: Links, known: Respondents) -> sparse.csr_array:
    """Weighted shares of the background categories, each of the sum of those published."""
    members: dict[tuple[str, str], list[str]] = {}
    for area, group, category in links.cells:
        if category != REST:
            members.setdefault((area, group), []).append(category)
    rows, columns, values = [], [], []
    count = 0
    for key, shares in known.parts.items():
        every = members.get(key, [])
        for category, share in shares.items() if every else ():
            for sign, limits in zip((-1, 1), share_bounds(np.array([share]), True), strict=True):
                for other in every:
                    rows.append(count)
                    columns.append(links.place[*key, other])
                    values.append(sign * ((other == category) - float(limits[0])))
                count += 1
    return sparse.csr_array((values, (rows, columns)), shape=(count, len(links.cells)))


def by_question(
    question: Question, indicators: pd.DataFrame, answers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the frames that are about a question, each share once per cell."""
    mine = indicators[indicators["indicator"].isin(question.shares)]
    if not len(answers):
        return mine, answers
    names = answers["item"] + "=" + answers["answer"]
    said = answers[names.isin(question.shares)].drop_duplicates(["item", "answer", "area"])
    return mine, said
