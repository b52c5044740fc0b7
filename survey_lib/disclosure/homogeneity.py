"""The door's rule for the tests between areas: no test tells of an area whose share is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.disclosure.rounding import two_digits
from survey_lib.disclosure.rules import HIDDEN
from survey_lib.perception.families import NONE

_ROUGH = ["statistic", "df", "df_residual"]


def protect_homogeneity(tests: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`survey_lib.perception.homogeneity.homogeneity`, their statistics to two
    digits. A test that holds an area whose published share is hidden, or isn't there, loses every
    number: all the other shares being known, it would tell of that one."""
    if tests.empty:
        return tests
    whole = indicators[indicators["group"] == ""]
    shown = set(whole.loc[whole["mark"] != HIDDEN, ["area", "indicator"]].itertuples(index=False))
    known = [
        all((area, row.indicator) in shown for area in row.areas.split("|") if area)
        for row in tests.itertuples()
    ]
    result = tests.astype(dict.fromkeys([*_ROUGH, "p", "p_adjusted"], float))
    for name in _ROUGH:
        result[name] = two_digits(result[name].to_numpy())
    closed = ~np.array(known)
    result.loc[closed, [*_ROUGH, "p", "p_adjusted"]] = np.nan
    result.loc[closed, "state"] = NONE
    return result.assign(secured=result["secured"].eq(True) & ~closed)
