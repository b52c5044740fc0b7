"""Which cells change together when persons change places, or answers, and sums are kept.

Persons change places between two categories of an area, and as many change back in another area or
in the whole city. A crossed category changes with three others, or with the sums of its row. Where
persons answer otherwise, one category of every group changes with the area as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from survey_lib.disclosure.cells import WHOLE, Links, remainder
from survey_lib.statistics.arrays import Codes, Flags, Floats

NONE, ABSENT = -1, -2  # in place of a cell: no further one, and one that isn't published


@dataclass(frozen=True, eq=False)
class Move:
    """Cells that gain and cells that lose the same persons, and what hiding them all would cost."""

    gain: Codes
    lose: Codes
    cost: float

    @property
    def cells(self) -> Codes:
        return np.concatenate([self.gain, self.lose])


@dataclass(frozen=True, eq=False)
class Ways:
    """Exchanges by which a cell gains: cells that ``gain``, those that ``lose``, and the whole
    smallest areas that take part, each (M, ...), filled up with ``NONE``."""

    gain: Codes
    lose: Codes
    ends: Codes

    def move(self, one: int, cost: float) -> Move:
        gain, lose = self.gain[one], self.lose[one]
        return Move(gain[gain >= 0], lose[lose >= 0], cost)

    def room(self, persons: Floats) -> tuple[Floats, Floats]:
        """(M, J) least and greatest number of persons with each answer that can be moved."""
        more = np.vstack([persons, np.full(persons.shape[1], 1e6)])  # the last stands for -1
        least, most = (_least(more, cells) for cells in (self.gain, self.lose))
        return -least, most

    def cost(self, cells: Floats) -> Floats:
        """(M,) the sum of something of each cell that takes part."""
        more = np.append(cells, 0.0)
        return np.asarray(more[self.gain].sum(axis=1) + more[self.lose].sum(axis=1))

    def through(self, cells: Codes) -> Codes:
        """The ways that some cells take part in."""
        some = np.zeros(max(self.gain.max(initial=0), self.lose.max(initial=0)) + 2, dtype=bool)
        some[cells] = True
        there = np.zeros(len(self.gain), dtype=bool)
        for column in (*self.gain.T, *self.lose.T):
            there |= some[column]  # the last stands for NONE
        return np.flatnonzero(there)

    def among(self, people: Flags) -> Ways:
        """Those in whose areas somebody is: an exchange with one where nobody is is none."""
        return self.some(np.asarray(np.append(people, True)[self.ends].all(axis=1)))

    def some(self, kept: Flags | Codes) -> Ways:
        return Ways(self.gain[kept], self.lose[kept], self.ends[kept])


def _least(values: Floats, cells: Codes) -> Floats:
    """(M, J) the least of what some cells (M, ...) have, cell after cell: many times as fast as
    one array of all."""
    least = np.full((len(cells), values.shape[1]), 1e6)
    for column in cells.T:
        np.minimum(least, values[column], out=least)
    return least


@lru_cache(maxsize=1_000)
def exchanges(links: Links, cell: int) -> Ways:
    """The exchanges of persons by which a cell gains."""
    area, group, category = links.cells[cell]
    plus, minus = _ways(links, area, group)
    kinds = list(_exchanged(links, area, group, category))
    if not group:  # persons who come to an area come to one category of each group
        whole = ~(_divided(links)[plus].any(axis=1) | _divided(links)[minus].any(axis=1))
        plus, minus = plus[whole], minus[whole]
    found = []
    for more, less in kinds:
        gain = _cells(links, [(plus, more), (minus, less)])
        lose = _cells(links, [(plus, less), (minus, more)])
        found.append((gain, lose, _cells(links, [(plus, [WHOLE]), (minus, [WHOLE])])))
    ways = _side_by_side(found)
    there = (ways.gain != ABSENT).all(axis=1) & (ways.lose != ABSENT).all(axis=1)
    return ways.some(there & (ways.lose != NONE).any(axis=1))


@lru_cache(maxsize=100)
def together(links: Links, cell: int) -> Ways:
    """Those and the exchanges of answers."""
    area, group, category = links.cells[cell]
    one = exchanges(links, cell)
    plus, minus = _ways(links, area, "")  # areas that aren't divided as wholes only
    every = [(one.gain, one.lose, one.ends)]
    for kinds in _persons(links, group, category):
        changed = (_cells(links, [(side, kinds)]) for side in (plus, minus))
        gain, lose = (np.where(cells == ABSENT, NONE, cells) for cells in changed)
        every.append((gain, lose, _cells(links, [(plus, [WHOLE]), (minus, [WHOLE])])))
    return Ways(*(_below_each_other(parts) for parts in zip(*every, strict=True)))


def _cells(links: Links, sides: list[tuple[Codes, list[tuple[str, str]]]]) -> Codes:
    """(M, ...) the cells of some kinds in the areas (M, ...) of each side."""
    grid, _, kinds = _grid(links)
    found = []
    for areas, some in sides:
        cells = grid[:, [kinds[kind] for kind in some]][areas]
        found.append(cells.reshape(len(areas), areas.shape[1] * len(some)))
    return np.concatenate(found, axis=1)


def _side_by_side(found: list[tuple[Codes, Codes, Codes]]) -> Ways:
    """The ways of several kinds of cells, those through the same areas after each other."""
    if not found:
        return Ways(*(np.zeros((0, 0), dtype=int) for _ in range(3)))
    stacked = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    return Ways(*(part.reshape(part.shape[0] * part.shape[1], part.shape[2]) for part in stacked))


def _below_each_other(parts: tuple[Codes, ...]) -> Codes:
    full = np.full((sum(map(len, parts)), max(part.shape[1] for part in parts)), NONE)
    begin = 0
    for part in parts:
        full[begin : begin + len(part), : part.shape[1]] = part
        begin += len(part)
    return full


@lru_cache(maxsize=20)
def _grid(links: Links) -> tuple[Codes, dict[str, int], dict[tuple[str, str], int]]:
    """(areas + 1, kinds) the cell of each kind in each area, ``ABSENT`` where there is none, and
    places of areas and kinds in it. The last row, ``NONE``, stands for no area."""
    areas = {area: n for n, area in enumerate(dict.fromkeys(cell[0] for cell in links.cells))}
    kinds = {kind: n for n, kind in enumerate(dict.fromkeys(cell[1:] for cell in links.cells))}
    grid = np.full((len(areas) + 1, len(kinds)), ABSENT)
    grid[NONE] = NONE
    for number, (area, *kind) in enumerate(links.cells):
        grid[areas[area], kinds[kind[0], kind[1]]] = number
    return grid, areas, kinds


def _divided(links: Links) -> Flags:
    """(areas + 1,) which areas are published by groups."""
    grid, _, kinds = _grid(links)
    groups = [place for kind, place in kinds.items() if kind != WHOLE]
    return np.asarray((grid[:, groups] >= 0).any(axis=1), dtype=bool)


def _persons(links: Links, group: str, category: str) -> Iterator[list[tuple[str, str]]]:
    """Kinds of cells that some persons of a category are in, one of every group: who answer
    otherwise, alone or against as many of the same kind in another area."""
    by_group: dict[str, list[str]] = {}
    for g, c in _grid(links)[2]:
        if g:
            by_group.setdefault(g, []).append(c)
    crosses = {g: margins_of(links, g) for g, own in by_group.items() if "." in own[0]}
    plain = {g: own for g, own in by_group.items() if g not in crosses}
    turns = range(max(map(len, plain.values()), default=1))
    for turn, shift in product(turns, range(2 if plain else 1)):
        kind = {g: own[(turn + shift * n) % len(own)] for n, (g, own) in enumerate(plain.items())}
        if group in crosses:
            kind |= dict(zip(crosses[group], category.split("."), strict=True))
        elif group:
            kind[group] = category
        kind |= {cross: ".".join(kind[m] for m in two) for cross, two in crosses.items()}
        yield [WHOLE, *kind.items()]


@lru_cache(maxsize=100)
def margins_of(links: Links, cross: str) -> tuple[str, str]:
    """The two groups that a crossed group crosses."""
    inside = abs(links.sums[:, [one[1] == cross for one in links.cells]]).sum(axis=1)
    two: dict[int, str] = {}
    for row in np.flatnonzero(inside):
        column = links.sums.indices[links.sums.indptr[row] : links.sums.indptr[row + 1]]
        sign = links.sums.data[links.sums.indptr[row] : links.sums.indptr[row + 1]]
        _, group, category = links.cells[int(column[sign > 0][0])]
        first = links.cells[int(column[sign < 0][0])][2].partition(".")[0]
        if group != cross:  # not an area's sum
            two[0 if first == category else 1] = group
    return two[0], two[1]


@lru_cache(maxsize=2_000)
def _ways(links: Links, area: str, group: str) -> tuple[Codes, Codes]:
    """Areas (places in the grid) that change one way (M, ...) and the other (M, ...), so that no
    area around them changes: from a smallest area up and down again to another, through ``area``.
    """
    parts, above = _tree(links, group)

    def down(one: str) -> list[list[str]]:
        inner = [path for part in parts.get(one, []) for path in down(part)]
        return [[one, *path] for path in inner] or [[one]]

    found: list[tuple[list[str], list[str]]] = []
    for path in down(area):
        place, up = area, list(path)
        while place in above:
            whole = above[place]
            for sibling in parts[whole]:
                if sibling != place:
                    found += [(up, other) for other in down(sibling)]
            place, up = whole, [*up, whole]
        found.append((up, []))  # the whole city changes too
    number = _grid(links)[1]
    sides = []
    for side in zip(*found, strict=True):
        places = np.full((len(side), max(map(len, side))), NONE)
        for row, areas in zip(places, side, strict=True):
            row[: len(areas)] = [number[one] for one in areas]
        sides.append(places)
    return sides[0], sides[1]


@lru_cache(maxsize=100)
def _tree(links: Links, group: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Of the areas that have a group: those inside each, and the one around each."""
    divided = {one for one, kind, _ in links.cells if kind == group}
    parts = {whole: [p for p in some if p in divided] for whole, some in links.parts_of.items()}
    if group == "":  # where persons whose smaller area isn't known can be
        parts = {whole: [*some, remainder(whole)] if some else [] for whole, some in parts.items()}
    return parts, {part: whole for whole, some in parts.items() for part in some}


def _exchanged(
    links: Links, area: str, group: str, category: str
) -> Iterator[tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
    """Kinds of cells that gain and that lose when a category does, sums inside an area kept."""
    if group == "":
        yield [WHOLE], []
        return
    grid, areas, kinds = _grid(links)
    here = grid[areas[area]] >= 0
    own = [c for (g, c), n in kinds.items() if g == group and c != category and here[n]]
    if "." in category:
        first, second = category.split(".")
        for row, column in (other.split(".") for other in own):
            if row != first and column != second:
                away = [(group, f"{first}.{column}"), (group, f"{row}.{second}")]
                yield [(group, category), (group, f"{row}.{column}")], away
        one, two = margins_of(links, group)
        for row, column in (other.split(".") for other in own):
            if row == first:  # along a row, with the columns' sums
                yield (
                    [(group, category), (two, second)],
                    [(group, f"{row}.{column}"), (two, column)],
                )
            elif column == second:
                yield [(group, category), (one, first)], [(group, f"{row}.{column}"), (one, row)]
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
    column = links.by_cell[:, [links.place[area, group, category]]]
    part = links.sums[column.indices[column.data > 0]]
    inside = [links.cells[c] for c in part.indices]
    crossed = [(g, *c.split(".")) for a, g, c in inside if a == area and "." in c]
    if not crossed:
        return None
    cross = crossed[0][0]
    if all(one[1] == category for one in crossed):
        return cross, lambda own, other: f"{own}.{other}", [one[2] for one in crossed]
    return cross, lambda own, other: f"{other}.{own}", [one[1] for one in crossed]
