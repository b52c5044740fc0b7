"""What a reader could work out about each hidden value, beside how uncertain it must be.

The audit sees published numbers only. A table that is known to be possible may be given as a start:
it saves the search for one and changes no verdict.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.disclosure.attack import Attack
from survey_lib.disclosure.cells import Rule, Tables
from survey_lib.disclosure.solving import possible_table
from survey_lib.statistics.arrays import Floats

MEASURES = ["base", "numerator", "share"]


def audit(
    tables: Tables,
    rule: Rule | None = None,
    start: Floats | None = None,
    *,
    narrowest: bool = False,
) -> pd.DataFrame:
    """Three rows per hidden value of one question: its base, numerator and share.

    Parameters
    ----------
    start : a possible table, as the unknowns of :func:`~.cells.system`; found when None.
    narrowest : solve every interval to its ends; else an interval that is wide enough is left as
        wide as it was found to be, which is at most as wide as the narrowest that follows.

    Returns
    -------
    ``area, group, category, share`` (its place among the question's shares), ``measure, low, high,
    required`` (in words for numerators), ``exact`` and ``passed``; ``passed`` is of the hidden
    value as a whole.

    Raises
    ------
    ValueError
        When no table keeps all that is published (numbers that contradict each other).
    """
    rule = rule or Rule()
    start = possible_table(tables) if start is None else start
    if start is None:
        raise ValueError("the published numbers of this question contradict each other")
    attack = Attack(tables, rule, start)
    passed = attack.narrowest() if narrowest else attack.run()
    cells = pd.DataFrame(
        [tables.links.cells[c] for c, _ in attack.target], columns=["area", "group", "category"]
    )
    required = [str(rule.base), f"0 or {rule.few}", str(rule.share)]
    reached = [attack.reached.base, attack.reached.numerator, attack.reached.share]
    frames = [
        cells.assign(
            share=attack.target[:, 1],
            measure=measure,
            low=np.where(np.isfinite(ends[:, 0]), ends[:, 0], np.nan),
            high=np.where(np.isfinite(ends[:, 1]), ends[:, 1], np.nan),
            required=text,
            exact=attack.exact,
            passed=passed,
        )
        for measure, ends, text in zip(MEASURES, reached, required, strict=True)
    ]
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)
