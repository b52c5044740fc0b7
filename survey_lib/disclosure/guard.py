"""The guard: nothing hidden can be had from the numbers that are shown, as far as it is tried.

Secondary suppression over all questions of a wave, judged on what is published, in three steps:

1. *shares*: for each hidden category the partners without which its weighted share could be worked
   out of the others', such that an exchange of persons through hidden cells (:mod:`.exchange`)
   proves its share and its numerator uncertain; and that what those in no published category
   (kon = 3) answered is uncertain, by the rounding of what is published around them
   (:mod:`.unpublished`). The manifest tells how many values are proved so, and how many there are;
2. *bases*: what subtraction of unweighted bases would tell (:func:`.bounds.known_by_subtraction`,
   which is the audit's test too): areas inside areas, categories and their crosses, the persons in
   no published category, numerator and distribution of one question, the profile of respondents;
3. *both*: small bases of which there are no whole tables, persons and weights, in which they differ
   by as many persons as the rule asks (:func:`.fewest.protect_bases`); and what is
   hidden for these is tried by subtraction again.

A category that is hidden is hidden for all shares of its question in that area. Not guarded: one
question with the help of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from survey_lib.disclosure import fewest, unpublished
from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import Cell, Links, Rule, Tables, link
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.linked import (
    Around,
    Question,
    areas_inside,
    around,
    by_question,
    closed_cells,
    question_tables,
    questions,
    respondents,
    wave_links,
)
from survey_lib.disclosure.rounding import Rounding
from survey_lib.disclosure.rules import HIDDEN, NUMBERS
from survey_lib.disclosure.suppression import hide_cells, suppress, whole_rows
from survey_lib.disclosure.truth import counted, members, tabulate
from survey_lib.faults import BadInput, Fault
from survey_lib.statistics.arrays import Flags, Floats
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.tables import Showing
from survey_lib.workers import all_results

LOST = {  # by what is hidden, in each frame
    "indicators": NUMBERS,
    "answers": NUMBERS,
    "areas": ["n", "responding", "response_rate"],
    "profile": ["n", "unweighted", "weighted"],
}
ACCOUNT = "values", "proved", "unpublished", "unpublished_proved", "whole_rows"
Account = dict[str, Any]  # what the guard did, as the manifest tells it
LARGE = 20_000  # unknowns of all questions from which processes of their own are worth their start
TURNS = 10  # what is hidden for others' sake is itself to be safe


@dataclass(frozen=True, eq=False)
class Shown:
    """A wave's frames of shares and respondents as they are published: marked, rounded."""

    indicators: pd.DataFrame
    answers: pd.DataFrame
    areas: pd.DataFrame
    profile: pd.DataFrame
    weights: pd.DataFrame


def rule_of(showing: Showing) -> Rule:
    """How uncertain a hidden value is to be, with the wave's limits."""
    return Rule(
        base=showing.hidden_base_within,
        few=showing.sensitive_numerator_below,
        share=showing.hidden_share_within,
        hide_below=showing.hide_below,
    )


def linked_tables(
    shown: Shown, wave: Wave, parameters: Parameters, of: Collection[str] | None = None
) -> Iterator[tuple[Question | str, Tables]]:
    """Each question of a wave with what is published about it, and each background variable of the
    profile by its name; ``of`` some columns, those questions only."""
    rounding = Rounding.of(parameters.tables.showing)
    known = respondents(shown.areas, shown.profile, shown.weights, rounding, parameters)
    present = set(shown.indicators["area"])
    near: dict[tuple[Any, ...], Around] = {}
    for question in questions(shown.indicators, shown.answers, wave, parameters):
        if of is not None and question.column not in of:
            continue
        key = question.levels, question.groups
        if key not in near:
            near[key] = around(wave_links(*key, present, parameters), known, parameters)
        mine = by_question(question, shown.indicators, shown.answers)
        yield question, question_tables(question, near[key], *mine, rounding)
    if of is not None:
        return
    levels = list(dict.fromkeys(shown.areas["level"]))
    for variable, rows in shown.profile.groupby("variable", sort=False):
        inside = areas_inside(levels, set(rows["area"]), parameters)
        links = link(inside, {variable: list(dict.fromkeys(rows["category"]))}, {})
        yield str(variable), _profile_tables(links, shown, rows, rounding, parameters)


def _profile_tables(
    links: Links, shown: Shown, rows: pd.DataFrame, rounding: Rounding, parameters: Parameters
) -> Tables:
    """The respondents by one background variable, as a question that everybody answers."""
    size = len(links.cells)
    seen, guarded = np.zeros((size, 1), dtype=bool), np.zeros((size, 1), dtype=bool)
    base = np.tile([0.0, np.inf], (size, 1, 1))
    wholes = shown.areas[shown.areas["n"] != 0].assign(variable="", category="")
    every = pd.concat([wholes[wholes["area"].isin(set(rows["area"]))], rows])
    for row in every.itertuples():
        cell = links.place[row.area, row.variable, row.category]
        seen[cell], guarded[cell] = row.mark != HIDDEN, True
        if seen[cell]:
            base[cell, 0] = np.stack(rounding.base_bounds(np.array([row.n]))).ravel()
    guarded |= closed_cells(links, parameters)[:, None]
    bounds = np.tile([0.0, np.inf], (size, 1))
    return Tables(
        links=links,
        numerators=np.array([[True]]),
        bases=np.array([[True]]),
        shown=seen,
        base=base,
        share=np.tile([0.0, 1.0], (size, 1, 1)),
        persons=bounds,
        weight=bounds,
        each=bounds,
        ratios=sparse.csr_array((0, size)),
        guarded=guarded,
        sensitive=np.array([False]),
    )


def guard(
    shown: Shown, wave: Wave, microdata: pd.DataFrame, parameters: Parameters
) -> tuple[Shown, Account]:
    """A wave's frames without what would tell a hidden value, and an account of it for the
    manifest.

    Raises
    ------
    BadInput
        When a base is known however much is hidden.
    """
    first = _hidden_rows(shown)
    asked = _asked(shown, wave, microdata, parameters)
    shown, shares = _guard_shares(shown, asked, parameters)
    second = _hidden_rows(shown)
    shown, bases = _guard_bases(shown, wave, parameters)
    shown, proved, of = _guard_both(shown, asked, wave, parameters)
    shown, _ = _guard_bases(shown, wave, parameters, of)  # what is hidden now is to be safe itself
    besides = _hidden_rows(shown) - first
    account = {"hidden": first, "hidden_besides": besides, "hidden_for_shares": second - first}
    return shown, account | {"shares": shares, "bases": bases | proved}


def _asked(
    shown: Shown, wave: Wave, microdata: pd.DataFrame, parameters: Parameters
) -> list[tuple[Question, Tables, Floats]]:
    """Questions of which something is hidden, with their tables as they are published and as they
    are (:mod:`.truth`)."""
    rounding = Rounding.of(parameters.tables.showing)
    unit = respondents(shown.areas, shown.profile, shown.weights, rounding, parameters).unit
    weights = microdata["weight"].to_numpy(float) / unit
    inside: dict[Links, sparse.csr_array] = {}
    found = []
    for question, tables in linked_tables(shown, wave, parameters):
        if isinstance(question, str) or not tables.hidden.any():
            continue
        if tables.links not in inside:
            inside[tables.links] = members(microdata, tables.links, parameters)
        counts = counted(microdata, question, wave, parameters)
        found.append((question, tables, tabulate(question, *counts, inside[tables.links], weights)))
    return found


def _guard_shares(
    shown: Shown, asked: Sequence[tuple[Question, Tables, Floats]], parameters: Parameters
) -> tuple[Shown, Account]:
    """Partners for the hidden categories, so that their weighted shares can't be worked out
    (:mod:`.exchange`); how many hidden values are proved safe by it, and how many rows would be
    lost by hiding all that stands in a sum with one."""
    rule = replace(rule_of(parameters.tables.showing), base=0)  # bases: the second step
    jobs = [(tables, truth, rule) for _, tables, truth in asked]
    closed: dict[str, list[Flags]] = {name: [] for name in LOST}
    account: Counter[str] = Counter(dict.fromkeys(ACCOUNT, 0))
    for (question, *_), (cells, counts) in zip(asked, _each(jobs, _partners), strict=True):
        account.update(counts)
        for name, rows in _standing(question, shown, cells).items():
            closed[name].append(rows)
    return _hide(shown, closed), dict(account)


def _guard_both(
    shown: Shown,
    asked: Sequence[tuple[Question, Tables, Floats]],
    wave: Wave,
    parameters: Parameters,
) -> tuple[Shown, Account, set[str]]:
    """Cells hidden so that persons and weights together don't tell a small base that the primary
    rules hid; how many of these there are, and how many are proved uncertain; the columns of the
    questions in which cells were hidden."""
    rule = rule_of(parameters.tables.showing)
    of = {question.column for question, *_ in asked}
    now = {
        question.column: tables
        for question, tables in linked_tables(shown, wave, parameters, of)
        if not isinstance(question, str)
    }
    changed: set[str] = set()
    jobs = [
        (replace(now[question.column], guarded=tables.hidden), truth, rule)
        for question, tables, truth in asked
    ]
    closed: dict[str, list[Flags]] = {name: [] for name in LOST}
    account = Counter(values=0, proved=0)
    for (question, *_), (cells, counts) in zip(asked, _each(jobs, _small_bases), strict=True):
        account.update(counts)
        changed |= {question.column} if cells else set()
        for name, rows in _standing(question, shown, cells).items():
            closed[name].append(rows)
    return _hide(shown, closed), dict(account), changed


def _small_bases(job: tuple[Tables, Floats, Rule]) -> tuple[set[Cell], dict[str, int]]:
    """The cells to hide for small bases of one question, and the account of it."""
    exchanges = Exchanges(*job)
    fewest.protect_bases(exchanges)
    small = exchanges.small_bases
    proved = int(exchanges.attack.base_met(small).sum())
    return _chosen(exchanges), {"values": len(small), "proved": proved}


def _chosen(exchanges: Exchanges) -> set[Cell]:
    return {exchanges.tables.links.cells[c] for c in np.flatnonzero(exchanges.chosen)}


def _each(jobs: Sequence[tuple[Tables, Floats, Rule]], work: Callable[[Any], Any]) -> list[Any]:
    """What is found of each question, in processes of their own where that is worth their start."""
    large = sum(truth.size for _, truth, _ in jobs) > LARGE
    return all_results(jobs, work) if large else [work(job) for job in jobs]


def _partners(job: tuple[Tables, Floats, Rule]) -> tuple[set[Cell], dict[str, int]]:
    """The cells to hide beside what is hidden of one question, and the account of it."""
    tables, truth, rule = job
    exchanges = Exchanges(tables, truth, rule)
    exchanges.choose()
    unpublished.prove(exchanges)
    fewest.prove_shares(exchanges)
    rest, values = len(unpublished.targets(exchanges)), len(exchanges.targets)
    counts = (
        values,
        values - len(exchanges.unproved),
        rest,
        rest - len(unpublished.unproved(exchanges)),
        int(tables.shown[whole_rows(tables)].sum()),
    )
    return _chosen(exchanges), dict(zip(ACCOUNT, counts, strict=True))


def _guard_bases(
    shown: Shown, wave: Wave, parameters: Parameters, of: Collection[str] | None = None
) -> tuple[Shown, Account]:
    """Cells hidden so that subtraction doesn't tell a hidden base; ``of`` some columns only."""
    rule = rule_of(parameters.tables.showing)
    hopeless: list[Fault] = []
    searched = heuristic = 0
    closed: dict[str, list[Flags]] = {name: [] for name in LOST}
    for question, tables in linked_tables(shown, wave, parameters, of):
        if not known_by_subtraction(tables, rule).any():
            continue
        hidden, exact, unsafe = _safe_pattern(tables, rule)
        searched, heuristic = searched + 1, heuristic + (not exact)
        if len(unsafe):
            hopeless.append(_hopeless(question, tables, unsafe))
            continue
        cells = {tables.links.cells[c] for c in np.flatnonzero(hidden)}
        for name, rows in _standing(question, shown, cells).items():
            closed[name].append(rows)
    if hopeless:
        raise BadInput(hopeless)
    return _hide(shown, closed), {"questions": searched, "heuristic": heuristic}


def _hide(shown: Shown, closed: dict[str, list[Flags]]) -> Shown:
    """The frames without the numbers of some rows."""
    frames = vars(shown).copy()
    for name, parts in closed.items():
        rows = frames[name].index[np.logical_or.reduce(parts)] if parts else []
        if len(rows):
            frames[name] = frames[name].copy()
            frames[name].loc[rows, "mark"] = HIDDEN
            frames[name].loc[rows, [n for n in LOST[name] if n in frames[name]]] = np.nan
    return Shown(**frames)


def _hidden_rows(shown: Shown) -> int:
    frames = [getattr(shown, name) for name in LOST]
    return sum(int((rows["mark"] == HIDDEN).sum()) for rows in frames if len(rows))


def _safe_pattern(tables: Tables, rule: Rule) -> tuple[Flags, bool, np.ndarray]:
    """Cells (C,) to hide so that neither what is hidden already nor these are known; whether all
    of them were found by the exact method; what no pattern makes safe."""
    hidden, exact = np.zeros(len(tables.links.cells), dtype=bool), True
    for _ in range(TURNS):
        pattern = suppress(tables, None, rule, rings=0)
        hidden |= pattern.hidden
        exact &= pattern.method == "exact"
        if len(pattern.unsafe) or not pattern.hidden.any():
            return hidden, exact, pattern.unsafe
        # to whoever reads, these are hidden values like the others
        tables = replace(hide_cells(tables, pattern.hidden), guarded=tables.guarded)
    raise RuntimeError("what is hidden for the sake of other values doesn't become safe")


def _standing(question: Question | str, shown: Shown, cells: set[Cell]) -> dict[str, Flags]:
    """Which rows of each frame are about a question, stand in some cells and aren't hidden yet."""

    areas = {area for area, _, _ in cells}

    def inside(rows: pd.DataFrame, mine: pd.Series | bool, group: str) -> Flags:
        found = np.array(mine & (rows["mark"] != HIDDEN) & rows["area"].isin(areas), dtype=bool)
        some = rows[found]
        keys = zip(some["area"], some[group], some["category"], strict=True)
        found[found] = [key in cells for key in keys]
        return found

    if isinstance(question, str):
        wholes = shown.areas.assign(group="", category="")
        own = shown.profile["variable"] == question
        return {
            "areas": inside(wholes, True, "group"),
            "profile": inside(shown.profile, own, "variable"),
        }
    own = shown.indicators["indicator"].isin(question.shares)
    found = {"indicators": inside(shown.indicators, own, "group")}
    if len(shown.answers):
        names = shown.answers["item"] + "=" + shown.answers["answer"]
        found["answers"] = inside(shown.answers, names.isin(question.shares), "group")
    return found


def _hopeless(question: Question | str, tables: Tables, unsafe: np.ndarray) -> Fault:
    name = question if isinstance(question, str) else question.column
    area, group, _ = tables.links.cells[unsafe[0][0]]
    return Fault(
        "tables.yaml",
        f"{name} in {area}" + (f" by {group}" if group else ""),
        "a number of respondents that is known whatever is hidden of the question",
        "areas and groups large enough that a hidden number stays unknown",
        "leave the level or the group out of the tables that hold the question",
    )
