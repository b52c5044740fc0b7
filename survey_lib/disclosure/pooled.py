"""A pooled value beside the single waves' values: what one could be told from the other two.

The pooled base is the sum of the waves' bases, and the pooled share their weighted average. Where
one wave's value is hidden and all the others' are shown, subtraction would give the hidden one; so
the pooled value is hidden as well. Where two or more are hidden, the pooled value tells neither of
them: that is what pooling is for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_lib.disclosure.rules import HIDDEN, SHOWN
from survey_lib.vocabulary.tables import Showing

KEYS = ["indicator", "item", "answer", "variable", "area", "group", "category"]


def hide_told(
    rows: pd.DataFrame, parts: Sequence[pd.DataFrame], numbers: Sequence[str]
) -> pd.DataFrame:
    """Published rows of a pooled wave without the values that would tell one of a part.

    Parameters
    ----------
    rows : a published frame of the pooled wave, with its marks.
    parts : the same frame of each wave that it pools.
    numbers : the columns that a hidden row loses.
    """
    if not parts or rows.empty:
        return rows
    keys = [key for key in KEYS if key in rows]
    own = pd.MultiIndex.from_frame(rows[keys].astype(str))
    hidden = np.zeros(len(rows), dtype=int)
    for part in parts:
        closed = part[part["mark"] == HIDDEN]
        hidden += own.isin(pd.MultiIndex.from_frame(closed[keys].astype(str)))
    told = hidden == 1
    result = rows.assign(mark=np.where(told, HIDDEN, rows["mark"]))
    result.loc[told, [name for name in numbers if name in rows]] = np.nan
    return result


def protect_parts(parts: pd.DataFrame, showing: Showing) -> pd.DataFrame:
    """Respondents by wave: an area where one wave has few shows none of them."""
    few = parts["n"].between(1, showing.hide_below - 1)
    areas = parts.loc[few, "area"]
    mark = np.where(parts["area"].isin(areas), HIDDEN, SHOWN)
    return parts.assign(mark=mark, n=parts["n"].where(mark != HIDDEN).astype(float))
