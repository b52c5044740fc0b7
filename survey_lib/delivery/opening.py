"""Opens a delivered file of which no wave file says anything yet.

What can be told from the file itself is told in a :class:`~survey_lib.vocabulary.waves.DataFile`,
and the file is then read as every later run reads it.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from survey_lib import files
from survey_lib.answers.delivered import FORMATS, Delivered, open_delivered
from survey_lib.answers.encoding import MARKS, SINGLE_BYTE
from survey_lib.answers.header import SEARCHED_LINES, SEPARATORS
from survey_lib.answers.matching import whole_number
from survey_lib.answers.raw import Raw, distinct, text_of
from survey_lib.answers.reading import READERS
from survey_lib.delivery.codebook_file import of_sav, of_sheets, sheets_of
from survey_lib.delivery.described import Described, key
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary.validation import listed
from survey_lib.vocabulary.waves import DataFile

_LETTERS = frozenset("åäöÅÄÖéÉèüÜ–—−…”“’´·•½°§ \u00a0\u00ad")  # outside ASCII, in Swedish texts
_SNIFFED = 200  # records that tell the separator
_TOLD_BY = 3  # columns of numbers that tell a second header


@dataclass(frozen=True, eq=False)
class SurveyFile:
    """A delivered file, what a wave file must say of it, and what it says of its variables."""

    file: DataFile
    raw: Raw
    described: list[Described]


def open_survey_file(
    path: Path, folder: Path, *, sheet: str | None = None, encoding: str | None = None
) -> SurveyFile:
    """A whole delivered file.

    Parameters
    ----------
    folder : the parameters folder, from which a wave file names the file.
    sheet, encoding : where a person has to say them.

    Raises
    ------
    BadInput
        What is wrong with the file, or which of several possibilities a person has to choose.
    """
    try:
        name = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        name = path.resolve().as_posix()
    known = path.suffix.lower() in FORMATS or path.suffix.lower() == ".zip"
    file = DataFile(path=name, format=None if known else "csv", sheet=sheet, encoding=encoding)
    delivered = _opened(path, file, folder)
    if delivered.format == "csv":
        file, names = _of_text(delivered)
        said: list[Described] = []
    elif delivered.format == "excel":
        file, names, said = _of_workbook(delivered)
    elif delivered.format == "sav":
        said = of_sav(delivered)
        names = [one.name for one in said]
    else:
        import pyarrow.parquet

        names, said = pyarrow.parquet.read_schema(io.BytesIO(delivered.content)).names, []
    delivered = Delivered(
        delivered.content, delivered.format, delivered.shown, delivered.wave_file, file
    )
    raw = READERS[delivered.format](delivered, names)
    if not len(raw.frame):
        action = "fetch or export the file again"
        raise delivered.fault("", "a header and no rows", "one row per respondent", action)
    if _header_again(raw):
        found = "a second header: words where all rows below it hold numbers"
        action = (
            "remove that row in a copy of the file; if it holds the questions, put them beside the "
            "names of the columns in a codebook of its own, and name that with --codebook"
        )
        raise delivered.fault("the row below the names", found, "the first answers", action)
    about = {key(one.name): one for one in said}
    described = []
    for column in raw.frame:
        one = about.get(key(str(column)), Described(str(column)))
        described.append(Described(str(column), one.text, one.values, one.stem))
    return SurveyFile(file, raw, described)


def _opened(path: Path, file: DataFile, folder: Path) -> Delivered:
    """The content of a file that the command was given, as no wave file names it yet."""
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        action = "mend the path in the command, from the folder that you stand in"
        raise BadInput(Fault(files.shown(path), "", found, "a file", action))
    return open_delivered(file, folder, f"the wave file of {files.shown(path)}")


def _header_again(raw: Raw) -> bool:
    """Whether the first row holds words in every column where all the others hold numbers."""
    worded = []
    for name in raw.frame:
        texts, places = distinct(raw.frame[name])
        below = [texts[place] for place in np.unique(places[1:]) if place >= 0]
        if below and all(whole_number(text) is not None for text in below):
            first = texts[places[0]] if places[0] >= 0 else ""
            worded.append(bool(first.strip()) and whole_number(first) is None)
    return len(worded) >= _TOLD_BY and all(worded)


# -- text ------------------------------------------------------------------------------------------


def _of_text(delivered: Delivered) -> tuple[DataFile, list[str]]:
    """Encoding, separator and place of the header of a CSV file, and the names in it."""
    encoding = delivered.file.encoding or _encoding(delivered)
    try:
        text = delivered.content.decode(encoding or "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        found = f"text that is not in {encoding}"
        action = "run the command again with another --encoding, as cp1252 or utf-8"
        raise delivered.fault("", found, "text in the encoding that was said", action) from None
    best: tuple[float, str, list[str], int] | None = None
    for separator in SEPARATORS:
        header = _header(text, separator)
        if header and (best is None or header[0] > best[0]):
            best = (header[0], separator, header[1], header[2])
    if best is None:
        expected = "a line with the names of at least two columns, and rows of as many fields"
        action = "export the file again, with a header and a semicolon between the columns"
        raise delivered.fault("", "no header", expected, action)
    _, separator, names, line = best
    told: dict[str, Any] = {"encoding": encoding, "separator": separator}
    if line > 1:
        told["skip_lines"] = line - 1
    return delivered.file.model_copy(update=told), names


def _encoding(delivered: Delivered) -> str | None:
    """The encoding to write in the wave file; None where the file itself says it.

    Raises
    ------
    BadInput : none, or several, of the usual ones give nothing but letters of Swedish texts.
    """
    content = delivered.content
    if any(content.startswith(mark) for mark, _ in MARKS):
        marked = next(name for mark, name in MARKS if content.startswith(mark))
        return None if marked == "utf-8" else "utf-16" if "16" in marked else "utf-32"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    foreign = bytes(sorted(set(content) - set(range(128))))
    fitting = []
    for codec in SINGLE_BYTE:
        letters = set(foreign.decode(codec, errors="replace"))
        if letters <= _LETTERS:
            fitting.append(codec)
    if len(fitting) == 1:
        return codecs.lookup(fitting[0]).name
    found = "text that is not UTF-8, with letters that don't tell which encoding it is in"
    expected = f"one of {listed(SINGLE_BYTE)}"
    action = "run the command again with --encoding cp1252 (Windows), or what it was exported in"
    raise delivered.fault("", found, expected, action)


def _header(text: str, separator: str) -> tuple[float, list[str], int] | None:
    """How well a separator makes a table of a text, the names in its header, and its line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records: list[tuple[int, list[str]]] = []
    begun = 1
    try:
        for record in reader:
            records.append((begun, record))
            begun = reader.line_num + 1
            if len(records) >= _SNIFFED:
                break
    except csv.Error:
        return None
    sizes = Counter(len(record) for _, record in records if len(record) > 1)
    if not sizes:
        return None
    wide, times = max(sizes.items(), key=lambda one: one[0] * one[1])
    for line, record in records[:SEARCHED_LINES]:
        if len(record) == wide and (names := _names(record)):
            return wide * times / len(records), names, line
    return None


def _names(cells: Sequence[Any]) -> list[str] | None:
    """The cells of a row as column names, or None when it can't be a header."""
    names = ["" if cell is None else text_of(cell).strip() for cell in cells]
    filled = [name for name in names if name]
    numbers = sum(name.replace(",", "").replace(".", "").isdigit() for name in filled)
    fits = len(filled) >= 2 and len(set(filled)) == len(filled) and numbers <= len(filled) / 2
    return names if fits and len(filled) >= 0.9 * len(names) else None


# -- Excel -----------------------------------------------------------------------------------------


def _of_workbook(delivered: Delivered) -> tuple[DataFile, list[str], list[Described]]:
    """Which sheet of a workbook holds the answers, and what its other sheets say of them."""
    sheets = sheets_of(delivered, most=SEARCHED_LINES + 20)
    named = delivered.file.sheet
    if named is not None and named not in sheets:
        found, expected = f'no sheet "{named}"', f"one of {listed(sheets)}"
        raise delivered.fault("", found, expected, "run the command again with another --sheet")
    said = of_sheets({title: rows for title, rows in sheets.items() if title != named})
    headers = {title: header for title, rows in sheets.items() if (header := _first_header(rows))}
    told = {key(one.name) for one in said}
    fit = {title: len(told & set(map(key, names))) for title, names in headers.items()}
    answers = [title for title in headers if fit[title] >= 0.5 * len(headers[title])] or [
        title for title in headers if not of_sheets({title: sheets[title]})
    ]
    if named is not None:
        answers = [title for title in headers if title == named]
    if len(answers) != 1:
        found = f"{len(answers)} sheets that can hold the answers: {listed(answers or sheets)}"
        action = f'run the command again with  --sheet "{next(iter(answers or sheets))}"'
        raise delivered.fault("", found, "one sheet with a row per respondent", action)
    others = [title for title in sheets if title != answers[0]]
    said = of_sheets(sheets_of(delivered, only=others)) if others else []
    file = delivered.file
    if len(sheets) > 1:
        file = file.model_copy(update={"sheet": answers[0]})
    return file, headers[answers[0]], said


def _first_header(rows: Sequence[Sequence[Any]]) -> list[str] | None:
    wide = max((sum(cell is not None for cell in row) for row in rows), default=0)
    for row in rows[:SEARCHED_LINES]:
        filled = sum(cell is not None for cell in row)
        if filled >= max(2, 0.9 * wide) and (names := _names(_trimmed(row))):
            return names
    return None


def _trimmed(row: Sequence[Any]) -> list[Any]:
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


# -- a codebook apart from the answers -------------------------------------------------------------


def read_codebook(path: Path) -> list[Described]:
    """What a codebook says of every variable.

    Raises
    ------
    BadInput : it can't be read, or says nothing of any variable.
    """
    known = path.suffix.lower() in FORMATS
    file = DataFile(path=path.name, format=None if known else "csv")
    delivered = _opened(path, file, path.parent)
    if delivered.format == "sav":
        return of_sav(delivered)
    if delivered.format == "excel":
        said = of_sheets(sheets_of(delivered))
    elif delivered.format == "csv":
        file, _ = _of_text(delivered)
        text = delivered.content.decode(file.encoding or "utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=file.separator or ";")
        said = of_sheets({"": list(rows)})
    else:
        said = []
    if not said:
        found = "no table with a column Variabel (or Variable) beside Frågetext, or Kod and Etikett"
        expected = "a codebook: names of variables with questions, and codes with labels"
        action = "name the heads of its columns so, or give the SPSS file with its labels"
        raise delivered.fault("", found, expected, action)
    return said
