"""What a person sees while reports are made, and what a machine reads.

In a terminal one bar with the names of the areas being worked on and the time left; anywhere else
(a log, a pipe) one line per area when it is finished; for machines one JSON object per line on
stdout, or nothing.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from survey_lib.batch.made import Outcome

Log = Literal["people", "json", "quiet"]  # whom a run tells how it goes
NAMES_SHOWN = 3
HELD = (
    "held against the published tables: {pages} pages made now; {waves} waves against each other; "
    "tried by subtraction: {questions} questions and variables"
)


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """What ``make_reports`` tells as it goes.

    ``wave`` is a label, ``total`` the number of pages to make and ``unchanged`` of those that are
    as they would be made; ``key`` and ``name`` are an area's; ``seconds`` what its page took;
    ``pages`` were held against the published tables before they were written, and the tables of
    ``waves`` against each other.
    """

    def preparing(self, wave: str) -> None: ...
    def begin(self, total: int, unchanged: int) -> None: ...
    def started(self, key: str, name: str) -> None: ...
    def finished(self, outcome: Outcome, seconds: float) -> None: ...
    def held(self, pages: int, waves: int, questions: int) -> None: ...


def reporter(console: Console, log: Log = "people") -> Reporter:
    """For people a bar in a terminal and lines in anything else; for machines what they asked."""
    if log == "json":
        return JsonLines()
    if log == "quiet":
        return Quiet()
    return Bar(console) if console.is_terminal else Lines(console)


def seconds_left(elapsed: float, done: int, total: int) -> float | None:
    """From the mean time so far, since reports are many or alike; None before the first."""
    return elapsed / done * (total - done) if done else None


class _Done(ProgressColumn):
    """``4/11, 1 failed, about 31 s left``."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text("")
        done, total = int(task.completed), int(task.total)
        parts = [f"{done}/{total}"]
        if failed := task.fields.get("failed"):
            parts.append(f"{failed} failed")
        left = seconds_left(task.elapsed or 0, done, total)
        if left is not None and done < total:
            parts.append(f"about {duration(round(left))} left")
        return Text(", ".join(parts))


def duration(seconds: int) -> str:
    """``31 s``, ``2 min``, ``1 h 5 min``."""
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class Bar(Reporter):
    """``Angered, Centrum ━━━━━━╸━━━━ 4/11, about 31 s left``, and a line for what went wrong."""

    def __init__(self, console: Console) -> None:
        self._running: list[str] = []
        self._failed = 0
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            _Done(),
            console=console,
            transient=True,
        )

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def preparing(self, wave: str) -> None:
        self._task = self._progress.add_task(f"Preparing {escape(wave)}", total=None)

    def begin(self, total: int, unchanged: int) -> None:
        if unchanged:
            self._progress.console.print(f"{unchanged} unchanged since they were made")
        self._progress.reset(self._task, total=total, description="")

    def started(self, key: str, name: str) -> None:
        self._running.append(name)
        self._show()

    def finished(self, outcome: Outcome, seconds: float) -> None:
        if outcome.name in self._running:
            self._running.remove(outcome.name)
        if outcome.reason:
            self._failed += 1
            self._progress.console.print(f"{escape(outcome.name)}: {escape(outcome.reason)}")
        self._progress.update(self._task, failed=self._failed)
        self._progress.advance(self._task)
        self._show()

    def held(self, pages: int, waves: int, questions: int) -> None:
        self._progress.console.print(HELD.format(pages=pages, waves=waves, questions=questions))

    def _show(self) -> None:
        names = ", ".join(self._running[:NAMES_SHOWN])
        more = len(self._running) - NAMES_SHOWN
        text = f"{names} and {more} more" if more > 0 else names
        self._progress.update(self._task, description=escape(text))


class Lines(Reporter):
    """``[4/11] Angered``, with a note when something is to be said about it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._done = 0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def preparing(self, wave: str) -> None:
        self._print(f"Preparing {wave}")

    def begin(self, total: int, unchanged: int) -> None:
        self._total = total
        if unchanged:
            self._print(f"{unchanged} unchanged since they were made")

    def started(self, key: str, name: str) -> None:
        return None

    def finished(self, outcome: Outcome, seconds: float) -> None:
        self._done += 1
        note = f": {outcome.reason}" if outcome.reason else ""
        self._print(f"[{self._done}/{self._total}] {outcome.name}{note}")

    def held(self, pages: int, waves: int, questions: int) -> None:
        self._print(HELD.format(pages=pages, waves=waves, questions=questions))

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class JsonLines(Reporter):
    """An object per line on stdout: ``event`` and what it says, with ``seconds`` since the start.

    ``preparing`` (wave), ``begin`` (total, unchanged), ``started`` (area), ``finished`` (area,
    state, reason, page_seconds, done, failed, running, total, seconds_left), ``held`` (pages,
    waves, questions), and at the end ``done`` or ``stopped`` (why) with the counts.
    """

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._making = 0.0
        self._total = 0
        self._running = 0
        self._states: Counter[str] = Counter()

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._tell("done", **self._counts())
        else:
            self._tell("stopped", why=f"{kind.__name__}: {problem}".rstrip(": "), **self._counts())

    def preparing(self, wave: str) -> None:
        self._tell("preparing", wave=wave)

    def begin(self, total: int, unchanged: int) -> None:
        self._total, self._making = total, time.monotonic()
        self._tell("begin", total=total, unchanged=unchanged)

    def started(self, key: str, name: str) -> None:
        self._running += 1
        self._tell("started", area=key, name=name)

    def finished(self, outcome: Outcome, seconds: float) -> None:
        self._running -= 1
        self._states[outcome.state] += 1
        done = self._states.total()
        left = seconds_left(time.monotonic() - self._making, done, self._total)
        self._tell(
            "finished",
            area=outcome.key,
            state=outcome.state,
            reason=outcome.reason,
            page_seconds=round(seconds, 2),
            seconds_left=round(left or 0, 1),
            **self._counts(),
        )

    def held(self, pages: int, waves: int, questions: int) -> None:
        self._tell("held", pages=pages, waves=waves, questions=questions)

    def _counts(self) -> dict[str, int]:
        done, failed = self._states.total(), self._states["failed"]
        return {"done": done, "failed": failed, "running": self._running, "total": self._total}

    def _tell(self, event: str, **facts: Any) -> None:
        told = {"event": event, "seconds": round(time.monotonic() - self._begun, 2), **facts}
        print(json.dumps(told, ensure_ascii=False), flush=True)


class Quiet(Reporter):
    """Nothing: the exit code says how it went, and stderr what was wrong."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def preparing(self, wave: str) -> None:
        return None

    def begin(self, total: int, unchanged: int) -> None:
        return None

    def started(self, key: str, name: str) -> None:
        return None

    def finished(self, outcome: Outcome, seconds: float) -> None:
        return None

    def held(self, pages: int, waves: int, questions: int) -> None:
        return None
