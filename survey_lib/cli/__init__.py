"""``trygg``: the library's main jobs as commands, thin over the library.

``making`` has those that make reports and tables, ``protecting`` those that see to respondents'
privacy, ``beginning`` those that begin a survey or a wave and say what is missing. ``options`` has
what several of them ask for, ``ending`` their exit codes. Heavy libraries are loaded inside the
commands, so that ``trygg --help`` is quick.
"""

from __future__ import annotations

from typing import Annotated

try:
    import typer
except ModuleNotFoundError:  # nothing works without it but being told what is missing
    from survey_lib.doctor import main as _told_what_is_missing

    _told_what_is_missing()

from survey_lib import __version__, platforms
from survey_lib.cli import beginning, making, protecting
from survey_lib.cli.ending import BAD_INPUT, OUR_FAULT, SOME_FAILED, STOPPED

__all__ = ["BAD_INPUT", "OUR_FAULT", "SOME_FAILED", "STOPPED", "app", "main"]

COMMANDS = (  # as --help tells them
    making.reports,
    making.prepare,
    protecting.audit,
    protecting.forget,
    beginning.check,
    beginning.new_wave,
    beginning.new_survey,
    making.export,
    making.reproduce,
    beginning.demo,
    beginning.doctor,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in COMMANDS:
    app.command()(command)


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


def main() -> None:
    """The program ``trygg``."""
    platforms.utf8_console()
    app(prog_name="trygg")
