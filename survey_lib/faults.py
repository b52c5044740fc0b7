"""The one shape of a message about bad input: where, what was found, what was expected, what to do.

Every check in the project collects :class:`Fault` objects and raises :class:`BadInput` once, with
all of them. The command line prints them and ends with exit code 2; nothing else prints or ends.
A fault may name a file, a column, an unknown code and a row number, never a respondent's id, a free
text or any other value of that row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what a person gave us.

    Attributes
    ----------
    file : where it stands, as the person wrote the path (relative where possible).
    place : line, key, column, row or sheet inside the file; "" when the whole file is meant.
    found : what stands there.
    expected : what should stand there.
    action : what to do now, as an instruction.
    """

    file: str
    place: str
    found: str
    expected: str
    action: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        told = f"  found:    {self.found}\n  expected: {self.expected}\n  do this:  {self.action}"
        return f"{where}\n{told}"


class BadInput(Exception):
    """Input that cannot be used. Carries every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault] | Fault):
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n\n".join(str(fault) for fault in self.faults))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the faults, and not where in the program they were found."""
        return [f"{type(self).__name__}:", *str(self).splitlines()]
