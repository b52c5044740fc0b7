"""Excel workbooks (.xlsx) into texts, so that every format meets the same rules afterwards."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from typing import Any

import pandas as pd

from survey_lib.answers.delivered import NAMES, Delivered, damaged
from survey_lib.answers.header import SEARCHED_LINES, header_of_rows
from survey_lib.answers.matching import did_you_mean
from survey_lib.answers.raw import Raw, positions, text_column, text_of
from survey_lib.vocabulary.validation import listed


def read_excel(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of one sheet. Formulas give their stored results.

    Raises
    ------
    BadInput
        Damaged, the named sheet isn't there, several sheets with content and none named, no header.
    """
    import openpyxl

    with damaged(delivered.shown, NAMES["excel"]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and other things that hold no answers
        content = io.BytesIO(delivered.content)
        book = openpyxl.load_workbook(content, read_only=True, data_only=True)
        name, rows = _sheet(delivered, book)
    header = header_of_rows(delivered, rows[:SEARCHED_LINES], wanted)
    used = positions(header.names, wanted)
    columns: dict[str, pd.Categorical] = {}
    numbers = set()
    for k in used:
        cells = [row[k] if k < len(row) else None for row in rows[header.end :]]
        texts = pd.Series([None if cell is None else text_of(cell) for cell in cells], dtype="str")
        places, values = pd.factorize(texts)
        columns.setdefault(header.names[k], text_column(list(values), places))
        if not any(isinstance(cell, str) for cell in cells):
            numbers.add(header.names[k])
    index = pd.RangeIndex(1, len(rows) - header.end + 1)
    frame = pd.DataFrame(columns, index=index, copy=False)
    return Raw(f"{delivered.shown}, sheet {name}", header.names, frame, frozenset(numbers))


def _sheet(delivered: Delivered, book: Any) -> tuple[str, list[tuple[Any, ...]]]:
    """The named sheet, or the only one with anything in it; blank rows at its end are left out."""
    named = delivered.file.sheet
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if named is not None and named not in sheets:
        found = f'no sheet "{named}"' + did_you_mean(named, sheets)
        action = f"mend sheet: under file: in {delivered.wave_file}"
        raise delivered.fault("", found, f"one of {listed(sheets)}", action)
    filled = {}
    for title in [named] if named is not None else sheets:
        sheets[title].reset_dimensions()  # some programs store a wrong size, which cuts rows off
        rows = list(sheets[title].iter_rows(values_only=True))
        while rows and all(cell is None for cell in rows[-1]):
            rows.pop()
        if rows:
            filled[title] = rows
    if len(filled) == 1:
        return next(iter(filled.items()))
    if not filled:
        action = (
            "export the file again"
            if named is None
            else f"name another sheet in {delivered.wave_file}"
        )
        raise delivered.fault("", "empty sheets only", "a sheet with a header and rows", action)
    action = (
        delivered.write(f'sheet: "{next(iter(filled))}"') + "  (or the one that holds the answers)"
    )
    raise delivered.fault(
        "", f"{len(filled)} sheets: {listed(filled)}", "the name of one of them", action
    )
