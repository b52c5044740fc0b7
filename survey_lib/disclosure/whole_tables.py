"""Whole tables that keep all that is published about a question, found from nothing else.

Persons must be whole numbers, and persons and weights, shares and bases hold each other; as one
mixed-integer program that is out of reach for a whole city. So it is done in three steps:

1. persons and weights as if persons could be parts of persons: the alternating direction method of
   multipliers (Boyd et al. 2011; scaled, over-relaxed and with heavier equalities as in OSQP,
   Stellato et al. 2020) on relations made somewhat narrower than they are, so that it ends well
   inside of them, as true answers do, and not in a corner as a linear program does;
2. every number of persons to a whole number beside it, sums and bases kept: an integer program for
   the largest areas, with parts of persons inside them; then for those inside, and so on;
3. the weights that go with them: a linear program.

Where 2 or 3 has no answer, 1 goes on more exactly. No clock is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse.linalg import splu

from survey_lib.disclosure.bounds import base_bounds, subtract
from survey_lib.disclosure.cells import BROKEN, System, Tables, remainder, system
from survey_lib.statistics.arrays import Codes, Floats

NARROWER = 0.9  # of the width of what shares and bases can be
CLOSE_TO = 0.1  # how far step 1 may be from a relation, beside the root of it
ROOM, SMALL = 0.1, 3  # step 2: more than so many may move so many roots of themselves
LITTLE = 1e-3  # how much each turn of step 1 stays where it was
TURNS = 2000  # at most, of step 1
TRIED = 12  # of its tables


class Finder:
    """Whole tables that keep every relation of :func:`~.cells.system`."""

    def __init__(self, tables: Tables) -> None:
        self.rules = system(tables)
        self._each = np.repeat(tables.each, tables.size[2], axis=0)
        self._tied = np.repeat(tables.shown.any(axis=1), tables.size[2])
        self._depth = np.repeat(_depths(tables), tables.size[2])
        rules, start = _narrower(tables), _sizes(tables)
        self._size, far = np.sqrt(start + 1), 1 / np.sqrt(abs(rules.matrix) @ start + 1)
        scaled = sparse.diags_array(far) @ rules.matrix @ sparse.diags_array(self._size)
        self._matrix = sparse.csr_array(sparse.vstack([scaled, sparse.eye_array(len(start))]))
        self._low = np.concatenate([rules.low * far, rules.lower / self._size])
        self._high = np.concatenate([rules.high * far, rules.upper / self._size])
        self._weight = np.where(self._low == self._high, 100.0, 1.0)
        self._turned = sparse.csr_array(self._matrix.T)
        square = self._turned @ sparse.diags_array(self._weight) @ self._matrix
        self._solved = splu(
            sparse.csc_array(square + LITTLE * sparse.eye_array(len(start))),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        self._x = start / self._size

    def table(self) -> Floats | None:
        """The unknowns of such a table; None when none is found (there may be one)."""
        for inside in islice(self._inside(), TRIED):
            for near in (True, False):
                persons = self._whole(inside, near)
                weights = None if persons is None else _weighed(self.rules, persons)
                if persons is not None and weights is not None:
                    found = np.concatenate([persons, weights])
                    if self.rules.broken_by(found) < BROKEN:
                        return found
        return None

    def _inside(self) -> Iterator[Floats]:
        """Tables well inside what is published, persons not whole, more and more exactly."""
        low, high, weight = self._low, self._high, self._weight
        x, price = self._x, np.zeros(len(low))
        kept = np.clip(self._matrix @ x, low, high)
        for turn in range(1, TURNS + 1):
            x = self._solved.solve(LITTLE * x + self._turned @ (weight * kept - price))
            value = self._matrix @ x
            further = 1.6 * value - 0.6 * kept
            kept = np.clip(further + price / weight, low, high)
            price = price + weight * (further - kept)
            if turn < 50 or turn % 25:
                continue
            if np.maximum(low - value, value - high).max() < CLOSE_TO:
                yield np.maximum(x * self._size, 0.0)

    def _whole(self, inside: Floats, near: bool) -> Floats | None:
        """Whole numbers beside some numbers of persons, such that their weights still go with them
        where that can be; as ``near`` as can be, or any."""
        rules, half = self.rules, len(inside) // 2
        persons, weights = inside[:half], inside[half:]
        columns = rules.matrix.tocsc()
        parts = (slice(half), slice(half, None))
        inner, outer = (sparse.csr_array(columns[:, part]) for part in parts)
        row = np.flatnonzero((np.diff(inner.indptr) > 0) & (np.diff(outer.indptr) == 0))
        inner = inner[row]
        below = np.floor(persons)
        many = persons > SMALL
        far = np.where(many, np.ceil(ROOM * np.sqrt(persons)), 0)
        least = np.where(many, below - far, np.maximum(np.floor(persons - 0.3), 0))
        most = np.where(many, below + 1 + far, np.ceil(persons + 0.3))
        lightest, heaviest = np.maximum(self._each[:, 0], 1e-9), self._each[:, 1]
        fewest = np.maximum(least, np.ceil(weights / heaviest - 1e-9))
        often = np.minimum(most, np.floor(weights / lightest + 1e-9))
        held_by = (fewest <= often) & (self._tied | many) & near
        least, most = np.where(held_by, fewest, least), np.where(held_by, often, most)
        side = np.where(most - least == 1, 1 - 2 * (persons - below), 0.0)
        held = inner @ below
        kept = LinearConstraint(inner, rules.low[row] - held, rules.high[row] - held)
        least, most = least - below, most - below
        for depth in np.unique(self._depth):
            here = self._depth == depth
            found = milp(
                side,
                integrality=here.astype(int),
                bounds=Bounds(least, most),
                constraints=kept,
                options={"mip_rel_gap": 1e6, "node_limit": 200},
            )
            if found.x is None:
                return None
            least[here] = most[here] = np.round(found.x[here])
        return below + least


def _narrower(tables: Tables) -> System:
    """The relations, with bounds that subtraction makes narrower for what isn't published, and
    somewhat narrower than they are for what is."""
    low, high = subtract(tables, *tables.persons.T)
    bases = base_bounds(tables)
    low, high = subtract(tables, np.maximum(low, bases[:, :, 0].max(axis=1)), high)
    nobody = tables.share[..., 1] <= 0
    share = _middle(tables.share)
    share[..., 1] = np.where(nobody, 0.0, np.maximum(share[..., 1], 1e-12))
    return system(
        replace(
            tables,
            persons=np.stack([low, np.minimum(high, high[np.isfinite(high)].max(initial=1e5))], 1),
            base=_middle(tables.base),
            share=share,
            each=np.where(
                tables.each @ [1.1, -0.9] < 0, tables.each.T * [[1.1], [0.9]], tables.each.T
            ).T,
        )
    )


def _middle(ends: Floats) -> Floats:
    """The middle part of some intervals (..., 2)."""
    low, high = ends[..., 0], ends[..., 1]
    part = np.where(np.isfinite(high), high, low) - low
    off = part * (1 - NARROWER) / 2
    return np.stack([low + off, high - off], axis=-1)


def _depths(tables: Tables) -> Codes:
    """(C,) how many areas each cell's area, or that which it is the remainder of, is inside."""
    links = tables.links
    outer = {part: area for area, parts in links.parts_of.items() for part in parts}
    outer |= {remainder(area): area for area, parts in links.parts_of.items() if parts}

    def depth(area: str) -> int:
        return depth(outer[area]) + 1 if area in outer else 0

    return np.array([depth(area) for area, _, _ in links.cells])


def _sizes(tables: Tables) -> Floats:
    """About how large each unknown is: its cell's persons, in equal parts."""
    atoms = tables.size[2]
    base = np.where(tables.shown & np.isfinite(tables.base[..., 1]), tables.base.mean(2), 0.0)
    size = np.maximum(np.maximum(base.max(axis=1), tables.persons[:, 0]), 5.0)
    return np.tile(np.repeat(size / atoms, atoms), 2)


def _weighed(rules: System, persons: Floats) -> Floats | None:
    """Weights that go with persons, well inside what is published as far as they can be."""
    half = len(persons)
    columns = rules.matrix.tocsc()
    outer = sparse.csr_array(columns[:, half:])
    row = np.flatnonzero(np.diff(outer.indptr))
    held = sparse.csr_array(columns[:, :half])[row] @ persons
    outer, low, high = outer[row], rules.low[row] - held, rules.high[row] - held
    lower, upper = rules.lower[half:].copy(), np.where(persons == 0, 0.0, rules.upper[half:])
    alone = np.diff(outer.indptr) == 1  # what one person can weigh: limits, not relations
    one, sign = outer[alone].indices, outer[alone].data
    ends = low[alone] / sign, high[alone] / sign
    np.maximum.at(lower, one, np.where(sign > 0, *ends))
    np.minimum.at(upper, one, np.where(sign > 0, *reversed(ends)))
    outer, low, high = outer[~alone], low[~alone], high[~alone]
    same, over, under = low == high, np.isfinite(high), np.isfinite(low)
    limits = sparse.vstack([outer[over & ~same], -outer[under & ~same]])
    found = linprog(
        np.zeros(half),
        A_ub=limits,
        b_ub=np.concatenate([high[over & ~same], -low[under & ~same]]),
        A_eq=outer[same],
        b_eq=low[same],
        bounds=np.stack([lower, upper], axis=1),
        method="highs-ds",
    )
    return np.asarray(found.x) if found.status == 0 else None
