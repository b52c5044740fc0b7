"""Waves weighted one by one, laid together as one survey (domain guide, 5.4).

Each wave gets the same total weight: together they stand for one population, the average of
theirs. Each is a sample of its own, so strata, primary units and what was calibrated to are kept
apart by wave, and the variance of a pooled estimate is that of independent samples together. Where
the waves were drawn in the same primary units (``tables.yaml: shared_units``), a unit is the same
one in all of them, and what its people have in common counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from survey_lib.statistics.design import Calibration, Design
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.pooling import has_stratum
from survey_lib.weighting.weights import WeightedSurvey


def pool(surveys: Sequence[WeightedSurvey], wave: Wave, parameters: Parameters) -> WeightedSurvey:
    """The pooled survey of a wave that pools others.

    Parameters
    ----------
    surveys : the weighted parts, in the order of ``wave.pools``.

    Returns
    -------
    All respondents of all parts, with the columns that are pooled and ``wave``, the id of each
    person's own. Persons of a stratum that isn't pooled stay in the design, so that the others'
    calibration is what it was, but lie in no area.
    """
    frames = [_pooled_columns(survey, wave, parameters) for survey in surveys]
    designs = [survey.design for survey in surveys]
    totals = [
        design.weights[frame["area"].notna()].sum()
        for design, frame in zip(designs, frames, strict=True)
    ]
    pooled = _design(designs, [np.mean(totals) / len(totals) / total for total in totals])
    if parameters.tables.shared_units:
        stratified = "stratum" in frames[0]
        strata = np.concatenate(common_labels(frames, "stratum")) if stratified else None
        pooled = replace(pooled, strata=strata, psu=np.concatenate(common_labels(frames, "psu")))
    weighted = [
        survey.areas[survey.areas["area"].isin(_areas_of(frame, survey, parameters))]
        for survey, frame in zip(surveys, frames, strict=True)
        if len(survey.areas)
    ]
    return WeightedSurvey(
        wave=wave,
        frame=_stacked(frames),
        design=pooled,
        areas=pd.concat(weighted, ignore_index=True) if weighted else pd.DataFrame(),
        notes=tuple(dict.fromkeys(note for survey in surveys for note in survey.notes)),
    )


def pool_logs(logs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The cleaning logs of the parts as one: what each rule touched in all of them."""
    rows = pd.concat(logs, ignore_index=True)
    sums = ["answers", "persons", "removed", "left"]
    pooled = rows.groupby("rule", sort=False).agg(
        {"step": "first", "label": "first", **dict.fromkeys(sums, "sum")}
    )
    return pooled.reset_index()[list(logs[0].columns)]


def common_labels(frames: Sequence[pd.DataFrame], name: str) -> list[np.ndarray]:
    """Codes of a column of labels, frame by frame, a label having the same code in all of them."""
    columns = [frame[name] for frame in frames]
    codes = union_categoricals(columns, ignore_order=True).codes
    return [*np.split(codes, np.cumsum([len(column) for column in columns])[:-1])]


def _pooled_columns(survey: WeightedSurvey, wave: Wave, parameters: Parameters) -> pd.DataFrame:
    questionnaire = parameters.questionnaire
    absent = {
        column
        for name in wave.not_asked
        for column in (name, *(questionnaire.columns(name) if name in questionnaire.items else ()))
    }
    frame = survey.frame[[name for name in survey.frame if name not in absent]].copy()
    frame["wave"] = survey.wave.id
    if "stratum" in frame:
        parts = [parameters.waves[name] for name in wave.pools]
        keys = frame["stratum"].astype(str)
        inside = keys.map({key: has_stratum(wave, parts, key) for key in keys.unique()})
        frame["area"] = frame["area"].where(inside.to_numpy(bool))
    return frame


def _areas_of(frame: pd.DataFrame, survey: WeightedSurvey, parameters: Parameters) -> set[str]:
    level = survey.wave.weighting.by
    return set(parameters.areas.at_level(frame["area"], level).dropna()) if level else set()


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The columns that all have, one frame under the other; categories are those of any."""
    columns = [name for name in frames[0] if all(name in frame for frame in frames[1:])]
    stacked = {}
    for name in columns:
        parts = [frame[name].reset_index(drop=True) for frame in frames]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            ordered = all(part.cat.ordered for part in parts)
            joined = union_categoricals(parts, ignore_order=True)
            stacked[name] = pd.Series(joined.as_ordered() if ordered else joined)
        else:
            stacked[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(stacked)


def _design(designs: Sequence[Design], shares: Sequence[float]) -> Design:
    sizes = [design.size for design in designs]
    ends = np.cumsum(sizes)
    members = [np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True)]
    clustered = any(design.clustered for design in designs)
    calibration = None
    if any(design.calibration for design in designs):
        parts = [_calibration(one, share) for one, share in zip(designs, shares, strict=True)]
        calibration = Calibration.join(parts, members, int(ends[-1]))
    return Design(
        weights=np.concatenate(
            [one.weights * share for one, share in zip(designs, shares, strict=True)]
        ),
        strata=_apart([one.stratum for one in designs]),
        psu=_apart([one.unit for one in designs]) if clustered else None,
        calibration=calibration,
        lonely_psu=designs[0].lonely_psu,
    )


def _calibration(design: Design, share: float) -> Calibration:
    """What a part was calibrated to, its weights at their share; nothing where it wasn't."""
    if design.calibration is None:
        nothing = np.zeros((1, 0))
        return Calibration(np.zeros(design.size, dtype=np.intp), nothing, design.weights * share)
    made = design.calibration
    return Calibration(made.cell, made.variables, made.start * share)


def _apart(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Codes 0, 1, … of each part, numbered on from those of the part before."""
    starts = np.cumsum([0, *(int(part.max()) + 1 for part in codes[:-1])])
    return np.concatenate([part + start for part, start in zip(codes, starts, strict=True)])
