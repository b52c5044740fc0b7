"""Reads one file of ``parameters/`` into plain data that remembers its line numbers.

YAML is composed by ruamel.yaml and turned into dicts, lists and scalars here, so that every fault
of a file is found at once and each has its line. Scalars follow YAML 1.2, and stricter: ``no`` is
a word, ``16_24`` is a word, ``2024-09-02`` is a date, and ``0114`` is refused because nobody can
know whether a number or a code is meant. CSV is UTF-8 with semicolons, with or without a byte
order mark.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from survey_lib.faults import Fault

KeyPath = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def shown(path: Path) -> str:
    """The path as a person would write it: from the working directory where possible."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def key_path(path: KeyPath) -> str:
    """``("tables", "problems", "indicators", 2)`` as ``tables.problems.indicators[3]``."""
    text = ""
    for part in path:
        if isinstance(part, int) and not isinstance(part, bool) and text:
            text += f"[{part + 1}]" if part >= 0 else ""
        else:
            text += f".{part}" if text else str(part)
    return text


@dataclass
class Source:
    """One parameter file: its plain data, the line of every key, and the faults found so far."""

    path: Path
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: KeyPath) -> str:
        """ "line N, key a.b.c" of a key path, or of the nearest key above it that exists."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known)
        parts = [f"line {line}"] if line else []
        if path:
            parts.append(f"key {key_path(path)}")
        return ", ".join(parts)

    def fault(self, path: KeyPath, found: str, expected: str, action: str) -> None:
        """Notes a fault at a key path."""
        self.at(self.place(path), found, expected, action)

    def at(self, place: str, found: str, expected: str, action: str) -> None:
        """Notes a fault at a place that is not a key: a line and column, or "" for the file."""
        self.faults.append(Fault(shown(self.path), place, found, expected, action))


def read_text(source: Source) -> str | None:
    """The file's text in composed form (NFC), or None after noting why it can't be read."""
    try:
        raw = source.path.read_bytes()
    except FileNotFoundError:
        source.at("", "no such file", "a file", f"create {source.path.name} or restore it")
        return None
    except OSError as error:
        source.at(
            "",
            f"can't be read: {error.strerror}",
            "a readable file",
            "close it or check its rights",
        )
        return None
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        source.at("", "text in UTF-16", "text in UTF-8", "save the file again with encoding UTF-8")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        source.at(
            f"line {line}",
            f"byte {raw[error.start]:#04x}, which is not UTF-8 (the file is probably Windows-1252)",
            "text in UTF-8",
            "save the file again with encoding UTF-8 (in Excel: CSV UTF-8)",
        )
        return None
    if not text.strip():
        source.at("", "an empty file", "parameters", "fill it in or restore it")
        return None
    return unicodedata.normalize("NFC", text)


def read_yaml(path: Path) -> Source:
    """One YAML file. ``data`` is None when it could not be read; then ``faults`` says why."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    source = Source(path)
    text = read_text(source)
    if text is None:
        return source
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        found = " ".join(str(part) for part in (error.context, error.problem) if part)
        source.at(
            place,
            found,
            "YAML: indented with spaces, 'key: value'",
            "mend this line or the one above it",
        )
        return source
    except YAMLError as error:
        source.at("", str(error).splitlines()[0], "YAML", "remove the character that can't be read")
        return source
    if node is None:
        source.at("", "only comments", "parameters", "fill it in or restore it")
        return source
    source.data = _construct(node, (), source, [])
    return source


def _construct(node: Any, path: KeyPath, source: Source, above: list[int]) -> Any:
    """Plain data of a YAML node; notes the line of each key and every duplicate on the way."""
    if id(node) in above:
        source.fault(path, "an alias that contains itself", "a value", "write the value out")
        return None
    above = [*above, id(node)]
    if node.id == "mapping":
        return _construct_mapping(node, path, source, above)
    if node.id == "sequence":
        items = []
        for index, child in enumerate(node.value):
            here = (*path, index)
            source.lines[here] = child.start_mark.line + 1
            items.append(_construct(child, here, source, above))
        return items
    return _scalar(node, path, source)


def _construct_mapping(node: Any, path: KeyPath, source: Source, above: list[int]) -> dict:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if key_node.id != "scalar":
            line = key_node.start_mark.line + 1
            source.at(
                f"line {line}",
                "a list or map as a key",
                "a word",
                "quote texts that start with { or [",
            )
            continue
        line = key_node.start_mark.line + 1
        key = _scalar(key_node, path, source, line)
        here = (*path, key)
        if key in result:
            source.at(
                f"line {line}, key {key_path(here)}",
                f"the key {key} again (first on line {source.lines[here]})",
                "each key once",
                "remove one of the two",
            )
            continue
        source.lines[here] = line
        result[key] = _construct(value_node, here, source, above)
    return result


def _scalar(node: Any, path: KeyPath, source: Source, key_line: int | None = None) -> Any:
    """The value of a scalar; only plain (unquoted) ones can be anything but text."""
    text = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _LEADING_ZERO.fullmatch(text):
        place = (
            source.place(path)
            if key_line is None
            else f"line {key_line}, key {key_path((*path, text))}"
        )
        source.at(
            place,
            f"{text} without quotes",
            "a code in quotes, or a number without leading zeros",
            f'write "{text}" if it is a code',
        )
        return text
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            source.fault(
                path, f"{text}, a date that does not exist", "a date as 2024-09-02", "mend the date"
            )
            return date(1, 1, 1)
    return text


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
                source.at(
                    f"line {reader.line_num}",
                    f"{len(record)} columns",
                    f"{len(header)} columns",
                    "add or remove semicolons; quote a text that holds one",
                )
                continue
            cells = {name: cell.strip() for name, cell in zip(header, record, strict=True)}
            rows.append(CsvRow(reader.line_num, cells))
    except csv.Error as error:
        source.at(f"line {reader.line_num}", str(error), "rows of cells", "close the open quote")
    if not rows and not source.faults:
        source.at("", "a header and no rows", "one row per area", "fill it in or restore it")
    return source, header, rows
