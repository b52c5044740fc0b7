"""What a reader could work out of a wave's published stores: the door, tried from outside.

It opens nothing but what was published. Three things are done with it:

* *agreement*: a value that is hidden in one table is hidden in all of them, earlier waves' stores
  and pooled waves included, and every number is rounded as the door rounds;
* *subtraction*: totals minus parts, over and over, for every question and the profile
  (:mod:`survey_lib.disclosure.bounds`). These two take seconds, and ``prepare`` ends with them;
* *attack*: persons and weights, shares and bases of a question together, from the outside
  (:mod:`survey_lib.disclosure.outside`), the smallest questions first, on all processors. A hidden
  value is shown to be uncertain, or known; what is neither is named, and counts neither way.

No finding tells a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from survey_lib import platforms
from survey_lib.disclosure import DIFFERENCES, HIDDEN, Rounding
from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import Rule, Tables
from survey_lib.disclosure.guard import LARGE, LOST, Shown, linked_tables, rule_of
from survey_lib.disclosure.outside import Verdicts, look
from survey_lib.perception.beside import OF_REST
from survey_lib.perception.comparisons import CHANGE
from survey_lib.publish import FOLDER, MANIFEST, Published, open_published
from survey_lib.statistics.arrays import Codes, Flags
from survey_lib.vocabulary import Parameters
from survey_lib.workers import results

COLUMNS = ["wave", "table", "area", "group", "category", "finding"]
ROUNDED = [
    "indicators", "answers", "contrasts", "promises", "common", "profile", "weights", "parts",
    "effects", "homogeneity", "modelled", "trend",
]  # fmt: skip
KEYS = ["area", "indicator", "group", "category"]


@dataclass(frozen=True, eq=False)
class Audit:
    """What was found, and how far was looked.

    Attributes
    ----------
    findings : ``wave, table, area, group, category, finding``, one row per value that can be known
    subtraction : number of questions and variables tried by subtraction, of all waves
    values : number of hidden values of the wave's questions
    uncertain : number of those that are shown to be uncertain
    undecided : ``question, area, group, values``: how many are neither shown nor known
    attacked : questions of which every hidden value is decided
    left : those of which none is but by subtraction: no time, or no first table
    """

    findings: pd.DataFrame
    subtraction: int
    values: int
    uncertain: int
    undecided: pd.DataFrame
    attacked: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.findings.empty


def stores(folder: Path) -> dict[str, Published]:
    """The published store of a wave's folder, and those of the folders beside it; the wave first.

    Raises
    ------
    BadInput
        When the wave has no store, or one is broken.
    """
    wave = folder.resolve().name
    return {wave: open_published(folder / FOLDER), **other_stores(folder.resolve().parent, wave)}


def other_stores(reports: Path, wave: str) -> dict[str, Published]:
    """The published stores of the other waves in the folder of reports."""
    manifests = sorted(reports.glob(f"*/{FOLDER}/{MANIFEST}"))
    folders = {manifest.parent.parent.name: manifest.parent for manifest in manifests}
    return {name: open_published(one) for name, one in folders.items() if name != wave}


def audit(
    published: Mapping[str, Published],
    parameters: Parameters,
    seconds: float = 0.0,
    of: Sequence[str] | None = None,
    done: Callable[[int, int], None] = lambda some, every: None,
) -> Audit:
    """Everything that was published of some waves, each held against all the others.

    Parameters
    ----------
    published : stores by wave; those of other parameters are left out.
    seconds : how long the first wave may be attacked.
    of : the waves to look into; None for all.
    done : told how many questions have been attacked, of how many.
    """
    known = {wave: one for wave, one in published.items() if wave in parameters.waves}
    rule = rule_of(parameters.tables.showing)
    rows: list[tuple[str, ...]] = []
    questions: dict[str, tuple[Tables, Flags]] = {}
    count = 0
    for wave, one in known.items():
        if of is not None and wave not in of:
            continue
        rows += [(wave, *row) for row in _inside(one, parameters)]
        rows += [(wave, *row) for row in _between(one, known, parameters)]
        for question, tables in linked_tables(_shown(one), parameters.waves[wave], parameters):
            count += 1
            name = question if isinstance(question, str) else question.column
            told = known_by_subtraction(tables, rule)
            rows += [(wave, name, *row) for row in _cells(tables, tables.target[told], SUBTRACTED)]
            if wave == next(iter(known)) and not isinstance(question, str):
                questions[name] = tables, told  # a background variable has no shares to attack
    found = _attack(questions, rule, seconds, done)
    for name, verdicts in found.items():
        tables, told = questions[name]
        more = _cells(tables, tables.target[verdicts.known & ~told], SOLVED)
        rows += [(next(iter(known)), name, *row) for row in more]
    decided = {name: not one.undecided.any() for name, one in found.items()}
    none = {name: not one.uncertain.any() for name, one in found.items()}
    return Audit(
        pd.DataFrame(rows, columns=COLUMNS),
        count,
        sum(len(one.known) for one in found.values()),
        sum(int(one.uncertain.sum()) for one in found.values()),
        _undecided(questions, found),
        tuple(name for name, every in decided.items() if every),
        tuple(name for name, every in decided.items() if not every and none[name]),
    )


def agreement(published: Mapping[str, Published], parameters: Parameters) -> pd.DataFrame:
    """Where the first of some stores says what it hides, or what another hides, and where another
    says what it hides; as :attr:`Audit.findings`. A second or so, for each run of the reports."""
    known = {wave: one for wave, one in published.items() if wave in parameters.waves}
    (wave, first), *others = known.items()
    rows = [(wave, *row) for row in _inside(first, parameters)]
    rows += [(wave, *row) for row in _between(first, known, parameters)]
    for other, one in others:
        rows += [(other, *row) for row in _between(one, {wave: first}, parameters)]
    return pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(ignore_index=True)


def _attack(
    questions: Mapping[str, tuple[Tables, Flags]],
    rule: Rule,
    seconds: float,
    done: Callable[[int, int], None],
) -> dict[str, Verdicts]:
    """What the hidden values of each question look like from outside, the smallest first; of each
    it is given which of them subtraction tells."""
    size = {name: int(np.prod(tables.size)) for name, (tables, _) in questions.items()}
    until = monotonic() + seconds
    jobs = [(name, *questions[name], rule, until) for name in sorted(size, key=lambda n: size[n])]
    here = not seconds or sum(size.values()) < LARGE
    looks = (
        ((job, _look(job)) for job in jobs)
        if here
        else results(jobs, _look, platforms.processors())
    )
    found: dict[str, Verdicts] = {}
    for (name, *_), verdicts in looks:
        if not isinstance(verdicts, Verdicts):
            raise RuntimeError(f"the attack on {name} in a process of its own: {verdicts}")
        found[name] = verdicts
        done(len(found), len(jobs))
    return {name: found[name] for name, *_ in jobs}


def _look(job: tuple[str, Tables, Flags, Rule, float]) -> Verdicts:
    _, tables, told, rule, until = job
    return look(tables, rule, told, until)


def _undecided(
    questions: Mapping[str, tuple[Tables, Flags]], found: Mapping[str, Verdicts]
) -> pd.DataFrame:
    rows = []
    for name, one in found.items():
        tables, _ = questions[name]
        cells = [tables.links.cells[cell] for cell, _ in tables.target[one.undecided]]
        rows += [(name, area, group) for area, group, _ in cells]
    keys = ["question", "area", "group"]
    return (
        pd.DataFrame(rows, columns=keys).value_counts(keys, sort=False).reset_index(name="values")
    )


SUBTRACTED = "the number of respondents follows from other numbers by subtraction"
SOLVED = "the value follows from everything published about the question, too narrowly"
SHOWN_ELSEWHERE = "hidden in the tables of shares, shown in {table}"
SHOWN_REST = "the rest beside a promise holds an area whose value is hidden"
SHOWN_PART = "the change of the whole is told of parts whose value is hidden"
SHOWN_HIDDEN = "hidden, but its numbers are there"
SHOWN_BEFORE = "hidden in {wave}, shown in {table}"
SHOWN_POOLED = "follows from a pooled value and those of the other waves"
NOT_ROUNDED = "column {column} isn't rounded as published numbers are"


def _shown(published: Published) -> Shown:
    names = ("indicators", "answers", "areas", "profile", "weights")
    return Shown(*(getattr(published, name) for name in names))


def _cells(tables: Tables, targets: Codes, finding: str) -> list[tuple[str, ...]]:
    cells = dict.fromkeys(tables.links.cells[cell] for cell, _ in targets)
    return [(*cell, finding) for cell in cells]


# -- agreement ------------------------------------------------------------------------------------


def _inside(one: Published, parameters: Parameters) -> Iterator[tuple[str, ...]]:
    """``table, area, group, category, finding`` of what one table of a store says and another
    hides."""
    yield from _unrounded(one, parameters)
    for name, numbers in [*LOST.items(), ("effects", ["effect", "n"]), ("modelled", ["estimate"])]:
        rows = getattr(one, name)
        if len(rows):
            there = rows[[n for n in numbers if n in rows]].notna().any(axis=1)
            yield from _told(name, rows[(rows["mark"] == HIDDEN) & there], SHOWN_HIDDEN)
    hidden = _hidden(one)
    for name, full in _compared(one):
        there = full[[n for n in DIFFERENCES if n in full]].notna().any(axis=1)
        whole = pd.MultiIndex.from_frame(full[KEYS].assign(group="", category="")).isin(hidden)
        own = pd.MultiIndex.from_frame(full[KEYS]).isin(hidden) | whole
        yield from _told(name, full[own & there], SHOWN_ELSEWHERE.format(table=name))


def _compared(one: Published) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables of comparisons, whole areas with an empty group."""
    for name in ("contrasts", "promises", "common"):
        if len(rows := getattr(one, name)):
            yield name, rows if "group" in rows else rows.assign(group="", category="")


def _between(
    one: Published, every: Mapping[str, Published], parameters: Parameters
) -> Iterator[tuple[str, ...]]:
    """The same of what a store says and other waves' stores hide."""
    for name, full in _compared(one):
        for wave, before in every.items():
            mine = full["before"] == wave if "before" in full else (
                (full["comparison"] == CHANGE) & (one.manifest["compare_with"] == wave)
            )  # fmt: skip
            told = pd.MultiIndex.from_frame(full[KEYS]).isin(_hidden(before))
            rows = full[mine & told & full["second"].notna()]
            yield from _told(name, rows, SHOWN_BEFORE.format(wave=wave, table=name))
    if len(rest := one.promises):
        shown = rest[rest[[name for name in OF_REST if name in rest]].notna().any(axis=1)]
        shown = shown.rename(columns={"rest_areas": "parts"})
        yield from _told("promises", _of_hidden_parts(shown, one, every), SHOWN_REST)
    if len(common := one.common):
        shown = common[common["second"].notna()].assign(before=one.manifest["compare_with"])
        yield from _told("common", _of_hidden_parts(shown, one, every), SHOWN_PART)
    for wave, other in every.items():
        rows = one.trend[one.trend["wave"] == wave].assign(group="", category="")
        told = pd.MultiIndex.from_frame(rows[KEYS]).isin(_hidden(other)) & rows["estimate"].notna()
        yield from _told("trend", rows[told], SHOWN_BEFORE.format(wave=wave, table="trend"))
    yield from _pooled(one, every, parameters)


def _of_hidden_parts(
    rows: pd.DataFrame, one: Published, every: Mapping[str, Published]
) -> pd.DataFrame:
    """Shown rows about several areas together, ``parts``, one of which is hidden in one of the two
    waves."""
    hidden = {wave: set(_hidden(other)) for wave, other in every.items()}
    hidden[one.manifest["wave"]] = set(_hidden(one))
    found = [
        any(
            (area, row.indicator, "", "") in hidden.get(wave, set())
            for area in row.parts.split("|")
            for wave in (row.before, one.manifest["wave"])
        )
        for row in rows.itertuples()
    ]
    return rows[np.array(found, dtype=bool)]


def _unrounded(one: Published, parameters: Parameters) -> Iterator[tuple[str, ...]]:
    rounding = Rounding.of(parameters.tables.showing)
    for name in ROUNDED:
        rows = getattr(one, name)
        rounded = rounding.frame(rows)
        for column in [c for c in rows if not rounded[c].equals(rows[c])]:
            now, then = rows[column].astype(float), rounded[column].astype(float)
            if not np.allclose(now, then, rtol=1e-9, atol=1e-12, equal_nan=True):
                yield name, "", "", "", NOT_ROUNDED.format(column=column)


def _pooled(
    one: Published, every: Mapping[str, Published], parameters: Parameters
) -> Iterator[tuple[str, ...]]:
    """Values of a pooled wave that tell one of its parts, where all the parts are published."""
    parts = parameters.waves[one.manifest["wave"]].pools
    if not parts or not set(parts) <= every.keys():
        return
    rows = one.indicators
    keys = pd.MultiIndex.from_frame(rows[KEYS])
    closed = sum(keys.isin(_hidden(every[part])).astype(int) for part in parts)
    yield from _told("indicators", rows[(closed == 1) & (rows["mark"] != HIDDEN)], SHOWN_POOLED)


def _hidden(one: Published) -> pd.MultiIndex:
    rows = one.indicators
    return pd.MultiIndex.from_frame(rows.loc[rows["mark"] == HIDDEN, KEYS])


def _told(table: str, rows: pd.DataFrame, finding: str) -> Iterator[tuple[str, ...]]:
    for row in rows.to_dict("records"):
        what = [str(row.get(key, "")) for key in ("indicator", "item", "variable") if key in row]
        place = (row["area"], row.get("group", row.get("variable", "")), row.get("category", ""))
        yield (f"{table}: {what[0]}" if what else table, *map(str, place), finding)
