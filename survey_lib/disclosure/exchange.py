"""Exchanges: tables that a reader can't tell from the true one, written down in closed form.

Persons with their weights and answers change places between two categories of an area, and as many
with the same answers change back in another area. If every cell that this touches is hidden or
unpublished, nothing that is published changes: not a base, not a share, and no interval, deviation
or contrast that is computed from them. So the true table can't be told from the changed one. In a
crossed group four categories take part (two by two) instead of two; where a hidden area lies inside
others, or others inside it, every area on the way between two smallest areas.

A hidden value is *proved* uncertain when the tables found so are as far apart as the rule asks
(:class:`~.cells.Rule`). Each of them is held against the whole system of the question
(:func:`~.cells.system`): integers and weights, published numbers, respondents by background,
weights of a person. What isn't proved may be safe too: rounding, which is not counted on here,
leaves a reader less to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice, product

import numpy as np

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import WHOLE, Links, Rule, Tables, remainder, system
from survey_lib.statistics.arrays import Codes, Flags, Floats

BROKEN = 1e-5  # how far a table may be from a relation, in persons or mean weights
TRIED = 8  # cheapest exchanges tried for one hidden value


@dataclass(frozen=True, eq=False)
class Move:
    """Cells that gain and cells that lose the same persons, and what hiding them all would cost."""

    gain: Codes
    lose: Codes
    cost: float

    @property
    def cells(self) -> Codes:
        return np.concatenate([self.gain, self.lose])


@dataclass(eq=False)
class Exchanges:
    """The exchanges of one question, around its true table ``truth`` (the unknowns of its system).

    Attributes
    ----------
    attack : keeps what the tables found show of each hidden value
    hidden : (C,) cells of which nothing is published; grows when :meth:`choose` hides more
    chosen : (C,) those that :meth:`choose` has hidden
    """

    tables: Tables
    truth: Floats
    rule: Rule
    attack: Attack = field(init=False)
    hidden: Flags = field(init=False)
    chosen: Flags = field(init=False)

    def __post_init__(self) -> None:
        tables = self.tables
        cells, _, atoms = tables.size
        self.persons = self.truth[: cells * atoms].reshape(cells, atoms)
        self.weights = self.truth[cells * atoms :].reshape(cells, atoms)
        self.attack = Attack(tables, self.rule, self.truth)
        cell, share = self.attack.target.T
        base = (self.persons[cell] * tables.bases[share]).sum(axis=1)
        # a base that is large is no secret: of these only the numerator is
        self.attack.known_large = np.asarray(base >= self.rule.hide_below, dtype=bool)
        self.hidden = np.asarray(~tables.shown.any(axis=1), dtype=bool)
        self.chosen = np.zeros(cells, dtype=bool)
        self._people = self.persons.sum(axis=1) > 0
        # what holds whatever is published of the cells that take part
        self._rules = system(replace(tables, shown=np.zeros_like(tables.shown)))

    @property
    def targets(self) -> Codes:
        """Hidden values (places in ``attack.target``) of published categories and whole areas."""
        return np.flatnonzero(~self.tables.unpublished[self.attack.target[:, 0]])

    @property
    def unproved(self) -> Codes:
        """Those of :attr:`targets` that are not proved uncertain."""
        return self.targets[~self.attack.met()[self.targets]]

    def prove(self) -> None:
        """Look for tables with what is hidden as it is."""
        for cell in dict.fromkeys(self.attack.target[self.unproved, 0]):
            for move in self.moves(cell):
                if move.cost > 0 or self.proved(cell):
                    break
                self.walk(move, cell)

    def choose(self) -> None:
        """Hide the cells of the cheapest exchange that proves each hidden value; a value that none
        of those tried proves is left as it is."""
        self.prove()
        for cell in dict.fromkeys(self.attack.target[self.unproved, 0]):
            for move in islice(self.moves(cell), TRIED):
                if self.proved(cell):
                    break
                before, proved = deepcopy(self.attack.reached), self.attack.met().sum()
                self.walk(move, cell)
                if self.attack.met().sum() == proved:
                    self.attack.reached = before  # the move isn't made, so they aren't possible
                else:
                    new = np.zeros(len(self.hidden), dtype=bool)
                    new[move.cells] = True
                    self.chosen |= new & ~self.hidden
                    self.hidden |= new

    def proved(self, cell: int) -> bool:
        mine = self.attack.target[:, 0] == cell
        return bool(self.attack.met()[mine].all())

    def moves(self, cell: int) -> Iterator[Move]:
        """The exchanges by which a cell's values can move as far as the rule asks, the cheapest
        first."""
        shown = np.where(self.hidden, 0.0, self.tables.shown.sum(axis=1))
        found = [
            Move(gain, lose, float(shown[gain].sum() + shown[lose].sum()))
            for gain, lose, ends in _exchanges(self.tables.links, cell)
            if self._people[ends].all()
        ]
        for move in sorted(found, key=lambda one: one.cost):
            if self._room(move, cell) >= 1:
                yield move

    def _room(self, move: Move, cell: int) -> float:
        """How far an exchange can move the share of a small base, as a part of what the rule asks;
        of the hidden value for which that is least."""
        more = self.persons[move.lose].min(axis=0)
        fewer = self.persons[move.gain].min(axis=0)
        least = np.inf
        for share in self.attack.target[self.attack.target[:, 0] == cell, 1]:
            base = self.tables.bases[share]
            top = self.tables.numerators[share] & base
            rest = base & ~top
            yes, no = self.persons[cell][top].sum(), self.persons[cell][rest].sum()
            if yes + no >= self.rule.hide_below:
                least = min(least, float((more[top] + fewer[top]).sum()))
                continue
            high, others = yes + more[top].sum(), no - fewer[rest].sum()
            low, all_others = yes - fewer[top].sum(), no + more[rest].sum()
            wide = high / max(high + others, 1) - low / max(low + all_others, 1)
            least = min(least, wide / self.rule.share)
        return float(least)

    def walk(self, move: Move, cell: int) -> None:
        """See the tables that one exchange leads to, as far as the cell's values need them."""
        for one in np.flatnonzero(self.attack.target[:, 0] == cell):
            if self.attack.met()[one]:
                continue
            share = self.attack.target[one, 1]
            base = self.tables.bases[share]
            for step in self._steps(move, cell, self.tables.numerators[share] & base, base):
                if self._try(move, step) and self.attack.met()[one]:
                    break

    def _steps(self, move: Move, cell: int, top: Flags, base: Flags) -> Iterator[Codes]:
        """(J,) persons with each answer that the gaining cells get: some of one side's answers
        against as many of the other side's, so that no base changes; then without that."""
        most = self.persons[move.lose].min(axis=0).astype(int)
        least = -self.persons[move.gain].min(axis=0).astype(int)
        rest = base & ~top
        size = int(self.persons[cell][base].sum())
        far = int(np.ceil(self.rule.share * size)) + 1
        for number in (far, self.rule.few, size):
            for sign in (1, -1):
                one = _spread(sign * number, top, least, most)
                other = _spread(-int(one.sum()), rest, least, most)
                if one.any():
                    yield _spread(-int(other.sum()), top, least, most) + other
        for number in (far, size):
            for sign in (1, -1):
                one = _spread(sign * number, top, least, most)
                yield one
                yield one + _spread(-sign * number, rest, least, most)

    def _try(self, move: Move, step: Codes) -> bool:
        """See the table after an exchange of some persons, if it keeps every relation."""
        cells, _, atoms = self.tables.size
        gain, lose, every = move.gain, move.lose, move.cells
        sign = np.concatenate([np.ones(len(gain)), -np.ones(len(lose))])[:, None]
        persons = self.persons[every] + sign * step
        low, high = self.tables.each[every].T[:, :, None]
        high = np.where(np.isfinite(high), high, 1e9)
        least, most, now = low * persons, high * persons, self.weights[every]
        # the weight that is moved: every cell's mean stays within what a person can weigh
        under = np.where(sign > 0, least - now, now - most).max(axis=0)
        over = np.where(sign > 0, most - now, now - least).min(axis=0)
        if (persons < 0).any() or (under > over + 1e-12).any():
            return False
        weight = np.clip(step.astype(float), under, over)
        for atom in range(atoms):  # and what all answers weigh together stays if it can
            weight[atom] = np.clip(weight[atom] - weight.sum(), under[atom], over[atom])
        table = self.truth.copy()
        place = every[:, None] * atoms + np.arange(atoms)
        table[place] = persons
        table[cells * atoms + place] = now + sign * weight
        if self._rules.broken_by(table) >= BROKEN:
            return False
        self.attack.see(table)
        return True


def _spread(number: int, among: Flags, least: Codes, most: Codes) -> Codes:
    """(J,) a number of persons, or as many as there are, over some answers."""
    step = np.zeros(len(among), dtype=int)
    for atom in np.flatnonzero(among):
        left = number - int(step.sum())
        step[atom] = int(np.clip(left, least[atom], most[atom]))
    return step


@lru_cache(maxsize=20_000)
def _exchanges(links: Links, cell: int) -> list[tuple[Codes, Codes, Codes]]:
    """Of each exchange that a cell gains by, the cells that gain, those that lose, and the whole
    smallest areas that take part: an exchange with one where nobody is is none."""
    area, group, category = links.cells[cell]
    place, found = links.place, []
    kinds = list(_exchanged(links, area, group, category))
    for plus, minus in _ways(links, area, group):
        for more, less in kinds:
            gain = [(a, *k) for a, k in product(plus, more)]
            gain += [(a, *k) for a, k in product(minus, less)]
            lose = [(a, *k) for a, k in product(plus, less)]
            lose += [(a, *k) for a, k in product(minus, more)]
            if lose and all(one in place for one in gain + lose):
                ends = [place[a, *WHOLE] for a in (*plus, *minus)]
                more_of, less_of = (
                    np.array([place[c] for c in s], dtype=int) for s in (gain, lose)
                )
                found.append((more_of, less_of, np.array(ends, dtype=int)))
    return found


def _ways(links: Links, area: str, group: str) -> Iterator[tuple[list[str], list[str]]]:
    """Areas that change one way and the other, so that no area around them changes: from a smallest
    area up and down again to another, through ``area``."""
    divided = {one for one, kind, _ in links.cells if kind == group}
    parts = {whole: [p for p in some if p in divided] for whole, some in links.parts_of.items()}
    if group == "":  # where persons whose smaller area isn't known can be
        parts = {whole: [*some, remainder(whole)] if some else [] for whole, some in parts.items()}
    above = {part: whole for whole, some in parts.items() for part in some}

    def down(one: str) -> list[list[str]]:
        inner = [path for part in parts.get(one, []) for path in down(part)]
        return [[one, *path] for path in inner] or [[one]]

    for path in down(area):
        place, up = area, list(path)
        while place in above:
            whole = above[place]
            for sibling in parts[whole]:
                if sibling != place:
                    for other in down(sibling):
                        yield up, other
            place, up = whole, [*up, whole]
        yield up, []  # the whole city changes too


def _exchanged(
    links: Links, area: str, group: str, category: str
) -> Iterator[tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
    """Kinds of cells that gain and that lose when a category does, sums inside an area kept."""
    if group == "":
        yield [WHOLE], []
        return
    kinds = [(g, c) for one, g, c in links.cells if one == area and g]
    own = [c for g, c in kinds if g == group and c != category]
    if "." in category:
        first, second = category.split(".")
        for row, column in (other.split(".") for other in own):
            if row != first and column != second:
                away = [(group, f"{first}.{column}"), (group, f"{row}.{second}")]
                yield [(group, category), (group, f"{row}.{column}")], away
        return
    across = _crossed(links, area, group, category)
    for other in own:
        more, less = [(group, category)], [(group, other)]
        if across is None:
            yield more, less
            continue
        cross, name, others = across
        for (
            one
        ) in others:  # a cross changes with its margin, in one of the other group's categories
            yield [*more, (cross, name(category, one))], [*less, (cross, name(other, one))]


def _crossed(
    links: Links, area: str, group: str, category: str
) -> tuple[str, Callable[[str, str], str], list[str]] | None:
    """The crossed group whose cells a category is a sum of, how its categories are named, and the
    other group's categories; None for a group that isn't crossed."""
    column = links.sums.tocsc()[:, [links.place[area, group, category]]]
    part = links.sums.tocsr()[column.indices[column.data > 0]]
    inside = [links.cells[c] for c in part.indices]
    crossed = [(g, *c.split(".")) for a, g, c in inside if a == area and "." in c]
    if not crossed:
        return None
    cross = crossed[0][0]
    if all(one[1] == category for one in crossed):
        return cross, lambda own, other: f"{own}.{other}", [one[2] for one in crossed]
    return cross, lambda own, other: f"{other}.{own}", [one[1] for one in crossed]
