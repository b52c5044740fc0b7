"""The change of the whole where two waves asked in different parts of it, or in different ways.

The whole of one wave is then not that of the other, and has no change
(:data:`~survey_lib.perception.families.COVERAGE`). What both waves can tell is the change over the
parts that both drew at random, the same in both: all their inhabitants together, so each part
counts by its population. When these are fewer than half of the parts nothing is told, since it
would no longer be about the whole (as with the rest, domain guide 5.2).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.ages import name_of
from survey_lib.perception.comparisons.waves import comparable_waves
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.families import COMMON, WORDING, contrasts, decide, together
from survey_lib.perception.respondents import random_in_both
from survey_lib.perception.two_waves import TwoWaves
from survey_lib.statistics.comparison import compare_groups
from survey_lib.statistics.estimation import estimate_shares
from survey_lib.vocabulary import Areas, Parameters, Wave


def compare_common_parts(
    estimates: Estimates, earlier: Estimates | None, two: TwoWaves | None, parameters: Parameters
) -> pd.DataFrame:
    """The change of every indicator of the whole over the parts that both waves drew at random.

    Parameters
    ----------
    earlier : None where no change is asked for.
    two : the same two waves' answers; not needed where they have no :func:`common_parts`.

    Returns
    -------
    Contrasts of the whole (:data:`~survey_lib.perception.families.COLUMNS`), each table's a family
    of its own, with ``parts`` (ids of the areas, joined by "|"). No rows where the waves' wholes
    can be compared as they are, or too few parts are common.
    """
    nothing = together([]).assign(parts=pd.Series(dtype=object))
    if earlier is None or two is None:
        return nothing
    waves = two.now.wave, two.before.wave
    parts = common_parts(*waves, parameters.areas)
    rows = _of_both(estimates, earlier, parameters.areas.whole)
    if not parts or rows.empty:
        return nothing
    inside = two.people(parts)
    now, before = inside & two.later, inside & ~two.later
    arrays = two.arrays(list(rows["indicator"]))
    confidence = parameters.tables.showing.confidence
    sides = [
        estimate_shares(two.design, *arrays, np.where(side, 0, -1), 1, confidence=confidence)
        for side in (now, before)
    ]
    names = rows.assign(comparison=COMMON, group="", category="")
    difference = compare_groups(two.design, *arrays, now, before, confidence=confidence)
    frame = contrasts(names, sides[0], difference)
    for place, side in zip(("first", "second"), sides, strict=True):
        frame[f"count_{place}"] = side["count"].to_numpy()
    asked = [parameters.questionnaire.indicators[one] for one in frame["indicator"]]
    same = [comparable_waves(one, *waves, parameters) for one in asked]
    frame["state"] = np.where(same, "", WORDING)
    frame["ages"] = name_of(two.span) if two.span and waves[0].age_span != waves[1].age_span else ""
    frame["modes_differ"] = _modes(estimates, parts) != _modes(earlier, parts)
    frame["seasons_differ"] = waves[0].season != waves[1].season
    return together([decide([frame], parameters)]).assign(parts="|".join(parts))


def common_parts(now: Wave, before: Wave, areas: Areas) -> list[str]:
    """The areas by which both waves drew the whole and that both drew at random; none where these
    are all that either asked in, where they are fewer than half of the whole's, or where the waves
    drew by areas of different levels."""
    level = now.strata_level
    if level is None or level != before.strata_level:
        return []
    every = areas.of_level(level)
    parts = random_in_both(every, now, before, areas)
    alike = set(parts) == set(now.strata) == set(before.strata)
    return [] if alike or 2 * len(parts) < len(every) else parts


def _of_both(estimates: Estimates, earlier: Estimates, whole: str) -> pd.DataFrame:
    """``table, area, indicator`` of the whole's shares that both waves have."""
    found = [
        rows.loc[(rows["area"] == whole) & (rows["group"] == ""), ["table", "area", "indicator"]]
        for rows in (estimates.indicators, earlier.indicators)
    ]
    return found[0].merge(found[1])


def _modes(estimates: Estimates, parts: list[str]) -> set[str]:
    """How the respondents of some areas answered."""
    modes = estimates.areas.loc[estimates.areas["area"].isin(parts), "modes"]
    return set("|".join(modes).split("|"))
