"""The lines of a file that say numbers: rows of tables, sentences, alternatives, texts in charts.

Two files that say the same have the same lines, whatever their formats do around them: a page and
the notebook it was made from, a workbook made today and one made last year.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from survey_lib.scan.contents import Table, Text, contents

_SAYS = re.compile(r"\d|(?:^|[^.])\.\.(?:$|[^.])")
_DATA = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_UNREAD = re.compile(
    r"<head\b.*?</head>|<style\b.*?</style>|<metadata\b.*?</metadata>|<!--.*?-->", re.DOTALL
)
_READ_TOO = re.compile(r'\b(?:alt|title|aria-label|aria-description)="([^"]*)"')
_INLINE = re.compile(r"</?(?:span|strong|em|b|i|a|abbr|sub|sup|code|tspan|mark|small)\b[^>]*>")
_CELL = re.compile(r"</t[dh]>")
_DRAWN = re.compile(r"<(?:text|title|desc)\b[^>]*>(.*?)</(?:text|title|desc)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NUMBERED = re.compile(r"^(?:Tabell|Diagram) \d+\. ")
_SHARE = re.compile(r"(?<![\d,.])(?:\d+(?:,\d+)?|[<>]1)\s?%")


def lines(name: str, content: bytes, charts: bool = True) -> Iterator[tuple[str, str]]:
    """Place and words of every line that holds a digit or a mark; ``name`` tells the file's kind.
    Pixels are not read; the texts of drawn ``charts`` inside pages if they are wanted."""
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".html":
        yield from markup(content.decode("utf-8", errors="replace"), charts=charts)
    elif ending == ".ipynb":
        yield from _notebook(content, charts)
    elif ending in (".xlsx", ".csv", ".json"):
        yield from _tables(name, content)
    elif ending == ".docx":
        yield from _document(name, content)
    elif ending == ".pdf":
        for piece in contents(name, content):
            if isinstance(piece, Text):
                yield from (
                    (piece.place, one) for one in piece.text.split("\n") if _SAYS.search(one)
                )


def shares(text: str) -> list[str]:
    """The percentages that a text says, as it says them."""
    return ["".join(one.split()) for one in _SHARE.findall(text)]


def markup(source: str, place: str = "", charts: bool = True) -> Iterator[tuple[str, str]]:
    """The lines of HTML or SVG: what stands in one block, a table's row as its cells with bars; of
    ``charts`` inside it too."""
    source = _DATA.sub(_opened if charts else "", source)
    source = _UNREAD.sub(" ", source)
    attributes = [html.unescape(one) for one in _READ_TOO.findall(source)]
    source = _CELL.sub(" | ", _INLINE.sub("", source))
    rows = re.sub(r"<t[dh]\b[^>]*>", "", source)
    for number, line in enumerate([*_TAG.sub("\n\n", rows).split("\n\n"), *attributes], start=1):
        said = _NUMBERED.sub("", " ".join(html.unescape(line).split()))
        if _SAYS.search(said):
            yield f"{place}, line {number}" if place else f"line {number}", said


def whole(text: str, place: str = "") -> Iterator[tuple[str, str]]:
    """A text that is one line however it is broken."""
    if _SAYS.search(text):
        yield place, " ".join(text.split())


def _opened(found: re.Match[str]) -> str:
    """A picture inside a page, as one line of what it says."""
    try:
        source = base64.b64decode(found[1]).decode("utf-8", errors="replace")
    except binascii.Error:
        return found[0]
    return f'"><p>{html.escape(" | ".join(drawn(source)))}</p><x y="'


def drawn(svg: str) -> list[str]:
    """The texts of a drawing that hold a digit or a mark. One alone, such as "12 %", could stand in
    any chart: together they are one line."""
    texts = (_TAG.sub("", text) for text in _DRAWN.findall(svg))
    said = (" ".join(html.unescape(text).split()) for text in texts)
    return [one for one in said if _SAYS.search(one)]


def _notebook(content: bytes, charts: bool) -> Iterator[tuple[str, str]]:
    """What an executed notebook's cells show; not what they are, nor what errors say."""
    for number, cell in enumerate(json.loads(content)["cells"], start=1):
        for output in cell.get("outputs", []):
            for kind, data in output.get("data", {}).items():
                said = "".join(data) if isinstance(data, list) else str(data)
                if kind == "text/plain":
                    yield from whole(said, f"cell {number}")
                elif not kind.startswith("image/png"):
                    yield from markup(said, f"cell {number}", charts)
            yield from whole("".join(output.get("text", "")), f"cell {number}")


def _tables(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    for piece in contents(name, content):
        if isinstance(piece, Table):
            for number, row in enumerate(piece.rows, start=1):
                said = " | ".join(" ".join(str(cell).split()) for cell in row)
                if _SAYS.search(said):
                    yield f"{piece.place}, row {number}" if piece.place else f"row {number}", said


def _document(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """A Word file's paragraphs and rows."""
    for piece in contents(name, content):
        if isinstance(piece, Text) and piece.place.endswith("word/document.xml"):
            for number, line in enumerate(piece.text.split("\n"), start=1):
                said = " ".join(line.split())
                if _SAYS.search(said):
                    yield f"{piece.place}, line {number}", said
