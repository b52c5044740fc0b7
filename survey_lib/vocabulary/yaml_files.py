"""Reads a YAML file of ``parameters/`` into plain data that remembers its line numbers.

The file is composed by ruamel.yaml and turned into dicts, lists and scalars here, so that every
fault of a file is found at once and each has its line. Scalars follow YAML 1.2, and stricter:
``no`` is a word, ``16_24`` is a word, ``2024-09-02`` is a date, and ``0114`` is refused because
nobody can know whether a number or a code is meant.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from survey_lib.vocabulary.source import TODO, KeyPath, Source, read_text

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_yaml(path: Path) -> Source:
    """One YAML file. ``data`` is None when it could not be read; then ``faults`` says why."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    source = Source(path)
    text = read_text(source)
    if text is None:
        return source
    try:
        node = _composed(text)
    except MarkedYAMLError as error:
        _note_syntax(error, source)
        return source
    except YAMLError as error:
        position = getattr(error, "position", None)
        place = "" if position is None else f"line {text.count(chr(10), 0, position) + 1}"
        found = getattr(error, "reason", "") or str(error).splitlines()[0]
        source.at(place, found, "YAML", "remove the character that can't be read")
        return source
    if node is None:
        source.at("", "only comments", "parameters", "fill it in or restore it")
        return source
    for number, line in enumerate(text.splitlines(), 1):
        if TODO in line:
            source.hints[number] = line.partition(" # ")[2].strip()
    source.data = _construct(node, (), source, [])
    return source


@lru_cache(maxsize=32)
def _composed(text: str) -> Any:
    """The nodes of a YAML text. Kept, since a process that makes many reports reads the same files
    for each, and reading is most of what opening a report takes."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).compose(text)


_SYNTAX = {
    "'\\t'": ("a tab", "spaces", "replace the tab by spaces"),
    "mapping values are not allowed": (
        "a colon where none can stand",
        "key: value, one per line",
        "quote the text if it holds a colon, or mend the indentation",
    ),
    "quoted scalar": ("a quote that is never closed", "a closing quote", "add the quote"),
    "<block end>": (
        "a line that is indented otherwise than its neighbours",
        "lines that belong together indented alike",
        "mend the indentation of this line or the one above it",
    ),
    "another document": ("a line with ---", "one document per file", "remove the line"),
    "cannot start any token": (
        "a text that starts with a sign YAML keeps for itself",
        "quotes around such a text",
        "quote the text",
    ),
    "expected ',' or": (
        "an open bracket or brace",
        "a comma between values and a bracket at the end",
        "add the comma or the bracket, or quote a text that holds one",
    ),
    "<scalar>": (
        "something after a closed quote or brace, or a wrong indentation",
        "key: value, one per line, indented alike",
        "quote the whole text, or mend the indentation",
    ),
}
"""What YAML's own messages mean to someone who edits a file: found, expected, do this."""


def _note_syntax(error: Any, source: Source) -> None:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    told = " ".join(str(part) for part in (error.context, error.problem) if part)
    for part, explained in _SYNTAX.items():
        if part in told:
            source.at(place, *explained)
            return
    expected = "key: value, one per line, indented alike"
    source.at(place, told, expected, "mend this line or the one above it")


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
            source.listed.add(here)
            source.lines[here] = child.start_mark.line + 1
            items.append(_construct(child, here, source, above))
        return items
    return _scalar(node, path, source)


def _construct_mapping(
    node: Any, path: KeyPath, source: Source, above: list[int]
) -> dict[Any, Any]:
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
                f"line {line}, key {source.key(here)}",
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
    if text == TODO:
        source.left_to_decide(path, key_line or node.start_mark.line + 1)
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
            else f"line {key_line}, key {source.key((*path, text))}"
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
