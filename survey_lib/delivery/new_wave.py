"""``trygg new-wave``: the draft of a wave file from a delivered file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from survey_lib import files
from survey_lib.delivery.asked import asked_columns
from survey_lib.delivery.described import Described, key
from survey_lib.delivery.matching import Match, matched
from survey_lib.delivery.office import read_office
from survey_lib.delivery.opening import SurveyFile, open_survey_file, read_codebook
from survey_lib.delivery.wave_file import Draft, wave_file
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary.source import TODO

_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ASKED = "what was asked for"


@dataclass(frozen=True, eq=False)
class NewWave:
    """What was written, and what is left to do.

    Attributes
    ----------
    path : the wave file.
    matches : every column of ours, in the order of the file, with what was found for it.
    unused : columns of the file that nothing uses.
    todos : how many decisions are left to a person.
    """

    path: Path
    matches: list[Match]
    unused: list[Described]
    todos: int


def new_wave(
    file: Path,
    folder: Path,
    *,
    wave: str | None = None,
    codebook: Path | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> NewWave:
    """Writes ``waves/<wave>.yaml`` in a parameters folder, with everything that a delivered file
    tells and TODO for what it doesn't. Nothing that stands there already is written over.

    Parameters
    ----------
    wave : the id of the wave; left out, the year in the file's name.
    codebook : a file that says what the columns and their values mean, where the file doesn't.
    sheet, encoding : where they can't be found out.

    Raises
    ------
    BadInput
        No id, a wave file that is there, faults of the questionnaire, the areas or the file.
    """
    wave = _wave_id(wave, file)
    path = folder / "waves" / f"{wave}.yaml"
    if path.exists():
        found, expected = "a wave file", "no file of that name yet"
        action = "name another wave with --wave, or take this file away first"
        raise BadInput(Fault(files.shown(path), "", found, expected, action))
    office = read_office(folder)
    survey = open_survey_file(file, folder, sheet=sheet, encoding=encoding)
    if codebook is not None:
        survey = replace(survey, described=_with_codebook(survey, read_codebook(codebook)))
    matches = matched(asked_columns(office), survey, office)
    text = wave_file(Draft(wave, survey, matches, office))
    files.write_text(path, text)
    used = {match.column.name for match in matches if match.column and match.certain}
    unused = [one for one in survey.described if one.name not in used]
    said = [line.partition(" # ")[0] for line in text.splitlines() if not line.startswith("#")]
    return NewWave(path, matches, unused, sum(line.count(TODO) for line in said))


def _wave_id(wave: str | None, file: Path) -> str:
    years = list(dict.fromkeys(_YEAR.findall(file.name)))
    if wave is None and len(years) == 1:
        return years[0]
    if wave is None:
        found, expected = "no id of the wave", "--wave, since the file's name holds no single year"
        raise BadInput(Fault(_ASKED, "wave", found, expected, "add, for example,  --wave 2026"))
    if not _ID.fullmatch(wave):
        expected = "an id in a–z, 0–9, _ and -, as 2026"
        raise BadInput(Fault(_ASKED, "wave", repr(wave), expected, "mend --wave"))
    return wave


def _with_codebook(survey: SurveyFile, codebook: Sequence[Described]) -> list[Described]:
    """The file's variables with what the codebook says of them, where it says something."""
    about = {key(one.name): one for one in codebook}
    described = []
    for one in survey.described:
        said = about.get(key(one.name), one)
        values = {**one.values, **said.values}
        described.append(Described(one.name, said.text or one.text, values, said.stem or one.stem))
    return described


def told(made: NewWave) -> Iterator[str]:
    """What was found, line by line: names and questions of the file, never a value of a row."""
    shown = [one for one in made.matches if one.column or one.asked.needed]
    wide = max((len(one.asked.name) for one in shown), default=0)
    for certain in (True, False):
        for match in shown:
            if match.certain is certain:
                column = match.column.name if match.column else "-"
                share = f"{match.certainty:4.0%}" if match.column else "   -"
                mark = "    " if certain else TODO
                name, shown_as = f"{match.asked.name:{wide}}", f"{_short(column, 40):40}"
                yield f"{mark}  {name}  {share}  {shown_as}  {match.why}"
    yield ""
    found = sum(match.certain for match in shown)
    missing = [one.asked.name for one in shown if not one.column]
    perhaps = len(shown) - found - len(missing)
    yield f"{found} columns found; {perhaps} perhaps; {len(missing)} missing"
    if missing:
        yield "missing: " + ", ".join(missing)
    if made.unused:
        names = ", ".join(_short(one.name, 40) for one in made.unused)
        yield f"columns of the file not used yet: {names}"
    yield f"written: {files.shown(made.path)}, with {made.todos} TODO for you to decide"
    yield f"then run: trygg check --wave {made.path.stem}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
