"""How a command ends: an exit code that tells a script how it went, and words for people.

====  ==============================================================================
0     done
1     some reports failed (the others and the index are there), an audit found something, a
      report could not be reproduced, or the machine lacks something (``trygg doctor``)
2     bad input: one message per fault, nothing half-written
70    a fault of the program (after BSD's sysexits); ``--debug`` shows where
130   stopped by Ctrl-C; what was finished is kept
====  ==============================================================================
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from survey_lib import platforms
from survey_lib.faults import BadInput

SOME_FAILED, BAD_INPUT, OUR_FAULT, STOPPED = 1, 2, 70, 130
INTERRUPT_SECONDS = 1.5  # for a command to hear a Ctrl-C; after that it is ended
KEPT = "Stopped. What was finished is kept; run the same command again for the rest."


@contextmanager
def plainly(debug: bool) -> Iterator[None]:
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
