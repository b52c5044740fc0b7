"""Where a table begins: the line that holds the column names which the wave asks for.

Authorities put titles, dates and blank lines above their header. The names that the wave file (or
the questionnaire) gives the columns tell which line it is, and what separates the names in it;
neither can be wrong, because in another line or with another separator the names aren't there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from survey_lib.answers.delivered import Delivered
from survey_lib.answers.matching import plain
from survey_lib.answers.raw import text_of

SEPARATORS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "vertical bar"}
SEARCHED_LINES = 40  # how far down a header is looked for
_HEAD = 1 << 20  # bytes that surely hold those lines


@dataclass(frozen=True)
class Header:
    """The column names, where they stand, and how many of them the wave asks for.

    ``line`` counts from 1; ``end`` is where the rows begin, a byte in a text and a line elsewhere.
    """

    names: tuple[str, ...]
    line: int
    end: int
    found: int
    separator: str = ""


def header_of_text(delivered: Delivered, content: bytes, wanted: Iterable[str]) -> Header:
    """The header of a CSV file in UTF-8.

    Raises
    ------
    BadInput
        No line has any of the wanted names, or two separators do equally well.
    """
    keys, file = frozenset(map(plain, wanted)), delivered.file
    named = tuple(SEPARATORS) if file.separator is None else (file.separator,)
    candidates = list(_lines_of_text(content, keys, file.skip_lines, named))
    if not any(one.found for one in candidates):
        _check_settings(delivered, list(_lines_of_text(content, keys, None, tuple(SEPARATORS))))
    best = _first_best(delivered, candidates)
    same = [one for one in candidates if (one.line, one.found) == (best.line, best.found)]
    if len({one.names for one in same}) > 1:
        found = "column names parted by " + " or ".join(SEPARATORS[one.separator] for one in same)
        action = delivered.write(f'separator: "{best.separator}"'.replace("\t", "\\t"))
        raise delivered.fault(f"line {best.line}", found, "one separator", action)
    return best


def header_of_rows(
    delivered: Delivered, rows: Sequence[Sequence[Any]], wanted: Iterable[str]
) -> Header:
    """The header of a sheet, given its first rows."""
    keys = frozenset(map(plain, wanted))
    skip = delivered.file.skip_lines
    candidates = []
    for number, row in enumerate(rows):
        names = tuple("" if cell is None else text_of(cell).strip() for cell in row)
        if any(names) and (skip is None or number >= skip):
            candidates.append(Header(names, number + 1, number + 1, _hits(names, keys)))
            if skip is not None:
                break
    return _first_best(delivered, candidates)


def header_of_names(delivered: Delivered, names: Sequence[str], wanted: Iterable[str]) -> Header:
    """The header of a file that knows its own column names."""
    found = _hits(names, frozenset(map(plain, wanted)))
    return _first_best(delivered, [Header(tuple(names), 1, 1, found)])


def _hits(names: Iterable[str], wanted: frozenset[str]) -> int:
    return len({plain(name) for name in names} & wanted)


def _first_best(delivered: Delivered, candidates: Sequence[Header]) -> Header:
    best = max(candidates, key=lambda one: one.found, default=None)  # the first of equals
    if best is not None and best.found:
        return best
    sizes = (
        f" (line {candidates[0].line} has {len(candidates[0].names)} fields)" if candidates else ""
    )
    raise delivered.fault(
        "",
        f"no column name that the wave asks for{sizes}",
        "a header line with the names of the wave's columns",
        f"check in {delivered.wave_file} the column: of each variable, and under file: "
        "skip_lines: (lines above the header) and separator:",
    )


def _check_settings(delivered: Delivered, candidates: Sequence[Header]) -> None:
    """Nothing found with what the wave file says: say so if other settings find the header."""
    best = max(candidates, key=lambda one: one.found, default=None)
    if best is None or not best.found:
        return
    lines = []
    if delivered.file.separator not in (None, best.separator):
        lines.append('separator: "{}"'.format(best.separator.replace("\t", "\\t")))
    if delivered.file.skip_lines not in (None, best.line - 1):
        lines.append(f"skip_lines: {best.line - 1}")
    raise delivered.fault(
        f"line {best.line}",
        f"the header, with a {SEPARATORS[best.separator]} between the names",
        "separator: and skip_lines: as the wave file says",
        delivered.write("  and  ".join(lines)),
    )


def _lines_of_text(
    content: bytes, keys: frozenset[str], skip: int | None, separators: Sequence[str]
) -> Iterator[Header]:
    lines = content[:_HEAD].splitlines(keepends=True)
    start, last = (0, SEARCHED_LINES) if skip is None else (skip, skip + SEARCHED_LINES)
    offset = sum(map(len, lines[:start]))
    for number in range(start, min(last, len(lines))):
        if lines[number].strip():
            for separator in separators:
                names, taken = _names(lines[number:], separator)
                end = offset + sum(map(len, lines[number : number + taken]))
                yield Header(names, number + 1, end, _hits(names, keys), separator)
            if skip is not None:
                return
        offset += len(lines[number])


def _names(lines: Sequence[bytes], separator: str) -> tuple[tuple[str, ...], int]:
    """The fields of a line, and how many lines they take (a quoted name may hold line ends)."""
    decoded = (line.decode("utf-8", errors="replace") for line in lines)
    reader = csv.reader(decoded, delimiter=separator)
    try:
        names = next(reader)
    except (csv.Error, StopIteration):
        return (), 1
    return tuple(name.strip() for name in names), reader.line_num
