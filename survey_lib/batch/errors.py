"""What is told of an error: its kind, and where in the code, never what it says.

The message of an exception may quote a value that the code was working on, and so a respondent's
answer. Only :class:`~survey_lib.faults.BadInput` is written by us, without such values
(:mod:`survey_lib.faults`), and is told whole.
"""

from __future__ import annotations

import re

OURS = "BadInput"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FRAMES = (
    re.compile(r'^\s*File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<name>[\w.<>]+)'),
    re.compile(r"^File (?P<file>[^\n]+?):(?P<line>\d+)(?:, in (?P<name>[\w.<>]+))?"),
    re.compile(r"^(?P<file>Cell In ?\[\d+\]), line (?P<line>\d+)()"),
)
_LIBRARY = re.compile(r"(?:.*[\\/])?(survey_lib[\\/].*)")


def frames(traceback: str) -> list[str]:
    """Where a traceback went through: file, line and function, in our code or a notebook's cell."""
    found = []
    for line in _COLOURS.sub("", traceback).splitlines():
        one = next((match for frame in _FRAMES if (match := frame.match(line))), None)
        if one is None:
            continue
        file, name = one["file"].strip(), one.groupdict().get("name")
        ours = _LIBRARY.fullmatch(file)
        if ours or file.startswith("Cell In"):
            place = f"{ours[1] if ours else file}, line {one['line']}"
            found.append(f"{place}, in {name}" if name else place)
    return found


def told(kind: str, message: str, traceback: str) -> str:
    """An error in one line: ``KeyError (survey_lib/report/results.py, line 120, in themes)``."""
    if kind == OURS:
        return f"{kind}: {message}"
    places = frames(traceback)
    return f"{kind} ({places[-1]})" if places else kind


def told_of(problem: BaseException) -> str:
    """The same of an exception that is at hand."""
    from traceback import format_tb

    return told(type(problem).__name__, str(problem), "".join(format_tb(problem.__traceback__)))
