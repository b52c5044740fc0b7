"""Small made-up linked tables, and an attacker who tries every table there can be."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from survey_lib.disclosure.cells import REST, Links, Rule, Tables, link, system

SMALL = Rule(base=2, few=2, share=0.2, hide_below=4)
NUMERATOR = np.array([[True, False]])  # one share of two atoms
BASE = np.array([[True, True]])


def two_way(areas: int, categories: int) -> Links:
    """Areas inside a whole, by one group; only the whole when ``areas`` is 0."""
    parts = {"w:all": [f"a:{k}" for k in range(areas)]} | {f"a:{k}": [] for k in range(areas)}
    return link(parts, {"g": [str(k) for k in range(categories)]}, {})


def finest(links: Links) -> list[int]:
    """Cells of which all others are sums."""
    whole = {int(np.flatnonzero(row > 0)[0]) for row in links.sums.toarray()}
    return [c for c in range(len(links.cells)) if c not in whole]


def add_up(links: Links, table: np.ndarray) -> np.ndarray:
    """Every cell from the finest ones, (finest, ...) -> (cells, ...)."""
    bottom = finest(links)
    full = np.zeros((len(links.cells), *table.shape[1:]), dtype=table.dtype)
    known = np.zeros(len(links.cells), dtype=bool)
    full[bottom], known[bottom] = table, True
    rows = [(int(np.flatnonzero(r > 0)[0]), np.flatnonzero(r < 0)) for r in links.sums.toarray()]
    while not known.all():
        for whole, parts in rows:
            if not known[whole] and known[parts].all():
                full[whole], known[whole] = full[parts].sum(0), True
    return full


def published(
    links: Links,
    table: np.ndarray,
    rule: Rule,
    *,
    most: int,
    rounding: float = 0.0005,
    base: float = 0.0,
    each: tuple[float, float] = (1.0, 1.0),
    weights: np.ndarray | None = None,
    sensitive: bool = False,
    rest: bool = False,
) -> Tables:
    """What the primary rules publish of a true table (cells, 2 atoms): bases to ``base`` persons,
    shares to ``rounding``. Nobody is in a remainder; with ``rest`` some are in no category."""
    count, persons = table[:, 0].astype(float), table.sum(1).astype(float)
    weights = table.astype(float) if weights is None else weights
    total = weights.sum(1)
    share = np.divide(weights[:, 0], total, out=np.zeros(len(total)), where=total > 0)
    inner = np.array([REST in c or a.startswith("~") for a, _, c in links.cells])
    few = (count > 0) & (count < rule.few) | (count < persons) & (persons - count < rule.few)
    hidden = (persons < rule.hide_below) | (sensitive & (few | (count == persons)))
    shown = ~hidden & ~inner
    none, every = count == 0, count == persons
    low = np.where(every & (persons > 0), 1.0, np.where(none, 0.0, np.maximum(share - rounding, 0)))
    high = np.where(none, 0.0, np.where(every, 1.0, np.minimum(share + rounding, 1)))
    upper = np.full(len(persons), float(most))
    closed = [a.startswith("~") or (c == REST and not rest) for a, _, c in links.cells]
    upper[np.array(closed)] = 0
    guarded = ~np.array([a.startswith("~") or (c == REST and not rest) for a, _, c in links.cells])
    cells = len(persons)
    return Tables(
        links=links,
        numerators=NUMERATOR,
        bases=BASE,
        shown=shown[:, None],
        base=np.stack([np.maximum(persons - base, 0), persons + base], 1)[:, None],
        share=np.stack([low, high], 1)[:, None],
        persons=np.stack([np.zeros(cells), upper], 1),
        weight=np.tile([0.0, np.inf], (cells, 1)),
        each=np.tile(each, (cells, 1)),
        ratios=sparse.csr_array((0, cells)),
        guarded=guarded[:, None],
        sensitive=np.array([sensitive]),
    )


def unknowns(table: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """A full table (cells, atoms) as the unknowns of its system."""
    return np.concatenate([table.ravel(), (table if weights is None else weights).ravel()])


def persons_of(unknown: np.ndarray, tables: Tables) -> np.ndarray:
    """(cells, atoms) persons in the unknowns of a system."""
    cells, _, atoms = tables.size
    return unknown[: cells * atoms].reshape(cells, atoms)


def every_table(tables: Tables) -> np.ndarray:
    """All tables (cells, atoms, T) of persons that keep the published numbers when everybody weighs
    the same: by trying every one."""
    bottom = finest(tables.links)
    most = tables.persons[bottom, 1].astype(int)
    ranges = [range(m + 1) for m in most for _ in range(2)]
    tried = np.array(list(product(*ranges)), dtype=np.int16).T.reshape(len(bottom), 2, -1)
    full = add_up(tables.links, tried)
    persons, count = full.sum(1), full[:, 0]
    keep = (persons <= tables.persons[:, 1][:, None]).all(0)
    for c in np.flatnonzero(tables.shown[:, 0]):
        (n_low, n_high), (p_low, p_high) = tables.base[c, 0], tables.share[c, 0]
        keep &= (persons[c] >= n_low) & (persons[c] <= n_high)
        keep &= (count[c] >= p_low * persons[c] - 1e-9) & (count[c] <= p_high * persons[c] + 1e-9)
        keep &= (count[c] > 0) if p_high > 0 else (count[c] == 0)
        keep &= (count[c] < persons[c]) if p_low < 1 else (count[c] == persons[c])
    return full[:, :, keep]


def weighable(tables: Tables, table: np.ndarray) -> bool:
    """Whether some weights go with a table of persons (cells, atoms)."""
    rules = system(tables)
    half = table.size
    fixed = np.concatenate([table.ravel(), np.zeros(half)])
    held = rules.matrix @ fixed
    inner = rules.matrix.tocsc()[:, half:]
    low, high = rules.low - held, rules.high - held
    up, down = np.isfinite(high), np.isfinite(low)
    answer = linprog(
        np.zeros(half),
        A_ub=sparse.vstack([inner.tocsr()[up], -inner.tocsr()[down]]),
        b_ub=np.concatenate([high[up], -low[down]]) + 1e-9,
        bounds=np.stack([rules.lower[half:], rules.upper[half:]], 1),
    )
    return answer.status == 0


def ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


SHAPES = [
    {"areas": 0, "categories": 3, "most": 4, "rest": True},
    {"areas": 2, "categories": 2, "most": 3},
    {"areas": 0, "categories": 4, "most": 4, "sensitive": True},
    {"areas": 0, "categories": 3, "most": 4, "rest": True, "base": 1.0, "rounding": 0.05},
]


def random_case(
    seed: int, *, areas: int, categories: int, most: int, sensitive=False, rest=False, **how
) -> tuple[Tables, np.ndarray]:
    """What is published of a made-up table, and that table (cells, 2)."""
    rng = np.random.default_rng(seed)
    links = two_way(areas, categories)
    bottom = finest(links)
    table = rng.integers(0, most + 1, size=(len(bottom), 2))
    for row, c in enumerate(bottom):
        area, _, category = links.cells[c]
        if area.startswith("~") or (category == REST and not rest):
            table[row] = 0
        while table[row].sum() > most:
            table[row, rng.integers(2)] = 0
    full = add_up(links, table)
    tables = published(links, full, SMALL, most=most, sensitive=sensitive, rest=rest, **how)
    for c in range(len(links.cells)):
        if c not in bottom:
            tables.persons[c, 1] = 1000
    return tables, full
