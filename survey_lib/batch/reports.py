"""The main job: a wave prepared once, a report per area, an index; what fails alone fails alone.

Files are written here only, one by one as they are finished and each whole or not at all, so that a
run may be stopped at any moment. ``areas.json`` in the wave's folder remembers every area's state,
so that a run for one area leaves the index complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from survey_lib.batch import short_pages
from survey_lib.batch.execution import Job, Run, run
from survey_lib.batch.notebook_parameters import checked_values, declared_parameters
from survey_lib.batch.progress import Reporter
from survey_lib.batch.workers import Died, Failed, results
from survey_lib.faults import BadInput
from survey_lib.files import find_upwards, name_from, write_text
from survey_lib.rendering.page import Page
from survey_lib.selection import Selection

if TYPE_CHECKING:
    from survey_lib.publish import Published
    from survey_lib.vocabulary import Parameters

AREA_NOTEBOOK, WAVE_NOTEBOOK = "2_stadsdel.ipynb", "1_underlag.ipynb"
WAVE_PAGE = "underlag"
INDEX, STATES = "index.html", "areas.json"
DEMO = "DEMO_"  # made-up answers say so in the file's name

State = Literal["ready", "failed", "no_survey"]


@dataclass(frozen=True)
class Outcome:
    """What became of one area (or of the page about the whole wave).

    ``page`` is the file's name, None when none could be written; ``reason`` says why a report
    failed; ``respondents`` is None where the number is unknown or not shown.
    """

    key: str
    name: str
    state: State
    page: str | None
    reason: str = ""
    respondents: int | None = None


def make_reports(
    parameters: Parameters,
    selection: Selection,
    *,
    output: Path,
    workers: int,
    reporter: Reporter,
    prepare: Callable[[Parameters, str, str | None, Path], Published] | None = None,
    work: Callable[[Job], Run] = run,
) -> list[Outcome]:
    """Reports for the selected areas, the page about the wave, and the wave's index.

    Parameters
    ----------
    output : the ``reports`` folder; everything goes to ``<output>/<wave>/``.
    workers : processes at a time.
    prepare, work : what prepares a wave and what runs a notebook, replaceable in tests.

    Returns
    -------
    one outcome per area in the selection's order, after that of the page about the wave.

    Raises
    ------
    BadInput : the wave can't be prepared, or a notebook doesn't declare what it is given. What goes
        wrong with one area is in its outcome instead.
    """
    if prepare is None:
        from survey_lib.pipeline import prepare
    published = prepare(parameters, selection.wave, selection.compare_with, output)
    batch = _Batch(parameters, selection, output, published)
    jobs = batch.jobs()
    outcomes = [batch.write_no_survey(area) for area in batch.not_asked]
    try:
        with reporter:
            reporter.begin(len(jobs))
            for job, result in results(jobs, work, workers, lambda job: reporter.started(job.name)):
                outcomes.append(batch.write(job, result))
                reporter.finished(job.name, outcomes[-1].reason)
    finally:
        batch.write_index(outcomes)
    order = {key: place for place, key in enumerate([WAVE_PAGE, *selection.areas])}
    return sorted(outcomes, key=lambda outcome: order[outcome.key])


class _Batch:
    """The fixed facts of one run: where things lie, what pages have in common."""

    def __init__(
        self, parameters: Parameters, selection: Selection, output: Path, published: Published
    ) -> None:
        self.parameters = parameters
        self.selection = selection
        self.wave = parameters.waves[selection.wave]
        self.output = output
        self.folder = output / selection.wave
        self.notebooks = self.folder / "notebooks"
        self.notebooks.mkdir(parents=True, exist_ok=True)
        answered = published.areas.set_index("area")
        self.respondents = answered["n"].dropna().astype(int).to_dict()
        asked = answered["sampling"].ne("").to_dict()
        self.not_asked = [area for area in selection.areas if not asked.get(area, True)]

    def jobs(self) -> list[Job]:
        """The page about the wave, then the areas that were asked."""
        common = {
            "wave": self.selection.wave,
            "parameters": name_from(self.notebooks, self.parameters.folder),
            "reports": name_from(self.notebooks, self.output),
        }
        words = "Underlag"
        jobs = [self._job(WAVE_NOTEBOOK, WAVE_PAGE, words, WAVE_PAGE, common)]
        for area in self.selection.areas:
            if area not in self.not_asked:
                values = {"area": area, "compare_with": self.selection.compare_with or ""}
                name, stem = self.parameters.areas.name(area), self.parameters.areas.slug(area)
                jobs.append(self._job(AREA_NOTEBOOK, area, name, stem, common | values))
        return jobs

    def _job(self, notebook: str, key: str, name: str, stem: str, values: dict[str, Any]) -> Job:
        source = notebook_file(notebook, self.parameters.folder)
        return Job(
            key=key,
            name=name,
            stem=self._stem(stem),
            notebook=source,
            parameters=checked_values(values, declared_parameters(source), source),
            folder=self.notebooks.resolve(),
            page=self._page(name),
        )

    def _stem(self, stem: str) -> str:
        return f"{DEMO if self.wave.demo else ''}{stem}"

    def _page(self, name: str) -> Page:
        reports = self.parameters.reports
        return Page(
            title=name,
            survey=f"{reports.title} {self.wave.label}",
            publisher=reports.publisher,
            home=(INDEX, "Alla rapporter"),
            demo=self.wave.demo,
        )

    def write(self, job: Job, result: Run | Failed | Died) -> Outcome:
        """Write what a job gave: its page and notebook, or the page that says why there is none."""
        reason, notebook = "", None
        page = self.folder / f"{job.stem}.html"
        try:
            if isinstance(result, Run):
                notebook = self.notebooks / f"{job.stem}.ipynb"
                write_text(notebook, result.notebook)
            if isinstance(result, Run) and result.page is not None:
                write_text(page, result.page)
            else:
                reason = short_pages.reason_in_words(_error(result))
                address = notebook.relative_to(self.folder).as_posix() if notebook else None
                write_text(page, short_pages.failed(job.page, reason, address))
        except BadInput as problem:
            return Outcome(job.key, job.name, "failed", None, str(problem))
        state: State = "failed" if reason else "ready"
        n = self.respondents.get(job.key)
        return Outcome(job.key, job.name, state, page.name, reason, n)

    def write_no_survey(self, area: str) -> Outcome:
        """The page of an area that this wave didn't ask."""
        name = self.parameters.areas.name(area)
        level = self.parameters.areas.levels[self.parameters.areas.level_of(area)]
        page = self.folder / f"{self._stem(self.parameters.areas.slug(area))}.html"
        text = short_pages.no_survey(self._page(name), level.definite, self.wave.label)
        try:
            write_text(page, text)
        except BadInput as problem:
            return Outcome(area, name, "failed", None, str(problem))
        return Outcome(area, name, "no_survey", page.name)

    def write_index(self, outcomes: Sequence[Outcome]) -> None:
        """The wave's front page, over this run's areas and those of earlier runs still there."""
        from survey_lib.rendering.index import IndexRow, render_index

        states = {outcome.key: outcome for outcome in self._remembered()}
        states |= {outcome.key: outcome for outcome in outcomes}
        areas = self.parameters.areas
        levels = list(areas.levels)
        order = {
            area: place
            for place, area in enumerate(
                area for level in levels for area in areas.of_level(level) if area in states
            )
        }
        shown = [states[area] for area in order]
        rows = [IndexRow(o.key, o.name, o.page, o.state, o.reason, o.respondents) for o in shown]
        page = render_index(self.wave.label, rows, demo=self.wave.demo)
        write_text(self.folder / INDEX, page)
        record = {outcome.key: asdict(outcome) for outcome in states.values()}
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
        write_text(self.folder / STATES, text + "\n")

    def _remembered(self) -> list[Outcome]:
        try:
            record = json.loads((self.folder / STATES).read_text(encoding="utf-8"))
            outcomes = [Outcome(**entry) for entry in record.values()]
        except (OSError, ValueError, TypeError, AttributeError):
            return []  # none yet, or of another version: the index then shows this run's areas
        there = [o for o in outcomes if o.page and (self.folder / o.page).is_file()]
        return [o for o in there if o.key in self.parameters.areas.areas or o.key == WAVE_PAGE]


def _error(result: Run | Failed | Died) -> str:
    if isinstance(result, Died):
        return f"processen avslutades (slutkod {result.exit_code}), kanske tog minnet slut"
    return result.error or ""


def notebook_file(name: str, parameters: Path) -> Path:
    """A notebook of the project: in a ``notebooks`` folder beside the parameters or above them, so
    that an office may have its own; else the one that came with this library."""
    wanted = Path("notebooks") / name
    found = find_upwards(wanted, parameters)
    return found if found.is_file() else Path(__file__).parents[2] / wanted
