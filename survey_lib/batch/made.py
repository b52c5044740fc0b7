"""What has been made, page by page, so that the same command does the rest and no more.

Beside the pages lies ``.made/<page>.json``: what the page was made from, every file that belongs to
it with its fingerprint, and what became of it. A page counts as made when its files are all there
with these bytes, so it doesn't matter at which moment a run was killed or the power went.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from survey_lib.export import beside
from survey_lib.faults import BadInput
from survey_lib.files import remove_file, write_text
from survey_lib.inputs import digest_of_bytes, digest_of_file

FOLDER = ".made"
SHARED = ("notebooks", "mallar")  # folders that hold files of many pages

State = Literal["ready", "failed", "no_survey"]


@dataclass(frozen=True)
class Outcome:
    """What became of one area, or of the page about the whole wave.

    ``page`` is the file's name, None when none could be written; ``reason`` says why a report
    failed.
    """

    key: str
    name: str
    state: State
    page: str | None
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """One page's record.

    Attributes
    ----------
    outcome : None while its files are being written.
    inputs : fingerprints of what it was made from (:meth:`survey_lib.batch.plan.Plan.inputs`).
    files : place in the wave's folder -> fingerprint, of all that belongs to the page.
    browser : the program that printed it as PDF; "" when it wasn't printed.
    """

    outcome: Outcome | None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    browser: str = ""

    def holds(self, folder: Path) -> bool:
        """Whether the page was made and all its files are there as they were written."""
        if self.outcome is None or self.outcome.state == "failed":
            return False
        try:
            return all(digest_of_file(folder / name) == one for name, one in self.files.items())
        except OSError:
            return False


def read_record(folder: Path, stem: str) -> Record | None:
    """The record of a page in a wave's folder; None when there is none, or another version's."""
    try:
        told = json.loads(_file(folder, stem).read_text(encoding="utf-8"))
        outcome = Outcome(**told.pop("outcome")) if told["outcome"] else None
        return Record(**{"outcome": outcome, **told})
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return None


def read_records(folder: Path) -> list[Record]:
    """The records of all pages in a wave's folder, by their files' names."""
    stems = sorted(path.stem for path in (folder / FOLDER).glob("*.json"))
    return [record for stem in stems if (record := read_record(folder, stem)) is not None]


def write_made(folder: Path, stem: str, content: Mapping[str, bytes], record: Record) -> Outcome:
    """Write a page with all that belongs to it, and take away what an earlier run left of it.

    Parameters
    ----------
    content : of every file, by its place in the wave's folder; a file in a folder of its own there
        (pictures) comes with all others of that folder.
    record : without its files.

    Returns
    -------
    the record's outcome; failed when something couldn't be written.
    """
    assert record.outcome is not None
    outcome, before = record.outcome, read_record(folder, stem)
    known = dict(before.files) if before else {}
    problems: list[str] = []
    if known.keys() != content.keys():  # so that whatever happens now, a later run knows of them
        _put(folder, stem, Record(None, files=dict.fromkeys([*known, *content], "")), problems)
    for group, files in _grouped(content).items():
        try:
            if group:
                beside.write_pictures(folder / group, files)
            else:
                for name, bytes_ in files.items():
                    beside.write_changed(folder / name, bytes_)
        except BadInput as problem:
            problems.append(str(problem))
    written = {name: digest_of_bytes(bytes_) for name, bytes_ in content.items()}
    for name in known.keys() | written.keys():
        if name not in written or not _is(folder / name, written[name]):
            _remove(folder, name)
    if problems:
        page = outcome.page if outcome.page and (folder / outcome.page).is_file() else None
        outcome = replace(outcome, state="failed", page=page, reason=problems[0])
    _put(folder, stem, replace(record, outcome=outcome, files=written), problems)
    if problems and outcome.state != "failed":
        outcome = replace(outcome, state="failed", reason=problems[0])
    return outcome


def _put(folder: Path, stem: str, record: Record, problems: list[str]) -> None:
    told = asdict(record)
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        write_text(_file(folder, stem), text)
    except BadInput as problem:
        problems.append(str(problem))


def _file(folder: Path, stem: str) -> Path:
    return folder / FOLDER / f"{stem}.json"


def _grouped(content: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Files by the folder that is theirs alone; "" for those that lie among others'."""
    groups: dict[str, dict[str, bytes]] = {"": {}}
    for name, bytes_ in content.items():
        group, _, own = name.rpartition("/")
        if group and group not in SHARED:
            groups.setdefault(group, {})[own] = bytes_
        else:
            groups[""][name] = bytes_
    return groups


def _is(path: Path, fingerprint: str) -> bool:
    try:
        return digest_of_file(path) == fingerprint
    except OSError:
        return False


def _remove(folder: Path, name: str) -> None:
    """Take a file away, and its folder when it was the last; what can't be is left."""
    with suppress(BadInput, OSError):
        remove_file(folder / name)
        group = name.rpartition("/")[0]
        if group and group not in SHARED:
            (folder / group).rmdir()
