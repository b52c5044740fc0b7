"""Faults in the delivered texts, in known numbers, which reading and cleaning must catch.

Every fault sits in a person of its own among those who answered properly, so that the numbers in
the cleaning log can be compared with the plan one by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd

from survey_lib.demo.people import AREA
from survey_lib.demo.population import Population
from survey_lib.demo.respondents import Respondents
from survey_lib.vocabulary.questionnaire import NOT_APPLICABLE, OUTSIDE_SCALE

HARD_SPACE = "\u00a0"
UNKNOWN_CODES = ("9", "0", "33", "66")


def add_faults(
    population: Population,
    wave: str,
    respondents: Respondents,
    written: pd.DataFrame,
    random: np.random.Generator,
) -> pd.DataFrame:
    """The written frame with the plan's faults in its cells, and duplicated rows last."""
    if wave not in population.plan.delivery.dirt:
        return written
    dirt = population.plan.delivery.dirt[wave]
    maker = _Maker(population, wave, respondents, written.copy(), random)
    maker.relabel(dirt.mixed_case, lambda text: text.upper() if len(text) % 2 else text.lower())
    maker.relabel(dirt.hard_spaces, lambda text: text.replace(" ", HARD_SPACE) + HARD_SPACE)
    maker.relabel(dirt.decomposed, lambda text: unicodedata.normalize("NFD", text))
    maker.unknown_codes(dirt.unknown_codes)
    maker.contradict(dirt.contradictions)
    maker.tick_too_many(dirt.too_many_ticks)
    maker.answer_alike(dirt.same_answer)
    maker.old_names(dirt.old_area_names)
    copies = maker.take(np.ones(len(written), dtype=bool), dirt.duplicates)
    return pd.concat([maker.frame, maker.frame.iloc[copies]], ignore_index=True)


class _Maker:
    """Puts faults into ``frame``; remembers which persons are still without one."""

    def __init__(
        self,
        population: Population,
        wave: str,
        respondents: Respondents,
        frame: pd.DataFrame,
        random: np.random.Generator,
    ) -> None:
        self.population, self.wave, self.random = population, wave, random
        self.asked = population.parameters.questionnaire
        self.spec = population.parameters.waves[wave]
        self.codes, self.frame = respondents.codes, frame
        self.free = respondents.fault == ""

    def take(self, able: np.ndarray, count: int) -> np.ndarray:
        """``count`` rows among those able and free; they are free no more."""
        rows = self.random.choice(np.flatnonzero(able & self.free), count, replace=False)
        self.free[rows] = False
        return rows

    def name(self, column: str) -> str:
        variable = self.spec.variables.get(column)
        return (variable.column if variable else None) or column

    def single(self, labels: bool) -> list[str]:
        """Delivered items with one answer, those written as words or those written as codes."""
        plan = self.population.plan.delivery
        return [
            item
            for item, definition in self.asked.items.items()
            if definition.kind == "single"
            and item in self.codes
            and (item in plan.labels) == labels
        ]

    def relabel(self, count: int, change: Callable[[str], str]) -> None:
        """One label of each of ``count`` persons written otherwise, and still readable."""
        labels = self.population.plan.delivery.labels
        columns = [self.name(c) for c in labels if c in self.codes and not self.is_years(c)]
        changed = self.frame[columns].map(change, na_action="ignore")
        can = changed.notna() & (changed != self.frame[columns])
        for row in self.take(can.any(axis=1).to_numpy(), count):
            column = self.random.choice(np.array(columns)[can.iloc[row].to_numpy()])
            self.frame.loc[row, column] = changed.loc[row, column]

    def is_years(self, column: str) -> bool:
        variable = self.spec.variables.get(column)
        return bool(variable and variable.years)

    def unknown_codes(self, count: int) -> None:
        """A code that the question doesn't have, where a scale point was."""
        columns = self.single(labels=False)
        can = self.codes[columns].lt(OUTSIDE_SCALE)
        for k, row in enumerate(self.take(can.any(axis=1).to_numpy(), count)):
            column = self.random.choice(np.array(columns)[can.iloc[row].to_numpy()])
            self.frame.loc[row, self.name(column)] = UNKNOWN_CODES[k % len(UNKNOWN_CODES)]

    def contradict(self, count: int) -> None:
        """An answer to a question that the person's filter says was not asked."""
        filtered = [c for c in self.asked.items if self.asked.items[c].asked_if and c in self.codes]
        can = self.codes[filtered].eq(NOT_APPLICABLE)
        for row in self.take(can.any(axis=1).to_numpy(), count):
            column = self.random.choice(np.array(filtered)[can.iloc[row].to_numpy()])
            labels = self.asked.labels(column, self.spec)
            code = self.random.choice(list(labels))
            text = labels[code] if column in self.population.plan.delivery.labels else str(code)
            self.frame.loc[row, self.name(column)] = text

    def tick_too_many(self, count: int) -> None:
        """One tick more than the question allows."""
        limited = [
            (name, item.at_most)
            for name, item in self.asked.items.items()
            if item.at_most is not None and self.asked.columns(name)[0] in self.codes
        ]
        for k in range(count if limited else 0):
            name, most = limited[k % len(limited)]
            columns = self.asked.columns(name)
            ticked = self.codes[columns].eq(1)
            (row,) = self.take((ticked.sum(axis=1) == most).to_numpy(), 1)
            empty = np.array(columns)[~ticked.iloc[row].to_numpy()]
            self.frame.loc[row, self.name(self.random.choice(empty))] = "1"

    def answer_alike(self, count: int) -> None:
        """One answer all the way down a battery."""
        batteries = [b for b in self.asked.batteries.values() if b.flag_same_answer]
        for k in range(count if batteries else 0):
            battery = batteries[k % len(batteries)]
            columns = [c for c in battery.items if c in self.codes]
            codes = self.codes[columns].to_numpy()
            alike = (codes == codes[:, :1]).all(axis=1)
            (row,) = self.take((codes < OUTSIDE_SCALE).all(axis=1) & ~alike, 1)
            code = list(self.asked.scales[battery.scale].labels)[-1 - k % 2]
            self.frame.loc[row, [self.name(c) for c in columns]] = str(code)

    def old_names(self, count: int) -> None:
        """An area written by an older name of it."""
        areas = self.population.parameters.areas
        old = {
            area: areas.areas[area].alias[0]
            for area in self.codes[AREA].unique()
            if areas.areas[area].alias
        }
        for row in self.take(self.codes[AREA].isin(old).to_numpy(), count):
            self.frame.loc[row, self.name(AREA)] = old[self.codes.loc[row, AREA]]
