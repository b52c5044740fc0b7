"""The main job: a wave prepared once, a report per area, an index; what fails alone fails alone.

Files are written here only, each whole or not at all, and each page's record after its files
(:mod:`.made`), so that a run may be stopped or killed at any moment: the same command does the
rest. A page whose inputs haven't changed since it was made isn't made again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib.audit import agreement, audit, other_stores, stores
from survey_lib.batch import cluster
from survey_lib.batch.errors import told, told_of
from survey_lib.batch.execution import Job, Run, run, without_paths
from survey_lib.batch.from_store import (
    failed_page,
    front_page,
    joint_files,
    message_page,
    no_report,
    to_write_in,
)
from survey_lib.batch.held import run_held
from survey_lib.batch.made import Outcome, Record, State, read_record, read_records, write_made
from survey_lib.batch.plan import INDEX, Plan
from survey_lib.batch.progress import Reporter
from survey_lib.export import beside
from survey_lib.faults import BadInput, Fault
from survey_lib.files import clear_unfinished, make_folder, shown, write_text
from survey_lib.locking import only_run
from survey_lib.publish import FOLDER
from survey_lib.rendering.pdf import find_browser
from survey_lib.scan import in_swedish
from survey_lib.selection import Selection
from survey_lib.workers import Died, Failed, Limits, Stopped, results

if TYPE_CHECKING:
    import pandas as pd

    from survey_lib.publish import Published
    from survey_lib.rendering.page import Page
    from survey_lib.scan import Scanner
    from survey_lib.vocabulary import Parameters

CHANGED = (
    "Parametrarna eller arbetsböckerna ändrades medan rapporterna gjordes. Kör samma kommando igen."
)
DIED = "Programmet som gjorde rapporten avslutades{how}, kanske för att minnet tog slut."
OVER = {
    "seconds": "Rapporten tog mer än {limit} minuter att göra och avbröts.",
    "gigabytes": "Rapporten behövde mer än {limit} GB minne och avbröts.",
}
LOADED = "survey_lib.batch.loaded"  # what workers are copies of
KEPT_BACK = "Rapporten publiceras inte: filen {file} innehåller {what} ({where})."
DIFFERING = "ett tal eller en markering som de publicerade tabellerna inte har där"
UNEXPECTED = "Ett oväntat fel i programmet: "
BAD_INPUT = (
    "Parametrarna eller tabellerna som rapporten görs av har fel som behöver rättas. Programmet "
    "skriver vilka när kommandot körs."
)


def make_reports(
    parameters: Parameters,
    selection: Selection,
    *,
    output: Path,
    workers: int,
    reporter: Reporter,
    pdf: bool = False,
    cluster_at: str = "",
    only: str = "",
    prepare: Callable[[Parameters, str, str | None, Path], Published] | None = None,
    work: Callable[[Job], Run] | None = None,
    scanner: Callable[[Parameters, Path], Scanner] | None = None,
) -> list[Outcome]:
    """Reports for the selected areas, the pages about the wave, and the wave's index.

    Parameters
    ----------
    output : the ``reports`` folder; everything goes to ``<output>/<wave>/``.
    workers : processes at a time.
    pdf : print every report as PDF too.
    cluster_at : address of a cluster that makes the reports; "" for this computer.
    only : the key of the one page to make; "" for all pages of the selection.
    prepare, work : what prepares a wave and what runs a notebook, replaceable in tests. Nothing is
        held against the store then.
    scanner : what searches every file for respondents before it is written; left out, the
        pipeline's, or none beside a replaced ``prepare``.

    Returns
    -------
    the outcomes of the pages about the wave, then those of each area in the selection's order.

    Raises
    ------
    BadInput : hidden values can be worked out of the published tables, before a page is made or
        when all are; the wave can't be prepared, a notebook doesn't declare what it is given,
        there is no browser to print PDF, or no usable cluster. What goes wrong with one area is in
        its outcome instead.
    """
    browser = find_browser() if pdf else ""
    holding = prepare is None and work is None
    work = work or (run_held if holding else run)
    if prepare is None:
        from survey_lib import pipeline

        prepare, scanner = pipeline.prepare, scanner or pipeline.scanner
    connected = cluster.reach(cluster_at, workers) if cluster_at else nullcontext()
    with reporter, only_run(output), connected as client:
        reporter.preparing(parameters.waves[selection.wave].label)
        published = prepare(parameters, selection.wave, selection.compare_with, output)
        searching = scanner(parameters, output) if scanner else None
        plan = Plan(parameters, selection, output, published, browser, only, searching)
        waves = _waves_agreeing(plan) if holding else 0
        before = plan.found_now()
        make_folder(plan.notebooks)
        clear_unfinished(plan.folder)
        outcomes, left = _made_before(plan)
        jobs = [job for job in plan.jobs() if job.key in left]
        reporter.begin(len(jobs), len(outcomes))
        try:
            outcomes += [_write_no_survey(plan, area) for area in plan.not_asked if area in left]
            finished = _results(plan, jobs, work, workers, client, reporter)
            with closing(finished):
                for job, result, seconds in finished:
                    outcomes.append(_write(plan, job, result, before))
                    reporter.finished(outcomes[-1], seconds)
            if holding:
                made = [one for one in outcomes if one.key in left and one.state == "ready"]
                reporter.held(len(made), waves, _audited(plan))
        finally:
            write_index(plan, outcomes)
    order = {key: place for place, key in enumerate(plan.keys)}
    return sorted(outcomes, key=lambda outcome: order[outcome.key])


def _waves_agreeing(plan: Plan) -> int:
    """The number of waves with published tables, this one's held against the others'.

    Raises
    ------
    BadInput : one of them says what another hides.
    """
    wave = plan.wave.id
    published = {wave: plan.published, **other_stores(plan.output, wave)}
    _refuse(plan, agreement(published, plan.parameters))
    return len(published)


def _audited(plan: Plan) -> int:
    """The number of questions and variables tried by subtraction in the tables as they lie there
    when all pages are made, which is what readers have, beside the other waves' tables.

    Raises
    ------
    BadInput : a hidden value can be worked out, or one table says what another hides.
    """
    found = audit(stores(plan.folder), plan.parameters, of=[plan.wave.id])
    _refuse(plan, found.findings)
    return found.subtraction


def _refuse(plan: Plan, findings: pd.DataFrame) -> None:
    """Bad input of what an audit found, if it found anything."""
    faults = [
        Fault(
            shown(plan.output / row.wave / FOLDER),
            " ".join(filter(None, [row.table, row.area, row.group, row.category])),
            row.finding,
            "tables of all waves that hide the same",
            f"make these tables again: trygg prepare --wave {row.wave}",
        )
        for row in findings.itertuples()
    ]
    if faults:
        raise BadInput(faults)


def _made_before(plan: Plan) -> tuple[list[Outcome], set[str]]:
    """The outcomes of pages that are as this run would make them, and the keys of all others."""
    made, left = [], set()
    for key in plan.keys:
        record = read_record(plan.folder, plan.stem(key))
        if record and record.outcome and _is_made(plan, key, record):
            made.append(record.outcome)
        else:
            left.add(key)
    return made, left


def _is_made(plan: Plan, key: str, record: Record) -> bool:
    printed = not plan.browser or key in plan.not_asked or record.browser == plan.browser
    return printed and record.inputs == plan.inputs(key) and record.holds(plan.folder)


def _results(
    plan: Plan,
    jobs: Sequence[Job],
    work: Callable[[Job], Run],
    workers: int,
    client: Any,
    reporter: Reporter,
) -> Generator[tuple[Job, Any, float], None, None]:
    """What comes of the jobs here or on a cluster, with the seconds that each took."""
    begun: dict[str, float] = {}
    spec = plan.parameters.reports.limits
    limits = Limits(60 * spec.minutes, spec.gigabytes)

    def started(job: Job) -> None:
        begun[job.key] = time.monotonic()
        reporter.started(job.key, job.name)

    if client is None:
        finished = results(jobs, work, workers, started, limits, LOADED)
    else:
        files = cluster.luggage(plan.parameters, plan.folder / FOLDER)
        finished = cluster.results(client, files, jobs, work, started, limits)
    with closing(finished):
        for job, result in finished:
            yield job, result, time.monotonic() - begun[job.key]


def _write(plan: Plan, job: Job, result: Run | Failed | Died | Stopped, before: str) -> Outcome:
    """Write what a job gave: its page and notebook, or the page that says why there is none.
    ``before``: what notebooks read, when the run began."""
    page, notebook = beside.page_name(job.stem), f"{plan.notebooks.name}/{job.stem}.ipynb"
    content, reason, unprinted = {}, without_paths(_reason(result), job.folder), ""
    if plan.found_now() != before:
        reason = CHANGED
    elif isinstance(result, Run):
        content, unprinted = result.files(job), result.unprinted
        if result.differs:
            content, reason = {}, reason or _differing(result.differs)
        try:
            if page in content:
                content |= joint_files(plan, job.key) | to_write_in(plan, job.key)
        except Exception as problem:  # one area's fault is one area's fault
            content = {}
            reason = reason or without_paths(UNEXPECTED + told_of(problem), job.folder)
    if reason:
        links = [(notebook, "Arbetsboken där det tog stopp")] if notebook in content else []
        around = replace(job.page, summary="")
        content[page] = message_page(around, failed_page(reason), links=links)
    content, kept_back = _searched(plan, job.page, job.stem, content)
    reason = kept_back or reason or unprinted
    outcome = Outcome(job.key, job.name, "failed" if reason else "ready", page, reason)
    record = Record(outcome, plan.inputs(job.key), browser=plan.browser)
    return write_made(plan.folder, job.stem, content, record)


def _differing(differs: Sequence[tuple[str, str, str]]) -> str:
    """Why what a notebook gave is kept back: where it says what the store doesn't, a line for each
    place."""
    return "\n".join(
        KEPT_BACK.format(file=file, what=DIFFERING, where=in_swedish(place))
        for file, place, _ in differs
    )


def _searched(
    plan: Plan, page: Page, stem: str, content: dict[str, bytes]
) -> tuple[dict[str, bytes], str]:
    """The files as they are and "", or when one of them holds anything of a respondent, a page
    instead that says where, and what it says."""
    hits = plan.scanner.scan_all(content) if plan.scanner else []
    if not hits:
        return content, ""
    reason = KEPT_BACK.format(file=hits[0].file, what=hits[0].found, where=hits[0].where)
    message = message_page(replace(page, summary=""), failed_page(reason))
    return {beside.page_name(stem): message}, reason


def _write_no_survey(plan: Plan, area: str) -> Outcome:
    """Write the page of an area that this wave didn't ask."""
    stem, reason = plan.stem(area), ""
    page = beside.page_name(stem)
    try:
        content = no_report(plan, area)
    except Exception as problem:  # one area's fault is one area's fault
        reason = without_paths(UNEXPECTED + told_of(problem), plan.notebooks)
        content = {page: message_page(plan.page(area), failed_page(reason))}
    content, kept_back = _searched(plan, plan.page(area), stem, content)
    reason = kept_back or reason
    state: State = "failed" if reason else "no_survey"
    outcome = Outcome(area, plan.name(area), state, page, reason)
    return write_made(plan.folder, stem, content, Record(outcome, plan.inputs(area)))


def _reason(result: Run | Failed | Died | Stopped) -> str:
    """Why there is no report, "" when there is one. The first line is for readers, in Swedish; what
    bad input says of itself, for those who run the program, stands after it. A fault of ours is
    called so."""
    if isinstance(result, Died):
        how = "" if result.exit_code is None else f" (slutkod {result.exit_code})"
        return DIED.format(how=how)
    if isinstance(result, Stopped):
        limit = result.limit / 60 if result.what == "seconds" else result.limit
        return OVER[result.what].format(limit=f"{limit:g}".replace(".", ","))
    if result.error is None:
        return ""
    kind, _, text = result.error.partition(": ")
    if kind == "DeadKernelError":
        return DIED.format(how="")
    if kind == "BadInput":
        return f"{BAD_INPUT}\n{text}"
    return UNEXPECTED + (told(kind, "", result.traceback) if isinstance(result, Failed) else
                         result.error)  # fmt: skip


def write_index(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """The wave's front page, over this run's areas and those of earlier runs whose pages are still
    there."""
    states = _remembered(plan) | {outcome.key: outcome for outcome in outcomes}
    page = front_page(plan, states)
    if hits := plan.scanner.scan(INDEX, page) if plan.scanner else []:
        reason = KEPT_BACK.format(file=INDEX, what=hits[0].found, where=hits[0].where)
        around = replace(plan.page(beside.WAVE_PAGE), title=plan.wave.label, home=None)
        page = message_page(around, failed_page(reason))
    write_text(plan.folder / INDEX, page.decode("utf-8"))


def _remembered(plan: Plan) -> dict[str, Outcome]:
    """The outcomes of earlier runs whose pages are still there, by key."""
    found = [record.outcome for record in read_records(plan.folder)]
    return {
        one.key: one for one in found if one and one.page and (plan.folder / one.page).is_file()
    }
