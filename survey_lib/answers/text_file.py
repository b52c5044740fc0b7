"""CSV of every kind into texts. Rows end with CR, LF or both; quoted fields may hold separators and
line ends. A row that doesn't fit the header is a fault with its number, never skipped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from survey_lib.answers.delivered import Delivered
from survey_lib.answers.encoding import line_ends, to_utf8
from survey_lib.answers.header import Header, header_of_text
from survey_lib.answers.raw import Raw, positions
from survey_lib.faults import BadInput, Fault

if TYPE_CHECKING:
    import pyarrow

_MOST_ROWS = 20  # torn rows told one by one


def read_text_file(delivered: Delivered, wanted: Iterable[str]) -> Raw:
    """The wanted columns of a CSV file.

    Raises
    ------
    BadInput
        Unknown encoding, no header with the wanted names, two possible separators, rows that have
        more or fewer fields than the header (each by its number), a quotation mark never closed.
    """
    content = to_utf8(delivered)
    header = header_of_text(delivered, content, wanted)
    read = positions(header.names, wanted)
    body = _without_notes(content[header.end :], header)
    if body.count(b'"') % 2:
        _check_quotes(delivered, body, header)
    table = _parsed(delivered, body, header, read) if body.strip() else None
    if table is not None and b'"' in body and table.num_rows < line_ends(body):
        _check_quotes(delivered, body, header)
    columns: dict[str, pd.Categorical] = {}
    for k in read:
        values = _categorical(table.column(f"c{k}")) if table else pd.Categorical([])
        columns.setdefault(header.names[k], values)
    rows = table.num_rows if table else 0
    frame = pd.DataFrame(columns, index=pd.RangeIndex(1, rows + 1), copy=False)
    return Raw(delivered.shown, header.names, frame)


def _without_notes(body: bytes, header: Header) -> bytes:
    """The rows without notes below them: lines after a blank one that hold no separator at all, and
    so can't be rows. Quoted lines are left for the parser."""
    last = body.rfind(header.separator.encode("ascii"))
    lines = body[max(last, 0) :].splitlines(keepends=True)
    below = lines[1:]
    if (
        len(header.names) < 2
        or last < 0
        or not below
        or below[0].strip()
        or b'"' in b"".join(lines)
    ):
        return body
    return body[: last + len(lines[0])]


def _parsed(
    delivered: Delivered, body: bytes, header: Header, read: Sequence[int]
) -> pyarrow.Table:
    """All rows, each wanted column as one dictionary of texts. Torn rows are looked for only when
    the quick way stops at one."""
    import pyarrow

    try:
        return _parse(body, header, read, quick=True, torn=[])
    except pyarrow.ArrowInvalid:
        pass
    torn: list[Any] = []
    try:
        _parse(body, header, read, quick=False, torn=torn)
    except pyarrow.ArrowInvalid:
        if not torn:
            found = "a field longer than any answer; a quotation mark is probably never closed"
            action = "mend the quotation marks, or export the file again"
            raise delivered.fault("", found, "rows of fields", action) from None
    faults = [
        Fault(
            delivered.shown,
            f"data row {row.number}",
            f"{row.actual_columns} fields",
            f"{row.expected_columns} fields, as the header on line {header.line}",
            "mend the row (quote a text that holds the separator), or export the file again",
        )
        for row in torn
    ]
    if len(faults) > _MOST_ROWS:
        more = f"{len(faults) - _MOST_ROWS} more data rows that do not fit the header"
        rest = Fault(delivered.shown, "", more, "rows as the header", "mend or export again")
        faults = [*faults[:_MOST_ROWS], rest]
    raise BadInput(faults)


def _parse(
    body: bytes, header: Header, read: Sequence[int], *, quick: bool, torn: list[Any]
) -> pyarrow.Table:
    import pyarrow
    from pyarrow import csv as arrow_csv

    texts = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    names = [f"c{k}" for k in range(len(header.names))]
    wanted = [f"c{k}" for k in read]

    def note(row: Any) -> str:
        torn.append(row)
        return "skip"

    table = arrow_csv.read_csv(
        pyarrow.BufferReader(body),
        read_options=arrow_csv.ReadOptions(column_names=names, use_threads=quick),
        parse_options=arrow_csv.ParseOptions(
            delimiter=header.separator,
            newlines_in_values=b'"' in body,
            invalid_row_handler=None if quick else note,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, texts),
            include_columns=wanted,
            strings_can_be_null=False,
        ),
    )
    return table.unify_dictionaries().combine_chunks()


def _categorical(column: pyarrow.ChunkedArray) -> pd.Categorical:
    values = column.chunk(0)
    categories = pd.Index(values.dictionary.to_pylist(), dtype="str")
    return pd.Categorical.from_codes(values.indices.to_numpy(), categories=categories)


def _check_quotes(delivered: Delivered, body: bytes, header: Header) -> None:
    """Find a quotation mark that swallows the lines after it: never closed, or closed by the one
    that should open another field. A row over several lines is else a text with line ends in it."""
    text = io.StringIO(body.decode("utf-8"), newline="")
    reader = csv.reader(text, delimiter=header.separator, strict=True)
    row, found = 1, "a quotation mark that is opened and never closed"
    while True:
        line = reader.line_num
        try:
            row += bool(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            if "expected after" in str(error):  # a letter after a closing mark
                if reader.line_num == line + 1:
                    row += 1
                    continue
                found = "a quoted text over several lines with more after its closing mark"
            action = "mend the quotation marks in or above this row, or export the file again"
            raise delivered.fault(f"data row {row}", found, "pairs around texts", action) from None
