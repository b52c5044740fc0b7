"""A published wave is frozen: who was in each published cell, and whether a new publication would
tell of a few persons by its difference from an earlier one.

Two publications of one wave can be laid side by side. Where the respondents behind a cell differ by
1 to :data:`FEW` − 1 persons, the difference of the two cells tells of those persons, however large
the cells are. So the private store keeps the exact respondents of every publication, and a new one
that differs so little in any cell shown in both is refused until the wave file says that the
earlier one is withdrawn. That undoes nothing: who has kept the old tables can still compare.

A pooled wave publishes the respondents of the waves that it pools, and a wave that is compared with
earlier ones publishes theirs again: each delivered wave has its own records, whatever showed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.disclosure import HIDDEN
from survey_lib.faults import Fault
from survey_lib.perception.indicators import asked, domains, indicator_arrays
from survey_lib.publish import Published
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

FEW = 10
CELL = ["area", "group", "category", "indicator"]
PERSON, EVERYONE = "person", ""
_AT, _SHARE = "at ", "share "  # how the columns of places and of shares begin


@dataclass(frozen=True, eq=False)
class Publication:
    """The respondents of one delivered wave as once published (:func:`respondents`), and the cells
    that were shown (:data:`CELL`)."""

    respondents: pd.DataFrame
    cells: pd.DataFrame


def respondents(
    survey: WeightedSurvey, persons: np.ndarray, parameters: Parameters
) -> pd.DataFrame:
    """Who is in which cell, a row per respondent in the order of ``persons``' numbers.

    ``person`` (uint64, the same in every reading); for each level and group ``at <level> <group>``,
    the place "area|category"; for each indicator ``share <id>``: 1 in the numerator, 0 in the base,
    −1 outside. ``share `` without an id is everybody.
    """
    tables = parameters.tables.tables.values()
    levels = list(dict.fromkeys(level for table in tables for level in table.levels))
    groups = [None, *dict.fromkeys(group for table in tables for group in table.groups)]
    columns: dict[str, object] = {PERSON: persons}
    for level in levels:
        for group in groups:
            where = domains(survey.frame, level, group, parameters)
            names = where.keys["area"] + "|" + where.keys["category"]
            columns[f"{_AT}{level} {group or ''}"] = pd.Categorical.from_codes(
                where.codes, categories=pd.Index(names, dtype="str")
            )
    ids = dict.fromkeys(indicator for table in tables for indicator in table.indicators)
    every = [parameters.questionnaire.indicators[one] for one in ids]
    every = asked(every, survey.frame, survey.wave, parameters.questionnaire)
    numerators, bases = indicator_arrays(survey.frame, every, survey.wave, parameters)
    shares = np.where(bases, numerators, -1).astype(np.int8)
    columns[f"{_SHARE}{EVERYONE}"] = np.zeros(len(persons), dtype=np.int8)
    columns |= {f"{_SHARE}{one.id}": shares[:, k] for k, one in enumerate(every)}
    return pd.DataFrame(columns).sort_values(PERSON, ignore_index=True)


def digest(people: pd.DataFrame) -> str:
    """A short name for exactly these respondents in exactly these cells."""
    found = hashlib.sha256(" ".join(people.columns).encode("utf-8"))
    found.update(pd.util.hash_pandas_object(people, index=False).to_numpy().tobytes())
    return found.hexdigest()[:12]


def cells_of(published: Published, wave: str) -> pd.DataFrame:
    """The cells (:data:`CELL`) of a wave that a store shows: its own, or an earlier wave's."""
    if wave != published.manifest["wave"]:
        rows = published.trend
        rows = rows[(rows["wave"] == wave) & rows["estimate"].notna()]
        return rows.assign(group="", category="")[CELL].drop_duplicates(ignore_index=True)
    shown = published.indicators[published.indicators["mark"] != HIDDEN]
    areas = published.areas[(published.areas["mark"] != HIDDEN) & (published.areas["n"] > 0)]
    profile = published.profile
    if len(profile):
        profile = profile[profile["mark"] != HIDDEN].rename(columns={"variable": "group"})
    parts = [
        shown[CELL],
        areas.assign(group="", category="", indicator=EVERYONE)[CELL],
        profile.assign(indicator=EVERYONE).reindex(columns=CELL),
    ]
    return pd.concat(parts).astype(str).drop_duplicates(ignore_index=True)


def differing(before: Publication, now: Publication, parameters: Parameters) -> pd.DataFrame:
    """The cells shown in both that differ by few persons, :data:`CELL` and ``persons``.

    Counted are those in one base and not in the other; where the bases are the same, those who
    count otherwise in the numerator. Persons are the same when their ids are, or failing that when
    they alone are in all the same cells.
    """
    old, new = _changed(before.respondents, now.respondents)
    places = [c for c in old if c.startswith(_AT) and c in new]
    shares = [c for c in old if c.startswith(_SHARE) and c in new]
    found = []
    for at in places if len(old) else ():
        names = sorted({*old[at].dropna(), *new[at].dropna()})
        codes = [pd.Index(names).get_indexer(one[at].astype(object)) for one in (old, new)]
        for share in shares:
            values = [one[share].to_numpy() for one in (old, new)]
            cells = [np.where(v >= 0, c, -1) for v, c in zip(values, codes, strict=True)]
            moved = cells[0] != cells[1]
            count = sum(_count(cell[moved], len(names)) for cell in cells)
            stay = ~moved & (values[0] != values[1])
            count = np.where(count == 0, _count(cells[0][stay], len(names)), count)
            for k in np.flatnonzero((count > 0) & (count < FEW)):
                area, _, category = names[k].partition("|")
                group = at.removeprefix(_AT).partition(" ")[2]
                found.append((area, group, category, share.removeprefix(_SHARE), int(count[k])))
    cells = pd.DataFrame(found, columns=[*CELL, "persons"])
    return cells.merge(before.cells, on=CELL).merge(now.cells, on=CELL)


def _count(cells: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(cells[cells >= 0], minlength=size)


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Those who aren't in all the same cells, row by row the same person; one who is in one of the
    two only is outside everything in the other."""
    shared = [c for c in old if c in new]
    old, new = (one[shared].astype({c: object for c in shared if c.startswith(_AT)})
                .set_index(PERSON) for one in (old, new))  # fmt: skip
    marks = [pd.util.hash_pandas_object(one, index=False) for one in (old, new)]
    for one, mark in zip((old, new), marks, strict=True):
        mark.index = one.index
    alone = [marks[0][~old.index.isin(new.index)], marks[1][~new.index.isin(old.index)]]
    once = [one[~one.duplicated(keep=False)] for one in alone]
    same = set(once[0]) & set(once[1])
    gone = [one.index[one.isin(same)] for one in once]
    both = old.index.intersection(new.index)
    unchanged = both[marks[0][both].to_numpy() == marks[1][both].to_numpy()]
    old = old.drop(index=gone[0].union(unchanged))
    new = new.drop(index=gone[1].union(unchanged))
    everyone = old.index.union(new.index)
    return _laid(old, everyone), _laid(new, everyone)


def _laid(people: pd.DataFrame, everyone: pd.Index) -> pd.DataFrame:
    result = people.reindex(everyone)
    shares = [c for c in result if c.startswith(_SHARE)]
    result[shares] = result[shares].fillna(-1).astype(np.int8)
    return result


def refusal(wave: str, name: str, cells: pd.DataFrame, file: str, demo: bool) -> Fault:
    """What to say of a publication that differs from the one called ``name`` in some cells."""
    where = cells.sort_values(["group", "indicator"]).iloc[0]
    example = " ".join(part for part in where[CELL] if part)
    found = (
        f"wave {wave} was published before with other respondents: 1 to {FEW - 1} persons differ "
        f"in {len(cells)} published cells, such as {example}. Their answers could be worked out "
        "from the difference"
    )
    return _fault(file, wave, name, found, demo)


def unknown(wave: str, name: str, file: str) -> Fault:
    """What to say when it can't be known how many persons differ from what was published."""
    found = (
        f"wave {wave} was published before with other respondents, and what it was published from "
        "is forgotten: it can't be known how many persons differ"
    )
    return _fault(file, wave, name, found, False)


def _fault(file: str, wave: str, name: str, found: str, demo: bool) -> Fault:
    line = f'withdrawn: [{{respondents: "{name}", date: YYYY-MM-DD, reason: "..."}}]'
    action = (
        "restore the delivered file and the parameters; or take back every copy of the earlier "
        f"reports and write in {file} the line  {line}  (this does not undo the disclosure: who "
        "has kept the old tables can still compare them with the new)"
    )
    if demo:
        action += f"; made-up answers harm nobody:  trygg forget {wave}  and run again"
    expected = f"the same respondents, or at least {FEW} others in every cell"
    return Fault(file, "key withdrawn", found, expected, action)


def check(
    now: Mapping[str, Publication],
    before: Mapping[str, Mapping[str, Publication]],
    parameters: Parameters,
    file_of: Mapping[str, str],
) -> list[Fault]:
    """What keeps delivered waves from being published as they are ``now``. ``before``: wave ->
    name of a publication -> that publication."""
    faults = []
    for wave, publication in now.items():
        spec = parameters.waves[wave]
        withdrawn = {one.respondents for one in spec.withdrawn}
        own = digest(publication.respondents)
        for name, earlier in before.get(wave, {}).items():
            if name not in withdrawn and name != own:
                cells = differing(earlier, publication, parameters)
                if len(cells):
                    faults.append(refusal(wave, name, cells, file_of[wave], spec.demo))
    return faults
