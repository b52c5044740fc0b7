"""A wave prepared from a notebook: what is being done is shown in the cell while it lasts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from time import monotonic
from typing import Any

from survey_lib import pipeline
from survey_lib.publish import Published
from survey_lib.vocabulary import Parameters

DOING = {
    pipeline.ESTIMATE: "läser, rensar, väger och skattar svaren {wave}",
    pipeline.INSIDE: "prövar skillnader inom områdena {wave}",
    pipeline.COMPARE: "jämför {wave} med tidigare undersökningar",
    pipeline.PROTECT: "skyddar små grupper {wave}",
    pipeline.AUDIT: "försöker räkna ut dolda värden {wave}",
}
BEGUN = "Undersökningen {wave} förbereds, vilket görs en gång och kan ta några minuter."
NOW = "Steg {number} av högst {most}: {doing} ({seconds} s har gått)."


def prepare(parameters: Parameters, wave: str, compare_with: str | None, output: Path) -> Published:
    """As :func:`survey_lib.pipeline.prepare`."""
    with _shown(parameters):
        return pipeline.prepare(parameters, wave, compare_with, output)


def prepare_as_published(
    parameters: Parameters, wave: str, compare_with: str | None, output: Path
) -> Published:
    """As :func:`survey_lib.pipeline.prepare_as_published`."""
    with _shown(parameters):
        return pipeline.prepare_as_published(parameters, wave, compare_with, output)


@contextmanager
def _shown(parameters: Parameters) -> Iterator[None]:
    """Show in the running cell, if there is one, what the pipeline tells that it does."""
    log = logging.getLogger(pipeline.__name__)
    line, level = _Line(parameters), log.level
    log.addHandler(line)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.setLevel(level)
        log.removeHandler(line)
        line.clear()


class _Line(logging.Handler):
    """One line in a notebook, written anew at each step and gone at the end."""

    def __init__(self, parameters: Parameters):
        super().__init__(logging.INFO)
        self.parameters, self.begun, self.number, self.most = parameters, monotonic(), 0, 0
        self.begins, self.place = "", None

    def emit(self, record: logging.LogRecord) -> None:
        step, wave, *most = map(str, record.args if isinstance(record.args, tuple) else ())
        label = self.parameters.waves[wave].label
        if step == pipeline.BEGIN:
            self.begins, self.most = BEGUN.format(wave=label), int(most[0])
            return
        self.number += 1
        now = NOW.format(
            number=self.number,
            most=self.most,
            doing=DOING[step].format(wave=label),
            seconds=round(monotonic() - self.begun),
        )
        self._write(f"<p>{escape(self.begins)} {escape(now)}</p>")

    def clear(self) -> None:
        """Take the line away again."""
        if self.place is not None:
            self._write("")

    def _write(self, html: str) -> None:
        from IPython import get_ipython
        from IPython.display import HTML, display

        if get_ipython() is None:
            return
        place: Any = self.place
        if place is None:
            self.place = display(HTML(html), display_id=True)
        else:
            place.update(HTML(html))
