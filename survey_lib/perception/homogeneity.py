"""Whether a problem is as common in all areas of a level, or differs between them.

For each indicator of a ranked table and each level of areas: Rao and Scott's second-order test of
numerator × area (:func:`survey_lib.statistics.association.rao_scott`), which with areas that were
sampled and weighted each by itself is a test of equal shares under the actual design. The
indicators of a table are one family per level, Benjamini–Hochberg.

Only areas sampled with probabilities take part, and of these only those whose base isn't small
(``uncertain_below``): with smaller ones the test says too often that rare problems differ, and what
is hidden can't be worked out of it. A test that isn't säkerställd is no evidence that all areas are
alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.perception.families import NONE, secure
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.association import rao_scott
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

NUMBERS = ["statistic", "df", "df_residual", "p", "p_adjusted"]
COLUMNS = ["level", "table", "indicator", "areas", *NUMBERS, "secured", "state"]
LEAST = 3  # areas; two are compared by their difference
MOST = 100  # more of them always differ somewhere, and the test takes persons × areas of memory


def homogeneity(
    survey: WeightedSurvey, indicators: pd.DataFrame, areas: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """The test of every ranked indicator at every level that has reports.

    Parameters
    ----------
    indicators, areas : ``Estimates.indicators`` and ``Estimates.areas``.

    Returns
    -------
    ``level, table, indicator``; ``areas`` that were tested against each other, joined by "|";
    ``statistic`` (F) with ``df, df_residual, p, p_adjusted, secured``; ``state`` "" with a test,
    "none" with too few areas, or where everybody answered alike.
    """
    sampling = areas.set_index("area")["sampling"]
    rows = indicators[(indicators["group"] == "") & indicators["estimate"].notna()]
    rows = rows[rows["n"] >= parameters.tables.showing.uncertain_below]
    rows = rows[rows["area"].map(sampling) == PROBABILITY]
    found = []
    for level, told in parameters.areas.levels.items():
        order = parameters.areas.of_level(level)
        here = rows[rows["area"].isin(order)]
        if not told.reports or not LEAST <= len(order) <= MOST or here.empty:
            continue
        place = areas_of(survey.frame, level, parameters.areas, order)
        for table, spec in parameters.tables.tables.items():
            ids = [i for i in spec.indicators if i in set(indicators["indicator"])]
            if not (spec.ranked and level in spec.levels and ids):
                continue
            every = [parameters.questionnaire.indicators[i] for i in ids]
            arrays = indicator_arrays(survey.frame, every, survey.wave, parameters)
            for name, numerator, base in zip(ids, arrays[0].T, arrays[1].T, strict=True):
                tested = set(here.loc[here["indicator"] == name, "area"])
                part = [area for area in order if area in tested]
                inside = base & np.isin(place, [order.index(area) for area in part])
                found.append(
                    {"level": level, "table": table, "indicator": name, "areas": "|".join(part)}
                    | _test(survey, np.where(inside, numerator, -1), place, len(part))
                )
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    frame = pd.DataFrame(found)
    frame = frame.assign(family="homogeneity " + frame["table"], area=frame["level"])
    frame = secure(frame, "list", parameters.tables.showing)
    return frame[COLUMNS]


def _test(survey: WeightedSurvey, answer: np.ndarray, place: np.ndarray, n_areas: int) -> dict:
    """The numbers of one test; its answers are 1 in the numerator, 0 in the base, else −1."""
    alike = len(np.unique(answer[answer >= 0])) < 2
    if n_areas < LEAST or alike:
        return dict.fromkeys(NUMBERS, np.nan) | {"state": NONE}
    test = rao_scott(survey.design, answer, place)
    numbers = [test.f, test.f_df, test.f_df_residual, test.p, np.nan]
    return dict(zip(NUMBERS, numbers, strict=True)) | {"state": ""}
