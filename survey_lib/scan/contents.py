"""What a file says, whatever its kind: pieces of text, and tables row by row.

Text is taken from everywhere: source, attributes, comments, properties, pictures inside pages, data
inside notebooks. Each piece knows where it stands, so that a finding can be pointed at.
"""

from __future__ import annotations

import base64
import binascii
import csv
import html
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote_to_bytes

import pandas as pd

from survey_lib.fingerprints import BREAK

_DATA = re.compile(  # base64 may stand in lines, all but the last of them long
    r"data:([\w/+.-]+)(?:;[\w=-]+)*?(?:"
    r"(;base64),\s*((?:[A-Za-z0-9+/]{60,}\s+)*[A-Za-z0-9+/=%_-]*)|,([^\"<>\s]*))"
)
_PATHS = [  # of drawings: each begins with what is quickly looked for
    re.compile(rf" {name}=\"[MLHVCSQTAZmlhvcsqtaz0-9eE+.,\s-]*\"") for name in ("d", "points")
]
_FLAT, _TAG = re.compile(r"<[^<>\n]*>"), re.compile(r"<[^<>]*>")
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
_ROW = re.compile(r"<tr\b.*?(?=<tr\b|</table|</tbody|</thead|$)", re.DOTALL | re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)(?=</t[dh]>|<t[dh]\b|$)", re.DOTALL | re.IGNORECASE)
_SHEET_ROW = re.compile(r"<row\b.*?</row>", re.DOTALL)
_SHEET_CELL = re.compile(
    r"<c\b([^>]*)>(?:<f\b[^>]*>([^<]*)</f>)?(?:<v\s*/>|<v>([^<]*)</v>|<is>(.*?)</is>)", re.DOTALL
)
_PRINTED = re.compile(r"&amp;(?:[A-Z]|\d+|&quot;[^<]*?&quot;)")  # how a header looks
_RUNS = re.compile(  # a word may begin in one way of writing and end in another
    rb"</((?:w:)?)t>\s*</\1r>\s*<\1r\b[^>]*>(?:\s*<\1rPr\b(?:[^>]*/>|.*?</\1rPr>))?\s*<\1t\b[^>]*>",
    re.DOTALL,
)
_LOOKS = re.compile(
    r"(^|/)(theme/.*|(styles|stylesWithEffects|fontTable|numbering)\.xml)$"
)  # no words
_MARKUP = (".html", ".htm", ".svg", ".xml", ".rels")
_ZIPPED = (".xlsx", ".xlsm", ".docx", ".odt", ".zip")


@dataclass(frozen=True)
class Text:
    """A piece of text; ``lines``: line numbers in it mean something."""

    place: str
    text: str
    lines: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells as texts."""

    place: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Frame:
    """A table with typed columns."""

    place: str
    frame: pd.DataFrame


Piece = Text | Table | Frame


def contents(name: str, content: bytes, place: str = "") -> Iterator[Piece]:
    """All that a file of this name says. A damaged file says what can be read of it as text."""
    ending = PurePosixPath(name).suffix.lower()
    try:
        if ending in (".ipynb", ".json"):
            yield from _data(json.loads(content), place)
        elif ending == ".parquet" or content[:4] == b"PAR1":
            yield from _frame(content, place)
        elif ending in _ZIPPED or content[:4] == b"PK\x03\x04":
            yield from _archive(content, place)
        elif ending == ".png" or content[:8] == b"\x89PNG\r\n\x1a\n":
            yield from _png(content, place)
        elif ending == ".pdf" or content[:5] == b"%PDF-":
            from survey_lib.scan.pdf_text import texts

            for where, text in texts(content):
                yield Text(_in(place, where), text)
        else:
            yield from _text(content.decode("utf-8", errors="replace"), ending, place)
    except (ValueError, OSError, zipfile.BadZipFile, struct.error, zlib.error, KeyError):
        yield Text(_in(place, "as it stands"), content.decode("utf-8", errors="replace"))


def _text(text: str, ending: str, place: str) -> Iterator[Piece]:
    if ending in _MARKUP:
        yield from _markup(text, place)
        return
    yield Text(place, text, lines=True)
    lines = text.splitlines()
    sign = next((one for one in ";\t,|" if lines and lines[0].count(one) >= 2), None)
    if ending in (".csv", ".tsv", ".tab") and sign:
        yield Table(place, list(csv.reader(lines, delimiter=sign)))


def _markup(source: str, place: str) -> Iterator[Piece]:
    found: list[re.Match[str]] = []

    def taken(one: re.Match[str]) -> str:
        found.append(one)
        return " "

    source = _DATA.sub(taken, source)
    for number, one in enumerate(found, start=1):
        kind, coded, data, spelt = one.groups()
        try:
            inside = base64.b64decode(data) if coded else unquote_to_bytes(html.unescape(spelt))
        except (binascii.Error, ValueError):
            continue
        ending = {"image/svg+xml": ".svg", "image/png": ".png"}.get(kind, ".txt")
        yield from contents(f"x{ending}", inside, _in(place, f"picture {number}"))
    for path in _PATHS:
        source = path.sub(" ", source)
    for number, table in enumerate(_TABLE.findall(source), start=1):
        rows = [[_plain(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(table)]
        yield Table(_in(place, f"table {number}"), rows)
    source = source.replace("<!--", " ").replace("-->", " ")
    tags = BREAK.join(dict.fromkeys(_TAG.findall(source)))  # most stand there many times
    yield Text(place, html.unescape(_plain_lines(source)), lines=True)
    yield Text(_in(place, "an attribute"), html.unescape(tags))


def _plain_lines(source: str) -> str:
    return _TAG.sub(lambda tag: " " + "\n" * tag[0].count("\n"), _FLAT.sub(" ", source))


def _plain(source: str) -> str:
    if "<" in source:
        source = _TAG.sub(" ", source)
    return html.unescape(source).strip()


def _in(place: str, inside: str) -> str:
    return f"{place}, {inside}" if place else inside


# -- JSON and notebooks ---------------------------------------------------------------------------


def _data(value: Any, place: str) -> Iterator[Piece]:
    """A notebook cell by cell, other data by what stands at the top."""
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        for number, cell in enumerate(value["cells"], start=1):
            yield from _value(cell, _in(place, f"cell {number}"))
        yield from _value({k: v for k, v in value.items() if k != "cells"}, place)
    else:
        yield from _value(value, place)


def _value(value: Any, place: str) -> Iterator[Piece]:
    said: list[str] = []
    yield from _walk(value, place, said)
    yield Text(place, f" {BREAK} ".join(said))


def _walk(value: Any, place: str, said: list[str]) -> Iterator[Piece]:
    if isinstance(value, dict):
        for key, one in value.items():
            said.append(str(key))
            if key in ("image/png", "image/jpeg") and isinstance(one, str):
                yield from _encoded(one, place)
            else:
                yield from _walk(one, place, said)
        columns = [one for one in value.values() if isinstance(one, list | dict) and len(one) > 1]
        if len(columns) == len(value) > 2 and len({len(one) for one in columns}) == 1:
            cells = [list(c.values() if isinstance(c, dict) else c) for c in columns]
            table = [[str(cell) for cell in row] for row in zip(*cells, strict=True)]
            yield Table(place, [list(value), *table])
    elif isinstance(value, list):
        if value and all(isinstance(one, str) for one in value):
            yield from _walk("".join(value) if value[0].endswith("\n") else BREAK.join(value),
                             place, said)  # fmt: skip
            return
        for one in value:
            yield from _walk(one, place, said)
        if len(value) > 1 and all(isinstance(one, dict) for one in value):
            rows = [[str(cell) for cell in one.values()] for one in value]
            yield Table(place, [list(value[0]), *rows])
        elif len(value) > 1 and all(isinstance(one, list) for one in value):
            yield Table(place, [[str(cell) for cell in one] for one in value])
    elif isinstance(value, str) and "<" in value and ">" in value:
        yield from _markup(value, place)
    elif isinstance(value, str):
        said.append(value)
    elif value is not None:
        said.append(str(value))


def _encoded(data: str, place: str) -> Iterator[Piece]:
    try:
        yield from contents("", base64.b64decode(data), _in(place, "a picture"))
    except (binascii.Error, ValueError):
        yield Text(place, data)


# -- binary files ---------------------------------------------------------------------------------


def _png(content: bytes, place: str) -> Iterator[Piece]:
    """What is written in a picture's properties, and after its end."""
    at, said = 8, []
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + size]
        if kind not in (b"IDAT", b"IHDR", b"PLTE", b"pHYs", b"sRGB", b"gAMA", b"tRNS", b"IEND"):
            said.append(_chunk(kind, data))
        at += 12 + size
        if kind == b"IEND":
            said.append(content[at:].decode("utf-8", errors="replace"))
            break
    yield Text(_in(place, "properties"), f" {BREAK} ".join(said))


def _chunk(kind: bytes, data: bytes) -> str:
    if kind == b"zTXt":
        keyword, _, packed = data.partition(b"\0")
        return keyword.decode("latin-1") + " " + zlib.decompress(packed[1:]).decode("latin-1")
    if kind == b"iTXt":
        keyword, _, rest = data.partition(b"\0")
        text = rest[2:].split(b"\0", 2)[-1]
        text = zlib.decompress(text) if rest[:1] == b"\1" else text
        return keyword.decode("latin-1") + " " + text.decode("utf-8", errors="replace")
    return data.replace(b"\0", b" ").decode("latin-1" if kind == b"tEXt" else "utf-8", "replace")


def _archive(content: bytes, place: str) -> Iterator[Piece]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        yield Text(_in(place, "names of parts"), f" {BREAK} ".join(names))
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            source = _RUNS.sub(b"", archive.read("xl/sharedStrings.xml")).decode("utf-8")
            shared = [_plain(one) for one in re.findall(r"<si>.*?</si>", source, re.DOTALL)]
        for name in names:
            inside = _RUNS.sub(b"", archive.read(name))
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                yield from _sheet(inside.decode("utf-8"), shared, _in(place, name))
            elif name == "xl/sharedStrings.xml":
                yield Text(_in(place, name), f" {BREAK} ".join(shared))
            elif not _LOOKS.search(name):
                yield from contents(name, inside, _in(place, name))


def _sheet(source: str, shared: list[str], place: str) -> Iterator[Piece]:
    rows = []
    for row in _SHEET_ROW.findall(source):
        cells = []
        for attributes, formula, value, inline in _SHEET_CELL.findall(row):
            if 't="s"' in attributes and value.isdigit() and int(value) < len(shared):
                value = shared[int(value)]
            cells.append(_plain(inline) if inline else html.unescape(f"{formula} {value}".strip()))
        rows.append(cells)
    yield Table(place, rows)
    lines = [f" {BREAK} ".join(row) for row in rows]
    rest = _PRINTED.sub(" ", _SHEET_ROW.sub(" ", source))
    around = _plain_lines(rest) + BREAK.join(dict.fromkeys(_TAG.findall(rest)))
    yield Text(place, "\n".join([*lines, BREAK, html.unescape(around)]), lines=True)


def _frame(content: bytes, place: str) -> Iterator[Piece]:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content))
    said = [one.decode("utf-8", "replace") for one in (table.schema.metadata or {}).values()]
    yield Text(_in(place, "properties"), f" {BREAK} ".join(said))
    frame = table.to_pandas(ignore_metadata=True)
    yield Frame(place, frame)
    for number, (name, column) in enumerate(frame.items(), start=1):
        if pd.api.types.is_bool_dtype(column):
            continue
        values = column.dropna()
        values = (values.astype(str) if values.dtype == object else values).unique()
        if pd.api.types.is_float_dtype(column):
            values = [int(one) for one in values if abs(one) >= 1e6 and float(one).is_integer()]
        said = [str(name), *map(str, values)]
        yield Text(_in(place, f"column {number}"), f" {BREAK} ".join(said))
