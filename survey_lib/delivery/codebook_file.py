"""Codebooks as survey companies write them: what each variable was asked, and what its values mean.

Four forms are understood, by the words at the head of the columns, any number of them together:

wide    a row per variable, a column per code (its number at the head), labels in the cells
long    a row per value: variable, code, label
list    a row per variable with its question
blocks  above each list of codes and labels a line with the variable's name

A row with a text and no variable is the question above the rows that follow.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from survey_lib.answers.delivered import NAMES, Delivered, damaged
from survey_lib.answers.matching import plain
from survey_lib.answers.raw import text_of
from survey_lib.delivery.described import Described, key

Row = Sequence[Any]
Sheets = Mapping[str, Sequence[Row]]

_VARIABLE = frozenset(
    [
        "variabel",
        "variabelnamn",
        "variable",
        "name",
        "namn",
        "frågeid",
        "fråga-id",
        "kolumn",
        "kolumnnamn",
        "variabelid",
    ]
) | {"variable name", "variabel-id", "fråge-id"}
_CODE = frozenset(["kod", "värde", "value", "code", "svarskod"])
_ANSWER = frozenset(
    [
        "svarsalternativ",
        "svar",
        "etikett",
        "label",
        "alternativ",
        "värdeetikett",
        "svarstext",
        "klartext",
    ]
) | {"value label", "value labels"}
_TEXT = frozenset(
    [
        "frågetext",
        "fråga",
        "text",
        "beskrivning",
        "variabeletikett",
        "etikett",
        "label",
        "formulering",
        "question",
    ]
) | {"variable label", "variabelns etikett"}
_NUMBER_AT_HEAD = re.compile(r"(?:[^\W\d]+[, ]+)?([0-9]{1,4})")
_SEARCHED = 15  # rows from the top in which the heads of the columns are looked for
_BLOCK = re.compile(r"([^\s,]+)\s*(?:,\s*(.*))?")


def of_sav(delivered: Delivered) -> list[Described]:
    """The variables of an SPSS file with their labels."""
    import pyreadstat

    with damaged(delivered.shown, NAMES["sav"]):
        content = io.BytesIO(delivered.content)
        about = pyreadstat.read_sav(content, metadataonly=True, encoding=delivered.file.encoding)[1]
    labels = about.variable_value_labels
    texts = about.column_labels or [None] * len(about.column_names)
    return [
        Described(
            name, text or "", {text_of(code): label for code, label in labels.get(name, {}).items()}
        )
        for name, text in zip(about.column_names, texts, strict=True)
    ]


def sheets_of(
    delivered: Delivered, *, most: int | None = None, only: Collection[str] | None = None
) -> dict[str, list[Row]]:
    """The sheets of a workbook that have anything in them, each to its row ``most``."""
    import openpyxl

    found: dict[str, list[Row]] = {}
    with damaged(delivered.shown, NAMES["excel"]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and other things that hold no text
        content = io.BytesIO(delivered.content)
        book = openpyxl.load_workbook(content, read_only=True, data_only=True)
        for sheet in book.worksheets:
            if only is None or sheet.title in only:
                sheet.reset_dimensions()
                rows: list[Row] = list(sheet.iter_rows(values_only=True, max_row=most))
                if any(cell is not None for row in rows for cell in row):
                    found[sheet.title] = rows
    return found


def of_sheets(sheets: Sheets) -> list[Described]:
    """All that is said of variables in the sheets; [] when none of them is a codebook. What the
    sheets say of one variable is put together."""
    found: dict[str, Described] = {}
    for rows in sheets.values():
        for one in _of_sheet([[_cell(cell) for cell in row] for row in rows]):
            before = found.get(key(one.name), Described(one.name))
            found[key(one.name)] = Described(
                before.name,
                before.text or one.text,
                {**before.values, **one.values},
                before.stem or one.stem,
            )
    return list(found.values())


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(text_of(value).split())


def _of_sheet(rows: list[list[str]]) -> Iterator[Described]:
    for place, row in enumerate(rows[:_SEARCHED]):
        heads = [plain(cell) for cell in row]
        name = next((k for k, head in enumerate(heads) if head in _VARIABLE), None)
        code = next((k for k, head in enumerate(heads) if head in _CODE), None)
        after = -1 if code is None else code
        answer = next((k for k, h in enumerate(heads) if k > after and h in _ANSWER), None)
        texts = [k for k, h in enumerate(heads) if h in _TEXT and (code is None or k != answer)]
        text = texts[0] if texts else None
        if name is None and code is not None and answer is not None:
            yield from _blocks(rows)
            return
        if name is None:
            continue
        if code is not None and answer is not None:
            yield from _long(rows[place + 1 :], name, text, code, answer)
            return
        if text is not None:
            yield from _wide(rows[place + 1 :], name, text, _codes_at_head(heads, (name, text)))
            return


def _codes_at_head(heads: Sequence[str], taken: Collection[int]) -> dict[int, str]:
    """Which columns of a wide codebook hold the labels of which code."""
    found = {}
    for k, head in enumerate(heads):
        if k not in taken and (number := _NUMBER_AT_HEAD.fullmatch(head)):
            found[k] = number[1]
    return found


def _wide(
    rows: Sequence[Sequence[str]], name: int, text: int, codes: Mapping[int, str]
) -> Iterator[Described]:
    stem, group = "", ""
    for row in rows:
        cells = dict(enumerate(row))
        own, said = cells.get(name, ""), cells.get(text, "")
        if not own:
            stem, group = said, ""
            continue
        if stem and group not in ("", _group(own)):
            stem = ""
        group = _group(own)
        values = {code: cells[k] for k, code in codes.items() if cells.get(k)}
        yield Described(own, said, values, stem)


def _group(name: str) -> str:
    """What the names of the rows of one question have in common: F4 of F4a, X17 of X17_2."""
    return re.sub(r"(?:_[0-9]+|(?<=[0-9])[A-Za-zåäö]+)$", "", name)


def _long(
    rows: Sequence[Sequence[str]], name: int, text: int | None, code: int, answer: int
) -> Iterator[Described]:
    own = said = ""
    for row in rows:
        cells = dict(enumerate(row))
        if cells.get(name, ""):
            own, said = cells[name], "" if text is None else cells.get(text, "")
        if own:
            value, label = cells.get(code, ""), cells.get(answer, "")
            yield Described(own, said, {value: label} if value and label else {})


def _blocks(rows: Sequence[Sequence[str]]) -> Iterator[Described]:
    own = said = ""
    for row in rows:
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and (begun := _BLOCK.fullmatch(filled[0])):
            own, said = begun[1], begun[2] or ""
        elif own and len(filled) == 2 and plain(filled[0]) not in _CODE:
            yield Described(own, said, {filled[0]: filled[1]})
