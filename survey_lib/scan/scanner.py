"""Files held against one survey: what its respondents are and wrote, and what its own words are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd

from survey_lib import fingerprints
from survey_lib.answers.traces import ID, TEXT
from survey_lib.files import ASIDE, came_along
from survey_lib.scan.contents import Frame, Table, Text, contents
from survey_lib.scan.patterns import EMAIL, PERSON, PHONE, TOKEN, WORKING, found
from survey_lib.scan.records import Asked
from survey_lib.vocabulary import Parameters

RECORDS = "records"
LABELS = {
    TOKEN: "koden för en svarande",
    ID: "ett löpnummer ur den levererade filen",
    TEXT: "ord som en svarande har skrivit",
    EMAIL: "en e-postadress",
    PHONE: "ett telefonnummer",
    PERSON: "ett personnummer",
    RECORDS: "en tabell med en rad per svarande",
    WORKING: "arbetsmaterial, som inte har gått genom publiceringen",
}
PLACES = {
    "table": "tabell", "row": "rad", "line": "rad", "picture": "bild", "column": "kolumn",
    "page": "sida", "properties": "egenskaper", "an attribute": "ett attribut", "a": "en",
    "as it stands": "filens början", "the file's name": "filens namn",
}  # fmt: skip
_PLACE = re.compile(rf"\b({'|'.join(sorted(PLACES, key=len, reverse=True))})\b")
_UNSEEN = re.compile(r"\x1b\[[0-9;]*m|[\u00ad\u200b-\u200d\u2060\ufeff]")
_WRITTEN = re.compile(r"\\[nrt]")  # line ends and tabs
_NUMBERED = re.compile(r"\\u([0-9a-fA-F]{4})")
_PICTURE = re.compile(rb"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+")
EMPTY = b"data:image/svg+xml,"
MADE_UP = "demo.yaml"  # what made-up respondents write: no words of the survey's own
LIBRARY = Path(__file__).parents[1]


@dataclass(frozen=True, order=True)
class Hit:
    """Something in a file that must not be there. It is named and never repeated."""

    file: str
    place: str
    kind: str

    @property
    def found(self) -> str:
        """What it is, in Swedish."""
        return LABELS[self.kind]

    @property
    def where(self) -> str:
        """The place, in Swedish."""
        return in_swedish(self.place)


def in_swedish(place: str) -> str:
    """A place in a file, as Swedish readers are told it."""
    return _PLACE.sub(lambda word: PLACES[word[0]], place) or "hela filen"


class Scanner:
    """Searches files for the respondents of one survey.

    Parameters
    ----------
    marks : fingerprints of delivered ids and of what was written, as
        :class:`survey_lib.answers.traces.Traces` has them; None when they are gone with the
        microdata: then only what can be known of anybody is looked for.

    What the parameters, the notebooks and this program say themselves is nobody's own words, and
    contacts that the parameters name are no leak.
    """

    def __init__(self, parameters: Parameters, marks: pd.DataFrame | None):
        said = _said(parameters)
        self._asked = Asked.of(parameters)
        self._clean: set[int] = set()  # met before: a page, its notebook and files share many
        self._allowed = {one for text in said for kind, _, one in found(text) if kind != WORKING}
        self._marks = _sought(marks, [*said, *_own_words()]) if marks is not None else {}

    def scan(self, name: str, content: bytes) -> list[Hit]:
        """What one file holds that it must not; ``name`` tells its kind, and the hits its name."""
        hits: dict[Hit, None] = {}
        content, pictures = self._without_known(content)
        for piece in contents(name, content):
            if isinstance(piece, Text):
                if hash(piece.text) in self._clean:
                    continue
                there = {Hit(name, where, kind): None for kind, where in self._in_text(piece)}
                hits |= there
                if not there:
                    self._clean.add(hash(piece.text))
            elif isinstance(piece, Table):
                row = self._asked.row_of(piece.rows)
                if row is not None:
                    where = f"{piece.place}, row {row}" if piece.place else f"row {row}"
                    hits[Hit(name, where, RECORDS)] = None
            elif isinstance(piece, Frame) and self._asked.in_frame(piece.frame):
                hits[Hit(name, piece.place, RECORDS)] = None
        if not hits:
            self._clean |= pictures
        return list(hits)

    def _without_known(self, content: bytes) -> tuple[bytes, set[int]]:
        """A file with nothing in the pictures that were found clean before, and which are left:
        a page has those of its notebook."""
        left = set()

        def known(found: re.Match[bytes]) -> bytes:
            if (one := hash(found[0])) in self._clean:
                return EMPTY
            left.add(one)
            return found[0]

        return _PICTURE.sub(known, content), left

    def scan_all(self, files: Mapping[str, bytes]) -> list[Hit]:
        """What several files hold, content by name."""
        return [hit for name, content in files.items() for hit in self.scan(name, content)]

    def scan_folder(self, folder: Path) -> list[Hit]:
        """What the files of a folder, and of those in it, hold; also what their names say."""
        files = (one for one in sorted(folder.rglob("*")) if one.is_file())
        names = {one.relative_to(folder).as_posix(): one for one in files}
        hits = []
        for name, path in names.items():
            if ASIDE not in name:
                hits += self.scan(name, path.read_bytes())
                in_name = self._in_text(Text("", name.replace("_", " ")))
                hits += [Hit(name, "the file's name", kind) for kind, _ in in_name]
        return hits

    def _in_text(self, piece: Text) -> Iterator[tuple[str, str]]:
        text = _spelt_out(piece.text)
        for kind, place, what in found(text):
            if what not in self._allowed:
                yield kind, _where(piece, text.count("\n", 0, place))
        words = fingerprints.words_of(text)
        if (first := self._asked.in_words(words)) is not None:
            yield RECORDS, _where(piece, _line_of_word(text, first))
        elif (begins := self._asked.in_text(text)) is not None:
            yield RECORDS, _where(piece, text.count("\n", 0, begins))
        if not self._marks or not words:
            return
        numbers = fingerprints.numbers_of(words)
        for length, (sought, kinds) in self._marks.items():
            these = fingerprints.runs(numbers, length)
            at = np.minimum(np.searchsorted(sought, these), len(sought) - 1)
            for run in np.flatnonzero(sought[at] == these):
                yield kinds[at[run]], _where(piece, _line_of_word(text, int(run)))


def _spelt_out(text: str) -> str:
    """A text without what is in it and not seen: colours of a terminal, places where a word may be
    broken; with one hyphen for all kinds, and signs in place of what stands for them in programs
    and addresses."""
    text = _NUMBERED.sub(lambda one: chr(int(one[1], 16)), _UNSEEN.sub("", text))
    text = _WRITTEN.sub(" ", text).replace("\u2010", "-").replace("\u2011", "-")
    return unquote(text) if "%20" in text else text


def _where(piece: Text, lines: int) -> str:
    if not piece.lines:
        return piece.place
    return f"{piece.place}, line {lines + 1}" if piece.place else f"line {lines + 1}"


def _line_of_word(text: str, place: int) -> int:
    """The line, from 0, of a word; composing and case can move words but not lines."""
    for number, line in enumerate(text.split("\n")):
        place -= len(fingerprints.words_of(line))
        if place < 0:
            return number
    return text.count("\n")


def _said(parameters: Parameters) -> list[str]:
    """All that the parameters say: not what respondents do, made-up ones included."""
    folder = parameters.folder
    delivered = {(folder / one.file.path).resolve() for one in parameters.waves.values()}
    files = [one for one in sorted(folder.rglob("*")) if one.suffix in (".yaml", ".csv")]
    return [
        one.read_text(encoding="utf-8-sig")
        for one in files
        if one.name != MADE_UP and one.resolve() not in delivered
    ]


def _own_words() -> Iterator[str]:
    """What this program and its notebooks say."""
    for one in sorted(LIBRARY.rglob("*")):
        if one.suffix in (".py", ".j2", ".css", ".html"):
            yield one.read_text(encoding="utf-8")
    for one in sorted(came_along("notebooks").glob("*.ipynb")):
        for cell in json.loads(one.read_text(encoding="utf-8"))["cells"]:
            source = cell["source"]
            yield source if isinstance(source, str) else "".join(source)


def _sought(marks: pd.DataFrame, said: list[str]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Length of a run -> what to look for (sorted) and its kind, without what is said anyhow."""
    numbers = [fingerprints.numbers_of(fingerprints.words_of(text)) for text in said]
    result = {}
    for length, part in marks.drop_duplicates(["words", "number"]).groupby("words"):
        own = np.unique(np.concatenate([fingerprints.runs(one, int(length)) for one in numbers]))
        left = part[~np.isin(part["number"].to_numpy(), own)].sort_values("number")
        if len(left):
            result[int(length)] = (left["number"].to_numpy(), left["kind"].to_numpy(object))
    return result
