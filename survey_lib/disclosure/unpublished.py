"""Those in no published category (kon = 3 or missing): what they answered can't be worked out.

They are what a total leaves when the published categories are taken away, and few. No exchange
through hidden cells reaches them, since all around them is shown; but shares are published in whole
percent, and so the answers of some persons can move between them and the categories beside them
without a published number changing. For each smallest area whose groups are published two tables
are looked for: in one nobody of them answered what a share counts, in the other so many that their
share lies further away. Which persons change their answers is decided first, as few as possible;
what everybody weighs then is a linear program, with every published share of the area and of those
around it as its limits. Tables add up from area to area, so they hold for larger areas too.

Where there is no such table for many of them at once, one is looked for in which as many of them as
can be are nobody (:func:`~.fewest.prove_nobody`), then one for each; then the published
categories beside them are hidden as well, and where that isn't enough their area by those groups.
What that doesn't prove either is counted in the manifest.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from survey_lib.disclosure.cells import REST, WHOLE, Links
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.fewest import prove_nobody
from survey_lib.disclosure.ways import margins_of
from survey_lib.statistics.arrays import Codes, Flags, Floats

INSIDE = 1e-7  # how far inside its limits a share is kept


@dataclass(frozen=True, eq=False)
class Block:
    """The finest cells of groups with an unpublished category, in the smallest areas.

    Attributes
    ----------
    inner : (B,) finest cells, each in its ``area``; ``rest`` (B,) those of no published category
    beside : for each inner cell the published ones that differ from it in that category only
    cells : (A,) every cell that changes with them, as ``changes`` (A, B) says
    balance : (E, B) what of the changes must add up to nothing
    margins : the cells, in all areas, of the groups that have an unpublished category
    """

    inner: Codes
    area: NDArray[np.object_]
    rest: Flags
    beside: list[Codes]
    cells: Codes
    changes: Floats
    balance: Floats


NOBODY_COUNTS, SOME_COUNT, NOBODY = "nobody counts", "some count", "nobody"  # of them, in a table


def prove(exchanges: Exchanges) -> None:
    """See tables that show what those in no published category answered to be uncertain, and hide
    the published categories beside those for whom there is none (``exchanges.chosen``)."""
    tables = exchanges.tables
    closed = tables.unpublished & tables.hidden.any(axis=1)
    blocks = _blocks(tables.links, tuple(np.flatnonzero(closed)))
    for block in blocks:
        _look(exchanges, block, _waiting(exchanges, block))
    prove_nobody(exchanges)
    for block in blocks:
        for one in _waiting(exchanges, block):
            _look_at(exchanges, block, one)
        alone = set(exchanges.attack.target[_waiting(exchanges, block), 0]) & set(block.inner)
        _hide_beside(exchanges, block, np.isin(block.inner, list(alone)))
        _look(exchanges, block, _waiting(exchanges, block))
        for one in _waiting(exchanges, block):
            _look_at(exchanges, block, one)
        for one in _waiting(exchanges, block):
            _hide_beside(exchanges, block, _under(exchanges, block, np.array([one])))
            _look_at(exchanges, block, one)
        for one in _waiting(exchanges, block):
            _hide_groups(exchanges, block, one)


def _hide_beside(exchanges: Exchanges, block: Block, some: Flags) -> None:
    """Hide the published categories beside some finest cells."""
    near = [block.beside[r] for r in np.flatnonzero(some)]
    if near:
        exchanges.hide(block.inner[np.concatenate(near)])


def _hide_groups(exchanges: Exchanges, block: Block, one: int) -> None:
    """Hide all of a value's area by the groups in which somebody is in no published category, if
    that proves the value."""
    tables, attack = exchanges.tables, exchanges.attack
    before = exchanges.hidden.copy(), exchanges.chosen.copy(), deepcopy(attack.reached)
    cells = tables.links.cells
    closed = {cells[c][:2] for c in np.flatnonzero(tables.unpublished & tables.hidden.any(axis=1))}
    area = cells[attack.target[one, 0]][0]
    mine = [c for c, cell in enumerate(cells) if cell[0] == area and cell[:2] in closed]
    exchanges.hide(np.array(mine))
    _look_at(exchanges, block, one)
    if not exchanges.met(one):
        exchanges.hidden, exchanges.chosen, attack.reached = before


def _look(exchanges: Exchanges, block: Block, values: Codes) -> None:
    """See a table of each kind, for as many cells of some values at once as can be."""
    for kind in (NOBODY_COUNTS, SOME_COUNT, NOBODY):
        values = values[~exchanges.attack.met(values)]
        some = _under(exchanges, block, values)
        moves = _moves(exchanges, block, some, kind, values)
        if kind != NOBODY and moves.any():
            missing = _weighed(exchanges, block, moves, kind, values, exactly=False)
            if missing is None:
                continue
            some = block.rest & (missing.sum(axis=1) < INSIDE) & moves.any(axis=1)
            moves = _moves(exchanges, block, some, kind, values)
        _see(exchanges, block, moves, kind, values)


def _look_at(exchanges: Exchanges, block: Block, one: int) -> None:
    """See a table of each kind for one value, those of ``SOME_COUNT`` with ever more who do, then
    in the largest cells only: half of them, a fourth, an eighth."""
    values = np.array([one])
    under = np.flatnonzero(_under(exchanges, block, values))
    size = exchanges.persons[block.inner[under]].sum(axis=1)
    under = under[np.argsort(-size, kind="stable")]
    numbers = [n for n in (len(under) >> k for k in range(4)) if n]
    some_count = [(SOME_COUNT, p, n) for n in numbers for p in (3, 2, 1)]
    for kind, part, number in ((NOBODY_COUNTS, 1, None), *some_count, (NOBODY, 1, None)):
        if exchanges.met(one):
            break
        some = np.isin(np.arange(len(block.inner)), under[:number])
        _see(exchanges, block, _moves(exchanges, block, some, kind, values, part), kind, values)


def _see(exchanges: Exchanges, block: Block, moves: Codes, kind: str, values: Codes) -> None:
    """Take the table into account in which some persons have moved, if weights can be found."""
    found = _weighed(exchanges, block, moves, kind, values) if moves.any() else None
    if found is not None:
        persons, weights = exchanges.persons.astype(float), exchanges.weights.astype(float)
        persons[block.cells] += block.changes @ moves
        weights[block.cells] += block.changes @ found
        if _published(exchanges, block, persons, weights):
            exchanges.see(persons, weights)


def _under(exchanges: Exchanges, block: Block, values: Codes) -> Flags:
    """(B,) finest cells of no published category that are in the cell of one of some values."""
    rows = block.changes[np.isin(block.cells, exchanges.attack.target[values, 0])]
    return np.asarray(block.rest & rows.any(axis=0), dtype=bool)


def targets(exchanges: Exchanges) -> Codes:
    """Values (places in ``attack.target``) of those in no published category."""
    return np.flatnonzero(exchanges.tables.unpublished[exchanges.attack.target[:, 0]])


def unproved(exchanges: Exchanges) -> Codes:
    """Those of :func:`targets` that are not proved uncertain."""
    values = targets(exchanges)
    return values[~exchanges.attack.met(values)]


def _waiting(exchanges: Exchanges, block: Block) -> Codes:
    """Values (places in ``attack.target``) in a block that aren't proved."""
    attack, rest = exchanges.attack, exchanges.tables.unpublished
    mine = np.zeros(len(rest), dtype=bool)
    mine[block.cells] = rest[block.cells]
    return np.flatnonzero(mine[attack.target[:, 0]] & ~attack.met())


def _moves(
    exchanges: Exchanges, block: Block, some: Flags, kind: str, values: Codes, part: int = 3
) -> Codes:
    """(B, J) persons that each cell gets of each answer: those of no published category change
    answers with persons of a published one (for ``SOME_COUNT`` one of ``part`` does), or all of
    them belong to it (``NOBODY``)."""
    tables, persons = exchanges.tables, exchanges.persons[block.inner].astype(int)
    moves = np.zeros_like(persons)
    counted = np.unique(exchanges.attack.target[values, 1])
    number = tables.numerators[counted].sum(axis=0)  # (J,) of how many shares that wait
    asked, up = tables.bases.any(axis=0), kind == SOME_COUNT
    free = _free(exchanges, block)
    for r in np.flatnonzero(some):
        if kind == NOBODY:
            all_of_them = persons[r] * asked
            left = [free[block.changes[:, s] > 0].min(initial=np.inf) for s in block.beside[r]]
            best = int(np.argmax(left)) if left else 0
            if left and left[best] >= all_of_them.sum():
                free[block.changes[:, block.beside[r][best]] > 0] -= all_of_them.sum()
                moves[r] -= all_of_them
                moves[block.beside[r][best]] += all_of_them
            continue
        for j in np.flatnonzero((persons[r] > 0) & asked):
            same = (tables.bases == tables.bases[:, [j]]).all(axis=0)
            other = np.flatnonzero(same & ((number > number[j]) if up else (number < number[j])))
            many = -(-int(persons[r, j]) // part) if up else int(persons[r, j])
            for to in sorted(other, key=lambda i: number[i], reverse=up):
                s = _partner(block, persons[:, to] + np.minimum(moves[:, to], 0), int(r), many)
                if s is not None:
                    moves[r, [j, to]] += [-many, many]
                    moves[s, [j, to]] += [many, -many]
                    break
    return moves


def _partner(block: Block, room: Floats, r: int, many: int) -> int | None:
    """The published category that has most persons to change with, of the same kind if it can be:
    some must be left there."""
    every = np.flatnonzero(~block.rest & (room > many) & (block.area == block.area[r]))
    near = [one for one in every if one in block.beside[r]] or list(every)
    return int(max(near, key=lambda one: room[one])) if near else None


def _free(exchanges: Exchanges, block: Block) -> Floats:
    """(A,) how many more persons can be in each cell, and in all its bases."""
    tables, cells = exchanges.tables, block.cells
    shown = tables.shown[cells] & ~exchanges.hidden[cells, None]
    base = exchanges.persons[cells] @ tables.bases.T.astype(float)
    left = np.where(shown, tables.base[cells, :, 1] - base, np.inf)
    everybody = tables.persons[cells, 1] - exchanges.persons[cells].sum(axis=1)
    return np.minimum(left.min(axis=1), everybody)


def _weighed(
    exchanges: Exchanges,
    block: Block,
    moves: Codes,
    kind: str,
    values: Codes,
    exactly: bool = True,
) -> Floats | None:
    """(B, J) weights that move with some persons so that all that is published is kept; None when
    there are none. ``SOME_COUNT``: shares of those who move come to lie as far above their least as
    the rule asks. Not ``exactly``: (B, K) how much is missing to that, the least that there can be.
    """
    tables, inner = exchanges.tables, block.inner
    size, atoms, shares = len(inner), moves.shape[1], tables.size[1]
    now, before = exchanges.weights[inner], exchanges.persons[inner]
    then = before + moves
    fewest, most = (then, then) if exactly else (np.minimum(then, before), np.maximum(then, before))
    lightest, heaviest = exchanges.lightest[inner], exchanges.heaviest[inner]
    low, high = lightest * fewest - now, heaviest * most - now
    row, column, value, limits = _limits(exchanges, block)
    target, far, count = exchanges.attack.target, exchanges.rule.share + 1e-3, len(limits)
    more: list[tuple[int, int, Floats, float]] = []  # inner cell, share, (J,), limit
    if kind == SOME_COUNT:
        place = {int(c): n for n, c in enumerate(inner)}
        moved = np.isin(target[values, 0], inner[moves.any(axis=1) & block.rest])
        for one in values[moved]:
            (cell, k), least = target[one], exchanges.attack.reached.share[one, 0]
            if least + far < 1:
                part = (least + far) * tables.bases[k] - (tables.numerators[k] & tables.bases[k])
                more.append((place[int(cell)], int(k), part, -float(part @ now[place[int(cell)]])))
    for n in np.flatnonzero(moves.any(axis=1) & block.rest) if not exactly else ():
        for j in np.flatnonzero(moves[n]):
            one, at, persons = np.arange(atoms) == j, now[n, j], then[n, j]
            more.append((int(n), 0, 1.0 * one, float(heaviest[n, 0] * persons - at)))
            more.append((int(n), 0, -1.0 * one, float(at - lightest[n, 0] * persons)))
    for number, (r, k, part, limit) in enumerate(more):
        row.append(np.full(atoms + 1, count + number))
        column.append(np.append(r * atoms + np.arange(atoms), size * atoms + r * shares + k))
        value.append(np.append(part, -1.0))
        limits.append(limit)
    width = size * atoms + (0 if exactly else size * shares)
    entries = [np.concatenate(part) for part in (value, row, column)]
    kept = entries[2] < width
    rows = sparse.csr_array(
        (entries[0][kept], (entries[1][kept], entries[2][kept])), shape=(len(limits), width)
    )
    balance = sparse.kron(block.balance, sparse.eye_array(atoms), format="csr")
    balance.resize((balance.shape[0], width))
    bounds = np.zeros((width, 2))
    bounds[: size * atoms] = np.stack([low.ravel(), high.ravel()], axis=1)
    bounds[size * atoms :, 1] = np.inf
    cost = np.zeros(width)
    cost[size * atoms :] = 1
    found = linprog(
        cost, A_ub=rows, b_ub=limits, A_eq=balance, b_eq=np.zeros(balance.shape[0]), bounds=bounds,
        method="highs-ds", options={"presolve": False},
    )  # fmt: skip
    if found.status != 0:
        return None
    if exactly:
        return np.asarray(found.x.reshape(size, atoms))
    return np.asarray(found.x[size * atoms :].reshape(size, shares))


def _limits(
    exchanges: Exchanges, block: Block
) -> tuple[list[Codes], list[Codes], list[Floats], list[float]]:
    """What published shares let the weights change: rows, columns and values of a sparse matrix
    over (B, J), and its upper limits."""
    tables, cells, atoms = exchanges.tables, block.cells, exchanges.persons.shape[1]
    rows: list[Codes] = []
    columns: list[Codes] = []
    values: list[Floats] = []
    limits: list[float] = []

    def add(here: Codes, part: Floats, weight: Floats) -> None:
        """part (cells, J) of the changes of some cells, beside their (cells, J) weight."""
        one, inner = np.nonzero(block.changes[here])
        rows.append(np.repeat(one, atoms) + len(limits))
        columns.append((inner[:, None] * atoms + np.arange(atoms)).ravel())
        values.append((block.changes[here[one], inner][:, None] * part[one]).ravel())
        limits.extend(np.maximum(-(part * weight).sum(axis=1) - INSIDE, 0.0))

    for k, (numerator, base) in enumerate(zip(tables.numerators, tables.bases, strict=True)):
        here = np.flatnonzero(tables.shown[cells, k] & ~exchanges.hidden[cells])
        at, ends = exchanges.weights[cells[here]], tables.share[cells[here], k]
        add(here, (numerator & base) - ends[:, 1:] * base, at)
        add(here, ends[:, :1] * base - 1.0 * (numerator & base), at)
    ratio = tables.ratios[:, cells].tocsr()
    touched = np.flatnonzero(np.diff(ratio.indptr))
    if len(touched):
        wide = sparse.coo_array(ratio[touched] @ block.changes)
        rows.append(np.repeat(wide.coords[0], atoms) + len(limits))
        columns.append((wide.coords[1][:, None] * atoms + np.arange(atoms)).ravel())
        values.append(np.repeat(wide.data, atoms))
        held = tables.ratios[touched] @ exchanges.weights.sum(axis=1)
        limits.extend(np.maximum(-held, 0.0))
    return rows, columns, values, limits


def _published(exchanges: Exchanges, block: Block, persons: Floats, weights: Floats) -> bool:
    """Whether a table keeps all that is published of a block's cells."""
    tables, cells = exchanges.tables, block.cells
    shown = tables.shown[cells] & ~exchanges.hidden[cells, None]
    numerators, bases = (
        part.T.astype(float) for part in (tables.numerators & tables.bases, tables.bases)
    )
    top, base = persons[cells] @ numerators, persons[cells] @ bases
    low, high = np.moveaxis(tables.share[cells], 2, 0)
    kept = (base >= tables.base[cells, :, 0]) & (base <= tables.base[cells, :, 1])
    kept &= np.where(high > 0, top >= 1, top == 0) & np.where(low < 1, base - top >= 1, top == base)
    over, under = weights[cells] @ numerators, weights[cells] @ bases
    kept &= (over <= high * under + 1e-6) & (over >= low * under - 1e-6)
    return bool((kept | ~shown).all())


@lru_cache(maxsize=20)
def _blocks(links: Links, closed: tuple[int, ...]) -> list[Block]:
    """A block for each group that isn't a sum of others; ``closed`` are the cells of those in no
    published category."""
    cells, shut = links.cells, np.isin(np.arange(len(links.cells)), closed)
    divided = {area for area, group, _ in cells if group}
    up = _part_of(links)
    inside: dict[str, list[int]] = {}
    for number, (area, group, _) in enumerate(cells):
        smallest = not any(part in divided for part in links.parts_of.get(area, []))
        if group and smallest and not area.startswith("~"):
            inside.setdefault(group, []).append(number)
    crosses = {group for _, group, category in cells if "." in category}
    crossed = {margin for cross in crosses for margin in margins_of(links, cross)}
    return [
        _block(links, up, np.array(own), shut)
        for group, own in inside.items()
        if shut[own].any() and group not in crossed
    ]


def _part_of(links: Links) -> sparse.csr_array:
    """(C, C) from each cell to those that it is a part of."""
    sums = links.sums.tocoo()
    whole = np.zeros(sums.shape[0], dtype=int)
    whole[sums.row[sums.data > 0]] = sums.col[sums.data > 0]
    parts = sums.data < 0
    entries = (sums.col[parts], whole[sums.row[parts]])
    return sparse.csr_array((np.ones(parts.sum()), entries), shape=(len(links.cells),) * 2)


def _block(links: Links, up: sparse.csr_array, inner: Codes, shut: Flags) -> Block:
    changes, front = np.zeros((2, len(links.cells), len(inner)))
    front[inner, np.arange(len(inner))] = 1
    while front.any():
        changes = np.maximum(changes, front)
        front = np.minimum(up.T @ front, 1.0) * (changes == 0)
    area = np.array([links.cells[c][0] for c in inner], dtype=object)
    broken = np.asarray(links.sums @ changes)
    alone = [area == one for one in dict.fromkeys(area)]  # an area as a whole doesn't change
    balance = np.unique(np.vstack([broken[np.abs(broken).any(axis=1)], alone]), axis=0)
    rest = shut[inner]
    kinds = [links.cells[c][2].split(".") for c in inner]
    # the places in "a.b" of the groups with an unpublished category
    shared = [k for k, shut_one in zip(kinds, rest, strict=True) if shut_one]
    places = {k.index(REST) for k in shared if k.count(REST) == 1}
    beside = [
        np.array(
            [n for n in np.flatnonzero(area == here) if _beside_each_other(one, kinds[n], places)],
            dtype=int,
        )
        for here, one in zip(area, kinds, strict=True)
    ]
    cells = np.flatnonzero(changes.any(axis=1) & np.array([c[1:] != WHOLE for c in links.cells]))
    return Block(inner, area, rest, beside, cells, changes[cells], balance)


def _beside_each_other(one: list[str], other: list[str], places: set[int]) -> bool:
    """Whether the first is in no published category, and the second like it but for that."""
    closed = {p for p in places if one[p] == REST}
    alike = [other[p] != REST if p in closed else other[p] == one[p] for p in range(len(one))]
    return bool(closed) and all(alike)
