"""One file of ``parameters/``: where its keys stand, and what is wrong with it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey_lib.faults import Fault
from survey_lib.files import shown

KeyPath = tuple[str | int, ...]

TODO = "TODO"
"""Stands, in a file that the program began, for what only a person can decide."""
DECIDED = "what a person has decided"


@dataclass
class Source:
    """One parameter file: its plain data, the line of every key, and the faults found so far."""

    path: Path
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    listed: set[KeyPath] = field(default_factory=set)  # the paths that are places in a list
    faults: list[Fault] = field(default_factory=list)
    at_fault: set[KeyPath] = field(default_factory=set)  # the keys that a fault was noted at
    lost: set[str] = field(default_factory=set)  # first cells of CSV rows that can't be read
    hints: dict[int, str] = field(default_factory=dict)  # line with a TODO -> its comment
    undecided: set[KeyPath] = field(default_factory=set)  # the keys whose value is TODO

    def place(self, path: KeyPath) -> str:
        """ "line N, key a.b.c" of a key path, or of the nearest key above it that exists."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known)
        parts = [f"line {line}"] if line else []
        if path:
            parts.append(f"key {self.key(path)}")
        return ", ".join(parts)

    def key(self, path: KeyPath) -> str:
        """``("tables", "problems", "indicators", 2)`` as ``tables.problems.indicators[3]``."""
        text = ""
        for depth, part in enumerate(path):
            if isinstance(part, int) and path[: depth + 1] in self.listed:
                text += f"[{part + 1}]"
            else:
                text += f".{part}" if text else str(part)
        return text

    def fault(self, path: KeyPath, found: str, expected: str, action: str) -> None:
        """Notes a fault at a key path."""
        self.at_fault.add(path)
        self.at(self.place(path), found, expected, action)

    def left_to_decide(self, path: KeyPath, line: int, column: str = "") -> None:
        """Notes a TODO; the comment on its line says what is to stand in its place."""
        self.undecided.add(path)
        self.at_fault.add(path)
        what = f"key {self.key(path)}" if path else column
        expected = self.hints.get(line) or DECIDED
        place = f"line {line}" + (f", {what}" if what else "")
        self.at(place, TODO, expected, "write it in the place of TODO")

    def faulty(self, path: KeyPath) -> bool:
        """Whether a fault was noted at a key or below it."""
        return any(told[: len(path)] == path for told in self.at_fault)

    def at(self, place: str, found: str, expected: str, action: str) -> None:
        """Notes a fault at a place that is not a key: a line and column, or "" for the file."""
        self.faults.append(Fault(shown(self.path), place, found, expected, action))


def in_file_order(faults: Iterable[Fault]) -> list[Fault]:
    """Faults of one file by their line; those without a line last, as they were found."""

    def line(fault: Fault) -> float:
        told = re.match(r"line (\d+)", fault.place)
        return int(told[1]) if told else float("inf")

    return sorted(faults, key=line)


def read_text(source: Source) -> str | None:
    """The file's text in composed form (NFC), or None after noting why it can't be read."""
    try:
        raw = source.path.read_bytes()
    except FileNotFoundError:
        source.at("", "no such file", "a file", _look_for(source.path))
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


def _look_for(path: Path) -> str:
    """What to do about a file that isn't there: rename one that is nearly called so, or make it."""
    there = [one.name for one in path.parent.glob("*") if one.is_file()]
    close = difflib.get_close_matches(path.name, there, n=1, cutoff=0.8)
    return f"rename {close[0]}" if close else f"create {path.name} or restore it"
