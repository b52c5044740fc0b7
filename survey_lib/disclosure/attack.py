"""How narrowly hidden values can be worked out from what is published about one question.

Every interval here is *reached*: each of its ends is taken in a whole table, persons and weights,
that keeps every published relation and that the solver (HiGHS) has found. So a reader who knows all
that is published can't have a narrower interval, whatever the method. Tables are looked for in
three rings, each wider and slower than the one before, and only as long as the rule isn't met:

1. hidden cells move, every published number stays as it is in the start;
2. the published cells of the same groups in the same area and those around it move within their
   rounding too;
3. everything moves. What the rule isn't met by then is really known: the interval is *exact*.

Bases alone can be had in a quicker way: persons move, and all weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint

from survey_lib.disclosure.bounds import base_bounds, known_by_subtraction
from survey_lib.disclosure.cells import BROKEN, Rule, System, Tables, remainder, system
from survey_lib.disclosure.solving import (
    QUICK,
    SAME_EVERYWHERE,
    THOROUGH,
    Effort,
    Part,
    components,
)
from survey_lib.statistics.arrays import Codes, Flags, Floats

TOLERANCE = 1e-6

Some = Codes | slice  # of the targets
EVERY = slice(None)


@dataclass(eq=False)
class Reached:
    """Least and greatest value of each target in the tables found, (T, 2) each: persons in the
    base, in the numerator and in the rest of the base, and the weighted share (NaN in a table where
    nobody is in the base)."""

    base: Floats
    numerator: Floats
    left: Floats
    share: Floats

    @classmethod
    def nothing(cls, size: int) -> Reached:
        return cls(*(np.tile([np.inf, -np.inf], (size, 1)) for _ in range(4)))

    def of(self, some: Some) -> Reached:
        return Reached(*(ends[some] for ends in vars(self).values()))

    def add(self, base: Floats, numerator: Floats, share: Floats, of: Some) -> None:
        for held, value in (
            (self.base, base),
            (self.numerator, numerator),
            (self.left, base - numerator),
            (self.share, share),
        ):
            held[of, 0] = np.fmin(held[of, 0], value)
            held[of, 1] = np.fmax(held[of, 1], value)


@dataclass(eq=False)
class Attack:
    """What can be worked out about the hidden cells of one question.

    ``target`` is (T, 2): cell and share. ``exact`` (T,) says where the whole system was solved,
    ``by_subtraction`` (T, 2) least and greatest base that sums alone allow.
    """

    tables: Tables
    rule: Rule
    start: Floats
    target: Codes = field(init=False)
    reached: Reached = field(init=False)
    exact: Flags = field(init=False)
    known_large: Flags = field(init=False)
    by_subtraction: Floats = field(init=False)
    solved: int = field(init=False, default=0)
    stopped: bool = field(init=False, default=False)
    _until: float = field(init=False, default=np.inf)

    def __post_init__(self) -> None:
        self.target = self.tables.target
        size = len(self.target)
        self.reached = Reached.nothing(size)
        self.exact = np.zeros(size, dtype=bool)
        cell, share = self.target.T
        self.by_subtraction = base_bounds(self.tables)[cell, share]
        self.known_large = self.by_subtraction[:, 0] >= self.rule.hide_below  # then no search
        self._rest = self.tables.unpublished[self.target[:, 0]]
        self.measure = _Measure(self.tables, self.target)
        self.start = np.asarray(self.start, dtype=float)
        self._given_up = known_by_subtraction(self.tables, self.rule)
        self.see(self.start)

    @cached_property
    def system(self) -> System:
        """All relations, made when they are first searched."""
        return system(self.tables)

    def see(self, x: Floats, of: Some = EVERY) -> None:
        """Take a table into account, or what it shows ``of`` some targets."""
        self.reached.add(*self.measure.of(x, of), of)

    def met(self, of: Some = EVERY) -> Flags:
        """(T,) which targets are uncertain enough, or which ``of`` some."""
        rule, reached = self.rule, self.reached.of(of)
        large, nobody = self.known_large[of], self._rest[of] & (reached.base[:, 0] == 0)
        base = self.base_met(of) | nobody | (self.exact[of] & (reached.base[:, 1] == 0))
        few = rule.few - TOLERANCE
        numerator = (reached.numerator[:, 0] <= 0) | (reached.numerator[:, 1] >= few)
        left = (reached.left[:, 1] >= few) | (
            (reached.left[:, 0] <= 0) & (reached.left[:, 1] > TOLERANCE)
        )
        sensitive = self.tables.sensitive[self.target[of, 1]]
        with np.errstate(invalid="ignore"):
            share = reached.share[:, 1] - reached.share[:, 0] >= rule.share - TOLERANCE
        nobody_at_all = reached.base[:, 1] == 0
        share |= large | nobody_at_all | nobody
        return base & numerator & (left | ~sensitive | nobody_at_all | nobody) & share

    def base_met(self, of: Some = EVERY) -> Flags:
        """(T,) which bases are uncertain enough, or no secret, or which ``of`` some."""
        ends = self.reached.base[of]
        wide = ends[:, 1] - ends[:, 0] >= self.rule.base - TOLERANCE
        return np.asarray(wide | self.known_large[of], dtype=bool)

    def run(self, rings: int = 3, until: float = np.inf) -> Flags:
        """Look for tables until every target is uncertain enough, or ``rings`` have been tried, or
        the clock (:func:`time.monotonic`) says ``until``: see :attr:`stopped`."""
        self._until = until
        for ring in range(1, rings + 1):
            for free in self._rings(ring):
                self._search(free)
            if not self._waiting().any():
                break
        if rings == 3:
            self._finish(np.flatnonzero(self._waiting()))
        return self.met()

    def settle(self, until: float = np.inf) -> Flags:
        """Solve the whole system for every target that isn't uncertain enough yet."""
        self._until = until
        self._finish(np.flatnonzero(self._waiting()))
        return self.met()

    def narrowest(self) -> Flags:
        """The narrowest interval of every target, whether it needs it or not. Slow."""
        self._finish(np.arange(len(self.target)))
        return self.met()

    def move_persons(self, of: Codes) -> None:
        """Look for the bases of some targets in tables with the weights of the start: persons are
        counted otherwise there, as far as somebody can weigh so, many bases at once, up or down by
        chance. The same on any machine."""
        tables, group = self.tables, np.array([cell[1] for cell in self.tables.links.cells])
        family, owner = families(tables), self.system.cell[: len(self.start) // 2]
        left = of[~self.base_met(of)]
        kinds = {frozenset(family[group[cell]]) for cell in self.target[left, 0]}
        for together in sorted(kinds, key=sorted):
            column = np.flatnonzero(np.isin(group, list(together))[owner])
            for part in components(self.system, column, self.start):
                inside = left[np.isin(self.target[left, 0], owner[part.column])]
                sign = np.random.default_rng(len(part.column)).choice([-1.0, 1.0], len(inside))
                for turn in (1.0, -1.0) if len(inside) else ():
                    self._aim(part, (turn * sign) @ self.measure.base[inside], SAME_EVERYWHERE)

    def parts(self, one: int) -> tuple[Floats, Floats]:
        """Base and numerator of a target as rows over the unknowns."""
        measure = self.measure
        return measure.base[[one]].toarray()[0], measure.numerator[[one]].toarray()[0]

    def _waiting(self) -> Flags:
        return ~self.met() & ~self._given_up

    # -- where to look -------------------------------------------------------------------------

    def _rings(self, ring: int) -> Iterator[Flags]:
        """Which cells may move together, (C,): the choices of a ring, by area and kind of group,
        as long as a target there isn't safe."""
        tables = self.tables
        if ring == 3:
            yield np.ones(len(tables.links.cells), dtype=bool)
            return
        cells = tables.links.cells
        area, group = (np.array([cell[i] for cell in cells], dtype=object) for i in (0, 1))
        hidden = tables.hidden.any(1) | ~tables.shown.any(1)
        near = siblings(tables) if ring == 1 else around(tables)
        family = families(tables)
        waiting = {
            (frozenset(near[area[c]]), frozenset(family[group[c]]))
            for c, _ in self.target[self._waiting()]
        }
        for places, kinds in sorted(waiting, key=lambda one: (sorted(one[0]), sorted(one[1]))):
            here = np.isin(area, list(places)) & np.isin(group, list(kinds))
            if (here[self.target[:, 0]] & self._waiting()).any():
                yield here & hidden if ring == 1 else here

    # -- looking -------------------------------------------------------------------------------

    def _search(self, free: Flags) -> None:
        """Tables that move many targets at once, up or down by chance, then one at a time."""
        measure = self.measure
        both = measure.base + measure.numerator
        for part in components(self.system, np.flatnonzero(free[self.system.cell]), self.start):
            inside = np.isin(self.target[:, 0], self.system.cell[part.column])
            sign = np.random.default_rng(len(part.column)).choice([-1.0, 1.0], len(self.target))
            for turn in (1.0, -1.0):
                waiting = inside & self._waiting()
                if waiting.any():
                    self._aim(part, (turn * sign * waiting) @ both, QUICK)
            for one in np.flatnonzero(inside & self._waiting()):
                for aim in (measure.base, measure.numerator):
                    for turn in (1.0, -1.0):
                        if not self.met()[one]:
                            self._aim(part, turn * aim[[one]].toarray()[0], QUICK)

    def _finish(self, targets: Codes) -> None:
        """Both ends of some targets' base, numerator, rest and share, everything moving."""
        every = np.arange(len(self.start))
        parts = list(components(self.system, every, self.start))
        cells = [set(self.system.cell[part.column]) for part in parts]
        for one in targets:
            part = next(
                p for p, held in zip(parts, cells, strict=True) if self.target[one, 0] in held
            )
            self._one(part, one)

    def _one(self, part: Part, one: int) -> None:
        measure, reached = self.measure, self.reached
        base, numerator = measure.base[[one]].toarray()[0], measure.numerator[[one]].toarray()[0]
        solved = True
        for aim in (base, numerator, base - numerator):
            solved &= self._aim(part, aim) and self._aim(part, -aim)
        top, bottom = measure.top[[one]].toarray()[0], measure.bottom[[one]].toarray()[0]
        for end, turn in ((0, 1.0), (1, -1.0)):
            for _ in range(20):  # Dinkelbach 1967: the last share is the price of the base
                before = reached.share[one, end]
                if not np.isfinite(before):
                    break
                solved &= self._aim(part, turn * (top - before * bottom), at_least=(base, 1.0))
                if abs(reached.share[one, end] - before) < 1e-7:
                    break
        self.exact[one] = solved
        self.known_large[one] |= solved and reached.base[one, 0] >= self.rule.hide_below

    def _aim(
        self,
        part: Part,
        aim: Floats,
        effort: Effort = THOROUGH,
        at_least: tuple[Floats, float] | None = None,
    ) -> bool:
        """See the possible table of least ``aim`` among those that differ in ``part`` only. Whether
        the solver says that there is no better one."""
        if monotonic() > self._until:
            self.stopped = True
            return False
        row, least = at_least if at_least is not None else (None, 0.0)
        extra = None if row is None else LinearConstraint(row[part.column][None], least, np.inf)
        found, proven = part.least(aim[part.column], extra, effort)
        self.solved += 1
        if found is not None:
            x = self.start.copy()
            x[part.column] = found
            if self.system.broken_by(x) < BROKEN:
                self.see(x)
            else:
                proven = False
        return proven


class _Measure:
    """Base, numerator and weighted parts of each target as rows over the unknowns."""

    def __init__(self, tables: Tables, target: Codes) -> None:
        cells, _, atoms = tables.size
        half = cells * atoms
        base, numerator = tables.bases[target[:, 1]], tables.numerators[target[:, 1]]
        place = target[:, [0]] * atoms + np.arange(atoms)
        number = np.broadcast_to(np.arange(len(target))[:, None], place.shape)
        self._place, self._asked, self._counted = place, base, numerator

        def rows(which: Flags, offset: int) -> sparse.csr_array:
            entries = (number[which], place[which] + offset)
            ones = np.ones(int(which.sum()))
            return sparse.csr_array((ones, entries), shape=(len(target), 2 * half))

        self.base, self.numerator = rows(base, 0), rows(numerator, 0)
        self.bottom, self.top = rows(base, half), rows(numerator, half)

    def of(self, x: Floats, some: Some) -> tuple[Floats, Floats, Floats]:
        """Base, numerator and weighted share of some targets in a table."""
        persons, weights = x[self._place[some]], x[self._place[some] + len(x) // 2]
        counted, asked = self._counted[some], self._asked[some]
        base, numerator = (persons * asked).sum(axis=1), (persons * counted).sum(axis=1)
        top, bottom = (weights * counted).sum(axis=1), (weights * asked).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where((base > 0.5) & (bottom > 1e-9), top / bottom, np.nan)
        return np.round(base), np.round(numerator), share


def siblings(tables: Tables) -> dict[str, set[str]]:
    """Every area -> itself and the other parts of the areas that it is a part of."""
    sums, cells = tables.links.sums, tables.links.cells
    found = {cell[0]: {cell[0]} for cell in cells}
    for number in range(sums.shape[0]):
        columns = sums.indices[sums.indptr[number] : sums.indptr[number + 1]]
        data = sums.data[sums.indptr[number] : sums.indptr[number + 1]]
        names = {cells[c][0] for c in columns[data < 0]}
        for one in names:
            found[one] |= names
    return found


def around(tables: Tables) -> dict[str, set[str]]:
    """Every area -> itself, the areas that contain it, and their remainders."""
    sums = tables.links.sums.tocsr()
    cells = tables.links.cells
    above: dict[str, set[str]] = {}
    for number in range(sums.shape[0]):
        columns = sums.indices[sums.indptr[number] : sums.indptr[number + 1]]
        data = sums.data[sums.indptr[number] : sums.indptr[number + 1]]
        whole = cells[columns[data > 0][0]][0]
        for part in columns[data < 0]:
            if cells[part][0] != whole:
                above.setdefault(cells[part][0], set()).add(whole)

    def climb(area: str) -> set[str]:
        return {area}.union(*(climb(one) for one in above.get(area, ())))

    found = {}
    for area in {cell[0] for cell in cells}:
        chain = climb(area)
        found[area] = chain | {remainder(one) for one in chain}
    return found


def families(tables: Tables) -> dict[str, set[str]]:
    """Every group -> the groups that are summed with it inside an area."""
    sums = tables.links.sums.tocsr()
    cells = tables.links.cells
    near: dict[str, set[str]] = {}
    for number in range(sums.shape[0]):
        columns = sums.indices[sums.indptr[number] : sums.indptr[number + 1]]
        if len({cells[c][0] for c in columns}) == 1:
            joined = {cells[c][1] for c in columns} - {""}
            for one in joined:
                near.setdefault(one, set()).update(joined)
    found = {}
    for group in {cell[1] for cell in cells}:
        family, waiting = {group}, [group]
        while waiting:
            for other in near.get(waiting.pop(), ()):
                if other not in family:
                    family.add(other)
                    waiting.append(other)
        found[group] = family
    return found
