"""What sums alone say of each base: quick bounds, never narrower than what really follows.

Total minus the other parts, over and over, until nothing changes: the subtraction that anybody does
with pen and paper. What is known so well by that already, no search can save.
"""

from __future__ import annotations

import numpy as np

from survey_lib.disclosure.cells import Rule, Tables
from survey_lib.statistics.arrays import Flags, Floats

SWEEPS = 50


def base_bounds(tables: Tables) -> Floats:
    """(C, K, 2) least and greatest base of every cell and share, by repeated subtraction."""
    result = np.empty((*tables.shown.shape, 2))
    for k, atoms in enumerate(tables.bases):
        same = next(
            (j for j in range(k) if (tables.bases[j] == atoms).all()), None
        )  # shares with one base have been through it together
        if same is not None:
            result[:, k] = result[:, same]
            continue
        low, high = np.zeros(len(tables.persons)), tables.persons[:, 1].copy()
        for j in np.flatnonzero((tables.bases == atoms).all(1)):
            shown = tables.shown[:, j]
            low = np.where(shown, np.maximum(low, tables.base[:, j, 0]), low)
            high = np.where(shown, np.minimum(high, tables.base[:, j, 1]), high)
        result[:, k] = np.stack(subtract(tables, np.ceil(low), np.floor(high)), axis=1)
    return result


def least_bases(tables: Tables) -> Floats:
    """(C, K) least base of every cell and share, by subtraction of bases and of those outside."""
    bases = base_bounds(tables)
    low, high = subtract(tables, *tables.persons.T)
    result = bases[:, :, 0].copy()
    for k in range(bases.shape[1]):
        shown = tables.shown[:, k]
        fewest = np.where(shown, np.maximum(low - bases[:, k, 1], 0), 0.0)
        most = np.where(shown, high - bases[:, k, 0], high)
        result[:, k] = np.maximum(result[:, k], low - subtract(tables, fewest, most)[1])
    return result


def known_by_subtraction(tables: Tables, rule: Rule) -> Flags:
    """(T,) hidden values whose base subtraction alone tells too well."""
    cell, share = tables.target.T
    low, high = base_bounds(tables)[cell, share].T
    narrow = (high - low < rule.base) & (low < rule.hide_below) & (high > 0)
    return narrow & ~(tables.unpublished[cell] & (low == 0))


def subtract(tables: Tables, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds of the cells (C,) after every sum has been used until nothing changes."""
    sums = tables.links.sums.tocsr()
    row = np.repeat(np.arange(sums.shape[0]), np.diff(sums.indptr))
    cell, sign = sums.indices, sums.data
    low, high = low.copy(), high.copy()
    for _ in range(SWEEPS):
        least = np.where(sign > 0, low[cell], -high[cell])
        most = np.where(sign > 0, high[cell], -low[cell])
        # the others of the sum: what is left must cancel this one
        others_least, others_most = (_others(v, row, sums.shape[0]) for v in (least, most))
        above = np.where(sign > 0, -others_least, others_most)
        below = np.where(sign > 0, -others_most, others_least)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, cell, below)
        np.minimum.at(new_high, cell, above)
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, high


def _others(value: Floats, row: np.ndarray, rows: int) -> Floats:
    """For each term of a sum, the sum of the others; infinite when one of them is."""
    endless = np.isinf(value)
    finite = np.where(endless, 0.0, value)
    total = np.bincount(row, finite, rows)[row] - finite
    number = np.bincount(row, endless, rows)[row] - endless
    end = value[endless][0] if endless.any() else 0.0  # all alike: least or most
    return np.where(number > 0, end, total)
