"""What a reader could work out of a question's hidden values, tried without the answers.

The guard starts from the true table; here the start is one that was found from the published
numbers (:mod:`.whole_tables`). The rest is alike. A value is *uncertain* when tables that keep
every published relation lie as far apart as the rule asks (:class:`~.attack.Attack`), whichever of
them is true. Such tables come from exchanges of persons through hidden cells (:mod:`.exchange`) and
from as few persons as can be counted otherwise (:mod:`.fewest`). Which base is large, and so no
secret, isn't known here but by bounds. *Known* is what subtraction tells or, where the question is
small enough for it, the whole system solved. What is neither is undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import numpy as np

from survey_lib.disclosure.bounds import least_bases
from survey_lib.disclosure.cells import Rule, Tables
from survey_lib.disclosure.exchange import Exchanges
from survey_lib.disclosure.fewest import protect_bases, prove_nobody, prove_shares
from survey_lib.disclosure.solving import possible_table
from survey_lib.disclosure.whole_tables import Finder
from survey_lib.statistics.arrays import Flags

SMALL = 1_500  # unknowns up to which a whole system is solved


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Of each hidden value (T,), in the order of :attr:`~.cells.Tables.target`: whether it is shown
    to be uncertain, or known too narrowly; neither is undecided."""

    uncertain: Flags
    known: Flags

    @property
    def undecided(self) -> Flags:
        return ~self.uncertain & ~self.known


def look(tables: Tables, rule: Rule, told: Flags, until: float = np.inf) -> Verdicts:
    """What the hidden values of a question look like from outside, when the clock
    (:func:`time.monotonic`) says ``until`` at the latest, or a little later. ``told`` (T,) are
    those that subtraction tells."""
    nothing = Verdicts(np.zeros(len(told), dtype=bool), told)
    if told.all() or monotonic() >= until:
        return nothing
    finder = Finder(tables)
    small = len(finder.rules.cell) <= SMALL
    start = finder.table()
    if start is None and small:
        start = possible_table(tables, max(until - monotonic(), 0.0))
    if start is None:
        return nothing
    exchanges = Exchanges(tables, start, rule, more=False)
    attack = exchanges.attack
    cell, share = attack.target.T
    attack.known_large = least_bases(tables)[cell, share] >= rule.hide_below
    for step in (protect_bases, Exchanges.choose, prove_nobody):
        if monotonic() < until:
            step(exchanges)
    prove_shares(exchanges, until)
    if small:
        attack.settle(until)
    met = attack.met()
    return Verdicts(met & ~told, told | (attack.exact & ~met))
