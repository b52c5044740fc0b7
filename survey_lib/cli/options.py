"""Options that several commands share, and what they mean when they aren't given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from survey_lib.files import find_upwards

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters

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


def read_parameters(folder: Path | None) -> Parameters:
    """The parameters of the folder that was asked for, or of the survey that one stands in."""
    from survey_lib.vocabulary import load_parameters

    return load_parameters(find_upwards("parameters") if folder is None else folder)


def output_folder(folder: Path | None) -> Path:
    """``reports`` beside the project's ``parameters``, also from a folder inside the project."""
    return find_upwards("parameters").parent / "reports" if folder is None else folder
