"""Each area against the other areas of its level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.estimates import Estimates
from survey_lib.perception.families import (
    DIFFERENCE,
    NONE,
    REST,
    SAMPLING,
    SECOND,
    contrasts,
    decide,
)
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.rest import compare_with_rest as each_with_rest
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey


def compare_with_rest(
    survey: WeightedSurvey, estimates: Estimates, parameters: Parameters
) -> pd.DataFrame:
    """Each area against the other areas of its level, with the covariance of the two.

    The reference is never the whole with the area inside it, and it holds only areas that were
    sampled with probabilities. When fewer than half of the other areas are, there is no reference.
    """
    whole = estimates.indicators[estimates.indicators["group"] == ""]
    sampling = estimates.areas.set_index("area")["sampling"]
    frames = []
    for level in parameters.areas.levels:
        order = parameters.areas.of_level(level)
        if not parameters.areas.levels[level].reports or len(order) < 2:
            continue
        rows = whole[whole["area"].isin(order)]
        every = [parameters.questionnaire.indicators[i] for i in rows["indicator"].unique()]
        if not every:
            continue
        area = areas_of(survey.frame, level, parameters.areas, order)
        usable = np.array([sampling.get(a, "") == PROBABILITY for a in order])
        difference = each_with_rest(
            survey.design,
            Answers.from_indicators(
                *indicator_arrays(survey.frame, every, survey.wave, parameters)
            ),
            area,
            len(order),
            reference=usable,
            confidence=parameters.tables.showing.confidence,
        )
        answered = np.bincount(area[area >= 0], minlength=len(order)) > 0
        difference = difference[answered[difference["domain"]]]
        difference = difference.sort_values(["domain", "indicator"], ignore_index=True)
        place = difference["domain"].to_numpy()
        names = pd.DataFrame(
            {
                "comparison": REST,
                "area": np.array(order, dtype=object)[place],
                "group": "",
                "category": "",
                "indicator": np.array([i.id for i in every], dtype=object)[difference["indicator"]],
            }
        )
        keys = ["area", "indicator"]
        own = names[keys].merge(rows, on=keys, how="left", validate="1:1")
        frame = contrasts(names.assign(table=own["table"]), own, difference)
        enough = (2 * (usable.sum() - usable) >= len(order) - 1)[place]
        lost = [*SECOND, *DIFFERENCE, "p", "n_first", "n_second"]
        frame.loc[~enough, lost] = np.nan
        frame.loc[~usable[place], DIFFERENCE] = np.nan  # another kind of sampling than the rest
        frame["state"] = np.select([~enough, ~usable[place]], [NONE, SAMPLING], "")
        frames.append(frame[own["n"].notna()])  # a pooled wave leaves some shares out
    return decide(frames, parameters)
