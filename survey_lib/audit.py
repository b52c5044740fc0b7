"""What a reader could work out of a wave's published stores: the door, tried from outside.

It opens nothing but what was published. Three things are done with it:

* *agreement*: a value that is hidden in one table is hidden in all of them, earlier waves' stores
  and pooled waves included, and every number is rounded as the door rounds;
* *subtraction*: totals minus parts, over and over, for every question and the profile
  (:mod:`survey_lib.disclosure.bounds`). These two take seconds, and ``prepare`` ends with them;
* *attack*: persons and weights, shares and bases of a question solved together
  (:mod:`survey_lib.disclosure.attack`), the smallest questions first and as many as there is time
  for. What it clears is proved; what it had no time for is named, and counts neither way.

No finding tells a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
import pandas as pd

from survey_lib.disclosure import DIFFERENCES, HIDDEN, Rounding
from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.bounds import known_by_subtraction
from survey_lib.disclosure.cells import Rule, Tables
from survey_lib.disclosure.guard import LOST, Shown, linked_tables, rule_of
from survey_lib.disclosure.solving import possible_table
from survey_lib.perception.comparisons import CHANGE
from survey_lib.publish import FOLDER, MANIFEST, Published, open_published
from survey_lib.statistics.arrays import Codes
from survey_lib.vocabulary import Parameters

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
    attacked : those whose whole system was solved for every hidden value
    left : those for which there was no time
    """

    findings: pd.DataFrame
    subtraction: int
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
) -> Audit:
    """Everything that was published of some waves, each held against all the others.

    Parameters
    ----------
    published : stores by wave; those of other parameters are left out.
    seconds : how long the first wave may be attacked.
    of : the waves to look into; None for all.
    """
    known = {wave: one for wave, one in published.items() if wave in parameters.waves}
    rule = rule_of(parameters.tables.showing)
    rows: list[tuple[str, ...]] = []
    questions: dict[str, Tables] = {}
    count = 0
    for wave, one in known.items():
        if of is not None and wave not in of:
            continue
        rows += [(wave, *row) for row in _inside(one, parameters)]
        rows += [(wave, *row) for row in _between(one, known, parameters)]
        for question, tables in linked_tables(_shown(one), parameters.waves[wave], parameters):
            count += 1
            name = question if isinstance(question, str) else question.column
            told = tables.target[known_by_subtraction(tables, rule)]
            rows += [(wave, name, *row) for row in _cells(tables, told, SUBTRACTED)]
            if wave == next(iter(known)) and not isinstance(question, str):
                questions[name] = tables  # a background variable has no shares to attack
    attacked, left, more = _attack(questions, rule, seconds)
    rows += [(next(iter(known)), *row) for row in more]
    return Audit(pd.DataFrame(rows, columns=COLUMNS), count, tuple(attacked), tuple(left))


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
    questions: Mapping[str, Tables], rule: Rule, seconds: float
) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """The questions that were attacked fully, those that weren't, and what was found."""
    attacked: list[str] = []
    left: list[str] = []
    rows: list[tuple[str, ...]] = []
    end = monotonic() + seconds
    for name, tables in sorted(questions.items(), key=lambda one: int(np.prod(one[1].size))):
        failed = _failed(tables, rule, end)
        (left if failed is None else attacked).append(name)
        if failed is not None:
            rows += [(name, *row) for row in _cells(tables, failed, SOLVED)]
    return attacked, left, rows


def _failed(tables: Tables, rule: Rule, end: float) -> Codes | None:
    """The targets that the whole system tells too much of; None when time ran out first."""
    if not len(tables.target):
        return tables.target
    left = end - monotonic()
    start = possible_table(tables, left) if left > 0 else None
    if start is None:
        return None
    attack = Attack(tables, rule, start)
    met = attack.run(until=end)
    return None if attack.stopped and not met.all() else attack.target[~met]


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
        shown = rest[rest["rest_first"].notna() | rest["beyond"].notna()]
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
