"""Commands that see to respondents' privacy: ``audit``, ``forget``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_lib.cli.ending import SOME_FAILED, plainly
from survey_lib.cli.options import Debug, Folder, Output, output_folder, read_parameters
from survey_lib.files import shown


def audit(
    folder: Annotated[Path, typer.Argument(help="A wave's folder, as reports/2024.")],
    parameters: Folder = None,
    seconds: Annotated[
        float,
        typer.Option(min=0, help="Time for attacks on hidden values, smallest questions first."),
    ] = 1800,
    debug: Debug = False,
) -> None:
    """Try to work out what a wave and those beside it hide, from what is published."""
    with plainly(debug):
        from rich.console import Console
        from rich.progress import Progress

        from survey_lib.audit import audit as audit_stores
        from survey_lib.audit import stores
        from survey_lib.batch.held import held
        from survey_lib.pipeline import forgotten, scanner

        loaded = read_parameters(parameters)
        published = stores(folder)
        hits = scanner(loaded, folder.resolve().parent).scan_folder(folder)
        for hit in hits:
            print(f"FOUND: {hit.file}: {hit.place}: {hit.kind}")
        gone = ", ".join(forgotten(loaded, folder.resolve().name, folder.resolve().parent))
        for_what = f", but not for ids and words of {gone}: the answers are gone" if gone else ""
        print(f"all files searched for respondents{for_what}")
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
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("questions attacked", total=None)
            found = audit_stores(
                published,
                loaded,
                seconds,
                done=lambda some, every: progress.update(task, completed=some, total=every),
            )
        for row in found.findings.drop_duplicates().itertuples(index=False):
            print(f"FOUND: {' '.join(part for part in row[:-1] if part)}: {row[-1]}")
        print(f"tried by subtraction: {found.subtraction} questions and variables of all waves")
        for question, rows in found.undecided.groupby("question", sort=False):
            where = f"in {rows['area'].nunique()} areas"
            print(f"undecided: {question}: {rows['values'].sum()} values {where}")
        undecided = int(found.undecided["values"].sum())
        print(
            f"hidden values: {found.values}; shown to be uncertain: {found.uncertain}; known: "
            f"{found.values - found.uncertain - undecided}; undecided: {undecided}"
        )
        print(f"questions decided fully: {len(found.attacked)}; not at all: {len(found.left)}")
        said = [f"{len(found.findings)} values can be worked out"] if not found.passed else []
        said += [f"respondents are in {len(hits)} places of the files"] if hits else []
        said += [f"{len(stray)} places of the files say something else"] if stray else []
        print("; ".join(said) or "passed")
        if said:
            raise typer.Exit(SOME_FAILED)


def forget(
    wave: Annotated[str, typer.Argument(help="Wave whose answers are to be forgotten.")],
    parameters: Folder = None,
    output: Output = None,
    debug: Debug = False,
) -> None:
    """Remove every trace of a wave's answers that this program made; published reports stay."""
    with plainly(debug):
        from survey_lib.forget import forget as forget_wave
        from survey_lib.forget import written_out
        from survey_lib.selection import select

        loaded, folder = read_parameters(parameters), output_folder(output)
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
