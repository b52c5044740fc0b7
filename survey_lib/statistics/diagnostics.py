"""Weights described: how uneven they are, and the respondents beside the population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from survey_lib.statistics.codes import encode
from survey_lib.statistics.design import checked_weights
from survey_lib.statistics.margins import Cross, Margin, as_margins


def weight_summary(weights: ArrayLike, groups: ArrayLike | None = None) -> pd.DataFrame:
    """How uneven weights are, per group (one row) or over all.

    Columns: ``group``, ``n`` (weights above 0), ``sum``, ``mean``, ``smallest`` and ``largest`` (as
    multiples of the mean), ``kish_deff`` = 1 + CV² = n Σ w²/(Σ w)², ``n_effective`` = n/kish_deff.
    Kish's design effect describes the weights only, not the precision of any one estimate.
    """
    weights = checked_weights(weights)
    index, labels = encode(np.zeros(len(weights), np.int8) if groups is None else groups)
    kept = weights > 0
    index, weights = index[kept], weights[kept]
    frame = pd.DataFrame({"group": labels[index], "weight": weights, "square": np.square(weights)})
    by = frame.groupby("group", sort=True)
    n, total = by["weight"].size(), by["weight"].sum()
    kish = n * by["square"].sum() / total**2
    return pd.DataFrame(
        {
            "group": n.index,
            "n": n.to_numpy(),
            "sum": total.to_numpy(),
            "mean": (total / n).to_numpy(),
            "smallest": (by["weight"].min() * n / total).to_numpy(),
            "largest": (by["weight"].max() * n / total).to_numpy(),
            "kish_deff": kish.to_numpy(),
            "n_effective": (n / kish).to_numpy(),
        }
    )


def margin_table(
    start: ArrayLike, weights: ArrayLike, margins: Sequence[Margin | tuple[Any, ...]]
) -> pd.DataFrame:
    """Respondents beside the population, per level of each margin, before and after.

    Columns: ``margin``, ``level`` (names), ``n`` (persons, mixtures by their fractions),
    ``target``, ``before`` and ``after`` (weighted totals), ``error`` (relative, after).
    """
    margins = as_margins(margins)
    crossed = Cross(margins)
    start, weights = checked_weights(start), checked_weights(weights)
    totals = [crossed.totals(values) for values in (np.ones(len(start)), start, weights)]
    rows = []
    for m, margin in enumerate(margins):
        n, before, after = (crossed.achieved(m, values) for values in totals)
        rows.append(
            pd.DataFrame(
                {
                    "margin": margin.name,
                    "level": [margin.level_name(level) for level in range(len(margin.targets))],
                    "n": n,
                    "target": margin.targets,
                    "before": before,
                    "after": after,
                    "error": crossed.errors(m, totals[2]),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
