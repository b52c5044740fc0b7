"""Keys to partner systems: ``keys/<system>.csv`` says which of our indicators answer to a system's
own parameters, for ``trygg export --key <system>`` (domain guide, 1.3).

One row per pair, ``parameter;label;indicator;note``:

* ``parameter``, ``label``: the system's own id and name of what it assesses.
* ``indicator``: an indicator of the ranked problems; empty for a parameter that no question of the
  survey answers to, or whose content isn't known. The export then says so.
* ``note``: for those who keep the file; not exported.

A parameter may have several rows, and an indicator may stand under several parameters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from survey_lib.vocabulary.csv_files import read_csv_rows
from survey_lib.vocabulary.model import Model
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

FOLDER = "keys"
COLUMNS = ["parameter", "label", "indicator", "note"]
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class KeyRow(Model):
    """A parameter of a partner system and the indicator that answers to it, None for none."""

    parameter: str
    label: str
    indicator: str | None


def read_key(
    path: Path, indicators: Sequence[str] | None, names: Names
) -> tuple[Source, list[KeyRow]]:
    """One key, its faults noted in the source. ``indicators``: those that may be used; None where
    they aren't known."""
    source, _, rows = read_csv_rows(path, COLUMNS)
    found: list[KeyRow] = []
    labels: dict[str, str] = {}
    lines: dict[tuple[str, str], int] = {}
    if not _ID.fullmatch(path.stem):
        expected = "a name in a–z, 0–9, _ and -, as it is given to --key"
        source.at("", f"the file name {path.name!r}", expected, "rename it")
    for row in rows:
        parameter, label, indicator = (row.cells[name] for name in COLUMNS[:3])
        at = f"line {row.line}, column "
        if not _ID.fullmatch(parameter):
            expected = "an id in a–z, 0–9, _ and -"
            source.at(f"{at}parameter", repr(parameter), expected, "mend the id")
        if not label or labels.setdefault(parameter, label) != label:
            shown = repr(label) if label else "an empty cell"
            expected = f"{labels[parameter]!r}, as above" if parameter in labels else "its name"
            source.at(f"{at}label", shown, expected, "fill it in or mend it")
        unknown = indicators is not None and indicator and indicator not in indicators
        if unknown and not names.may_hold(indicator):
            hint = did_you_mean(indicator, indicators or []) or f"one of {listed(indicators or [])}"
            action = "name an indicator of the table problems, or empty the cell"
            source.at(f"{at}indicator", f"the unknown indicator {indicator!r}", hint, action)
        first = lines.setdefault((parameter, indicator), row.line)
        if first != row.line:
            shown = f"{parameter} with {indicator or 'no indicator'} again (line {first})"
            source.at(f"{at}parameter", shown, "each pair once", "remove one of the rows")
        found.append(KeyRow(parameter=parameter, label=label, indicator=indicator or None))
    return source, found
