"""Where each person belongs: area, stratum, how the stratum was sampled, primary sampling unit.

An area is given by its id, its name or an older name. A bare name that several areas have decides
nothing: only an area in which the stratum can be told is considered, and if several remain the
wave file must say which is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from survey_lib.answers.codebook import as_told, quoted
from survey_lib.answers.coding import rows_told
from survey_lib.answers.columns import AREA, FINER_AREA, PSU, STRATUM, Column
from survey_lib.answers.matching import plain, suggestion
from survey_lib.answers.model import Faults, Touched
from survey_lib.answers.raw import Raw, distinct
from survey_lib.vocabulary import Areas
from survey_lib.vocabulary.validation import listed
from survey_lib.vocabulary.waves import ANY_STRATUM, Sampling, Wave

ALIAS = ("area_alias", "Äldre namn och andra skrivsätt på områden lästes som dagens områden.")
_MOST_VALUES = 10  # unknown values told one by one


class Placer:
    """Places the rows of one raw file."""

    def __init__(self, raw: Raw, areas: Areas, wave: Wave, faults: Faults):
        self.raw, self.areas, self.wave, self.faults = raw, areas, wave, faults
        self.alias = Touched()
        self._by_name: dict[str, list[str]] = {}
        self._aliases: set[str] = set()
        for area in areas.areas.values():
            for name in {plain(area.id), plain(area.name), *map(plain, area.alias)}:
                self._by_name.setdefault(name, []).append(area.id)
            self._aliases |= set(map(plain, area.alias)) - {plain(area.name)}

    def placed(self, found: dict[str, tuple[Column, str]]) -> dict[str, object]:
        """``area, stratum, sampling`` and, where delivered, ``psu``.

        ``found`` maps our names to the column and its name in the file. A row without an area gets
        its stratum's, when that is one; what is missing is NaN, for cleaning to remove.
        """
        if AREA in found:
            area = self._areas(*found[AREA], strata_are_areas=STRATUM not in found)
        else:
            whole = [] if STRATUM in found else [self.areas.whole]
            rows = np.full(len(self.raw.frame), len(whole) - 1)
            area = pd.Categorical.from_codes(rows, categories=whole)
        if FINER_AREA in found:
            area = self._finer(area, *found[FINER_AREA])
        if STRATUM in found:
            stratum = self._delivered_strata(*found[STRATUM])
            area = _filled(area, stratum, list(self.areas.areas))
        else:
            stratum = self._strata_of(area)
        kinds, strata = list(get_args(Sampling)), self.wave.strata
        sampling = [
            kinds.index((strata.get(key) or strata[ANY_STRATUM]).sampling)
            for key in stratum.categories
        ]
        lookup = np.array([*sampling, -1])
        placed: dict[str, object] = {
            AREA: area,
            STRATUM: stratum,
            "sampling": pd.Categorical.from_codes(lookup[stratum.codes], categories=kinds),
        }
        if PSU in found:
            placed[PSU] = self._units(found[PSU][1], stratum)
        return placed

    def _words(self, column: Column, name: str) -> list[list[str]]:
        """For each distinct value the keys to look it up by: the wave's mapping alone, else the
        value itself, then its label in the file. Empty for a blank."""
        values = {
            plain(value): plain(str(code)) for value, code in (column.spec.values or {}).items()
        }
        labels = self.raw.labels.get(name, {})
        words = []
        for text in distinct(self.raw.frame[name])[0]:
            key, label = plain(text), plain(labels.get(text, ""))
            own = [one for one in (key, label) if one and key]
            words.append([values[key]] if key in values else own)
        return words

    def _rows(self, mine: np.ndarray) -> str:
        return rows_told(self.raw.frame.index.to_numpy()[mine])

    # -- areas -------------------------------------------------------------------------------------

    def _areas(self, column: Column, name: str, *, strata_are_areas: bool) -> pd.Categorical:
        texts, places = distinct(self.raw.frame[name])
        ids: list[str | None] = [None] * len(texts)
        aliased, told = [], 0
        for k, words in enumerate(self._words(column, name)):
            fitting = next((self._by_name[word] for word in words if word in self._by_name), [])
            if len(fitting) > 1 and strata_are_areas:
                inside = [one for one in fitting if self._stratum_area(one) in self.wave.strata]
                fitting = inside or fitting
            fitting = same_area(fitting, self.areas)
            if len(fitting) == 1:
                ids[k] = fitting[0]
                if words[0] in self._aliases:
                    aliased.append(k)
            elif words and (mine := places == k).any():
                told += 1
                if told <= _MOST_VALUES:
                    self._note_area(name, texts[k], mine, fitting)
        persons = int(np.isin(places, aliased).sum())
        self.alias = Touched(persons, persons)
        return _spread(ids, places, [area for area in self.areas.areas if area in ids])

    def _note_area(self, name: str, text: str, mine: np.ndarray, fitting: Sequence[str]) -> None:
        areas = self.areas.areas.values()
        known = [word for area in areas for word in (area.id, area.name, *area.alias)]
        told = f'"{text.strip()}"' if fitting else as_told(text, int(mine.sum()), known)
        why = f"the name of {listed(fitting)}" if fitting else "no area"
        close = self._by_name.get(plain(suggestion(text, known) or ""), ["the id of its area"])
        meant = fitting[0] if fitting else close[0]
        self.faults.note(
            f'column "{name}"',
            f"{told} in {self._rows(mine)}: {why}",
            "the id, name or alias of one area in areas.csv",
            self.faults.under("variables: area", f'values: {{"{quoted(told)}": {meant}}}'),
        )

    def _finer(self, area: pd.Categorical, column: Column, name: str) -> pd.Categorical:
        """A smaller area told by a second column, where it lies inside the area of the first."""
        texts, places = distinct(self.raw.frame[name])
        assert column.spec.finer is not None
        values = {plain(text): one for text, one in column.spec.finer.values.items()}
        finer = [values.get(plain(text)) for text in texts]
        order = [one for one in self.areas.areas if one in {*area.categories, *finer}]
        result = np.array([*map(order.index, area.categories), -1])[area.codes]
        for k, one in enumerate(finer):
            if one is not None:
                inside = [self.areas.contains(other, one) for other in area.categories]
                around = np.append(np.array(inside, dtype=bool), False)[area.codes]
                result[(places == k) & around] = order.index(one)
        return pd.Categorical.from_codes(result, categories=order)

    # -- strata ------------------------------------------------------------------------------------

    def _stratum_area(self, area: str) -> str | None:
        """The area of the stratum level that an area lies in, or None."""
        if self.wave.strata_level is not None:
            return self.areas.at_level(area, self.wave.strata_level)
        return area

    def _strata_of(self, area: pd.Categorical) -> pd.Categorical:
        """The stratum of each row when strata are areas."""
        order, level = list(self.wave.strata), self.wave.strata_level
        found = [self._stratum_area(one) for one in area.categories]
        if len(order) == 1 and level is None:  # one stratum, whatever the areas
            found = [order[0]] * len(found)
        if ANY_STRATUM in order:
            order = [*order, *sorted(set(filter(None, found)) - set(order))]
        for k, (one, key) in enumerate(zip(area.categories, found, strict=True)):
            mine = area.codes == k
            if key in order or not mine.any():
                continue
            lies = f"in {key}, which is not" if key not in (None, one) else "not"
            line = f"{key or one}: {{sampling: sannolikhet}}"
            self.faults.note(
                "variable area",
                f"{self._rows(mine)} in {one}, {lies} among the wave's strata",
                f"areas inside one of {listed(order)}",
                self.faults.under("strata", line)
                + "  (if it was surveyed, and how), or take the rows out of the file",
            )
        return _spread(found, area.codes, [key for key in order if key != ANY_STRATUM])

    def _delivered_strata(self, column: Column, name: str) -> pd.Categorical:
        """The stratum of each row from a column of its own."""
        texts, places = distinct(self.raw.frame[name])
        order = [key for key in self.wave.strata if key != ANY_STRATUM]
        keys = {plain(key): key for key in order}
        found: list[str | None] = []
        unknown, line = [], ""
        for k, words in enumerate(self._words(column, name)):
            fitting = [keys[word] for word in words if word in keys]
            areas = [one for word in words for one in self._by_name.get(word, [])]
            fitting = fitting or [one for one in areas if one in order]
            found.append(fitting[0] if fitting else None)
            if not words or fitting or not (mine := places == k).any():
                continue
            if ANY_STRATUM in self.wave.strata:
                found[-1] = texts[k].strip()
                continue
            told = as_told(texts[k], int(mine.sum()), order)
            unknown.append(f"{told} in {self._rows(mine)}")
            line = line or f'"{quoted(told)}": "{suggestion(texts[k], order) or order[0]}"'
        if unknown:
            self.faults.note(
                f'column "{name}"',
                f"no stratum of the wave: {listed(unknown, _MOST_VALUES)}",
                f"one of {listed(order)}",
                self.faults.under("variables: stratum", f"values: {{{line}}}")
                + "  (the stratum it stands for), or add it under strata:",
            )
        return _spread(found, places, [*order, *sorted(set(filter(None, found)) - set(order))])

    def _units(self, name: str, stratum: pd.Categorical) -> pd.Categorical:
        """Each row's PSU as stratum and label, so that a label used again in another stratum is
        another unit, and one used again in another wave the same."""
        texts, places = distinct(self.raw.frame[name])
        blank = np.array([not text.strip() for text in texts] + [True])[places]
        if blank.any():
            action = "mend the file, or remove psu: under variables: if the sample has none"
            found = f"nothing in {self._rows(blank)}"
            self.faults.note(f'column "{name}"', found, "a primary sampling unit", action)
        pairs = stratum.codes.astype(np.int64) * (len(texts) + 1) + places
        codes, kept = pd.factorize(pairs)
        strata = [*map(str, stratum.categories), ""]
        labels = [
            f"{strata[k // (len(texts) + 1)]} {[*texts, ''][k % (len(texts) + 1)]}" for k in kept
        ]
        return pd.Categorical.from_codes(codes, categories=labels)


def same_area(fitting: list[str], areas: Areas) -> list[str]:
    """Several areas of one name are one and the same when each holds a single area of the finest
    one's level: then the finest is meant."""
    for one in fitting:
        level, others = areas.level_of(one), [other for other in fitting if other != one]
        if others and all(
            [part for part in areas.members(other) if areas.level_of(part) == level] == [one]
            for other in others
        ):
            return [one]
    return fitting


def _spread(ids: Sequence[str | None], places: np.ndarray, order: Sequence[str]) -> pd.Categorical:
    """Ids of the distinct values over the rows; NaN for none, and for one not in the order."""
    place = {one: k for k, one in enumerate(order)}
    lookup = np.array([place.get(one, -1) if one else -1 for one in ids] + [-1])
    return pd.Categorical.from_codes(lookup[places], categories=pd.Index(order, dtype="str"))


def _filled(area: pd.Categorical, stratum: pd.Categorical, areas: list[str]) -> pd.Categorical:
    """A row without an area gets its stratum's, when that is an area."""
    if not (area.codes == -1).any():
        return area
    own, other = pd.Series(area, dtype=object), pd.Series(stratum, dtype=object)
    filled = own.where(own.notna(), other.where(other.isin(areas)))
    present = set(filled.dropna().unique())
    return pd.Categorical(filled, categories=[one for one in areas if one in present])
