"""What a wave says of itself: areas and groups beside the others, areas alike, all else equal.

Needed of the wave that is published only, not of those that it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from survey_lib.perception.comparisons import compare_groups, compare_with_rest, together
from survey_lib.perception.effects import average_marginal_effects
from survey_lib.perception.estimates import Estimates
from survey_lib.perception.homogeneity import homogeneity
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey


@dataclass(frozen=True, eq=False)
class Inside:
    """
    Attributes
    ----------
    contrasts : each area against the rest, each group against everyone else in its area
        (:mod:`survey_lib.perception.comparisons`).
    effects : average marginal effects of the groups' categories
        (:mod:`survey_lib.perception.effects`).
    homogeneity : whether a problem is as common in all areas of a level
        (:mod:`survey_lib.perception.homogeneity`).
    """

    contrasts: pd.DataFrame
    effects: pd.DataFrame
    homogeneity: pd.DataFrame


def look_inside(survey: WeightedSurvey, estimates: Estimates, parameters: Parameters) -> Inside:
    """Every comparison that a wave holds in itself."""
    rest = compare_with_rest(survey, estimates, parameters)
    groups = compare_groups(survey, estimates, parameters)
    return Inside(
        contrasts=together([rest, groups]),
        effects=average_marginal_effects(survey, estimates.indicators, estimates.areas, parameters),
        homogeneity=homogeneity(survey, estimates.indicators, estimates.areas, parameters),
    )
