"""Tables in which as few persons as possible are counted otherwise, or are there at all.

Where no exchange through hidden cells proves a value (:mod:`.exchange`), rounding may still: every
published number has room for a person or two. How many persons each cell has of each answer is
decided first, as near to the true table as the hidden value's own change allows (an integer
program, near to a network, that ends at its first node); what everybody weighs then is a linear
program with all that is published as its limits. Both are small, and neither has a clock, so what
is proved is the same on every machine.

At first the cells of the value's groups change, in all areas; then all cells do, or, in a large
question, those and all groups of the areas around the value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from survey_lib.disclosure.attack import around, families, siblings
from survey_lib.disclosure.cells import BROKEN, System, Tables, remainder, system
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.suppression import hide_cells
from survey_lib.statistics.arrays import Codes, Flags, Floats

FIRST_NODE = {"node_limit": 1}
SMALL = 15_000  # unknowns of a question that may all change
MANY = 1e4  # persons that may come to a cell
INSIDE = 1e-7  # how far inside its limit a share is kept
EAGER = 20.0  # persons who may be counted otherwise for each of those who are to be nobody
TURNS = 2  # tables with as many of these as can be

Goal = tuple[Floats, float]  # a row over the unknowns, and what it must come to


class Nearest:
    """The tables nearest to ``start`` that differ in some cells (C,) only."""

    def __init__(self, rules: System, start: Floats, free: Flags) -> None:
        half = len(start) // 2
        self._rules, self._start = rules, np.asarray(start, dtype=float)
        self._persons = np.flatnonzero(free[rules.cell[:half]])
        self._weights = self._persons + half
        matrix = rules.matrix.tocsc()
        own = sparse.csr_array(matrix[:, self._persons])
        weighed = np.diff(sparse.csr_array(matrix[:, half:]).indptr) > 0
        row = np.flatnonzero((np.diff(own.indptr) > 0) & ~weighed)
        now = rules.matrix[row] @ self._start
        self._least = np.minimum(rules.low[row] - now, 0)
        self._most = np.maximum(rules.high[row] - now, 0)
        self._more_or_fewer = sparse.hstack([own[row], -own[row]], format="csc")
        here = self._start[self._persons]
        self._room = np.concatenate([np.minimum(rules.upper[self._persons] - here, MANY), here])
        self._weighed = sparse.csr_array(matrix[:, self._weights])
        self._limits = np.flatnonzero(np.diff(self._weighed.indptr))

    def table(self, persons: Sequence[Goal], weights: Sequence[Goal] = ()) -> Floats | None:
        """A whole table in which some sums of persons are so many, and some sums of weights at
        least so large; None when none is found."""
        counted = self._counted(persons)
        return None if counted is None else self._with_weights(counted, weights)

    def without(self, some: Floats) -> Floats | None:
        """A whole table in which as few as can be of ``some`` persons (a row over the unknowns) are
        left; None when none is found."""
        counted = self._counted([], EAGER * some)
        return None if counted is None else self._with_weights(counted, ())

    def _counted(self, goals: Sequence[Goal], price: Floats | None = None) -> Floats | None:
        """The start with other persons, as few as possible, and the weights that it has; ``price``
        is what each person costs beside that."""
        size, start = len(self._persons), self._start
        each = np.zeros(size) if price is None else price[self._persons]
        rules = [LinearConstraint(self._more_or_fewer, self._least, self._most)]
        for row, number in goals:
            part = row[self._persons]
            change = number - float(row @ start)
            rules.append(LinearConstraint(np.concatenate([part, -part])[None], change, change))
        found = milp(
            np.concatenate([1 + each, 1 - each]),
            integrality=np.ones(2 * size),
            bounds=Bounds(0, self._room),
            constraints=rules,
            options=FIRST_NODE,
        )
        if found.x is None:
            return None
        table = start.copy()
        table[self._persons] += np.round(found.x[:size] - found.x[size:])
        return table

    def _with_weights(self, table: Floats, goals: Sequence[Goal]) -> Floats | None:
        """A table with the weights that its persons can have together."""
        rules, free, row = self._rules, self._weights, self._limits
        held = table.copy()
        held[free] = 0
        fixed = rules.matrix[row] @ held
        inner = self._weighed[row]
        limits = [LinearConstraint(inner, rules.low[row] - fixed, rules.high[row] - fixed)]
        limits += [LinearConstraint(part[free][None], least, np.inf) for part, least in goals]
        bounds = Bounds(rules.lower[free], rules.upper[free])
        found = milp(np.zeros(len(free)), bounds=bounds, constraints=limits)
        if found.x is None:
            return None
        table[free] = found.x
        return table if rules.broken_by(table) < BROKEN else None


def protect_bases(exchanges: Exchanges) -> None:
    """See tables in which small bases lie as far apart as the rule asks: by exchanges that cost
    nothing, by counting persons otherwise, and where neither does by hiding one more partner."""
    exchanges.prove_bases()
    _prove_bases(exchanges)
    exchanges.choose_for_bases()


def _prove_bases(exchanges: Exchanges) -> None:
    attack, far = exchanges.attack, exchanges.rule.base
    waiting = exchanges.small_bases
    for nearest, inside in _nearest(exchanges, waiting[~attack.base_met(waiting)]):
        for one in inside:
            base, _ = attack.parts(one)
            now = int(base @ exchanges.truth)
            low, high = (int(min(end, now + far)) for end in attack.by_subtraction[one])
            for most in range(high, max(low + far, now) - 1, -1):
                if exchanges.base_met(one):
                    break
                if _reach(exchanges, nearest, one, most):  # else the other end is of no use
                    _reach(exchanges, nearest, one, most - far)


def _reach(exchanges: Exchanges, nearest: Nearest, one: int, number: int) -> bool:
    """Whether there is a table in which a base is such a number; it is taken into account."""
    low, high = exchanges.attack.reached.base[one]
    if low <= number <= high:
        return True
    base, _ = exchanges.attack.parts(one)
    table = nearest.table([(base, number)])
    if table is not None:
        exchanges.attack.see(table)
    return table is not None


def prove_shares(exchanges: Exchanges, until: float = np.inf) -> None:
    """See tables in which hidden shares and their numerators lie as far apart as the rule asks;
    those that are found before the clock (:func:`time.monotonic`) says ``until``."""
    attack = exchanges.attack
    waiting = np.flatnonzero(~attack.met())
    above = around(exchanges.tables) if len(waiting) else {}
    left = waiting[[not _in_vain(exchanges, int(one), above) for one in waiting]]
    for nearest, inside in _nearest(exchanges, left):
        for one in inside:
            for persons, weights in _goals(exchanges, int(one)):
                if exchanges.met(one) or monotonic() > until:
                    break
                if (table := nearest.table(persons, weights)) is not None:
                    attack.see(table)


def prove_nobody(exchanges: Exchanges) -> None:
    """See tables in which as many as can be of those in no published category are nobody."""
    attack = exchanges.attack
    rest = np.flatnonzero(exchanges.tables.unpublished[attack.target[:, 0]])
    for nearest, inside in _in_groups(exchanges, rest[~attack.met(rest)]):
        for _ in range(TURNS):
            waiting = inside[~attack.met(inside)]
            some = np.asarray(attack.measure.base[waiting].sum(axis=0)).clip(max=1)
            table = nearest.without(some) if len(waiting) else None
            if table is None:
                break
            attack.see(table)


def _goals(exchanges: Exchanges, one: int) -> Iterator[tuple[list[Goal], list[Goal]]]:
    """Sums of persons and of weights: nobody of a base counts, all do, or so many more or fewer
    that the share lies as far away as the rule asks; first of all nobody in a base of no published
    category."""
    attack, rule = exchanges.attack, exchanges.rule
    base, numerator = attack.parts(one)
    heavy, counted = (np.roll(row, len(row) // 2) for row in (base, numerator))
    if exchanges.tables.unpublished[attack.target[one, 0]]:
        yield [(base, 0)], []
    for asked in dict.fromkeys(max(int(base @ exchanges.truth), least) for least in (1, rule.few)):
        yield [(base, asked), (numerator, 0)], []
        yield [(base, asked), (numerator, asked)], []
        low, high = attack.reached.share[one]
        for share, sign in ((low + rule.share, 1), (high - rule.share, -1)):
            if 0 <= share <= 1:
                many = round(np.clip(share + sign * 0.05, 0, 1) * asked)
                part = sign * (counted - share * heavy)
                yield [(base, asked), (numerator, many)], [(part, INSIDE)]


def _nearest(exchanges: Exchanges, waiting: Codes) -> Iterator[tuple[Nearest, Codes]]:
    """For some values that wait: tables that differ in their groups, in all areas, and which these
    are; then tables that differ anywhere, or, of a large question, in all groups of the areas
    around them too."""
    yield from _in_groups(exchanges, waiting)
    if not len(waiting):
        return
    tables, truth = exchanges.tables, exchanges.truth
    rules = system(hide_cells(tables, exchanges.hidden))
    if len(truth) <= SMALL:
        yield Nearest(rules, truth, np.ones(len(tables.links.cells), dtype=bool)), waiting
        return
    area, group = _areas_and_groups(tables)
    beside, above = siblings(tables), around(tables)
    own = exchanges.attack.target[waiting, 0]
    near = {one: frozenset(above[one] | _inside(tables, beside[one])) for one in area[own]}
    pairs = list(zip(_together(exchanges, waiting), (near[one] for one in area[own]), strict=True))
    for pair in sorted(set(pairs), key=lambda pair: [sorted(part) for part in pair]):
        free = np.isin(group, list(pair[0])) | np.isin(area, list(pair[1]))
        yield Nearest(rules, truth, free), waiting[[one == pair for one in pairs]]


def _in_groups(exchanges: Exchanges, waiting: Codes) -> Iterator[tuple[Nearest, Codes]]:
    """For some values that wait: tables that differ in the groups of some of them, in all areas,
    and which these are."""
    if not len(waiting):
        return
    rules = system(hide_cells(exchanges.tables, exchanges.hidden))
    _, group = _areas_and_groups(exchanges.tables)
    groups = _together(exchanges, waiting)
    for mine in sorted(set(groups) - {frozenset()}, key=sorted):
        free = np.isin(group, list(mine))
        yield Nearest(rules, exchanges.truth, free), waiting[[one == mine for one in groups]]


def _together(exchanges: Exchanges, some: Codes) -> list[frozenset[str]]:
    """The groups that add up with each value's own; none for an area as a whole."""
    family = families(exchanges.tables)
    _, group = _areas_and_groups(exchanges.tables)
    own = group[exchanges.attack.target[some, 0]]
    return [frozenset(family[one]) if one else frozenset() for one in own]


def _areas_and_groups(tables: Tables) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """(C,) each."""
    area, group, _ = zip(*tables.links.cells, strict=True)
    return np.array(area, dtype=object), np.array(group, dtype=object)


def _inside(tables: Tables, areas: Collection[str]) -> set[str]:
    """Some areas and all inside them, with the persons of none of these."""
    found: set[str] = set()
    waiting = list(areas)
    while waiting:
        area = waiting.pop()
        found |= {area, remainder(area)}
        waiting += tables.links.parts_of.get(area, [])
    return found


def _in_vain(exchanges: Exchanges, one: int, above: Mapping[str, set[str]]) -> bool:
    """Whether a published cell that holds a value's own has too few who count, or who don't, for
    the share to lie as far away as the rule asks."""
    tables, (cell, share) = exchanges.tables, exchanges.attack.target[one]
    area, *kind = tables.links.cells[cell]
    asked = tables.bases[share]
    counted = tables.numerators[share] & asked
    needed = exchanges.rule.share * exchanges.persons[cell][asked].sum()
    for holder in above[area]:
        place = tables.links.place.get((holder, *kind))
        if place is not None and tables.shown[place, share]:
            persons = exchanges.persons[place]
            if min(persons[counted].sum(), persons[asked & ~counted].sum()) < needed:
                return True
    return False
