"""Reads ``population/*.csv``: persons per area, and per area and category for the margins.

The first column is ``id`` (an area, or a stratum's code), the last ``persons``; between them stand
the variables of the margin: background variables by code, or ``area:<level>`` by area id.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

AREA = "area:"
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
_COULD_BE_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_SPACES = re.compile("[ \u00a0\u202f]")


def read_population(
    path: Path,
    questionnaire: Questionnaire,
    areas: Areas,
    strata: Collection[str],
    names: Names,
) -> tuple[Source, pd.DataFrame | None]:
    """One population file with its codes as in the questionnaire; None when it has a fault.

    ``strata`` are stratum codes that may stand as ids beside the areas. A file whose variables have
    a fault of their own, by ``names``, is None too, and nothing more is said.
    """
    source, header, rows = read_csv_rows(path, None)
    if source.faults:
        return source, None
    variables = [name for name in header if name not in ("id", "persons")]
    for name in ("id", "persons"):
        if name not in header:
            source.at(
                "line 1",
                f"columns {', '.join(header)}",
                "id;<variables>;persons",
                f"add the column {name}",
            )
    if any(names.may_hold(name) for name in variables):
        return source, None
    codes = {name: _codes(name, questionnaire, areas, source) for name in variables}
    if source.faults:
        return source, None
    data: dict[str, list[Any]] = {name: [] for name in ["id", *variables, "persons"]}
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        _check_id(row, areas, strata, source)
        key: list[Any] = [row.cells["id"]]
        for name in variables:
            code = codes[name].get(row.cells[name])
            if code is None:
                hint = did_you_mean(row.cells[name], codes[name]) or f"one of {listed(codes[name])}"
                source.at(
                    f"line {row.line}, column {name}",
                    f"the unknown code {row.cells[name]!r}",
                    hint,
                    "mend the code",
                )
            key.append(code)
        first = seen.setdefault(tuple(key), row.line)
        if first != row.line and None not in key:
            source.at(
                f"line {row.line}",
                f"the same cell as line {first}",
                "each cell once",
                "remove one row",
            )
        for name, value in zip(["id", *variables], key, strict=True):
            data[name].append(value)
        data["persons"].append(_persons(row, source))
    return source, None if source.faults else pd.DataFrame(data)


def _codes(
    name: str, questionnaire: Questionnaire, areas: Areas, source: Source
) -> dict[str, int | str]:
    """Text in the file -> code, for one column of the header."""
    if name.startswith(AREA):
        level = name.removeprefix(AREA)
        if level in areas.levels:
            return {area: area for area in areas.of_level(level)}
    elif name in questionnaire.background:
        return {str(code): code for code in questionnaire.background[name].codes}
    known = [*questionnaire.background, *(f"{AREA}{level}" for level in areas.levels)]
    hint = did_you_mean(name, [*known, "id", "persons"]) or f"one of {listed(known, 30)}"
    source.at("line 1", f"the unknown column {name!r}", hint, "mend the column name")
    return {}


def _check_id(row: CsvRow, areas: Areas, strata: Collection[str], source: Source) -> None:
    area = row.cells["id"]
    if area not in areas.areas and area not in strata:
        hint = did_you_mean(area, [*areas.areas, *strata]) or "an id of areas.csv"
        source.at(f"line {row.line}, column id", f"the unknown area {area!r}", hint, "mend the id")


def _persons(row: CsvRow, source: Source) -> float:
    text = _SPACES.sub("", row.cells["persons"])
    place = f"line {row.line}, column persons"
    if _COULD_BE_THOUSANDS.fullmatch(text):
        source.at(
            place,
            repr(text),
            "a number that can be read in one way only",
            "write thousands without a separator, or decimals with another number of digits",
        )
    elif not _NUMBER.fullmatch(text):
        found = repr(row.cells["persons"]) if text else "an empty cell"
        action = "write the number, digits only" if text else "fill in the number"
        source.at(place, found, "a number of persons, 0 or more", action)
    else:
        return float(text.replace(",", "."))
    return float("nan")
