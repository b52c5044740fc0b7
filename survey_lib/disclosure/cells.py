"""What is published about one question, as one system of linear relations.

Everybody belongs to one *cell* of every table: (area, group, category). Published cells add up to
others, with what nobody publishes as cells of their own: ``REST`` of a group (an unpublished code,
no answer to the background question) and ``remainder(area)`` (persons of an area whose smaller area
isn't known). The same sums hold for every answer, for persons and for weights.

Answers to a question are cut into *atoms*, the coarsest parts of which every published share and
base is a union; one atom holds those who are outside all bases. Subset (*stort* in *något*), base
and complement, and the answers that add up to their base then follow by themselves. The unknowns
are the persons (integers) and the weight of each cell × atom; weights are in units of the mean.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from survey_lib.statistics.arrays import Codes, Flags, Floats

REST = "-"  # the category of those who are in no published category
BROKEN = 1e-5  # how far a table may be from a relation, in persons or mean weights
WHOLE = ("", "")  # group and category of an area as a whole

Cell = tuple[str, str, str]  # area, group, category


def remainder(area: str) -> str:
    """The persons of an area who are in none of the smaller published areas."""
    return f"~{area}"


@dataclass(frozen=True)
class Rule:
    """How uncertain a hidden value must be (domain guide, 6.3)."""

    base: int = 5  # persons
    few: int = 5  # a numerator of 1 … few-1 can also be 0 or few
    share: float = 0.20
    hide_below: int = 30


@dataclass(frozen=True, eq=False)
class Links:
    """Cells and what they add up to.

    ``sums`` is (relations, cells): +1 for the whole, -1 for its parts; every row gives 0.
    ``parts_of`` is every area with the areas directly inside it.
    """

    parts_of: Mapping[str, Sequence[str]]
    cells: tuple[Cell, ...]
    sums: sparse.csr_array

    @cached_property
    def place(self) -> dict[Cell, int]:
        return {cell: position for position, cell in enumerate(self.cells)}

    @cached_property
    def by_cell(self) -> sparse.csc_array:
        """``sums``, quick to take a cell's column from."""
        return sparse.csc_array(self.sums)


def link(
    parts_of: Mapping[str, Sequence[str]],
    groups: Mapping[str, Sequence[str]],
    crosses: Mapping[str, tuple[str, str]],
    merged: Mapping[tuple[str, str], Mapping[str, Sequence[str]]] | None = None,
    undivided: Collection[str] = (),
) -> Links:
    """The cells of some areas and groups, with their sums.

    Parameters
    ----------
    parts_of : every area -> the published areas directly inside it ([] for none).
    groups : plain group -> its published categories.
    crosses : group -> the two plain groups it crosses; its categories are "a.b".
    merged : (coarse group, fine group) -> coarse category -> the fine ones it is made of.
    undivided : areas that are published as wholes, not by groups; nothing inside them is, either.
    """
    inside: dict[str, list[tuple[str, str]]] = {"": [WHOLE]}
    relations: list[tuple[tuple[str, str], list[tuple[str, str]]]] = []
    for group, categories in groups.items():
        inside[group] = [(group, category) for category in [*categories, REST]]
        relations.append((WHOLE, inside[group]))
    for group, (first, second) in crosses.items():
        one, other = ([c for _, c in inside[member]] for member in (first, second))
        inside[group] = [(group, f"{a}.{b}") for a in one for b in other]
        relations += [((first, a), [(group, f"{a}.{b}") for b in other]) for a in one]
        relations += [((second, b), [(group, f"{a}.{b}") for a in one]) for b in other]
    for (coarse, fine), made_of in (merged or {}).items():
        relations += [((coarse, c), [(fine, f) for f in finer]) for c, finer in made_of.items()]

    every = [kind for members in inside.values() for kind in members]
    split = [area for area, parts in parts_of.items() if parts]
    kinds = {area: [WHOLE] if area in undivided else every for area in parts_of}
    for area in split:  # a remainder is divided as the areas beside it are
        together = all(part not in undivided for part in parts_of[area])
        kinds[remainder(area)] = every if together else [WHOLE]
    cells = tuple((area, *kind) for area, own in kinds.items() for kind in own)
    place = {cell: position for position, cell in enumerate(cells)}
    rows: list[tuple[Cell, list[Cell]]] = [
        ((area, *whole), [(area, *part) for part in parts])
        for area, own in kinds.items()
        if len(own) > 1
        for whole, parts in relations
    ]
    rows += [
        ((area, *kind), [(part, *kind) for part in [*parts_of[area], remainder(area)]])
        for area in split
        for kind in kinds[remainder(area)]
    ]
    matrix = sparse.lil_array((len(rows), len(cells)))
    for number, (total, summed) in enumerate(rows):
        matrix[number, place[total]] = 1
        for part in summed:
            matrix[number, place[part]] = -1
    return Links(parts_of, cells, sparse.csr_array(matrix))


@dataclass(frozen=True, eq=False)
class Tables:
    """All that is published about one question, for C cells, K shares and J atoms.

    Attributes
    ----------
    numerators, bases : (K, J) which atoms each share counts, and among which.
    shown : (C, K) whether the share stands in a table.
    base : (C, K, 2) least and greatest base that the published number allows.
    share : (C, K, 2) the same of the share; exactly 0 or 1 where nobody or everybody counts.
    persons, weight : (C, 2) bounds of all atoms together, from what is published of respondents.
    each : (C, 2) smallest and largest weight of one person of the cell.
    ratios : rows over cells whose total weights, all atoms together, give 0 at most.
    guarded : (C, K) cells that must not be worked out when they are not shown.
    sensitive : (K,) shares whose small numerators are guarded too.
    """

    links: Links
    numerators: Flags
    bases: Flags
    shown: Flags
    base: Floats
    share: Floats
    persons: Floats
    weight: Floats
    each: Floats
    ratios: sparse.csr_array
    guarded: Flags
    sensitive: Flags

    @property
    def size(self) -> tuple[int, int, int]:
        """C, K, J."""
        return len(self.links.cells), *self.numerators.shape

    @property
    def hidden(self) -> Flags:
        """(C, K) guarded and not shown: what the audit is about."""
        return self.guarded & ~self.shown

    @property
    def target(self) -> Codes:
        """(T, 2) cell and share of what is hidden."""
        return np.argwhere(self.hidden)

    @cached_property
    def unpublished(self) -> Flags:
        """(C,) cells of those in no published category. Such a base may also be nobody's."""
        return np.array([REST in category.split(".") for _, _, category in self.links.cells], bool)


@dataclass(frozen=True, eq=False)
class System:
    """``low <= matrix @ x <= high`` and ``lower <= x <= upper``; x is persons of cell × atom, then
    weights of cell × atom. ``cell`` is each unknown's cell. The first half of x is whole numbers.
    """

    matrix: sparse.csr_array
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    cell: Codes

    @property
    def integrality(self) -> NDArray[np.int8]:
        whole = np.zeros(len(self.cell), dtype=np.int8)
        whole[: len(whole) // 2] = 1
        return whole

    def broken_by(self, x: Floats) -> float:
        """How far x is from keeping every relation, 0 for a possible table."""
        value = self.matrix @ x
        over = [self.low - value, value - self.high, self.lower - x, x - self.upper]
        return max(0.0, *(float(part.max(initial=0)) for part in over))


class Near:
    """A system around a possible table, for tables that differ from it in a few unknowns."""

    def __init__(self, rules: System, start: Floats) -> None:
        self.start, self._rules = start, rules
        self._columns, self._value = sparse.csc_array(rules.matrix), rules.matrix @ start
        self._broken = rules.broken_by(start)

    def broken_by(self, x: Floats, changed: Codes) -> float:
        """:meth:`System.broken_by`, of a table that differs in the unknowns ``changed`` only."""
        rules, part = self._rules, self._columns[:, changed]
        row = np.unique(part.indices)
        value = self._value[row] + (part @ (x - self.start)[changed])[row]
        over = [rules.low[row] - value, value - rules.high[row]]
        over += [(rules.lower - x)[changed], (x - rules.upper)[changed]]
        return max(self._broken, *(float(one.max(initial=0)) for one in over))


def system(tables: Tables) -> System:
    """The relations of one question's tables, persons and weights together."""
    cells, _, atoms = tables.size
    half = cells * atoms
    each_atom = sparse.eye_array(atoms)
    own_cell = sparse.eye_array(cells)
    none = sparse.csr_array((1, half))

    blocks: list[sparse.csr_array] = []
    lows: list[Floats] = []
    highs: list[Floats] = []

    def add(persons: Any, weights: Any, low: ArrayLike, high: ArrayLike) -> None:
        count = (persons if persons is not None else weights).shape[0]
        left = persons if persons is not None else _nothing(none, count)
        right = weights if weights is not None else _nothing(none, count)
        blocks.append(sparse.csr_array(sparse.hstack([left, right])))
        lows.append(np.broadcast_to(np.asarray(low, dtype=float), count))
        highs.append(np.broadcast_to(np.asarray(high, dtype=float), count))

    additive = sparse.kron(tables.links.sums, each_atom, format="csr")
    add(additive, None, 0, 0)
    add(None, additive, 0, 0)
    smallest, largest = np.repeat(tables.each, atoms, axis=0).T
    one, bounded = sparse.eye_array(half, format="csr"), np.isfinite(largest)
    add(-sparse.diags_array(smallest), one, 0, np.inf)
    most = sparse.diags_array(np.where(bounded, largest, 0.0), format="csr")
    add(-most[bounded], one[bounded], -np.inf, 0)

    everyone = sparse.kron(own_cell, np.ones((1, atoms)), format="csr")
    add(everyone, None, tables.persons[:, 0], tables.persons[:, 1])
    add(None, everyone, tables.weight[:, 0], tables.weight[:, 1])
    if tables.ratios.shape[0]:
        add(None, sparse.csr_array(tables.ratios @ everyone), -np.inf, 0)

    for k, (numerator, base) in enumerate(zip(tables.numerators, tables.bases, strict=True)):
        here = np.flatnonzero(tables.shown[:, k])
        if not len(here):
            continue
        n_low, n_high = tables.base[here, k].T
        p_low, p_high = tables.share[here, k].T
        rows = sparse.csr_array(own_cell)[here]
        top, bottom = (sparse.kron(rows, atom[None].astype(float)) for atom in (numerator, base))
        rest = sparse.kron(rows, (base & ~numerator)[None].astype(float))
        add(bottom, None, n_low, n_high)
        # Nobody, everybody, or at least one on each side.
        add(top, None, (p_high > 0).astype(float), np.where(p_high > 0, np.inf, 0))
        add(rest, None, (p_low < 1).astype(float), np.where(p_low < 1, np.inf, 0))
        add(None, top - sparse.diags_array(p_high) @ bottom, -np.inf, 0)
        add(None, top - sparse.diags_array(p_low) @ bottom, 0, np.inf)

    upper = np.repeat(np.concatenate([tables.persons[:, 1], tables.weight[:, 1]]), atoms)
    return System(
        sparse.csr_array(sparse.vstack(blocks, format="csr")),
        np.concatenate(lows),
        np.concatenate(highs),
        np.zeros(2 * half),
        upper,
        np.tile(np.repeat(np.arange(cells), atoms), 2),
    )


def _nothing(none: sparse.csr_array, rows: int) -> sparse.csr_array:
    return sparse.csr_array((rows, none.shape[1]))
