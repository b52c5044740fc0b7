"""The main job: a wave prepared once, a report per area, an index; what fails alone fails alone.

Files are written here only, one by one as they are finished and each whole or not at all, so that a
run may be stopped at any moment. ``areas.json`` in the wave's folder remembers every area's state,
so that a run for one area leaves the index complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from survey_lib.batch import cluster
from survey_lib.batch.execution import Job, Run, run, without_paths
from survey_lib.batch.index_rows import index_rows
from survey_lib.batch.plan import INDEX, Plan
from survey_lib.batch.progress import Reporter
from survey_lib.batch.workers import Died, Failed, results
from survey_lib.export import beside, joint_csv, joint_json
from survey_lib.export.sheets import sheets_of
from survey_lib.export.workbook import workbook
from survey_lib.faults import BadInput
from survey_lib.files import make_folder, write_text
from survey_lib.publish import FOLDER
from survey_lib.rendering.index import (
    failed,
    no_survey,
    render_index,
    render_message_page,
)
from survey_lib.rendering.pdf import find_browser
from survey_lib.report.area_report import NoReport
from survey_lib.report.results import PROBLEMS, Results
from survey_lib.selection import Selection

if TYPE_CHECKING:
    from survey_lib.publish import Published
    from survey_lib.vocabulary import Parameters

STATES = "areas.json"

State = Literal["ready", "failed", "no_survey"]


@dataclass(frozen=True)
class Outcome:
    """What became of one area, or of the page about the whole wave.

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
    pdf: bool = False,
    cluster_at: str = "",
    prepare: Callable[[Parameters, str, str | None, Path], Published] | None = None,
    work: Callable[[Job], Run] = run,
) -> list[Outcome]:
    """Reports for the selected areas, the page about the wave, and the wave's index.

    Parameters
    ----------
    output : the ``reports`` folder; everything goes to ``<output>/<wave>/``.
    workers : processes at a time.
    pdf : print every report as PDF too.
    cluster_at : address of a cluster that makes the reports; "" for this computer.
    prepare, work : what prepares a wave and what runs a notebook, replaceable in tests.

    Returns
    -------
    the outcome of the page about the wave, then one per area in the selection's order.

    Raises
    ------
    BadInput : the wave can't be prepared, a notebook doesn't declare what it is given, there is
        no browser to print PDF, or no usable cluster. What goes wrong with one area is in its
        outcome instead.
    """
    browser = find_browser() if pdf else ""
    if prepare is None:
        from survey_lib import pipeline

        prepare = pipeline.prepare
    connected = cluster.reach(cluster_at, workers) if cluster_at else nullcontext()
    with reporter, connected as client:
        reporter.preparing(parameters.waves[selection.wave].label)
        published = prepare(parameters, selection.wave, selection.compare_with, output)
        plan = Plan(parameters, selection, output, published, browser)
        make_folder(plan.notebooks)
        jobs = plan.jobs()
        outcomes = [_write_no_survey(plan, area) for area in plan.not_asked]
        reporter.begin(len(jobs))

        def started(job: Job) -> None:
            reporter.started(job.name)

        if client is None:
            finished = results(jobs, work, workers, started)
        else:
            files = cluster.luggage(parameters, plan.folder / FOLDER)
            finished = cluster.results(client, files, jobs, work, started)
        try:
            with closing(finished):
                for job, result in finished:
                    outcomes.append(_write(plan, job, result))
                    reporter.finished(job.name, outcomes[-1].reason)
        finally:
            write_index(plan, outcomes)
    order = {key: place for place, key in enumerate([beside.WAVE_PAGE, *selection.areas])}
    return sorted(outcomes, key=lambda outcome: order[outcome.key])


def _write(plan: Plan, job: Job, result: Run | Failed | Died) -> Outcome:
    """Write what a job gave: its page and notebook, or the page that says why there is none."""
    page, notebook = plan.folder / f"{job.stem}.html", plan.notebooks / f"{job.stem}.ipynb"
    reason = without_paths(_reason(result), job.folder)
    links = []
    before = page.read_text(encoding="utf-8") if page.is_file() else None
    try:
        if isinstance(result, Run):
            write_text(notebook, result.notebook)
            links = [(f"{plan.notebooks.name}/{notebook.name}", "Arbetsboken där det tog stopp")]
        if isinstance(result, Run) and result.page is not None:
            write_text(page, result.page)
        else:
            message = render_message_page(
                paragraphs=failed(reason), links=links, **vars(job.page) | {"summary": ""}
            )
            write_text(page, message)
    except BadInput as problem:
        return Outcome(job.key, job.name, "failed", None, str(problem))
    if not reason and isinstance(result, Run):
        printed = None if result.page == before and not result.pdf else result.pdf
        reason = _write_beside(plan, job.key, result.pictures, result.workbook, printed)
        reason = reason or result.unprinted
    state: State = "failed" if reason else "ready"
    return Outcome(job.key, job.name, state, page.name, reason, plan.respondents.get(job.key))


def _write_no_survey(plan: Plan, area: str) -> Outcome:
    """The page of an area that this wave didn't ask."""
    areas, wave = plan.parameters.areas, plan.wave
    place = areas.levels[areas.level_of(area)].definite
    page = plan.folder / f"{plan.stem(area)}.html"
    report = NoReport(Results(plan.parameters, plan.published, area))
    external = report.external
    page_of_none = replace(plan.page(area), facts=())  # its source is the survey
    text = render_message_page(
        paragraphs=no_survey(place, wave.label, plan.last_asked(area), bool(wave.pools)),
        body=replace(external, parts=[*external.parts, report.files]).html(),
        **vars(page_of_none),
    )
    tables = sheets_of(external)
    book = workbook(report.heading.cover, tables) if tables else b""
    try:
        write_text(page, text)
    except BadInput as problem:
        return Outcome(area, plan.name(area), "failed", None, str(problem))
    if reason := _write_beside(plan, area, {}, book, b""):
        return Outcome(area, plan.name(area), "failed", page.name, reason)
    return Outcome(area, plan.name(area), "no_survey", page.name)


def _write_beside(
    plan: Plan, key: str, pictures: Mapping[str, bytes], book: bytes, printed: bytes | None
) -> str:
    """What lies beside a page: its tables as a workbook, itself as PDF (None leaves an earlier one,
    of the same page), its charts for slides and, of an area, the table for the joint picture. What
    kept them from being written, or ""."""
    stem = plan.stem(key)
    try:
        beside.write_or_remove(plan.folder / beside.workbook_name(stem), book)
        if printed is not None:
            beside.write_or_remove(plan.folder / beside.pdf_name(stem), printed)
        beside.write_pictures(plan.folder / beside.pictures_name(stem), pictures)
        if key != beside.WAVE_PAGE and PROBLEMS in plan.parameters.tables.tables:
            results = Results(plan.parameters, plan.published, key)
            content = joint_csv(results.joint), joint_json(results.joint, results.words)
            for name, text in zip(beside.joint_names(stem), content, strict=True):
                beside.write_changed(plan.folder / name, text)
    except BadInput as problem:
        return str(problem)
    return ""


def _reason(result: Run | Failed | Died) -> str:
    """Why there is no report, "" when there is one. Bad input explains itself; a fault of ours is
    called so."""
    if isinstance(result, Died):
        return (
            f"Programmet som gjorde rapporten avslutades (slutkod {result.exit_code}), kanske för "
            "att minnet tog slut."
        )
    if result.error is None:
        return ""
    kind, _, text = result.error.partition(": ")
    return text if kind == "BadInput" else f"Ett oväntat fel i programmet: {result.error}"


def write_index(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """The wave's front page, over this run's areas and those of earlier runs whose pages are still
    there, and the record that the next run reads."""
    states = {outcome.key: outcome for outcome in [*_remembered(plan), *outcomes]}
    reports, wave = plan.parameters.reports, plan.wave
    text = render_index(
        wave.label,
        index_rows(plan, states),
        title=reports.title,
        publisher=reports.publisher,
        fieldwork=None if wave.pools else wave.fieldwork,
        facts=(("Källa", wave.source),),
        demo=wave.demo,
    )
    write_text(plan.folder / INDEX, text)
    record = {key: asdict(outcome) for key, outcome in states.items()}
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    write_text(plan.folder / STATES, text + "\n")


def _remembered(plan: Plan) -> list[Outcome]:
    """The outcomes of earlier runs whose pages are still there."""
    try:
        record = json.loads((plan.folder / STATES).read_text(encoding="utf-8"))
        outcomes = [Outcome(**entry) for entry in record.values()]
    except (OSError, ValueError, TypeError, AttributeError):
        return []  # none yet, or written by another version: the index shows this run's areas
    return [o for o in outcomes if o.page is not None and (plan.folder / o.page).is_file()]
