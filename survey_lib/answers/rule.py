"""What a cleaning rule looks at, and what it says it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter

import numpy as np
import pandas as pd

from survey_lib.answers.model import Touched
from survey_lib.vocabulary import Item, Parameters, Wave
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE

WORDS = ("text", "place")  # kinds of items without number codes


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a rule found: columns with new values, persons to remove, and how much that is.

    Attributes
    ----------
    columns : new values of columns; None takes a column away.
    removed : persons to remove, (n,) bool, or None.
    answers : answers changed (or looked at, for a rule that only counts).
    persons : persons touched.
    """

    columns: dict[str, object] = field(default_factory=dict)
    removed: np.ndarray | None = None
    answers: int = 0
    persons: int = 0

    @property
    def touched(self) -> Touched:
        removed = 0 if self.removed is None else int(self.removed.sum())
        return Touched(self.answers, self.persons, removed)


class Survey:
    """A wave's coded frame beside what was asked in it: what rules look at."""

    def __init__(self, frame: pd.DataFrame, wave: Wave, parameters: Parameters):
        self.frame, self.wave, self.parameters = frame, wave, parameters
        self.questionnaire = parameters.questionnaire

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items, place items included, that this wave's frame holds."""
        every = {**self.questionnaire.items, **self.questionnaire.place_items}
        return {name: item for name, item in every.items() if self.columns(name)}

    def columns(self, name: str) -> list[str]:
        """The answer columns of an item or variable that the frame holds."""
        return [one for one in self.questionnaire.columns(name) if one in self.frame]

    def codes(self, column: str) -> np.ndarray:
        """A column of whole-number codes, (n,)."""
        return np.asarray(self.frame[column])

    def answered(self, name: str) -> np.ndarray:
        """Who gave any answer to an item, (n,) bool; where several ticks are possible, a tick."""
        kind, columns = self.items[name].kind, self.columns(name)
        if kind in WORDS:
            return np.asarray(self.frame[columns[0]].notna())
        if kind == "multiple":
            return np.asarray(np.any([self.codes(one) == 1 for one in columns], axis=0))
        return np.isin(self.codes(columns[0]), (NOT_APPLICABLE, NO_ANSWER), invert=True)

    def filtered(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Each filtered item with who was not asked it, and whose filter is unanswered, (n,) bool.

        Filters come before what they filter. A condition on something that the wave didn't ask is
        no filter.
        """
        conditions = {
            name: {one: codes for one, codes in item.asked_if.items() if one in self.frame}
            for name, item in self.items.items()
            if item.asked_if
        }
        order = TopologicalSorter({name: set(needs) for name, needs in conditions.items()})
        for name in order.static_order():
            if not conditions.get(name):
                continue
            not_asked = np.zeros(len(self.frame), dtype=bool)
            unanswered = np.zeros(len(self.frame), dtype=bool)
            for variable, codes in conditions[name].items():
                given = self.codes(variable)
                unanswered |= given == NO_ANSWER
                not_asked |= ~np.isin(given, codes) & (given != NO_ANSWER)
            yield name, not_asked, unanswered & ~not_asked


def removal(who: np.ndarray) -> Outcome:
    """An outcome that takes persons away, (n,) bool."""
    return Outcome(removed=who, persons=int(who.sum()))


@dataclass(frozen=True)
class Rule:
    """A named rule: the id and the Swedish sentence of its row in the log, and what it does."""

    id: str
    label: str
    apply: Callable[[Survey], Outcome]


def rule(label: str) -> Callable[[Callable[[Survey], Outcome]], Rule]:
    """Makes a function a rule that has the function's name as its id."""

    def named(function: Callable[[Survey], Outcome]) -> Rule:
        return Rule(function.__name__, label, function)

    return named
