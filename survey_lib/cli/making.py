"""Commands that make reports and tables: ``reports``, ``prepare``, ``export``, ``reproduce``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from survey_lib import platforms
from survey_lib.cli.ending import SOME_FAILED, plainly
from survey_lib.cli.options import (
    CompareWith,
    Debug,
    Folder,
    Output,
    Wave,
    output_folder,
    read_parameters,
)
from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown

if TYPE_CHECKING:
    from rich.console import Console

    from survey_lib.batch.reports import Outcome


def reports(
    areas: Annotated[
        list[str] | None,
        typer.Argument(metavar="AREA", help="Ids as in areas.csv. Default: all areas."),
    ] = None,
    wave: Wave = None,
    compare_with: CompareWith = None,
    level: Annotated[
        str | None,
        typer.Option(help="Level whose areas get a report. Default: that of reports.yaml."),
    ] = None,
    parameters: Folder = None,
    output: Annotated[
        str | None,
        typer.Option(help="Folder for reports, or a place in storage, as s3://bucket/reports."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Reports made at a time. Default: one per processor."),
    ] = None,
    pdf: Annotated[
        bool,
        typer.Option("--pdf", help="Print the reports as PDF too; needs Chromium, Chrome or Edge."),
    ] = False,
    log: Annotated[
        Literal["people", "json", "quiet"],
        typer.Option(help="Tell as it goes for people, as lines of JSON for machines, or nothing."),
    ] = "people",
    cluster: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help='Make them on a Dask cluster, as tcp://machine:8786; "local" to try it here.',
        ),
    ] = "",
    debug: Debug = False,
) -> None:
    """Make the reports of a wave, and its index."""
    with plainly(debug):
        from rich.console import Console

        from survey_lib.batch.progress import reporter
        from survey_lib.batch.reports import make_reports
        from survey_lib.batch.storage import Storage, is_storage
        from survey_lib.selection import select

        loaded = read_parameters(parameters)
        selection = select(
            loaded, wave=wave, compare_with=compare_with, level=level, areas=areas or []
        )
        storage = Storage(output) if output and is_storage(output) else None
        folder = output_folder(None if storage or not output else Path(output))
        if storage:
            storage.fetch_store(selection.wave, folder)
        outcomes = make_reports(
            loaded,
            selection,
            output=folder,
            workers=workers or platforms.processors(),
            reporter=reporter(Console(stderr=True), log),
            pdf=pdf,
            cluster_at=cluster,
        )
        if storage:
            storage.put(selection.wave, folder)
        if log == "people":
            _summary(outcomes, folder / selection.wave, Console())
        if any(outcome.state == "failed" for outcome in outcomes):
            raise typer.Exit(SOME_FAILED)


def prepare(
    wave: Wave = None,
    compare_with: CompareWith = None,
    parameters: Folder = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Publish a wave's tables, without making reports."""
    with plainly(debug):
        from survey_lib.pipeline import prepare as prepare_wave
        from survey_lib.selection import select

        loaded, folder = read_parameters(parameters), output_folder(output)
        selection = select(loaded, wave=wave, compare_with=compare_with)
        prepare_wave(loaded, selection.wave, selection.compare_with, folder)
        print(f"published: {shown(folder / selection.wave)}")


def export(
    key: Annotated[
        str | None, typer.Option(help="Partner system whose parameters to use, as in keys/.")
    ] = None,
    microdata: Annotated[
        Path | None,
        typer.Option(metavar="FILE.sav", help="SPSS file to write the weighted answers to."),
    ] = None,
    wave: Wave = None,
    compare_with: CompareWith = None,
    parameters: Folder = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Write the joint table of all areas with a partner system's own parameters (--key: CSV, JSON),
    or a wave's cleaned answers with weights for SPSS (--microdata)."""
    with plainly(debug):
        from survey_lib.selection import ASKED, select

        if (key is None) == (microdata is None):
            found = "neither --key nor --microdata" if key is None else "--key and --microdata"
            action = "say --key SYSTEM for a joint table, or --microdata FILE.sav for the answers"
            raise BadInput(Fault(ASKED, "", found, "one of them", action))
        if microdata is not None and compare_with is not None:
            found, action = "--compare-with and --microdata", "leave --compare-with out"
            raise BadInput(Fault(ASKED, "", found, "answers of one wave", action))
        loaded, folder = read_parameters(parameters), output_folder(output)
        selection = select(loaded, wave=wave, compare_with=compare_with)
        if key is not None:
            from survey_lib.batch.keyed import write_keyed

            paths = write_keyed(loaded, key, selection, folder)
        else:
            from survey_lib.spss import export_microdata

            assert microdata is not None
            paths = [export_microdata(loaded, selection.wave, microdata, folder)]
        for path in paths:
            print(f"written: {shown(path)}")


def reproduce(
    page: Annotated[Path, typer.Argument(help="A finished report, as reports/2024/name.html.")],
    parameters: Folder = None,
    debug: Debug = False,
) -> None:
    """Make a report again from what it says that it was made from, and compare every byte."""
    with plainly(debug):
        from rich.console import Console

        from survey_lib.batch.progress import reporter
        from survey_lib.batch.reproduce import differences, told_by
        from survey_lib.batch.reproduce import reproduce as make_again

        loaded, told = read_parameters(parameters), told_by(page)
        changed = list(differences(told, loaded))
        for what, then, here in changed:
            print(f"changed: {what}: {then} then, {here} here")
        if not changed:
            print("all that it was made from is here as it was")
        done = make_again(page, loaded, reporter(Console(stderr=True)))
        for name, where in done.files.items():
            print(f"DIFFERS {where}: {name}" if where else f"identical: {name}")
        if done.reason:
            print(f"could not be made: {done.reason}")
        print("reproduced to the last byte" if done.identical else "NOT reproduced")
        if not done.identical:
            raise typer.Exit(SOME_FAILED)


def _summary(outcomes: list[Outcome], folder: Path, console: Console) -> None:
    """How many were made and where to look; when some failed, a line for each page with its state
    and why."""
    words = {"ready": "ready", "no_survey": "without a survey", "failed": "FAILED"}
    counts: Counter[str] = Counter(outcome.state for outcome in outcomes)
    lines = []
    if counts["failed"]:
        wide = max(len(outcome.key) for outcome in outcomes)
        for outcome in outcomes:
            reason = outcome.reason.partition("\n")[0]
            lines.append(f"{words[outcome.state]:16}  {outcome.key:{wide}}  {reason}".rstrip())
    told = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    lines.append(f"{', '.join(told)}: {shown(folder / 'index.html')}")
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
