"""What modelled estimates of small areas are made with: ``tables.yaml: modelled``, covariates.csv.

``covariates.csv`` has one row per area, ``id;<covariate>;…``: what is known of every area of the
level from another source than the survey, such as the share of its residents above an age.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import KeyPath, Source
from survey_lib.vocabulary.tables import Modelled, Tables
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

FILE = "covariates.csv"
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")


def read_covariates(path: Path, areas: Areas | None) -> tuple[Source, pd.DataFrame]:
    """The covariates by area id, (areas × covariates); a number at fault is NaN, and told."""
    source, header, rows = read_csv_rows(path, None)
    if header and "id" not in header:
        source.at("line 1", f"columns {', '.join(header)}", "id;<covariates>", "add the column id")
    if source.faults:
        return source, pd.DataFrame()
    names = [name for name in header if name != "id"]
    values: dict[str, list[float]] = {}
    for row in rows:
        area = row.cells["id"]
        place = f"line {row.line}, column id"
        if areas is not None and area not in areas.areas:
            hint = did_you_mean(area, areas.areas) or "an id of areas.csv"
            source.at(place, f"the unknown area {area!r}", hint, "mend the id")
        elif area in values:
            source.at(place, f"the area {area} again", "each area once", "remove one of the rows")
        else:
            values[area] = [_number(row, name, source) for name in names]
    return source, pd.DataFrame.from_dict(values, orient="index", columns=names, dtype=float)


def _number(row: CsvRow, name: str, source: Source) -> float:
    text = row.cells[name]
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    found = repr(text) if text else "an empty cell"
    source.at(f"line {row.line}, column {name}", found, "a number", "fill in or mend the number")
    return float("nan")


def check_modelled(
    tables: Tables,
    source: Source,
    q: Questionnaire | None,
    areas: Areas | None,
    covariates: pd.DataFrame | None,
    names: Names,
) -> None:
    """Levels, indicators and covariates are there, no indicator is sensitive, and the covariates
    are known for every area of the level. ``covariates`` is None when the file has faults."""
    spec = tables.modelled
    if spec is None:
        return
    levels = areas.levels if areas is not None else {spec.level, spec.within}
    known = True
    for key, level in (("level", spec.level), ("within", spec.within)):
        known &= names.require(source, ("modelled", key), "level", level, levels)
    if q is not None and known:
        for index, indicator in enumerate(spec.indicators):
            if not names.may_hold(indicator):
                path = ("modelled", "indicators", index)
                _check_indicator(indicator, path, spec, tables, source, q)
    if covariates is None:
        return
    for name in spec.covariates:
        _check_covariate(name, spec, source, areas, covariates)


def _check_indicator(
    indicator: str, path: KeyPath, spec: Modelled, tables: Tables, source: Source, q: Questionnaire
) -> None:
    published = [
        one
        for table in tables.tables.values()
        for one in table.indicators
        if spec.level in table.levels and one in q.indicators
    ]
    fit = [one for one in published if not q.indicators[one].sensitive]
    if indicator in fit:
        return
    known: Mapping[str, str] = dict.fromkeys(published, "a sensitive indicator")
    found = f"{indicator}, {known.get(indicator, 'in no table for this level')}"
    expected = f"an indicator published for {spec.level} that isn't sensitive"
    source.fault(
        path, found, did_you_mean(indicator, fit) or expected, "name another, or remove it"
    )


def _check_covariate(
    name: str, spec: Modelled, source: Source, areas: Areas | None, covariates: pd.DataFrame
) -> None:
    path = ("modelled", "covariates", name)
    if name not in covariates:
        known: Collection[str] = list(covariates.columns)
        expected = did_you_mean(name, known) or f"a column of {FILE}: {listed(known)}"
        source.fault(path, f"the unknown covariate {name!r}", expected, f"add it to {FILE}")
        return
    wanted = areas.of_level(spec.level) if areas and spec.level in areas.levels else []
    missing = [area for area in wanted if area not in covariates.index]
    if missing:
        found = f"no row of {FILE} for {listed(missing)}"
        source.fault(path, found, "a number for every area of the level", f"add rows to {FILE}")
