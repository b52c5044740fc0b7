"""Integer codes: many classifications made into one, without gaps and without sorting persons."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike

from survey_lib.statistics.arrays import Array, Codes

IN_CACHE = 200_000
"""Cells that a lookup table may have before it falls out of the processor's cache."""


def encode(values: ArrayLike) -> tuple[Codes, Array]:
    """Codes 0 … m-1 of the values of an array, and the m distinct values in sorted order.

    Small non-negative integers take one pass and no sort.

    Raises
    ------
    ValueError
        If a value is missing (NaN or None).
    """
    values = np.asarray(values)
    if values.dtype.kind in "iub" and values.size and values.min() >= 0:
        largest = int(values.max())
        if largest < 16 * values.size + 1024:
            return squeeze(values.astype(np.intp, copy=False), largest + 1)
    if values.dtype.kind in "OUST":
        import pandas as pd

        index, kept = pd.factorize(values, sort=True)
        if (index < 0).any():
            raise ValueError(f"a missing value in position {int(np.argmax(index < 0))}")
        return index.astype(np.intp, copy=False), np.asarray(kept)
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ValueError(f"a missing value in position {int(np.argmax(np.isnan(values)))}")
    kept, index = np.unique(values, return_inverse=True)
    return index.astype(np.intp, copy=False), kept


def squeeze(keys: Codes, size: int) -> tuple[Codes, Codes]:
    """Renumber keys in 0 … size-1 without gaps, in the same order; also the keys that occur."""
    if size > 16 * keys.size + 1024:
        kept, index = np.unique(keys, return_inverse=True)
        return index, kept
    present = np.zeros(size, dtype=bool)
    present[keys] = True
    kept = np.flatnonzero(present)
    if kept.size == size:
        return keys, kept
    renumbered = np.zeros(size, dtype=np.intp)
    renumbered[kept] = np.arange(kept.size)
    return renumbered[keys], kept


def cross(*classifications: tuple[Codes, int]) -> tuple[Codes, tuple[Codes, ...]]:
    """The cross of several classifications, keeping only the cells that occur.

    Parameters
    ----------
    classifications : (codes, number of levels), the first varying slowest.

    Returns
    -------
    index : (n,) cell of each person, 0 … cells-1, sorted by the first classification, then the
        next.
    levels : for each classification the (cells,) level that a cell belongs to.
    """
    if len(classifications) > 2 and prod(levels for _, levels in classifications) > IN_CACHE:
        index, inner = cross(*classifications[:-1])
        index, (cell, last) = cross((index, len(inner[0])), classifications[-1])
        return index, (*(part[cell] for part in inner), last)
    keys, size = classifications[0]
    for codes, levels in classifications[1:]:
        keys = keys * levels + codes
        size *= levels
    index, kept = squeeze(keys, size)
    parts: list[Codes] = []
    for _, levels in reversed(classifications):
        kept, part = np.divmod(kept, levels)
        parts.append(part)
    return index, tuple(reversed(parts))


def sum_sorted(values: Array, owner: Codes, size: int) -> Array:
    """Sums of rows by owner, whose numbers (rows,) rise; (size, …), 0 for those without."""
    total = np.zeros((size, *values.shape[1:]), dtype=values.dtype)
    if len(owner):
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        total[owner[first]] = np.add.reduceat(values, first, axis=0)
    return total
