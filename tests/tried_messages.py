"""Every message about bad input is tried: a pytest plugin that notes which ones a run has made.

A *site* is a place in ``survey_lib`` where a fault is worded: a call of ``Fault``, or of one of the
small functions that fill in a part of it (:data:`MAKERS`). Each fault that a test makes, in the
test's own process, marks the sites that it came through. When the whole suite has run and nothing
failed, a site that no test came through makes the run fail; they are listed below its results.

What each message must say is told where it is tried: ``test_bad_input.py`` (delivered files,
parameters, the command line), ``vocabulary_faults.yaml``, ``partners_faults.yaml`` and
``promises_faults.yaml`` (every rule of the parameters), and beside what can go wrong elsewhere.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

LIBRARY = Path(__file__).parent.parent / "survey_lib"
MAKERS = {"Fault", "fault", "_fault", "note", "note_wave", "recipe_fault"}

Line = tuple[str, int]
_made: set[Line] = set()
_of_workers: set[Line] = set()
_left: list[str] = []


def sites(folder: Path = LIBRARY) -> Iterator[tuple[str, int, int, str]]:
    """File, first and last line, and the function of every site."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        for call in [one for one in ast.walk(tree) if isinstance(one, ast.Call)]:
            called = call.func
            word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if word in MAKERS:
                around = [f for f in defined if f.lineno <= call.lineno <= (f.end_lineno or 0)]
                function = max(around, key=lambda f: f.lineno).name if around else ""
                yield name, call.lineno, call.end_lineno or call.lineno, function


def untried(made: Iterable[Line], folder: Path = LIBRARY) -> list[str]:
    """The sites that no fault came through."""
    lines: dict[str, set[int]] = {}
    for file, line in made:
        lines.setdefault(file, set()).add(line)
    return [
        f"{file}: {function} (line {first})"
        for file, first, last, function in sites(folder)
        if not lines.get(file, set()) & set(range(first, last + 1))
    ]


def note() -> None:
    """Mark the lines of this library through which a fault is being made."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(str(LIBRARY)):
            _made.add((Path(path).relative_to(LIBRARY).as_posix(), frame.f_lineno))
        frame = frame.f_back


def pytest_configure(config: pytest.Config) -> None:
    from survey_lib.faults import Fault

    made = Fault.__init__

    def noted(self: Fault, *parts: str, **named: str) -> None:
        note()
        made(self, *parts, **named)

    Fault.__init__ = noted  # type: ignore[method-assign]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: Any) -> None:
    """On the process that spreads the tests: what one of its workers has made."""
    _of_workers.update(
        (file, line) for file, line in getattr(node, "workeroutput", {}).get("f", ())
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Runs on each worker, then, when all of them have ended, on the process that spreads the
    tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["f"] = sorted(_made)
    elif session.exitstatus == pytest.ExitCode.OK and _is_whole(session.config):
        _left.extend(untried(_made | _of_workers))
        if _left:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config: pytest.Config) -> bool:
    """Whether all tests but evidence were asked for."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return whole and config.option.markexpr == "not evidence"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for one in _left:
        told = f"FAILED: no test makes the message of survey_lib/{one}"
        terminalreporter.write_line(told, red=True)
