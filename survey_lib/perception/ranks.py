"""The place of every problem in its area, and which places it can have.

Only for whole areas and tables that are declared ``ranked``. A share whose base is too small to be
shown has no place, and the places of the others are counted without it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_lib.perception.indicators import domains
from survey_lib.statistics.answers import Answers
from survey_lib.statistics.covariance import covariance_of_answers
from survey_lib.statistics.ranking import rank_sets, with_floor
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

RANKS = ["rank", "rank_low", "rank_high", "rank_low_all", "rank_high_all", "best"]


def ranks(
    survey: WeightedSurvey,
    rows: pd.DataFrame,
    indicators: Sequence[str],
    answers: Answers,
    parameters: Parameters,
) -> pd.DataFrame:
    """The rank of each estimate in its area and table, with its confidence sets.

    Parameters
    ----------
    rows : estimates, one row per indicator × area × group category, with ``df``.
    indicators, answers : ids, and the answers that they are read from, in the same order.

    Returns
    -------
    ``rows.index`` × ``rank`` (from 1, descending share), ``rank_low, rank_high`` (marginal
    confidence set), ``rank_low_all, rank_high_all`` (simultaneous) and ``best``, the smallest t for
    which the row is in the confidence set of the t best: with the confidence of ``tables.yaml``
    all of the t largest are among the rows with ``best`` ≤ t, for every t at once. NaN where there
    is no rank.
    """
    result = pd.DataFrame(np.nan, index=rows.index, columns=RANKS)
    position = pd.Index(indicators)
    enough = rows["n"] >= parameters.tables.showing.hide_below
    whole = rows[(rows["group"] == "") & rows["estimate"].notna() & enough]
    for table, spec in parameters.tables.tables.items():
        if not spec.ranked:
            continue
        chosen = whole[whole["table"] == table]
        which = position.get_indexer(chosen["indicator"].unique())
        for level in spec.levels:
            where = domains(survey.frame, level, None, parameters)
            here = chosen[chosen["area"].isin(where.keys["area"])]
            if here.empty:
                continue
            result.loc[here.index, "rank"] = _order(here, rows, parameters)
            _, covariance = covariance_of_answers(
                survey.design, answers.indicators(which), where.codes, len(where.keys)
            )
            areas = pd.Index(where.keys["area"])
            own = pd.Index(position[which]).get_indexer(here["indicator"])
            place = own * len(areas) + areas.get_indexer(here["area"])
            for part in here.groupby("area", sort=False).indices.values():
                matrix = covariance[np.ix_(place[part], place[part])]
                sets = _sets(here.iloc[part], matrix, parameters.tables.showing.confidence)
                result.loc[here.index[part], RANKS[1:]] = sets
    return result


def _sets(rows: pd.DataFrame, covariance: np.ndarray, confidence: float) -> np.ndarray:
    """The confidence sets of one area's rows: the columns after ``rank``. The design's degrees of
    freedom are the fewest of any row's base."""
    share, low, high, df = (rows[name].to_numpy() for name in ("estimate", "low", "high", "df"))
    covariance = with_floor(covariance, share, low, high, df, confidence)
    sets = rank_sets(share, covariance, df.min(), confidence=confidence)
    return sets[["low", "high", "low_all", "high_all", "low_all"]].to_numpy()


def _order(chosen: pd.DataFrame, rows: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """Rank of each row in its area: descending share, ties by the indicator that its rule names,
    then by label in Swedish order (guide 3.5)."""
    indicators = parameters.questionnaire.indicators
    whole = rows[rows["group"] == ""].set_index(["area", "indicator"])["estimate"]
    ties = [indicators[i].rule.ties for i in chosen["indicator"]]
    second = whole.reindex(pd.MultiIndex.from_arrays([chosen["area"], ties])).fillna(0.0)
    labels = {i: indicators[i].rule.label for i in chosen["indicator"].unique()}
    by_name = chosen["indicator"].map(pd.Index(parameters.swedish_order(labels)).get_loc)
    ordered = chosen.assign(second=second.to_numpy(), name=by_name).sort_values(
        ["estimate", "second", "name"], ascending=[False, False, True]
    )
    return ordered.groupby("area").cumcount() + 1
