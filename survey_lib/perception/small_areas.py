"""Modelled estimates of small areas: what an area's few answers and areas like it say together.

The Fay–Herriot model of :mod:`survey_lib.statistics.small_areas`, for the areas of one level inside
each area of another, as ``tables.yaml: modelled`` declares. The sampling variance of a direct share
is smoothed: P(1 − P) deff/n with P and deff those of all the areas together, since a variance
estimated from 30 answers is itself uncertain (Rao & Molina 2015, section 2.5), and that of a share
of 0 is 0. Areas with a base too small to be shown get no estimate and take no part, so nothing
hidden can be worked out of what is shown.

Modelled values are never tested. Their interval comes from the model's mean squared error.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.errors import NotConverged
from survey_lib.vocabulary import Parameters

COLUMNS = ["area", "within", "indicator", "estimate", "low", "high", "mse", "n", "direct",
           "covariates", "reason"]  # fmt: skip
LEAST = 6  # areas that a model needs, and at least three more than it has covariates
FEW, SAMPLING, NO_FIT = "few", "sampling", "no fit"


def modelled_estimates(
    indicators: pd.DataFrame, areas: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """Modelled shares beside the direct ones.

    Parameters
    ----------
    indicators : the direct estimates, before the door.
    areas : how each area was sampled.

    Returns
    -------
    a row per small area with a modelled value: ``area, within, indicator, estimate, low, high,
    mse`` (its square root is behind the interval), ``n`` and ``direct`` of the small area itself,
    ``covariates`` (names joined by "|") and an empty ``reason``. Where no model is made there is
    one row with ``area`` "" and the ``reason``: "few" areas, "sampling" without probabilities, or
    "no fit" when the model couldn't be fitted. Nothing for an area without small areas.
    """
    spec, showing = parameters.tables.modelled, parameters.tables.showing
    if spec is None:
        return pd.DataFrame(columns=COLUMNS)
    small = set(parameters.areas.of_level(spec.level))
    rows = indicators[indicators["area"].isin(small) & (indicators["group"] == "")]
    home = rows["area"].map(lambda area: parameters.areas.at_level(area, spec.within))
    sampling = areas.set_index("area")["sampling"].to_dict()
    found = []
    for within in parameters.areas.of_level(spec.within):
        for indicator in spec.indicators:
            mine = rows[(home == within) & (rows["indicator"] == indicator)]
            if mine.empty:
                continue
            usable = mine[(mine["n"] >= showing.hide_below) & mine["estimate"].notna()]
            made = (
                _modelled(usable, parameters) if sampling.get(within) == PROBABILITY else SAMPLING
            )
            if isinstance(made, str):
                made = pd.DataFrame([{"area": "", "reason": made}])
            names = "|".join(spec.covariates)
            found.append(made.assign(within=within, indicator=indicator, covariates=names))
    every = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    return every.reindex(columns=COLUMNS)


def _modelled(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame | str:
    """The modelled share of each row's area, or why there is none."""
    from survey_lib.statistics.small_areas import fay_herriot

    spec = parameters.tables.modelled
    assert spec is not None
    if len(rows) < max(LEAST, len(spec.covariates) + 4):
        return FEW
    known = parameters.covariates.loc[rows["area"], list(spec.covariates)].to_numpy()
    design = np.column_stack([np.ones(len(rows)), known])
    direct = rows["estimate"].to_numpy()
    try:
        found = fay_herriot(
            direct,
            smoothed_variances(direct, rows["n"].to_numpy(), rows["deff"].to_numpy()),
            design,
            confidence=parameters.tables.showing.confidence,
        ).areas
    except (ValueError, NotConverged):
        return NO_FIT
    return pd.DataFrame(
        {
            "area": rows["area"].to_numpy(),
            "estimate": found["estimate"].clip(0, 1),
            "low": found["low"].clip(0, 1),
            "high": found["high"].clip(0, 1),
            "mse": found["se"] ** 2,
            "n": rows["n"].to_numpy(),
            "direct": direct,
            "reason": "",
        }
    )


def smoothed_variances(direct: np.ndarray, n: np.ndarray, deff: np.ndarray) -> np.ndarray:
    """Sampling variances of shares from what the areas have in common, (m,); 0 when nobody, or
    everybody, counts. The design effect is a mean of those known, and at least 1."""
    share = np.average(direct, weights=n)
    known = np.isfinite(deff)
    common = max(1.0, np.average(deff[known], weights=n[known])) if known.any() else 1.0
    return np.asarray(share * (1 - share) * common / n)
