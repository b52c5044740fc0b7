"""What a person sees while reports are made.

In a terminal one bar with the names of the areas being worked on and the time left; anywhere else
(a log, a pipe) one line per area when it is finished. Both end with the same summary.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

NAMES_SHOWN = 3


class Reporter(AbstractContextManager["Reporter"], Protocol):
    """What ``make_reports`` tells as it goes. ``wave`` is a label and ``name`` an area's name."""

    def preparing(self, wave: str) -> None: ...
    def begin(self, total: int) -> None: ...
    def started(self, name: str) -> None: ...
    def finished(self, name: str, note: str) -> None: ...


def reporter(console: Console) -> Reporter:
    """A bar for a terminal, lines for anything else."""
    return Bar(console) if console.is_terminal else Lines(console)


class _Done(ProgressColumn):
    """``4/11, about 31 s left``: from the mean time so far, since reports are few and alike."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text("")
        done, total = int(task.completed), int(task.total)
        if not done or task.elapsed is None or done == total:
            return Text(f"{done}/{total}")
        left = round(task.elapsed / done * (total - done))
        return Text(f"{done}/{total}, about {duration(left)} left")


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

    def begin(self, total: int) -> None:
        self._progress.reset(self._task, total=total, description="")

    def started(self, name: str) -> None:
        self._running.append(name)
        self._show()

    def finished(self, name: str, note: str) -> None:
        if name in self._running:
            self._running.remove(name)
        if note:
            self._progress.console.print(f"{escape(name)}: {escape(note)}")
        self._progress.advance(self._task)
        self._show()

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

    def begin(self, total: int) -> None:
        self._total = total

    def started(self, name: str) -> None:
        return None

    def finished(self, name: str, note: str) -> None:
        self._done += 1
        self._print(f"[{self._done}/{self._total}] {name}{': ' if note else ''}{note}")

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
