"""The same change in the rest of the whole, beside each change that a promise is followed by.

The rest are the areas outside that both waves sampled with probabilities, the same in both, so that
neither change comes of who was asked. When fewer than half of the areas outside are, there is no
rest (domain guide, 5.2). The difference between the two changes has an interval and no test: it
says whether the two went together, never why.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey_lib.perception.respondents import random_in_both
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.vocabulary import Areas, Wave

OF_REST = {
    "rest_first": "first",
    "rest_first_low": "first_low",
    "rest_first_high": "first_high",
    "rest_second": "second",
    "rest_second_low": "second_low",
    "rest_second_high": "second_high",
    "rest_difference": "beside",
    "rest_low": "beside_low",
    "rest_high": "beside_high",
    "beyond": "difference",
    "beyond_low": "low",
    "beyond_high": "high",
    "rest_n_first": "n_first",
    "rest_n_second": "n_second",
    "rest_count_first": "count_first",
    "rest_count_second": "count_second",
}
"""Columns about the rest, and what :func:`.statistics.changes.compare_changes` calls them."""


def with_rest(promises: pd.DataFrame, waves: Mapping[str, TwoWaves], areas: Areas) -> pd.DataFrame:
    """The rows of :func:`~survey_lib.perception.followup.follow_up` with the rest beside them.

    Parameters
    ----------
    waves : this wave and each baseline, by the baseline's id.

    Returns
    -------
    The rows with ``rest_areas`` (joined by "|", "" where there is no rest or no test), the rest's
    shares ``rest_first, rest_second`` with intervals ``…_low, …_high``, bases ``rest_n_…`` and
    numerators ``rest_count_…``, its change ``rest_difference, rest_low, rest_high``, and how much
    larger the area's own change is, ``beyond, beyond_low, beyond_high``.
    """
    result = promises.assign(rest_areas="", **dict.fromkeys(OF_REST, np.nan))
    tested = promises[promises["state"] == ""]
    for (wave, area), rows in tested.groupby(["before", "area"], sort=False):
        two = waves[str(wave)]
        others = rest_of(str(area), two.now.wave, two.before.wave, areas)
        if not others:
            continue
        found = two.beside(str(area), others, list(rows["indicator"]))
        result.loc[rows.index, list(OF_REST)] = found[list(OF_REST.values())].to_numpy(float)
        result.loc[rows.index, "rest_areas"] = "|".join(others)
    return result


def rest_of(area: str, now: Wave, before: Wave, areas: Areas) -> list[str]:
    """The areas that an area's change is laid beside: those of the level that the waves were drawn
    by (the area's own where they name none), outside it, sampled with probabilities in both. Empty
    when they are fewer than half of those outside."""
    level = now.strata_level or areas.level_of(area)
    if (before.strata_level or areas.level_of(area)) != level:
        return []
    outside = [
        one
        for one in areas.of_level(level)
        if not (areas.contains(area, one) or areas.contains(one, area))
    ]
    usable = random_in_both(outside, now, before, areas)
    return usable if usable and 2 * len(usable) >= len(outside) else []
