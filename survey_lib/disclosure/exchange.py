"""Exchanges: tables that a reader can't tell from the true one, written down in closed form.

Persons with their weights and answers change places between two categories of an area, and as many
with the same answers change back in another area. If every cell that this touches is hidden or
unpublished, nothing that is published changes: not a base, not a share, and no interval, deviation
or contrast that is computed from them. So the true table can't be told from the changed one. In a
crossed group four categories take part (two by two), or two of a row and their sums, instead of
two; where a hidden area lies inside others, or others inside it, every area on the way between two
smallest areas. At the most costly, persons of a cell answer otherwise, and every cell that they are
in is hidden. Where one exchange isn't enough, several follow each other.

A hidden value is *proved* uncertain when the tables found so are as far apart as the rule asks
(:class:`~.cells.Rule`). Each of them is held against the whole system of the question
(:func:`~.cells.system`): integers and weights, published numbers, respondents by background,
weights of a person. What isn't proved may be safe too: rounding, which is not counted on here,
leaves a reader less to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import BROKEN, WHOLE, Near, Rule, Tables, system
from survey_lib.disclosure.suppression import losses
from survey_lib.disclosure.ways import Move, exchanges, together
from survey_lib.statistics.arrays import Codes, Flags, Floats

TRIED = 12  # cheapest exchanges tried alone for one hidden value
SEVERAL = 24  # exchanges that may follow each other for it


@dataclass(eq=False)
class Exchanges:
    """The exchanges of one question, around its true table ``truth`` (the unknowns of its system).

    Attributes
    ----------
    attack : keeps what the tables found show of each hidden value
    hidden : (C,) cells of which nothing is published; grows when :meth:`choose` hides more
    chosen : (C,) those that :meth:`choose` has hidden
    more : whether more may be hidden; else only what the cells hidden already show is looked for
    """

    tables: Tables
    truth: Floats
    rule: Rule
    more: bool = True
    attack: Attack = field(init=False)
    hidden: Flags = field(init=False)
    chosen: Flags = field(init=False)

    def __post_init__(self) -> None:
        tables = self.tables
        cells, _, atoms = tables.size
        self.persons = self.truth[: cells * atoms].reshape(cells, atoms)
        self.weights = self.truth[cells * atoms :].reshape(cells, atoms)
        self.attack = Attack(tables, self.rule, self.truth)
        # a base that is large, as it is, is no secret: of these only the numerator is
        self.attack.known_large = self.attack.reached.base[:, 0] >= self.rule.hide_below
        self.hidden = np.asarray(~tables.shown.any(axis=1), dtype=bool)
        self.chosen = np.zeros(cells, dtype=bool)
        self._people = self.persons.sum(axis=1) > 0
        # what a report stands on is never hidden for another value's sake
        split = {area for area, group, _ in tables.links.cells if group}
        kept = np.array([c[0] in split and c[1:] == WHOLE for c in tables.links.cells])
        kept |= not self.more
        self._cost = np.where(kept & tables.shown.any(axis=1), np.inf, losses(tables))
        self.lightest = tables.each[:, :1]
        self.heaviest = np.where(np.isfinite(tables.each[:, 1:]), tables.each[:, 1:], 1e9)
        # what holds whatever is published of the cells that take part
        rules = system(replace(tables, shown=np.zeros_like(tables.shown)))
        self._near = Near(rules, np.asarray(self.truth, dtype=float))

    @property
    def targets(self) -> Codes:
        """Hidden values (places in ``attack.target``) of published categories and whole areas."""
        return np.flatnonzero(~self.tables.unpublished[self.attack.target[:, 0]])

    @property
    def unproved(self) -> Codes:
        """Those of :attr:`targets` that are not proved uncertain."""
        return self.targets[~self.attack.met(self.targets)]

    def values(self, cell: int) -> Codes:
        """The hidden values of a cell."""
        return np.flatnonzero(self.attack.target[:, 0] == cell)

    def prove(self) -> None:
        """Look for tables with what is hidden as it is."""
        for cell in dict.fromkeys(self.attack.target[self.unproved, 0]):
            for move in self.moves(cell):
                if move.cost > 0 or self.proved(cell):
                    break
                self.walk(move, cell)

    def choose(self) -> None:
        """Hide the cells of the cheapest exchange that proves each hidden value, or of several
        exchanges after each other; a value that no exchanges prove is left as it is."""
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
                    self.hide(move.cells)
            for one in self.values(cell):
                if not self.met(one):
                    self._several(int(one))

    @property
    def small_bases(self) -> Codes:
        """Those of :attr:`targets` whose base is itself a secret."""
        return self.targets[~self.attack.known_large[self.targets]]

    def prove_bases(self) -> None:
        """Look for tables in which small bases lie far apart with what is hidden as it is: by
        exchanges, then by counting persons otherwise."""
        for one in self.small_bases:
            self._move_base(one, 0.0)
        self.attack.move_persons(self.small_bases)

    def choose_for_bases(self) -> None:
        """Hide the cells of the cheapest exchange that proves each small base that isn't proved."""
        for one in self.small_bases:
            if not self.base_met(one):
                self._move_base(one, np.inf)

    def base_met(self, one: int) -> bool:
        """Whether a hidden base is proved uncertain."""
        return bool(self.attack.base_met(np.array([one]))[0])

    def _move_base(self, one: int, most: float) -> None:
        """See tables of exchanges that cost at most so much until a base is proved; hide the cells
        of the one that proves it."""
        cell, share = self.attack.target[one]
        base = self.tables.bases[share]
        for move in self._base_moves(cell, base, most):
            before = deepcopy(self.attack.reached) if move.cost else None
            for step in self._base_steps(move, base):
                if not self.base_met(one):
                    self._try(move, step)
            if self.base_met(one):
                self.hide(move.cells)
                break
            if before:
                self.attack.reached = before  # the move isn't made, so they aren't possible

    def _base_moves(self, cell: int, base: Flags, most: float) -> Iterator[Move]:
        """Exchanges that cost less than infinitely much, and no more than ``most``: the cheapest,
        and of these those that most persons can take part in, first."""
        for kind in (exchanges, together):
            ways = kind(self.tables.links, cell).among(self._people)
            cost = ways.cost(np.where(self.hidden, 0.0, self._cost))
            kept = (cost <= most) & (cost < np.inf)
            ways, cost = ways.some(kept), cost[kept]
            room = np.stack([-part[:, base].sum(axis=1) for part in ways.room(self.persons)])
            many = np.minimum(np.abs(room), self.rule.base).sum(axis=0)
            for way in np.lexsort((-many, cost))[:TRIED]:
                yield ways.move(way, float(cost[way]))

    def _base_steps(self, move: Move, base: Flags) -> Iterator[Codes]:
        """(J,) persons with each answer by which a base gets larger or smaller, and the same with
        as many outside of it."""
        least, most = _room(self.persons, move)
        for sign in (1, -1):
            step = _spread(sign * self.rule.base, base, least, most)
            if step.any():
                yield step
                yield step + _spread(-int(step.sum()), ~base, least, most)

    def hide(self, cells: Codes) -> None:
        new = np.zeros(len(self.hidden), dtype=bool)
        new[cells] = True
        self.chosen |= new & ~self.hidden
        self.hidden |= new

    def _several(self, one: int) -> None:
        """Hide the cells of exchanges that follow each other until they prove a value: in each turn
        that which moves most for its cost, towards a share of a half and then away from it."""
        cell, share = self.attack.target[one]
        base = self.tables.bases[share]
        top = self.tables.numerators[share] & base
        rest = base & ~top
        if self.persons[cell][top].sum() > self.persons[cell][rest].sum():
            top, rest = rest, top
        nobody = not self.persons[cell][base].any()  # then somebody who is asked comes
        turns = [(top, ~base), (rest, ~base)] if nobody else [(top, rest), (rest, top)]
        before, closed = deepcopy(self.attack.reached), self.hidden
        for into, out in turns:
            closed = closed | self._follow(cell, one, into, out)
            if self.met(one):
                self.hide(np.flatnonzero(closed))
                return
            if not nobody:  # else both turns together prove it
                self.attack.reached, closed = deepcopy(before), self.hidden

    def _follow(self, cell: int, one: int, into: Flags, out: Flags) -> Flags:
        """(C,) the cells of exchanges after each other by which persons who answered ``into`` come
        to a cell and as many who answered ``out`` leave it, until its value is proved."""
        persons, weights = self.persons.copy(), self.weights.copy()
        closed = self.hidden.copy()
        ways = together(self.tables.links, cell).among(self._people)
        ways = ways.some(ways.cost(np.where(closed, 0.0, self._cost)) < np.inf)
        left = np.ones(len(ways.gain), dtype=bool)
        far = max(int(self.rule.share * persons[cell][into | out].sum()) + 2, self.rule.few)
        least, most = ways.room(persons)
        for _ in range(SEVERAL):
            number = np.minimum(most[:, into].sum(axis=1), -least[:, out].sum(axis=1))
            worth = np.minimum(number, far) / (1 + ways.cost(np.where(closed, 0.0, self._cost)))
            best = int(np.argmax(np.where(left, worth, 0.0))) if len(worth) else 0
            if not len(worth) or not left[best] or worth[best] <= 0:
                break
            left[best] = False
            move = ways.move(best, 0.0)
            for step in self._towards(persons, move, cell, into, out, far):
                after = persons.copy(), weights.copy()
                if self._exchange(*after, move, step) and self.see(*after):
                    closed[move.cells] = True
                    if self.met(one):
                        return closed
                    if step[into].any():  # the table that the next exchange starts from
                        persons, weights = after
                        near = ways.through(move.cells)
                        least[near], most[near] = ways.some(near).room(persons)
        return closed

    def _towards(
        self, persons: Floats, move: Move, cell: int, into: Flags, out: Flags, far: int
    ) -> Iterator[Codes]:
        """(J,) persons with each answer that the gaining cells get: one answer against another,
        then fewer in the base, against those outside it."""
        least, most = _room(persons, move)
        came = _spread(min(int(-least[out].sum()), far), into, least, most)
        yield came + _spread(-int(came.sum()), out, least, most)
        least, most = _room(persons, move)
        least, most = least - came, most - came
        stays = 3 * int(persons[cell][into].sum() + came.sum()) + 1
        less = _spread(-max(int(persons[cell][out].sum()) - stays, 0), out, least, most)
        if less.any():
            yield less + _spread(-int(less.sum()), ~(into | out), least, most)
            yield less

    def met(self, one: int) -> bool:
        """Whether a hidden value is proved uncertain."""
        return bool(self.attack.met(np.array([one]))[0])

    def proved(self, cell: int) -> bool:
        return bool(self.attack.met(self.values(cell)).all())

    def moves(self, cell: int) -> Iterator[Move]:
        """The exchanges by which a cell's values can move as far as the rule asks, the cheapest
        first."""
        ways = exchanges(self.tables.links, cell).among(self._people)
        cost = ways.cost(np.where(self.hidden, 0.0, self._cost))
        least, most = ways.room(self.persons)
        far = np.flatnonzero((cost < np.inf) & (self._reach(-least, most, cell) >= 1))
        for one in far[np.argsort(cost[far], kind="stable")]:
            yield ways.move(one, float(cost[one]))

    def _reach(self, fewer: Floats, more: Floats, cell: int) -> Floats:
        """(M,) how far exchanges of so many persons (M, J) can move the share of a small base, as a
        part of what the rule asks; of the hidden value for which that is least."""
        least = np.full(len(more), np.inf)
        for share in self.attack.target[self.values(cell), 1]:
            base = self.tables.bases[share]
            top = self.tables.numerators[share] & base
            rest = base & ~top
            yes, no = self.persons[cell][top].sum(), self.persons[cell][rest].sum()
            gained, lost = more[:, top].sum(axis=1), fewer[:, top].sum(axis=1)
            if yes + no >= self.rule.hide_below:
                least = np.minimum(least, gained + lost)
                continue
            high, others = yes + gained, no - fewer[:, rest].sum(axis=1)
            low, all_others = yes - lost, no + more[:, rest].sum(axis=1)
            wide = high / np.maximum(high + others, 1) - low / np.maximum(low + all_others, 1)
            least = np.minimum(least, wide / self.rule.share)
        return least

    def walk(self, move: Move, cell: int) -> None:
        """See the tables that one exchange leads to, as far as the cell's values need them."""
        tried: set[bytes] = set()
        for one in self.values(cell):
            if self.met(one):
                continue
            share = self.attack.target[one, 1]
            base = self.tables.bases[share]
            for step in self._steps(move, cell, self.tables.numerators[share] & base, base):
                if step.tobytes() in tried:
                    continue
                tried.add(step.tobytes())
                if self._try(move, step) and self.met(one):
                    break

    def _steps(self, move: Move, cell: int, top: Flags, base: Flags) -> Iterator[Codes]:
        """(J,) persons with each answer that the gaining cells get: some of one side's answers
        against as many of the other side's, so that no base changes; then without that."""
        least, most = _room(self.persons, move)
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
        persons, weights = self.persons.copy(), self.weights.copy()
        return self._exchange(persons, weights, move, step) and self.see(persons, weights)

    def _exchange(self, persons: Floats, weights: Floats, move: Move, step: Codes) -> bool:
        """Change persons and weights (C, J) by an exchange; not when nobody can weigh so."""
        every = move.cells
        sign = np.ones((len(every), 1))
        sign[len(move.gain) :] = -1
        changed = persons[every] + sign * step
        least, most = self.lightest[every] * changed, self.heaviest[every] * changed
        now = weights[every]
        # the weight that is moved: every cell's mean stays within what a person can weigh
        under = np.where(sign > 0, least - now, now - most).max(axis=0)
        over = np.where(sign > 0, most - now, now - least).min(axis=0)
        if (changed < 0).any() or (under > over + 1e-12).any():
            return False
        weight = np.minimum(np.maximum(step, under), over)
        for atom in range(len(step)):  # and what all answers weigh together stays if it can
            weight[atom] = min(max(weight[atom] - weight.sum(), under[atom]), over[atom])
        persons[every] = changed
        weights[every] = now + sign * weight
        return True

    def see(self, persons: Floats, weights: Floats) -> bool:
        """Take a table into account, if it keeps every relation."""
        table = np.concatenate([persons.ravel(), weights.ravel()])
        changed = np.flatnonzero(table != self.truth)
        if self._near.broken_by(table, changed) >= BROKEN:
            return False
        cells, atoms = persons.shape
        touched = np.zeros(cells, dtype=bool)
        touched[changed // atoms % cells] = True
        self.attack.see(table, np.flatnonzero(touched[self.attack.target[:, 0]]))
        return True


def _room(persons: Floats, move: Move) -> tuple[Codes, Codes]:
    """(J,) least and greatest number of persons with each answer that an exchange can move."""
    most = persons[move.lose].min(axis=0, initial=1e6)
    return -persons[move.gain].min(axis=0).astype(int), most.astype(int)


def _spread(number: int, among: Flags, least: Codes, most: Codes) -> Codes:
    """(J,) a number of persons, or as many as there are, over some answers."""
    step = np.zeros(len(among), dtype=int)
    for atom in np.flatnonzero(among):
        left = number - int(step.sum())
        step[atom] = int(np.clip(left, least[atom], most[atom]))
    return step
