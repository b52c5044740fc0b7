"""Commands that begin something, and say what is missing: ``demo``, ``new-survey``, ``new-wave``,
``check``, ``doctor``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from survey_lib.cli.ending import plainly
from survey_lib.cli.options import Debug, Folder, Output, Wave, output_folder, read_parameters
from survey_lib.faults import BadInput, Fault
from survey_lib.files import find_upwards, shown


def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A new folder for the whole demo survey. Default: answers only."),
    ] = None,
    pulse: Annotated[
        Path | None,
        typer.Option(help="A new folder for a made-up survey of a few questions each month."),
    ] = None,
    parameters: Folder = None,
    debug: Debug = False,
) -> None:
    """Make the made-up answers that the demo waves are read from; with FOLDER, lay out a survey of
    one's own to try: parameters, notebooks and answers."""
    with plainly(debug):
        from survey_lib.demo import lay_out, write_pulse, write_waves

        if folder is not None:
            if parameters is not None:
                action = "give FOLDER for a new survey, or --parameters for answers to that one"
                found = "FOLDER and --parameters"
                raise BadInput(Fault("what was asked for", "", found, "one of them", action))
            for path in lay_out(folder):
                print(f"made: {shown(path)}")
            parameters = folder / "parameters"
        loaded = read_parameters(parameters)
        if pulse is not None:
            made = write_pulse(loaded, pulse)
            print(f"made: {shown(made)}")
            loaded = read_parameters(made)
        made_up = [name for name, wave in loaded.delivered.items() if wave.demo]
        for path in write_waves(loaded, made_up):
            print(f"made: {shown(path)}")
        if not made_up:
            print("nothing to make: no wave says demo: true")
        if folder is not None:
            print(f"now go there and make its reports: cd {shown(folder)}, then trygg reports")


def new_survey(
    folder: Annotated[Path, typer.Argument(help="The parameters folder to make.")],
    codebook: Annotated[
        Path, typer.Option(help="Codebook of the survey: Excel, CSV, or the .sav with its labels.")
    ],
    debug: Debug = False,
) -> None:
    """Begin a parameters folder for another questionnaire, from its codebook."""
    with plainly(debug):
        from survey_lib.delivery.new_survey import new_survey as begin

        for line in begin(folder, codebook):
            print(line)


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
    with plainly(debug):
        from survey_lib.delivery.new_wave import new_wave as begin
        from survey_lib.delivery.new_wave import told

        folder = find_upwards("parameters") if parameters is None else parameters
        made = begin(file, folder, wave=wave, codebook=codebook, sheet=sheet, encoding=encoding)
        for line in told(made):
            print(line)


def check(wave: Wave = None, parameters: Folder = None, debug: Debug = False) -> None:
    """Check parameters and data of all waves, or of one. Writes nothing."""
    with plainly(debug):
        from survey_lib.batch.checking import check_waves
        from survey_lib.selection import select

        loaded = read_parameters(parameters)
        waves = list(loaded.waves) if wave is None else [select(loaded, wave=wave).wave]
        for line in check_waves(loaded, waves):
            print(line, flush=True)


def doctor(parameters: Folder = None, output: Output = None) -> None:
    """Tell what this machine lacks for making reports, and what to do."""
    from survey_lib.doctor import report

    raise typer.Exit(report(parameters or find_upwards("parameters"), output_folder(output)))
