"""The other parties' own pictures of an area's problems: ``partners/<wave>/<area>_<party>.csv``.

One file per area and party, made from the template that lies beside the reports
(:mod:`survey_lib.export.partner_template`), one row per problem, ``problem_id;problem_sv;prioritet;
kommentar``:

* ``problem_id``: the problem's id, as in the joint table; ``problem_sv`` is for the one who fills
  in, and isn't read.
* ``prioritet``: 1 for what the party sees as the largest problem, 2 for the next and so on without
  gaps, as far as it goes; or ``hög``, ``medel`` or ``låg``, the same kind in the whole file; empty
  for a problem that the party doesn't raise.
* ``kommentar``: a few words, shown as they stand.

Which parties there are ``reports.yaml`` says. A file where no priority is filled in holds no
picture yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.csv_files import CsvRow, read_csv_rows
from survey_lib.vocabulary.model import Model
from survey_lib.vocabulary.source import Source
from survey_lib.vocabulary.validation import Names, did_you_mean, listed

FOLDER = "partners"
COLUMNS = ["problem_id", "problem_sv", "prioritet", "kommentar"]
PRIORITIES = ("hög", "medel", "låg")
COMMENT_LENGTH = 200
_PLACE = re.compile(r"[1-9][0-9]?")


class PartnerPicture(Model):
    """What one party says of one area. ``priorities``: problem -> its place, or one of
    :data:`PRIORITIES`, all of one kind; without the problems that the party doesn't raise."""

    wave: str
    area: str
    party: str
    priorities: dict[str, int | str]
    comments: dict[str, str]


def partner_file(area: str, party: str) -> str:
    """The name of a party's file about an area: "del_norra_polisen.csv"."""
    return f"{Areas.slug(area)}_{party}.csv"


def read_partners(
    folder: Path,
    waves: Iterable[str],
    areas: Areas | None,
    parties: Iterable[str],
    problems: Sequence[str] | None,
    names: Names,
) -> tuple[list[Source], list[PartnerPicture]]:
    """Every party's file of every wave, each with its faults noted in its source; rows at fault are
    left out. ``problems``: the ids that may be used; None where they aren't known."""
    sources, pictures = [], []
    waves = list(waves)
    expected = {}
    if areas is not None:
        with_reports = [a for a in areas.areas if areas.levels[areas.level_of(a)].reports]
        expected = {partner_file(a, p): (a, p) for p in parties for a in with_reports}
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not _beside(one)):
        wave, source = path.parent.name, Source(path)
        if path.parent.parent != folder:
            action = f"move it to the folder of its wave in {FOLDER}/"
            source.at(
                "", "a file outside the waves' folders", f"{FOLDER}/<wave>/{path.name}", action
            )
        elif wave not in waves and not names.may_hold(wave):
            _misplaced(source, f"a folder for the unknown wave {wave!r}", wave, waves)
        elif path.suffix != ".csv":
            found, wanted = f"the file name {path.name!r}", f"{path.stem}.csv"
            source.at("", found, wanted, "save it as CSV UTF-8 (in Excel)")
        elif areas is not None and path.name not in expected:
            _misplaced(source, f"the file name {path.name!r}", path.name, expected)
        elif areas is not None:
            source, picture = _read(path, wave, *expected[path.name], problems, names)
            pictures.append(picture)
        sources.append(source)
    return sources, pictures


def _beside(path: Path) -> bool:
    """Files that other programs leave, and what a person has written down for persons."""
    return path.name.startswith((".", "~$")) or path.suffix == ".md"


def _misplaced(source: Source, found: str, word: str, known: Iterable[str]) -> None:
    known = list(known)
    hint = did_you_mean(word, known) or (f"one of {listed(known, 4)}" if known else "no such file")
    action = "rename it as the template beside the reports, or remove it"
    source.at("", found, hint, action)


def _read(
    path: Path, wave: str, area: str, party: str, problems: Sequence[str] | None, names: Names
) -> tuple[Source, PartnerPicture]:
    source, _, rows = read_csv_rows(path, COLUMNS)
    lines: dict[str, int] = {}
    priorities: dict[str, int | str] = {}
    comments: dict[str, str] = {}
    for row in rows:
        problem = row.cells["problem_id"]
        if not _known(row, problems, source, names):
            continue
        if lines.setdefault(problem, row.line) != row.line:
            found = f"{problem} again (first on line {lines[problem]})"
            place = f"line {row.line}, column problem_id"
            source.at(place, found, "each problem once", "remove one of the rows")
            continue
        given = _priority(row, source)
        if given is not None:
            priorities[problem] = given
        if comment := _comment(row, source):
            comments[problem] = comment
    if not source.faults:
        _check_priorities(priorities, lines, source)
    picture = PartnerPicture(
        wave=wave, area=area, party=party, priorities=priorities, comments=comments
    )
    return source, picture


def _known(row: CsvRow, problems: Sequence[str] | None, source: Source, names: Names) -> bool:
    problem = row.cells["problem_id"]
    if problems is None or problem in problems or (problem and names.may_hold(problem)):
        return True
    found = f"the unknown problem {problem!r}" if problem else "an empty cell"
    hint = did_you_mean(problem, problems) or f"one of {listed(problems)}"
    source.at(f"line {row.line}, column problem_id", found, hint, "take the id from the template")
    return False


def _priority(row: CsvRow, source: Source) -> int | str | None:
    text = row.cells["prioritet"].casefold()
    if not text:
        return None
    if _PLACE.fullmatch(text):
        return int(text)
    if text in PRIORITIES:
        return text
    expected = f"a whole number from 1, or one of {', '.join(PRIORITIES)}"
    place = f"line {row.line}, column prioritet"
    source.at(place, repr(row.cells["prioritet"][:60]), expected, "mend it, or empty the cell")
    return None


def _comment(row: CsvRow, source: Source) -> str:
    text = " ".join(row.cells["kommentar"].split())
    if len(text) > COMMENT_LENGTH:
        found, expected = f"{len(text)} characters", f"at most {COMMENT_LENGTH}"
        place = f"line {row.line}, column kommentar"
        source.at(place, found, expected, "shorten it: the comments are read at a meeting")
    return text


def _check_priorities(
    priorities: Mapping[str, int | str], lines: Mapping[str, int], source: Source
) -> None:
    """Places or words, and places without gaps, each once."""
    places: dict[int, str] = {}
    for problem, given in priorities.items():
        where = f"line {lines[problem]}, column prioritet"
        if type(given) is not type(next(iter(priorities.values()))):
            expected = "places in the whole file, or words in the whole file"
            source.at(where, "places and words mixed", expected, "choose one of the two ways")
            return
        if isinstance(given, int) and places.setdefault(given, problem) != problem:
            found = f"place {given} again (first on line {lines[places[given]]})"
            action = "give each its own place, or use hög, medel and låg"
            source.at(where, found, "each place once", action)
    missing = [place for place in range(1, max(places, default=0)) if place not in places]
    if missing and not source.faults:
        found = f"no place {listed(missing)}, but {max(places)}"
        source.at("column prioritet", found, "places without gaps", "number the problems 1, 2, 3 …")
