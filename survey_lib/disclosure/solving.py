"""Tables that keep every published relation, as the solver (HiGHS) finds them: a whole one, or one
that differs from a possible table in a part of its unknowns only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from survey_lib.disclosure.cells import System, Tables, system
from survey_lib.statistics.arrays import Codes, Floats


class Effort(NamedTuple):
    """How good an answer must be (relative gap), and the solver's limit: of seconds, or of nodes,
    with which it gives the same answer on any machine."""

    gap: float
    limit: Mapping[str, float]


QUICK = Effort(0.2, {"time_limit": 1.0})
THOROUGH = Effort(0.0, {"time_limit": 20.0})
SAME_EVERYWHERE = Effort(0.2, {"node_limit": 1})


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the system whose unknowns move together, the others held at the start."""

    column: Codes
    matrix: sparse.csc_array
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.int8]

    def least(
        self, aim: Floats, extra: LinearConstraint | None, effort: Effort
    ) -> tuple[Floats | None, bool]:
        """The solution (None when none was found in time) and whether it, or that there is none, is
        proven."""
        rules = [LinearConstraint(self.matrix, self.low, self.high)]
        result = milp(
            aim,
            integrality=self.whole,
            bounds=Bounds(self.lower, self.upper),
            constraints=[*rules, extra] if extra is not None else rules,
            options={"mip_rel_gap": effort.gap, **effort.limit},
        )
        if result.x is None:
            return None, result.status == 2
        return np.where(self.whole == 1, np.round(result.x), result.x), result.status == 0


def possible_table(tables: Tables, seconds: float = 200.0) -> Floats | None:
    """A whole table that keeps all that is published; None when the solver finds none in time."""
    rules = system(tables)
    result = milp(
        np.zeros(len(rules.cell)),
        integrality=rules.integrality,
        bounds=Bounds(rules.lower, rules.upper),
        constraints=LinearConstraint(rules.matrix, rules.low, rules.high),
        options={"time_limit": seconds},
    )
    if result.x is None:
        return None
    half = len(result.x) // 2
    return np.concatenate([np.round(result.x[:half]), result.x[half:]])


def components(whole: System, column: Codes, start: Floats) -> Iterator[Part]:
    """The unknowns of some columns in parts that no relation joins."""
    held = start.copy()
    held[column] = 0
    inner = sparse.csr_array(whole.matrix.tocsc()[:, column])
    row = np.flatnonzero(np.diff(inner.indptr))
    inner = inner[row]
    inner.eliminate_zeros()
    fixed = whole.matrix[row] @ held
    low, high = whole.low[row] - fixed, whole.high[row] - fixed
    # the start keeps every relation; rounding of the sums must not make it impossible
    at = inner @ start[column]
    low, high = np.minimum(low, at), np.maximum(high, at)
    joined = sparse.block_array([[None, inner], [inner.T, None]])
    number, label = connected_components(joined, directed=False)
    order = np.argsort(label[len(row) :], kind="stable")
    columns = np.split(order, np.searchsorted(label[len(row) :][order], np.arange(1, number)))
    rows_by = np.argsort(label[: len(row)], kind="stable")
    rows = np.split(rows_by, np.searchsorted(label[: len(row)][rows_by], np.arange(1, number)))
    integrality = whole.integrality
    for mine, own in zip(columns, rows, strict=True):
        if len(mine) and len(own):
            place = column[mine]
            yield Part(
                place,
                sparse.csc_array(inner[own][:, mine]),
                low[own],
                high[own],
                whole.lower[place],
                whole.upper[place],
                integrality[place],
            )
