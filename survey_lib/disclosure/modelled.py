"""The door's rule for modelled estimates: they tell no more than the direct ones do.

Each is a combination of the direct estimates of all the areas that the model was fitted to. Were
one of these hidden, it could be worked out of the others, so then the whole model is hidden.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.disclosure.rules import HIDDEN, SHOWN

_NUMBERS = ["estimate", "low", "high", "mse", "n", "direct"]


def protect_modelled(modelled: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows of :func:`survey_lib.perception.small_areas.modelled_estimates` with their ``mark``.

    ``indicators`` are the published ones; ``n`` and ``direct`` are taken from there, and an area
    whose direct row isn't there counts as hidden.
    """
    if modelled.empty:
        return modelled.assign(mark=pd.Series(dtype=str))
    whole = indicators[indicators["group"] == ""].set_index(["area", "indicator"])
    direct = whole[["estimate", "n", "mark"]].reindex(
        pd.MultiIndex.from_frame(modelled[["area", "indicator"]])
    )
    fitted = modelled["area"] != ""
    hidden = fitted & (direct["mark"].isna() | (direct["mark"] == HIDDEN)).to_numpy()
    model = [modelled["within"], modelled["indicator"]]
    closed = hidden.groupby(model).transform("any") & fitted
    result = modelled.assign(
        n=direct["n"].to_numpy(dtype=float),
        direct=direct["estimate"].to_numpy(dtype=float),
        mark=np.where(closed, HIDDEN, SHOWN),
    )
    result.loc[closed, _NUMBERS] = np.nan
    return result
