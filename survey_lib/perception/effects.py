"""Whether a difference between groups stands when the groups' other characteristics are held equal.

For one indicator in one area: a logistic regression on all declared characteristics at once, and
the average marginal effect of each category against its variable's reference (:mod:`survey_lib
.statistics.regression`): by how much the area's share would differ if everyone were of the one
category and not of the other, all else as it is. That describes; it says nothing about causes.

Made for the indicators that lead a table, and in a ranked table for those highest ranked in the
area. Left out of the model, with their persons: categories of too few respondents (NONE) and those
in which everybody, or nobody, is in the numerator (SEPARATED). A variable whose reference is left
out is not held equal at all. With fewer than five persons per class on the smaller side of the
outcome there is no model (Vittinghoff & McCulloch 2007, American Journal of Epidemiology 165,
710–718: from five on, bias and coverage are acceptable).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_lib.perception.families import NONE, SAMPLING, secure
from survey_lib.perception.indicators import areas_of, indicator_arrays
from survey_lib.perception.respondents import PROBABILITY
from survey_lib.statistics.arrays import Codes, Flags
from survey_lib.statistics.design import Design
from survey_lib.statistics.errors import NotConverged
from survey_lib.vocabulary import Parameters
from survey_lib.weighting import WeightedSurvey

SEPARATED = "separated"  # everybody or nobody of the category, or no model could be fitted
HIGHEST = 5  # of a ranked table, the indicators with these ranks in the area
PER_CLASS = 5  # persons per class of the model, with the outcome and without it

NAMES = ["table", "area", "indicator", "variable", "category", "reference"]
NUMBERS = ["effect", "se", "low", "high", "p", "p_adjusted"]
COLUMNS = [*NAMES, *NUMBERS, "secured", "n", "state"]


@dataclass(frozen=True, eq=False)
class _Variable:
    """A characteristic: its categories, which of them is the reference, and everybody's."""

    id: str
    ids: tuple[str, ...]
    reference: int
    codes: Codes

    def places(self) -> list[int]:
        """The categories other than the reference."""
        return [k for k in range(len(self.ids)) if k != self.reference]


def average_marginal_effects(
    survey: WeightedSurvey, rows: pd.DataFrame, areas: pd.DataFrame, parameters: Parameters
) -> pd.DataFrame:
    """The effects of every category in every area that has reports.

    Parameters
    ----------
    rows, areas : ``Estimates.indicators`` and ``Estimates.areas``.

    Returns
    -------
    ``table, area, indicator, variable, category, reference``; ``effect`` (a difference of shares)
    with ``se, low, high, p, p_adjusted, secured``; ``n``, the unweighted base of the category; and
    ``state``: "" with a test, SAMPLING with an effect but no test, else why there is none. p is
    adjusted in one family per table and area, Benjamini–Hochberg.
    """
    wanted = _wanted(rows, parameters)
    if wanted.empty or not parameters.tables.effects:
        return pd.DataFrame(columns=COLUMNS)
    ids = list(wanted["indicator"].unique())
    every = [parameters.questionnaire.indicators[i] for i in ids]
    arrays = indicator_arrays(survey.frame, every, survey.wave, parameters)
    sampling = areas.set_index("area")["sampling"]
    variables = _variables(survey, parameters)
    found: list[dict] = []
    for level, part in wanted.groupby("level", sort=False):
        order = parameters.areas.of_level(str(level))
        place = areas_of(survey.frame, str(level), parameters.areas, order)
        for (table, area, indicator), _ in part.groupby(["table", "area", "indicator"], sort=False):
            numerator, base = (array[:, ids.index(indicator)] for array in arrays)
            here = base & (place == order.index(area)) & (survey.design.weights > 0)
            own = [v for v in variables if v.id in parameters.tables.tables[table].groups]
            names = {"table": table, "area": area, "indicator": indicator}
            for row in _effects(survey.design, numerator, here, own, parameters):
                tested = row["state"] or ("" if sampling[area] == PROBABILITY else SAMPLING)
                found.append(names | row | {"state": tested})
    frame = pd.DataFrame(found)
    if frame.empty:
        return pd.DataFrame(columns=COLUMNS)
    frame["family"] = "effects " + frame["table"]
    frame = secure(frame, "list", parameters.tables.showing)
    return frame[COLUMNS]


def _wanted(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """``level, table, area, indicator`` of what is modelled: the leads, and the highest ranked."""
    tables, areas = parameters.tables.tables, parameters.areas
    whole = rows[(rows["group"] == "") & rows["estimate"].notna()]
    lead = {indicator for spec in tables.values() for indicator in spec.lead}
    whole = whole[whole["indicator"].isin(lead) | (whole["rank"] <= HIGHEST)]
    level = whole["area"].map(areas.level_of)
    told = level.map({
        name: one.reports and parameters.tables.splits(name) for name, one in areas.levels.items()
    }).astype(bool)  # fmt: skip
    return whole.assign(level=level)[told]


def _variables(survey: WeightedSurvey, parameters: Parameters) -> list[_Variable]:
    """The declared characteristics that the wave asked about."""
    found = []
    for name, reference in parameters.tables.effects.items():
        group = parameters.questionnaire.group(name)
        if all(variable in survey.frame for variable in group.variables):
            codes = group.codes(survey.frame).astype(np.intp)
            found.append(_Variable(name, group.ids, group.ids.index(reference), codes))
    return found


def _effects(
    design: Design,
    numerator: Flags,
    here: Flags,
    variables: list[_Variable],
    parameters: Parameters,
) -> Iterator[dict]:
    """A row per variable and category other than the reference."""
    smallest = parameters.tables.showing.hide_below
    counts = {v.id: np.bincount(v.codes[here & (v.codes >= 0)], minlength=len(v.ids))
              for v in variables}  # fmt: skip
    reasons, inside = _left_out(numerator, here, variables, smallest)
    kept = [(v, k) for v in variables for k in v.places() if not reasons[v.id][k]]
    smaller = min(numerator[inside].sum(), (~numerator)[inside].sum())
    fitted: dict[tuple[str, int], dict] = {}
    failed = NONE if smaller < PER_CLASS * (len(kept) + 1) else ""
    if kept and not failed:
        try:
            fitted = _fitted(design, numerator, inside, kept, parameters.tables.showing.confidence)
        except (NotConverged, ValueError):
            failed = SEPARATED
    for v in variables:
        for k in v.places():
            names = {"variable": v.id, "category": v.ids[k], "reference": v.ids[v.reference]}
            numbers = fitted.get((v.id, k), dict.fromkeys(NUMBERS, np.nan))
            reason = reasons[v.id][k] or failed
            yield names | numbers | {"n": int(counts[v.id][k]), "state": reason}


def _left_out(
    numerator: Flags, here: Flags, variables: list[_Variable], smallest: int
) -> tuple[Mapping[str, list[str]], Flags]:
    """For each category why it is left out ("" when it isn't), and the persons of the model.

    Leaving out one category takes its persons from the others too, so that this is done until
    nothing more falls away.
    """
    reasons = {v.id: [""] * len(v.ids) for v in variables}
    while True:
        inside = here.copy()
        for v in variables:
            open_ = np.array([reason == "" for reason in reasons[v.id]])
            if open_[v.reference]:
                inside &= (v.codes >= 0) & open_[v.codes]
        changed = False
        for v in variables:
            own = reasons[v.id]
            codes = v.codes[inside & (v.codes >= 0)]
            n = np.bincount(codes, minlength=len(v.ids))
            events = np.bincount(v.codes[inside & numerator & (v.codes >= 0)], minlength=len(v.ids))
            for k in range(len(v.ids)):
                if own[k]:
                    continue
                own[k] = NONE if n[k] < smallest else SEPARATED if events[k] in (0, n[k]) else ""
                changed |= own[k] != ""
            if own[v.reference]:
                own[:] = [reason or own[v.reference] for reason in own]
        if not changed:
            return reasons, inside


def _fitted(
    design: Design,
    numerator: Flags,
    inside: Flags,
    kept: list[tuple[_Variable, int]],
    confidence: float,
) -> dict[tuple[str, int], dict]:
    """Effects of the kept categories, by variable and category."""
    from survey_lib.statistics.regression import average_effects, logistic

    predictors = np.column_stack([v.codes == k for v, k in kept]).astype(float)
    model = logistic(design, np.where(inside, numerator, np.nan), predictors)
    of = [v.id for v, _ in kept]
    classes = [[c for c, name in enumerate(of) if name == one] for one in dict.fromkeys(of)]
    table = average_effects(model, classes, confidence=confidence)
    table = table.rename(columns={"estimate": "effect"}).assign(p_adjusted=np.nan)
    records = table[NUMBERS].to_dict("records")
    return {(v.id, k): record for (v, k), record in zip(kept, records, strict=True)}
