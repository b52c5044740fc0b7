"""Differences that may be spoken of: against the rest, an earlier wave, or everyone else here.

Each contrast (indicator × area × comparison × category) is tested once, in one family: the
indicators of its table in that area and comparison, of the promise that it follows up, or a table's
indicators by the categories of one group. Whether it is *säkerställd* is decided in
:mod:`survey_lib.perception.families` and nowhere else. Which words that earns is the business of
the presentation.

Where two waves asked in different parts of the whole, its change is that of the parts in common
(:func:`compare_common_parts`), a frame of its own.

A frame of contrasts has one row per ``comparison`` ("rest", "change" or "group") × ``table`` ×
``area`` × ``group`` × ``category`` (both "" for the whole area) × ``indicator``: ``family`` (the
name of its family, which is one per area), ``first`` and ``second`` (the two shares, with their
intervals ``first_low, first_high, second_low, second_high``), ``difference, se, low, high, p,
p_adjusted, n_first, n_second, secured, state``. Of changes also ``ages`` (the ages that both shares
are about, "25-84", where the waves asked others) and ``modes_differ, seasons_differ``. Before the
door, the sides' unweighted numerators are ``count_first, count_second``, and the bases and
numerators of those whom a change leaves out for their age are ``n_beside_first,
count_beside_first, n_beside_second, count_beside_second``.
"""

from survey_lib.perception.comparisons.groups import compare_groups
from survey_lib.perception.comparisons.rest import compare_with_rest
from survey_lib.perception.comparisons.shared_parts import common_parts, compare_common_parts
from survey_lib.perception.comparisons.waves import comparable_waves, compare_with_earlier
from survey_lib.perception.families import (
    CHANGE,
    COVERAGE,
    GROUP,
    NONE,
    REST,
    SAMPLING,
    WORDING,
    together,
)

__all__ = [
    "CHANGE",
    "COVERAGE",
    "GROUP",
    "NONE",
    "REST",
    "SAMPLING",
    "WORDING",
    "common_parts",
    "comparable_waves",
    "compare_common_parts",
    "compare_groups",
    "compare_with_earlier",
    "compare_with_rest",
    "together",
]
