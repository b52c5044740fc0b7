"""Files that carry their own types: SPSS, Excel and parquet. Their values become texts too, so that
every format meets the same rules afterwards."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from survey_lib.answers.delivered import NAMES, Delivered, damaged
from survey_lib.answers.header import SEARCHED_LINES, header_of_names, header_of_rows
from survey_lib.answers.matching import did_you_mean
from survey_lib.answers.raw import Raw, positions, text_column, text_of
from survey_lib.faults import BadInput
from survey_lib.vocabulary.validation import listed


def read_sav(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of an SPSS file, with value labels and what it declares missing.

    Raises
    ------
    BadInput
        Cut off or damaged, texts that aren't in the encoding it says, none of the wanted names.
    """
    import pyreadstat

    def read(**more: Any) -> tuple[pd.DataFrame, Any]:
        encoding = delivered.file.encoding
        return pyreadstat.read_sav(io.BytesIO(delivered.content), encoding=encoding, **more)

    with damaged(delivered.shown, NAMES["sav"]):
        try:
            _, about = read(metadataonly=True)
            names = about.column_names
            header = header_of_names(delivered, names, wanted)
            used = [names[k] for k in positions(header.names, wanted)]
            table, about = read(usecols=used, user_missing=True)
        except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
            raise _sav_fault(delivered, error) from error
    columns, labels, missing = {}, {}, {}
    for name in used:
        places, values = pd.factorize(table[name])
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
        columns[name] = text_column(values, places)
        labels[name] = {
            text_of(value): label
            for value, label in about.variable_value_labels.get(name, {}).items()
        }
        ranges = about.missing_ranges.get(name, [])
        missing[name] = frozenset(text_of(value) for value in values if _in_ranges(value, ranges))
    numbers = frozenset(name for name in used if table[name].dtype.kind in "fiu")
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, len(table) + 1), copy=False)
    return Raw(delivered.shown, tuple(names), frame, numbers, labels, missing)


def _in_ranges(value: Any, ranges: Sequence[dict[str, Any]]) -> bool:
    """Whether SPSS counts a value as missing; ranges hold numbers, or texts for text variables."""
    kind = str if isinstance(value, str) else (int, float)
    return isinstance(value, kind) and any(one["lo"] <= value <= one["hi"] for one in ranges)


def _sav_fault(delivered: Delivered, error: Exception) -> BadInput:
    if isinstance(error, UnicodeDecodeError) or "convert string" in str(error):
        found = "texts that are not in the encoding that the file says"
        action = delivered.write("encoding: windows-1252")
        return delivered.fault("", found, "readable labels", action)
    found = f"cut off or damaged ({error})"  # the library's fixed phrases; they quote no value
    return delivered.fault("", found, NAMES["sav"], "fetch or export the file again")


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


def read_parquet(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of a parquet file.

    Raises
    ------
    BadInput
        Cut off or damaged, none of the wanted names, a column of lists or records.
    """
    import pyarrow
    from pyarrow import parquet

    with damaged(delivered.shown, NAMES["parquet"]):
        file = parquet.ParquetFile(pyarrow.BufferReader(delivered.content))
        names = file.schema_arrow.names
        header = header_of_names(delivered, names, wanted)
        used = list(dict.fromkeys(names[k] for k in positions(header.names, wanted)))
        schema = file.schema_arrow
        nested = [
            name
            for name in used
            if pyarrow.types.is_nested(schema.field(schema.get_all_field_indices(name)[0]).type)
        ]
        if nested:
            action = "export it again with one value per cell"
            raise delivered.fault(
                f"column {nested[0]}", "lists or records", "single values", action
            )
        table = file.read(columns=used)
        columns, numbers = {}, set()
        for name in used:
            column = table.column(table.schema.get_all_field_indices(name)[0])
            kind = column.type
            if not pyarrow.types.is_dictionary(kind):
                column = column.dictionary_encode()
            values = column.unify_dictionaries().combine_chunks()
            places = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            columns[name] = text_column(values.dictionary.to_pylist(), places)
            if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind):
                numbers.add(name)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, table.num_rows + 1), copy=False)
    return Raw(delivered.shown, tuple(names), frame, frozenset(numbers))
