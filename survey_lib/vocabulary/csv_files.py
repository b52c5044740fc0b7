"""Reads a CSV file of ``parameters/``: UTF-8 with or without a mark, semicolons, a header."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from survey_lib.vocabulary.source import TODO, Source, read_text


@dataclass(frozen=True)
class CsvRow:
    """One row of a CSV file with its line number; ``cells`` by column name, stripped."""

    line: int
    cells: dict[str, str]


def read_csv_rows(path: Path, columns: list[str] | None) -> tuple[Source, list[str], list[CsvRow]]:
    """A semicolon-separated file: the source with its faults, its header and its rows.

    ``columns`` are the names the header must hold, in any order; None takes the header as it is.
    """
    source = Source(path)
    text = read_text(source)
    if text is None:
        return source, [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error as error:
        source.at(
            "line 1", str(error), "column names separated by semicolons", "save it again as CSV"
        )
        return source, [], []
    expected = ";".join(columns) if columns else "id;…;persons"
    if len(header) < 2:
        source.at(
            "line 1",
            f"one column, {header[0][:60]!r}",
            expected,
            "separate the columns with semicolons",
        )
        return source, [], []
    wrong = [name for name in header if columns is not None and name not in columns]
    wrong += [name for name in dict.fromkeys(header) if header.count(name) > 1]
    missing = [name for name in columns or [] if name not in header]
    if wrong or missing:
        parts = [f"unknown or repeated: {', '.join(map(repr, wrong))}"] if wrong else []
        parts += [f"missing: {', '.join(missing)}"] if missing else []
        source.at("line 1", "columns " + "; ".join(parts), expected, "mend the header")
        return source, [], []
    rows = []
    try:
        for record in reader:
            if not any(cell.strip() for cell in record):
                continue
            if len(record) != len(header):
                source.lost.add(record[0].strip())
                source.at(
                    f"line {reader.line_num}",
                    f"{len(record)} columns",
                    f"{len(header)} columns",
                    "add or remove semicolons; quote a text that holds one",
                )
                continue
            cells = {name: cell.strip() for name, cell in zip(header, record, strict=True)}
            if undecided := [name for name, cell in cells.items() if cell == TODO]:
                column = f"column {', '.join(undecided)}"
                source.left_to_decide((), reader.line_num, column)
                source.lost.add(record[0].strip())
                continue
            rows.append(CsvRow(reader.line_num, cells))
    except csv.Error as error:
        source.at(f"line {reader.line_num}", str(error), "rows of cells", "close the open quote")
    if not rows and not source.faults:
        source.at("", "a header and no rows", "one row per area", "fill it in or restore it")
    return source, header, rows
