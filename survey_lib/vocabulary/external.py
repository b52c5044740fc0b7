"""Figures from other sources, for areas without an own survey: ``external.csv``.

One row per figure, ``area;indicator;label;share;low;high;n;source;year``:

* ``area``: an id of areas.csv.
* ``indicator``: the indicator that the figure is about, where there is one like it; ``label``: what
  the source calls it. One of the two may be empty.
* ``share``: between 0 and 1; ``low`` and ``high`` its interval, both or neither. Decimal comma or
  point.
* ``n``: respondents behind it, empty when not known.
* ``source`` and ``year`` ("2021", "2019–2020"), as the reports say them.

Such a figure is never tested, never compared with the survey's own and never drawn beside them.
"""

from __future__ import annotations

import re
from pathlib import Path

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.model import Model
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.tables import Showing
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

COLUMNS = ["area", "indicator", "label", "share", "low", "high", "n", "source", "year"]
NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?|[.,][0-9]+")
COUNT = re.compile(r"[0-9]{1,9}")
YEAR = re.compile(r"[0-9]{4}([–/-][0-9]{4})?")


class ExternalFigure(Model):
    """One figure of another source. ``indicator`` is None when none of ours is like it."""

    area: str
    indicator: str | None
    label: str
    share: float
    low: float | None
    high: float | None
    n: int | None
    source: str
    year: str


def read_external(
    path: Path,
    areas: Areas | None,
    q: Questionnaire | None,
    showing: Showing,
    names: Names,
) -> tuple[Source, list[ExternalFigure]]:
    """``external.csv``, its faults noted in the source; the rows at fault are left out."""
    source, _, rows = read_csv_rows(path, COLUMNS)
    figures: list[ExternalFigure] = []
    lines: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        before = len(source.faults)
        _check_names(row, source, areas, q, names)
        share, low, high = (_share(row, name, source) for name in ("share", "low", "high"))
        n = _count(row, source, showing)
        _check_source(row, source)
        _check_interval(row, source, share, low, high)
        if len(source.faults) > before or share is None:
            continue
        indicator = row.cells["indicator"] or None
        known = q.indicators if q else {}
        label = row.cells["label"] or (known[indicator].rule.label if indicator in known else "")
        key = (row.cells["area"], label, row.cells["source"], row.cells["year"])
        if lines.setdefault(key, row.line) != row.line:
            source.at(
                f"line {row.line}",
                f"the figure of line {lines[key]} again",
                "each figure of a source and year once",
                "remove one of the rows",
            )
            continue
        figures.append(
            ExternalFigure(
                area=row.cells["area"],
                indicator=indicator,
                label=label,
                share=share,
                low=low,
                high=high,
                n=n,
                source=row.cells["source"],
                year=row.cells["year"].replace("-", "–"),
            )
        )
    return source, figures


def _check_names(
    row: CsvRow, source: Source, areas: Areas | None, q: Questionnaire | None, names: Names
) -> None:
    cells, known = row.cells, {}
    if areas is not None:
        known["area"] = list(areas.areas)
    if q is not None and cells["indicator"]:
        known["indicator"] = list(q.indicators)
    for column, ids in known.items():
        word = cells[column]
        if word in ids or (word and names.may_hold(word)):
            continue
        expected = did_you_mean(word, ids) or f"one of {listed(ids)}"
        place = f"line {row.line}, column {column}"
        source.at(place, f"the unknown {column} {word!r}", expected, "mend the id")
    if not cells["indicator"] and not cells["label"]:
        source.at(
            f"line {row.line}, column label",
            "neither indicator nor label",
            "the id of an indicator, or what the source calls it",
            "fill in one of them",
        )


def _share(row: CsvRow, column: str, source: Source) -> float | None:
    text = row.cells[column]
    if not text and column != "share":
        return None
    place, expected = f"line {row.line}, column {column}", "a share between 0 and 1, as 0,34"
    if not NUMBER.fullmatch(text):
        source.at(place, repr(text) if text else "an empty cell", expected, "write the share")
        return None
    value = float(text.replace(",", "."))
    if value > 1:
        action = f"write {value / 100:g} if it is {text} percent"
        source.at(place, text, expected, action.replace(".", ","))
        return None
    return value


def _check_interval(
    row: CsvRow, source: Source, share: float | None, low: float | None, high: float | None
) -> None:
    if bool(row.cells["low"]) != bool(row.cells["high"]):
        column = "high" if row.cells["low"] else "low"
        source.at(
            f"line {row.line}, column {column}",
            "an interval with one end",
            "both low and high, or neither",
            "fill in the other, or empty both",
        )
    elif not (share is None or low is None or high is None or low <= share <= high):
        cells = row.cells
        source.at(
            f"line {row.line}, column share",
            f"{cells['share']}, outside its interval {cells['low']} to {cells['high']}",
            "low, share and high in order of size",
            "mend the numbers",
        )


def _count(row: CsvRow, source: Source, showing: Showing) -> int | None:
    """The number of respondents; below the smallest base the figure may not be shown."""
    text = row.cells["n"]
    if not text:
        return None
    place = f"line {row.line}, column n"
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not COUNT.fullmatch(digits):
        source.at(place, repr(text), "a whole number, or nothing", "write the number, digits only")
        return None
    if int(digits) < showing.hide_below:
        expected = f"at least {showing.hide_below} (hide_below in tables.yaml)"
        source.at(place, f"{text} respondents", expected, "remove the row: it can't be shown")
        return None
    return int(digits)


def _check_source(row: CsvRow, source: Source) -> None:
    if not row.cells["source"]:
        source.at(
            f"line {row.line}, column source", "an empty cell", "who made the figure", "fill it in"
        )
    if not YEAR.fullmatch(row.cells["year"]):
        source.at(
            f"line {row.line}, column year",
            repr(row.cells["year"]) if row.cells["year"] else "an empty cell",
            "a year or two, as 2021 or 2019–2020",
            "write the year",
        )
