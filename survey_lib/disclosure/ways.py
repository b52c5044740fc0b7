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
    smallest areas that take part, each (M, ...), filled up with -1."""

    gain: Codes
    lose: Codes
    ends: Codes

    @classmethod
    def of(cls, found: list[tuple[list[int], list[int], list[int]]]) -> Ways:
        def filled(lists: list[list[int]]) -> Codes:
            full = np.full((len(lists), max(map(len, lists), default=0)), -1)
            for row, one in zip(full, lists, strict=True):
                row[: len(one)] = one
            return full

        return cls(*(filled([one[part] for one in found]) for part in range(3)))

    def move(self, one: int, cost: float) -> Move:
        gain, lose = self.gain[one], self.lose[one]
        return Move(gain[gain >= 0], lose[lose >= 0], cost)

    def room(self, persons: Floats) -> tuple[Floats, Floats]:
        """(M, J) least and greatest number of persons with each answer that can be moved."""
        more = np.vstack([persons, np.full(persons.shape[1], 1e6)])  # the last stands for -1
        least, most = (more[cells].min(axis=1, initial=1e6) for cells in (self.gain, self.lose))
        return -least, most

    def cost(self, cells: Floats) -> Floats:
        """(M,) the sum of something of each cell that takes part."""
        more = np.append(cells, 0.0)
        return np.asarray(more[self.gain].sum(axis=1) + more[self.lose].sum(axis=1))

    def among(self, people: Flags) -> Ways:
        """Those in whose areas somebody is: an exchange with one where nobody is is none."""
        kept = np.append(people, True)[self.ends].all(axis=1)
        return Ways(self.gain[kept], self.lose[kept], self.ends[kept])


@lru_cache(maxsize=20_000)
def exchanges(links: Links, cell: int) -> Ways:
    """The exchanges of persons by which a cell gains."""
    area, group, category = links.cells[cell]
    place, found = links.place, []
    kinds = list(_exchanged(links, area, group, category))
    divided = {a for a, g, _ in links.cells if g} if not group else set()
    for plus, minus in _ways(links, area, group):
        if divided & {*plus, *minus}:
            continue  # persons who come to an area come to one category of each group
        for more, less in kinds:
            gain = [(a, *k) for a, k in product(plus, more)]
            gain += [(a, *k) for a, k in product(minus, less)]
            lose = [(a, *k) for a, k in product(plus, less)]
            lose += [(a, *k) for a, k in product(minus, more)]
            if lose and all(one in place for one in gain + lose):
                ends = [place[a, *WHOLE] for a in (*plus, *minus)]
                found.append(([place[c] for c in gain], [place[c] for c in lose], ends))
    return Ways.of(found)


@lru_cache(maxsize=2_000)
def together(links: Links, cell: int) -> Ways:
    """Those and the exchanges of answers."""
    area, group, category = links.cells[cell]
    one, place, found = exchanges(links, cell), links.place, []
    for row in range(len(one.gain)):
        gain, lose, ends = ([int(c) for c in p[row] if c >= 0] for p in vars(one).values())
        found.append((gain, lose, ends))
    for kinds in _persons(links, group, category):
        for plus, minus in _ways(links, area, ""):  # areas that aren't divided as wholes only
            gain, lose = (
                [place[a, *k] for a in areas for k in kinds if (a, *k) in place]
                for areas in (plus, minus)
            )
            found.append((gain, lose, [place[a, *WHOLE] for a in (*plus, *minus)]))
    return Ways.of(found)


def _persons(links: Links, group: str, category: str) -> Iterator[list[tuple[str, str]]]:
    """Kinds of cells that some persons of a category are in, one of every group: who answer
    otherwise, alone or against as many of the same kind in another area."""
    by_group: dict[str, list[str]] = {}
    for g, c in dict.fromkeys((g, c) for _, g, c in links.cells if g):
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
def _ways(links: Links, area: str, group: str) -> list[tuple[list[str], list[str]]]:
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
    return found


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
