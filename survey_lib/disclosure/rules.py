"""The rules of the door: which values may be shown, and what takes the place of those that may not.

Primary rules (domain guide, 6.3), with thresholds from ``tables.yaml: showing``:

* an unweighted base below ``hide_below`` is hidden;
* in a sensitive theme a value is also hidden when its unweighted numerator, or what is left of the
  base, is 1 to ``sensitive_numerator_below`` − 1, and when everyone is in the numerator;
* a base below ``uncertain_below`` is shown with a mark;
* an observed zero is a value and is shown.

A hidden row keeps its place and loses every number. Secondary suppression, over all linked tables
of a wave at once, belongs in :func:`protect`, after the primary marks and before the numbers go.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from survey_lib.disclosure.rounding import Rounding
from survey_lib.perception.comparisons import CHANGE, NONE
from survey_lib.perception.ranks import RANKS
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.tables import Showing

SHOWN, UNCERTAIN, HIDDEN, IMPOSSIBLE = "", "osakert", "..", "."

NUMBERS = ["estimate", "se", "low", "high", "n", "n_effective", "deff", *RANKS]
DIFFERENCES = [
    "first", "first_low", "first_high", "second", "second_low", "second_high", "difference", "se",
    "low", "high", "p", "p_adjusted", "n_first", "n_second",
]  # fmt: skip
FIRST_SIDE = {"first": "estimate", "first_low": "low", "first_high": "high", "n_first": "n"}


def marks(n: pd.Series, count: pd.Series, sensitive: pd.Series, showing: Showing) -> np.ndarray:
    """The primary mark of each share from its unweighted base, numerator and theme."""
    left = n - count
    few = showing.sensitive_numerator_below
    revealing = sensitive & (count.between(1, few - 1) | left.between(1, few - 1) | (left == 0))
    return np.select(
        [(n < showing.hide_below) | revealing, n < showing.uncertain_below],
        [HIDDEN, UNCERTAIN],
        SHOWN,
    )


def protect(
    indicators: pd.DataFrame, answers: pd.DataFrame, parameters: Parameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mark every share and take the numbers out of those that may not be shown."""
    questionnaire, showing = parameters.questionnaire, parameters.tables.showing
    sensitive = {i: indicator.sensitive for i, indicator in questionnaire.indicators.items()}

    def marked(rows: pd.DataFrame, sensitive: pd.Series) -> pd.DataFrame:
        return hide(rows, marks(rows["n"], rows["count"], sensitive, showing))

    return (
        marked(indicators, indicators["indicator"].map(sensitive)),
        marked(answers, answers["item"].map(questionnaire.sensitive).astype(bool)),
    )


def hide(rows: pd.DataFrame, mark: np.ndarray) -> pd.DataFrame:
    """Rows with their marks; a hidden row keeps its place and loses every number, and nobody gets
    the unweighted numerator, the weighted base or the degrees of freedom."""
    kept = [c for c in rows.columns if c not in ("count", "total", "df")]
    result = rows[kept].assign(mark=mark)
    numbers = [c for c in NUMBERS if c in result]
    result[numbers] = result[numbers].astype(float)
    result.loc[mark == HIDDEN, numbers] = np.nan
    return result


def protect_contrasts(
    contrasts: pd.DataFrame,
    indicators: pd.DataFrame,
    earlier: pd.DataFrame | None,
    parameters: Parameters,
) -> pd.DataFrame:
    """Take the numbers out of every contrast of which one side may not be shown: the area's value,
    the category's, its complement's, the earlier wave's, or that of the ages left out."""
    hidden, before = _hidden(indicators), _hidden(earlier)
    names = contrasts[["area", "indicator", "group", "category"]]
    wholes = pd.MultiIndex.from_frame(names.assign(group="", category=""))
    change = (contrasts["comparison"] == CHANGE).to_numpy()
    closed = wholes.isin(hidden) | pd.MultiIndex.from_frame(names).isin(hidden)
    closed |= change & wholes.isin(before)
    closed |= _small_sides(contrasts, parameters)
    for rows in (indicators, earlier):
        ages = pd.MultiIndex.from_frame(names[["area", "indicator"]])
        closed |= (contrasts["ages"] != "").to_numpy() & ages.isin(_hidden_ages(rows, parameters))
    internal = [c for c in contrasts if str(c).startswith(("count_", "n_beside_"))]
    result = contrasts.drop(columns=internal)
    result.loc[closed, DIFFERENCES] = np.nan
    result.loc[closed, "secured"] = False
    result.loc[closed, "state"] = NONE
    return result


def protect_common(
    common: pd.DataFrame,
    indicators: pd.DataFrame,
    earlier: pd.DataFrame | None,
    parameters: Parameters,
) -> pd.DataFrame:
    """The changes of the whole over the parts that two waves have in common: protected as every
    contrast, and none where one of the parts is hidden in either wave or not published, since only
    then are both sides sums of published values."""
    result = protect_contrasts(common, indicators, earlier, parameters)
    if earlier is None or result.empty:
        return result
    shown = _shown_areas(indicators) & _shown_areas(earlier)
    closed = [
        not {(area, row.indicator) for area in row.parts.split("|")} <= shown
        for row in result.itertuples()
    ]
    result.loc[closed, DIFFERENCES] = np.nan
    result.loc[closed, "secured"] = False
    result.loc[closed, "state"] = NONE
    return result


def _small_sides(contrasts: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Contrasts of which a side, or what a side leaves out of the area, is hidden by the primary
    rules."""
    indicators = parameters.questionnaire.indicators
    sensitive = contrasts["indicator"].map({i: one.sensitive for i, one in indicators.items()})
    closed = np.zeros(len(contrasts), dtype=bool)
    for side in ("first", "second", "beside_first", "beside_second"):
        n, count = contrasts[f"n_{side}"], contrasts[f"count_{side}"]
        mark = marks(n, count, sensitive.astype(bool), parameters.tables.showing)
        closed |= (mark == HIDDEN) & (count.notna() & (n > 0)).to_numpy()
    return closed


def _hidden(indicators: pd.DataFrame | None) -> pd.MultiIndex:
    """``area, indicator, group, category`` of the hidden rows."""
    names = ["area", "indicator", "group", "category"]
    if indicators is None:
        return pd.MultiIndex.from_frame(pd.DataFrame(columns=names))
    return pd.MultiIndex.from_frame(indicators.loc[indicators["mark"] == HIDDEN, names])


def _hidden_ages(indicators: pd.DataFrame | None, parameters: Parameters) -> pd.MultiIndex:
    """``area, indicator`` where a group of ages is hidden: a share on some of the ages, beside that
    of all, might tell it."""
    hidden = _hidden(indicators).to_frame(index=False)
    groups = [group for group in hidden["group"].unique() if group]
    variables = {g: parameters.questionnaire.group(g).variables for g in groups}
    background = parameters.questionnaire.background
    ages = [g for g, v in variables.items() if len(v) == 1 and background[v[0]].years]
    return pd.MultiIndex.from_frame(hidden.loc[hidden["group"].isin(ages), ["area", "indicator"]])


def protect_effects(effects: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Take the numbers out of every effect whose category or reference is hidden, or the area's own
    value; uncertain where one of them is."""
    marks_of = indicators.set_index(["area", "indicator", "group", "category"])["mark"]
    names = effects[["area", "indicator"]].assign(group=effects["variable"])
    sides = [
        names.assign(category=effects["category"]),
        names.assign(category=effects["reference"]),
        names.assign(group="", category=""),
    ]
    found = [marks_of.reindex(pd.MultiIndex.from_frame(one)).to_numpy() for one in sides]
    hidden = np.any([(one == HIDDEN) | pd.isna(one) for one in found], axis=0)
    uncertain = np.any([one == UNCERTAIN for one in found], axis=0)
    result = effects.assign(mark=np.select([hidden, uncertain], [HIDDEN, UNCERTAIN], SHOWN))
    numbers = ["effect", "se", "low", "high", "p", "p_adjusted", "n"]
    result[numbers] = result[numbers].astype(float)
    result.loc[hidden, numbers] = np.nan
    result["secured"] = result["secured"].eq(True) & ~hidden
    return result


def protect_promises(
    promises: pd.DataFrame,
    indicators: pd.DataFrame,
    earlier: Mapping[str, pd.DataFrame],
    parameters: Parameters,
) -> pd.DataFrame:
    """The rows about promises, each as the contrast with its baseline; where that may not be shown
    there is no verdict. The wave's own share stands beside it wherever it is published. ``mark`` is
    the wave's and ``second_mark`` the baseline's."""
    kept = [
        protect_contrasts(rows, indicators, earlier.get(wave), parameters)
        for wave, rows in promises.groupby("before", sort=False)
    ]
    kept = kept or [protect_contrasts(promises, indicators, None, parameters)]
    result = pd.concat(kept).sort_index().drop(columns=["comparison", "group", "category"])
    result.loc[result["state"] != "", "verdict"] = ""
    now = _wholes(indicators)
    before = {wave: _wholes(rows)["mark"] for wave, rows in earlier.items()}
    keys = pd.MultiIndex.from_frame(result[["area", "indicator"]])
    own = now.reindex(keys)
    alone = result["first"].isna()
    result = _protect_rest(result, indicators, earlier, parameters)
    for name, column in FIRST_SIDE.items():
        result.loc[alone, name] = own.loc[alone.to_numpy(), column].to_numpy(float)
    result.loc[alone, "ages"] = ""
    result["mark"] = own["mark"].fillna(SHOWN).to_numpy()
    second = [
        before[wave].get(key, SHOWN) if wave else SHOWN
        for key, wave in zip(keys, result["before"], strict=True)
    ]
    return result.assign(second_mark=np.array(second, dtype=object))


def _protect_rest(
    promises: pd.DataFrame,
    indicators: pd.DataFrame,
    earlier: Mapping[str, pd.DataFrame],
    parameters: Parameters,
) -> pd.DataFrame:
    """Take away the rest beside a promise where the row itself has no test, where the rest would be
    hidden by the primary rules, and where one of its areas is hidden in either wave or not
    published: then it is no sum of published values."""
    questionnaire, showing = parameters.questionnaire, parameters.tables.showing
    shown = {wave: _shown_areas(rows) for wave, rows in earlier.items()}
    now, closed = _shown_areas(indicators), np.array(promises["state"] != "")
    for side in ("first", "second"):
        sensitive = promises["indicator"].map(lambda i: questionnaire.indicators[i].sensitive)
        n, count = promises[f"rest_n_{side}"], promises[f"rest_count_{side}"]
        closed |= marks(n, count, sensitive.astype(bool), showing) == HIDDEN
    for number, row in enumerate(promises.to_dict("records")):
        keys = {(area, row["indicator"]) for area in row["rest_areas"].split("|")}
        closed[number] |= not (keys <= now and keys <= shown.get(row["before"], set()))
    result = promises.drop(columns=["rest_count_first", "rest_count_second"])
    result.loc[closed, [c for c in result if c.startswith(("rest_", "beyond"))]] = np.nan
    return result.assign(rest_areas=result["rest_areas"].fillna("").astype(object))


def _shown_areas(indicators: pd.DataFrame) -> set[tuple[str, str]]:
    """``area, indicator`` of the shares of whole areas that are shown."""
    rows = indicators[(indicators["group"] == "") & (indicators["mark"] != HIDDEN)]
    return set(zip(rows["area"], rows["indicator"], strict=True))


def _wholes(indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows about whole areas, by area and indicator."""
    rows = indicators[indicators["group"] == ""]
    return rows.set_index(["area", "indicator"])


def protect_profile(profile: pd.DataFrame, showing: Showing) -> pd.DataFrame:
    """Respondents beside population: a category with a hidden base loses its number and shares."""
    mark = np.where(profile["n"] < showing.hide_below, HIDDEN, SHOWN)
    result = profile.assign(mark=mark)
    numbers = ["n", "unweighted", "weighted"]
    result[numbers] = result[numbers].astype(float)
    result.loc[mark == HIDDEN, numbers] = np.nan
    return result


def protect_areas(areas: pd.DataFrame, showing: Showing) -> pd.DataFrame:
    """Numbers of respondents per area; an area below the smallest base shows none."""
    mark = np.where((areas["n"] > 0) & (areas["n"] < showing.hide_below), HIDDEN, SHOWN)
    result = areas.assign(mark=mark)
    numbers = ["n", "responding", "response_rate"]
    result[numbers] = result[numbers].astype(float)
    result.loc[mark == HIDDEN, numbers] = np.nan
    return result


def protect_log(log: pd.DataFrame, showing: Showing) -> pd.DataFrame:
    """The cleaning log: counts of 1 to ``sensitive_numerator_below`` − 1 become that mark, and the
    persons left are told at the beginning and the end only, since between them they would tell.

    Nor may the two ends tell a removal that isn't shown: how many were delivered is told as those
    analysed (rounded as everywhere) and those whose removal is shown, and so tells nothing more.
    Nor may a step that touches nearly everybody: it is told to touch as many as are told to be left
    before it."""
    few, bases = showing.sensitive_numerator_below, Rounding.of(showing).bases
    result = log.copy()
    analysed = bases(log["left"].iloc[[-1]].to_numpy(dtype=float))
    told = log["removed"].where(~log["removed"].between(1, few - 1), 0).to_numpy(dtype=float)
    left = bases(analysed + told[::-1].cumsum()[::-1])
    everybody = (log["persons"] > 0) & (log["persons"] > left - showing.round_bases)
    log = log.assign(persons=log["persons"].where(~everybody, left.astype(int)))
    for column in ("answers", "persons", "removed"):
        small = log[column].between(1, few - 1)
        result[column] = log[column].astype("Int64").astype(str).where(~small, f"färre än {few}")
    ends = [log.index[0], log.index[-1]]
    result["left"] = log["left"].astype("Int64").where(log.index.isin(ends))
    result.loc[ends[0], "left"] = int(left[0])
    return result
