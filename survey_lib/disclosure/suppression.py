"""Which further cells to hide so that no hidden value can be worked out: secondary suppression.

Hiding more never lets a reader know more. So when a target isn't safe with some cells hidden, every
safe pattern hides something else besides. That gives an exact method (Benders' cuts, as in
Fischetti and Salazar 2001, Management Science 47, 1008-1027, with the audit itself as the judge):
the cheapest pattern that no cut forbids is audited, and each target that isn't safe in it gives a
cut, made strong by first hiding all that may be hidden without making the target safe. It ends with
the least loss.

Where there are too many candidates for that, targets are made safe one after another by one cell of
their own sums, else by several of them or (where the audit is a search) by the cheapest cycle of
cells through which persons could be moved, and what proves needless is shown again. The pattern
says which was done. Without a search the same tables always give the same pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.bounds import base_bounds, known_by_subtraction
from survey_lib.disclosure.cells import WHOLE, Rule, Tables
from survey_lib.statistics.arrays import Codes, Flags, Floats

EXACT_UP_TO = 12  # candidates for which the exact method is quick
WHOLE_AREA = 10.0  # what hiding an area's own value costs, beside one of a group
CYCLES = 4  # cycles tried for one target before all its sums are hidden


@dataclass(frozen=True, eq=False)
class Pattern:
    """``hidden`` (C,) cells to hide besides those already hidden, their ``loss``, how it was found
    ("exact" | "heuristic"), and the targets (T, 2) that no pattern makes safe."""

    hidden: Flags
    loss: float
    method: str
    unsafe: Codes


def suppress(
    tables: Tables, truth: Floats | None, rule: Rule | None = None, rings: int = 3
) -> Pattern:
    """The cells of one question to hide besides the primary ones.

    Parameters
    ----------
    truth : the true table, from which all search starts; None where there is none (``rings`` 0).
    rings : how far the audit looks for possible tables (:mod:`.attack`); 0 makes bases safe from
        subtraction only, in a moment for a whole city.
    """
    rule = rule or Rule()
    cost = losses(tables)
    candidates = np.flatnonzero(any_shown(tables))
    none = np.zeros(len(cost), dtype=bool)
    judge = _Judge(tables, truth, rule, rings)
    unsafe = judge.unsafe(none)
    method = "exact" if len(candidates) <= EXACT_UP_TO or not len(unsafe) else "heuristic"
    hopeless = judge.unsafe(any_shown(tables)) if len(unsafe) else unsafe
    possible = _without(unsafe, hopeless)
    if not len(possible):
        return Pattern(none, 0.0, "exact", hopeless)
    if method == "exact":
        hidden = _exact(judge, cost, candidates, hopeless)
    else:
        hidden = _heuristic(judge, cost, hopeless)
    return Pattern(hidden, float(cost[hidden].sum()), method, hopeless)


def any_shown(tables: Tables) -> Flags:
    """(C,) cells of which something is shown."""
    return np.asarray(tables.shown.any(axis=1), dtype=bool)


def losses(tables: Tables) -> Floats:
    """(C,) what hiding each cell costs: its shown shares, those of whole areas counting more."""
    whole = np.array([cell[1:] == WHOLE for cell in tables.links.cells])
    return tables.shown.sum(1) * np.where(whole, WHOLE_AREA, 1.0)


def hide_cells(tables: Tables, hidden: Flags) -> Tables:
    """The tables with all shares of some cells hidden: those cells are guarded no more than they
    were, so that the audit is about the primary ones."""
    shown = tables.shown & ~hidden[:, None]
    return replace(tables, shown=shown, guarded=tables.hidden)


def whole_rows(tables: Tables) -> Flags:
    """(C,) what hiding whole rows would hide instead: every shown cell that stands in a sum with a
    hidden one. For the loss it is compared with."""
    hidden = tables.hidden.any(1)
    touched = (abs(tables.links.sums) @ hidden.astype(float)) > 0
    near = (abs(tables.links.sums.T) @ touched.astype(float)) > 0
    return near & tables.shown.any(1)


@dataclass(frozen=True, eq=False)
class _Judge:
    tables: Tables
    truth: Floats | None
    rule: Rule
    rings: int

    @cached_property
    def size(self) -> Floats:
        """(C,) persons who are in the cells, or as far as is known can be."""
        cells, _, atoms = self.tables.size
        if self.truth is None:
            most = base_bounds(self.tables)[:, :, 1].max(axis=1)
            return np.minimum(most, most[np.isfinite(most)].max(initial=self.rule.hide_below))
        persons = self.truth[: cells * atoms].reshape(cells, atoms)
        return persons[:, self.tables.bases.any(0)].sum(1)

    def unsafe(self, hidden: Flags) -> Codes:
        """(T, 2) primary targets that the audit doesn't clear when these cells are hidden too."""
        tables = hide_cells(self.tables, hidden)
        if not self.rings:
            return tables.target[known_by_subtraction(tables, self.rule)]
        if self.truth is None:
            raise ValueError("a search for possible tables starts from the true one")
        attack = Attack(tables, self.rule, self.truth)
        return attack.target[~attack.run(self.rings)]


def _exact(judge: _Judge, cost: Floats, candidates: Codes, hopeless: Codes) -> Flags:
    cuts: list[Floats] = []
    hidden = np.zeros(len(cost), dtype=bool)
    while len(unsafe := _without(judge.unsafe(hidden), hopeless)):
        first = unsafe[0]
        most = hidden.copy()
        for cell in candidates[np.argsort(cost[candidates], kind="stable")]:
            if not most[cell]:
                most[cell] = True
                if not _among(first, judge.unsafe(most)):
                    most[cell] = False
        cuts.append((~most)[candidates].astype(float))
        chosen = milp(
            cost[candidates],
            integrality=np.ones(len(candidates)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(np.array(cuts), 1, np.inf),
        )
        hidden = np.zeros(len(cost), dtype=bool)
        hidden[candidates] = chosen.x > 0.5
    return hidden


def _heuristic(judge: _Judge, cost: Floats, hopeless: Codes) -> Flags:
    tables = judge.tables
    hidden = np.zeros(len(cost), dtype=bool)
    tries: dict[tuple[int, int], int] = {}
    while len(unsafe := _without(judge.unsafe(hidden), hopeless)):
        before = hidden.copy()
        for target in unsafe:
            key = (int(target[0]), int(target[1]))
            tries[key] = tries.get(key, 0) + 1
            own = _own_sums(judge, cost, hidden, target) if tries[key] == 1 else None
            if own is not None:
                hidden |= own
                continue
            search = judge.rings > 0 and tries[key] <= CYCLES
            more = _cycle(judge, cost, hidden, target[0]) if search else None
            hidden |= _sums_of(tables, hidden | tables.hidden.any(1)) if more is None else more
        hidden &= tables.shown.any(1)
        if (hidden == before).all():
            hidden = any_shown(tables)
    for cell in np.flatnonzero(hidden)[np.argsort(-cost[hidden], kind="stable")]:
        hidden[cell] = False
        if len(_without(judge.unsafe(hidden), hopeless)):
            hidden[cell] = True
    return hidden


def _own_sums(judge: _Judge, cost: Floats, hidden: Flags, target: Codes) -> Flags | None:
    """The cheapest single cell of the target's own sums that makes it safe, (C,), else the cheapest
    of these cells together as far as they are needed when the audit is quick; None when nothing
    there does."""
    sums = abs(judge.tables.links.sums)
    own = sums @ (np.arange(len(cost)) == target[0]).astype(float)
    near = np.flatnonzero((sums.T @ own > 0) & any_shown(judge.tables) & ~hidden)
    near = near[np.argsort(cost[near], kind="stable")]
    for together in (False, True) if not judge.rings else (False,):
        more = hidden.copy()
        for cell in near:
            more = more if together else hidden.copy()
            more[cell] = True
            if not _among(target, judge.unsafe(more)):
                return more
    return None


def _cycle(judge: _Judge, cost: Floats, hidden: Flags, target: int) -> Flags | None:
    """The cheapest cells through which ``rule.base`` persons could be moved into the target or out
    of it, not all of them hidden already; None when there are none."""
    tables, rule = judge.tables, judge.rule
    cells, size = len(tables.links.cells), judge.size
    closed = hidden | ~tables.shown.any(1)
    price = np.where(closed, 1e-3, cost)
    most = float(max(size.max(), rule.base))
    # moves (C,), then whether each cell is used
    unit = sparse.eye_array(cells)
    zero = sparse.csr_array((tables.links.sums.shape[0], cells))
    rows = [
        LinearConstraint(sparse.csr_array(sparse.hstack([tables.links.sums, zero])), 0, 0),
        LinearConstraint(sparse.csr_array(sparse.hstack([unit, -most * unit])), -np.inf, 0),
        LinearConstraint(sparse.csr_array(sparse.hstack([-unit, -most * unit])), -np.inf, 0),
    ]
    fresh = np.concatenate([np.zeros(cells), (~closed).astype(float)])
    rows.append(LinearConstraint(fresh[None], 1, np.inf))
    lower = np.concatenate([-size, np.zeros(cells)])
    upper = np.concatenate([np.full(cells, most), np.ones(cells)])
    lower[target] = upper[target] = min(rule.base, most)
    found = milp(
        np.concatenate([np.zeros(cells), price]),
        integrality=np.concatenate([np.zeros(cells), np.ones(cells)]),
        bounds=Bounds(lower, upper),
        constraints=rows,
        options={"time_limit": 2.0, "mip_rel_gap": 0.05},
    )
    return None if found.x is None else (found.x[cells:] > 0.5) & ~closed


def _sums_of(tables: Tables, hidden: Flags) -> Flags:
    """Shown cells that stand in a sum with a hidden one."""
    return whole_rows(replace(tables, shown=tables.shown & ~hidden[:, None]))


def _among(target: Codes, targets: Codes) -> bool:
    return bool((targets == target).all(1).any())


def _without(targets: Codes, others: Codes) -> Codes:
    return np.array([t for t in targets if not _among(t, others)], dtype=int).reshape(-1, 2)
