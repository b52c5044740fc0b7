"""Each category of a reporting group against everyone else in the same area.

The complement holds all other respondents of the area who are in the indicator's base, also those
whose own category isn't known or published. Part and complement come from one calibrated sample, so
the test uses their joint covariance (:mod:`survey_lib.statistics.parts`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.estimates import Estimates
from survey_lib.perception.families import GROUP, SAMPLING, contrasts, decide
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.parts import compare_parts
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey


def compare_groups(
    survey: WeightedSurvey, estimates: Estimates, parameters: Parameters
) -> pd.DataFrame:
    """Every declared table by each of its groups, in every area that has a report.

    One family per table × group × area, Benjamini–Hochberg. No test outside probability samples.
    """
    tables = parameters.tables.tables
    rows = estimates.indicators
    wholes = rows[rows["group"] == ""].set_index(["area", "indicator"])["count"]
    ids = list(dict.fromkeys(rows["indicator"]))
    home = rows.drop_duplicates("indicator").set_index("indicator")["table"]
    every = [parameters.questionnaire.indicators[i] for i in ids]
    answers = Answers.from_indicators(
        *indicator_arrays(survey.frame, every, survey.wave, parameters)
    )
    by_group = dict(tuple(rows[rows["group"] != ""].groupby("group", sort=False)))
    frames = []
    for level, told in parameters.areas.levels.items():
        order = parameters.areas.of_level(level)
        area = areas_of(survey.frame, level, parameters.areas, order)
        present = np.flatnonzero(np.bincount(area[area >= 0], minlength=len(order)))
        if not (told.reports and parameters.tables.splits(level)) or not len(present):
            continue
        asked = [order[k] for k in present]
        whole = np.where(area >= 0, np.searchsorted(present, area), -1)
        for group, published in by_group.items():
            here = {
                t for t, spec in tables.items() if level in spec.levels and group in spec.groups
            }
            which = np.flatnonzero(home[ids].isin(here))
            if not len(which):
                continue
            resolved = parameters.questionnaire.group(group)
            difference = compare_parts(
                survey.design,
                answers.indicators(which),
                whole,
                len(asked),
                resolved.codes(survey.frame),
                len(resolved.ids),
                confidence=parameters.tables.showing.confidence,
            )
            chosen = which[difference["indicator"]]
            names = pd.DataFrame(
                {
                    "comparison": GROUP,
                    "table": home[ids].to_numpy()[chosen],
                    "area": np.array(asked, dtype=object)[difference["whole"]],
                    "group": group,
                    "category": np.array(resolved.ids, dtype=object)[difference["part"]],
                    "indicator": np.array(ids, dtype=object)[chosen],
                }
            )
            keys = ["area", "category", "indicator"]
            own = names[keys].merge(published, on=keys, how="left", validate="1:1")
            frame = contrasts(names, own, difference)
            whole_of = pd.MultiIndex.from_frame(names[["area", "indicator"]])
            count = own["count"].to_numpy(float)
            both = wholes.reindex(whole_of).to_numpy(float)
            frame = frame.assign(count_first=count, count_second=both - count)
            frames.append(frame[own["n"].notna()])  # a pooled wave leaves some shares out
    if not frames:
        return pd.DataFrame()
    frame = pd.concat(frames, ignore_index=True)
    sampling = estimates.areas.set_index("area")["sampling"]
    tested = frame["area"].map(sampling) == PROBABILITY
    return decide([frame.assign(state=np.where(tested, "", SAMPLING))], parameters)
