"""``trygg``: the library's main jobs as commands. Exit codes tell a script how it went.

====  ==============================================================================
0     done
1     some reports failed (the others and the index are there), an audit found something, a
      report could not be reproduced, or the machine lacks something (``trygg doctor``)
2     bad input: one message per fault, nothing half-written
70    a fault of the program (after BSD's sysexits); ``--debug`` shows where
130   stopped by Ctrl-C; what was finished is kept
====  ==============================================================================

Heavy libraries are loaded inside the commands, so that ``trygg --help`` is quick.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

try:
    import typer
except ModuleNotFoundError:  # nothing works without it but being told what is missing
    from survey_lib.doctor import main as _told_what_is_missing

    _told_what_is_missing()

from survey_lib import __version__, platforms
from survey_lib.faults import BadInput, Fault
from survey_lib.files import find_upwards, shown

if TYPE_CHECKING:
    from rich.console import Console

    from survey_lib.batch.reports import Outcome
    from survey_lib.vocabulary import Parameters

SOME_FAILED, BAD_INPUT, OUR_FAULT, STOPPED = 1, 2, 70, 130
INTERRUPT_SECONDS = 1.5  # for a command to hear a Ctrl-C; after that it is ended
KEPT = "Stopped. What was finished is kept; run the same command again for the rest."

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Wave = Annotated[
    str | None,
    typer.Option(help="Wave, as in waves/. Default: that of reports.yaml."),
]
CompareWith = Annotated[
    str | None,
    typer.Option(help='Wave to compare with; "" for none. Default: that of reports.yaml.'),
]
Folder = Annotated[
    Path | None,
    typer.Option("--parameters", help="Folder with questionnaire, areas and waves."),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Folder for reports."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the program it stopped.")]


def _say_version(asked: bool) -> None:
    if asked:
        print(f"trygg {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which one."),
    ] = False,
) -> None:
    """From a resident safety survey to reports for every area."""


@app.command()
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
    with _plainly(debug):
        from rich.console import Console

        from survey_lib.batch.progress import reporter
        from survey_lib.batch.reports import make_reports
        from survey_lib.batch.storage import Storage, is_storage
        from survey_lib.selection import select

        loaded = _parameters(parameters)
        selection = select(
            loaded, wave=wave, compare_with=compare_with, level=level, areas=areas or []
        )
        storage = Storage(output) if output and is_storage(output) else None
        folder = _output(None if storage or not output else Path(output))
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


@app.command()
def prepare(
    wave: Wave = None,
    compare_with: CompareWith = None,
    parameters: Folder = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Publish a wave's tables, without making reports."""
    with _plainly(debug):
        from survey_lib.pipeline import prepare as prepare_wave
        from survey_lib.selection import select

        loaded, folder = _parameters(parameters), _output(output)
        selection = select(loaded, wave=wave, compare_with=compare_with)
        prepare_wave(loaded, selection.wave, selection.compare_with, folder)
        print(f"published: {shown(folder / selection.wave)}")


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="A wave's folder, as reports/2024.")],
    parameters: Folder = None,
    seconds: Annotated[
        float, typer.Option(min=0, help="Time for attacks on whole questions, smallest first.")
    ] = 60,
    debug: Debug = False,
) -> None:
    """Try to work out what a wave and those beside it hide, from what is published."""
    with _plainly(debug):
        from survey_lib.audit import audit as audit_stores
        from survey_lib.audit import stores
        from survey_lib.batch.held import held
        from survey_lib.pipeline import scanner

        loaded = _parameters(parameters)
        searching = scanner(loaded, folder.resolve().parent)
        hits = searching.scan_folder(folder)
        for hit in hits:
            print(f"FOUND: {hit.file}: {hit.place}: {hit.kind}")
        for_what = "" if searching.complete else ", but not for ids and words: the answers are gone"
        print(f"all files searched for respondents{for_what}")
        published = stores(folder)
        stray, read = [], 0
        for wave, one in published.items():
            if wave in loaded.waves:
                asked = wave == folder.resolve().name  # of it, drawn charts are read too
                files = held(folder.resolve().parent / wave, loaded, one, charts=asked)
                stray += [(wave, *finding) for finding in files.findings]
                read += files.read
        for wave, file, place, wrong in stray:
            print(f"FOUND: {wave} {file}: {place}: {wrong}")
        print(f"files held against the published tables: {read}")
        found = audit_stores(published, loaded, seconds)
        for row in found.findings.drop_duplicates().itertuples(index=False):
            print(f"FOUND: {' '.join(part for part in row[:-1] if part)}: {row[-1]}")
        print(f"tried by subtraction: {found.subtraction} questions and variables of all waves")
        print(f"attacked fully: {len(found.attacked)} ({', '.join(found.attacked) or 'none'})")
        print(f"not attacked, no time: {len(found.left)}")
        said = [f"{len(found.findings)} values can be worked out"] if not found.passed else []
        said += [f"respondents are in {len(hits)} places of the files"] if hits else []
        said += [f"{len(stray)} places of the files say something else"] if stray else []
        print("; ".join(said) or "passed")
        if said:
            raise typer.Exit(SOME_FAILED)


@app.command()
def forget(
    wave: Annotated[str, typer.Argument(help="Wave whose answers are to be forgotten.")],
    parameters: Folder = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Remove every trace of a wave's answers that this program made; published reports stay."""
    with _plainly(debug):
        from survey_lib.forget import forget as forget_wave
        from survey_lib.forget import written_out
        from survey_lib.selection import select

        loaded, folder = _parameters(parameters), _output(output)
        chosen = select(loaded, wave=wave).wave
        written = written_out(loaded, chosen, folder)
        removed = forget_wave(loaded, chosen, folder)
        for path in removed:
            print(f"removed: {shown(path)}")
        if not removed:
            print("nothing to remove")
        for one in (one for one in written if one.path not in removed):
            there = "left, changed since it was" if one.path.exists() else "not found where it was"
            print(f"{there} written by trygg export: {shown(one.path)}")
        for part in loaded.waves[chosen].parts:
            file = loaded.folder / loaded.waves[part].file.path
            if file.exists():
                print(f"left, not made by this program: {shown(file)}")


@app.command()
def check(wave: Wave = None, parameters: Folder = None, debug: Debug = False) -> None:
    """Check parameters and data of all waves, or of one. Writes nothing."""
    with _plainly(debug):
        from survey_lib.batch.checking import check_waves
        from survey_lib.selection import select

        loaded = _parameters(parameters)
        waves = list(loaded.waves) if wave is None else [select(loaded, wave=wave).wave]
        for line in check_waves(loaded, waves):
            print(line, flush=True)


@app.command("new-wave")
def new_wave(
    file: Annotated[Path, typer.Argument(help="The delivered file: .sav, .csv, .xlsx, .parquet.")],
    wave: Annotated[
        str | None, typer.Option(help="Id of the new wave. Default: the year in the file's name.")
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option(help="A file that says what columns and values mean.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="The Excel sheet with the answers.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a text file.")] = None,
    parameters: Folder = None,
    debug: Debug = False,
) -> None:
    """Begin a wave file from a delivered file, with TODO for what a person decides."""
    with _plainly(debug):
        from survey_lib.delivery.new_wave import new_wave as begin
        from survey_lib.delivery.new_wave import told

        folder = find_upwards("parameters") if parameters is None else parameters
        made = begin(file, folder, wave=wave, codebook=codebook, sheet=sheet, encoding=encoding)
        for line in told(made):
            print(line)


@app.command("new-survey")
def new_survey(
    folder: Annotated[Path, typer.Argument(help="The parameters folder to make.")],
    codebook: Annotated[
        Path, typer.Option(help="Codebook of the survey: Excel, CSV, or the .sav with its labels.")
    ],
    debug: Debug = False,
) -> None:
    """Begin a parameters folder for another questionnaire, from its codebook."""
    with _plainly(debug):
        from survey_lib.delivery.new_survey import new_survey as begin

        for line in begin(folder, codebook):
            print(line)


@app.command()
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
    with _plainly(debug):
        from survey_lib.selection import ASKED, select

        if (key is None) == (microdata is None):
            found = "neither --key nor --microdata" if key is None else "--key and --microdata"
            action = "say --key SYSTEM for a joint table, or --microdata FILE.sav for the answers"
            raise BadInput(Fault(ASKED, "", found, "one of them", action))
        if microdata is not None and compare_with is not None:
            found, action = "--compare-with and --microdata", "leave --compare-with out"
            raise BadInput(Fault(ASKED, "", found, "answers of one wave", action))
        loaded, folder = _parameters(parameters), _output(output)
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


@app.command()
def reproduce(
    page: Annotated[Path, typer.Argument(help="A finished report, as reports/2024/name.html.")],
    parameters: Folder = None,
    debug: Debug = False,
) -> None:
    """Make a report again from what it says that it was made from, and compare every byte."""
    with _plainly(debug):
        from rich.console import Console

        from survey_lib.batch.progress import reporter
        from survey_lib.batch.reproduce import differences, told_by
        from survey_lib.batch.reproduce import reproduce as make_again

        loaded, told = _parameters(parameters), told_by(page)
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


@app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A new folder for the whole demo survey. Default: answers only."),
    ] = None,
    parameters: Folder = None,
    debug: Debug = False,
) -> None:
    """Make the made-up answers that the demo waves are read from; with FOLDER, lay out a survey of
    one's own to try: parameters, notebooks and answers."""
    with _plainly(debug):
        from survey_lib.demo import lay_out, write_waves

        if folder is not None:
            if parameters is not None:
                action = "give FOLDER for a new survey, or --parameters for answers to that one"
                found = "FOLDER and --parameters"
                raise BadInput(Fault("what was asked for", "", found, "one of them", action))
            for path in lay_out(folder):
                print(f"made: {shown(path)}")
            parameters = folder / "parameters"
        loaded = _parameters(parameters)
        made_up = [name for name, wave in loaded.delivered.items() if wave.demo]
        for path in write_waves(loaded, made_up):
            print(f"made: {shown(path)}")
        if not made_up:
            print("nothing to make: no wave says demo: true")
        if folder is not None:
            print(f"now go there and make its reports: cd {shown(folder)}, then trygg reports")


@app.command()
def doctor(parameters: Folder = None, output: Output = None) -> None:
    """Tell what this machine lacks for making reports, and what to do."""
    from survey_lib.doctor import report

    raise typer.Exit(report(parameters or find_upwards("parameters"), _output(output)))


def _parameters(folder: Path | None) -> Parameters:
    from survey_lib.vocabulary import load_parameters

    return load_parameters(find_upwards("parameters") if folder is None else folder)


def _output(folder: Path | None) -> Path:
    """``reports`` beside the project's ``parameters``, also from a folder inside the project."""
    return find_upwards("parameters").parent / "reports" if folder is None else folder


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


@contextmanager
def _plainly(debug: bool) -> Iterator[None]:
    """End a command with a message for people and an exit code for scripts, never a traceback
    (but with ``--debug``)."""
    try:
        with platforms.ended_after_interrupt(INTERRUPT_SECONDS, KEPT, STOPPED):
            yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _say(KEPT)
        raise typer.Exit(STOPPED) from None
    except Exception as problem:
        if debug:
            traceback.print_exc()
        if isinstance(problem, BadInput):
            _say(str(problem))
            raise typer.Exit(BAD_INPUT) from None
        _say(f"A fault of the program, not of your files: {_told(problem)}")
        if not debug:
            _say("Run the same command with --debug and send what it prints to the developers.")
        raise typer.Exit(OUR_FAULT) from None


def _told(problem: Exception) -> str:
    """An error without what others' exceptions say, which may be an answer; ours say none."""
    if type(problem) is RuntimeError:
        return f"RuntimeError: {problem}"
    from survey_lib.batch.errors import told_of

    return told_of(problem)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """The program ``trygg``."""
    platforms.utf8_console()
    app(prog_name="trygg")


if __name__ == "__main__":
    main()
