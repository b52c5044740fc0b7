"""The text of a PDF: of its pages as its own fonts spell it, and of what stands around them.

A page holds numbers of glyphs; each font has a table (ToUnicode) that says which letters they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f]+>|\[[^\]]*\])")

_SAYING = ("/Alt", "/ActualText", "/Title", "/URI", "/Contents", "/E", "/T", "/TU", "/V")


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Where, and what: each page, and the document's properties, links and text alternatives."""
    from pikepdf import Pdf, Stream

    with Pdf.open(BytesIO(content)) as document:
        for number, page in enumerate(document.pages, start=1):
            yield f"page {number}", _page(page)
        said = [str(value) for value in document.docinfo.values()]
        if "/Metadata" in document.Root:
            said.append(document.Root.Metadata.read_bytes().decode("utf-8", errors="replace"))
        for one in document.objects:
            said += _strings(one)
            if isinstance(one, Stream) and one.get("/Subtype") == "/Form":
                said.append(_page(one))
            elif isinstance(one, Stream) and one.get("/Type") == "/EmbeddedFile":
                said.append(one.read_bytes().decode("utf-8", errors="replace"))
        yield "properties", " \x1e ".join(said)


def _strings(one: Any) -> list[str]:
    """Texts that stand in an object itself: alternatives, titles of bookmarks, addresses of links,
    notes. Objects that it points to have their own turn."""
    from pikepdf import Array, Dictionary, String

    said: list[str] = []
    inside: list[Any] = []
    if isinstance(one, Array):
        inside = list(one)
    elif isinstance(one, Dictionary):
        said = [str(one[key]) for key in _SAYING if isinstance(one.get(key), String)]
        inside = [part for _, part in one.items()]
    for part in inside:
        if isinstance(part, Array | Dictionary) and not part.is_indirect:
            said += _strings(part)
    return said


def _page(page: Any) -> str:
    """The text that a page, or a part drawn on pages, shows."""
    from pikepdf import parse_content_stream

    fonts = page.get("/Resources", {}).get("/Font", {})
    letters = {name: _letters(font) for name, font in fonts.items()}
    said: list[str] = []
    known: tuple[int, dict[int, str]] = (1, {})
    for one in parse_content_stream(page):
        operands: Any = one.operands
        sign = str(one.operator)
        if sign == "Tf":
            known = letters.get(str(operands[0]), (1, {}))
        elif sign in ("Tj", "'", '"'):
            said.append(_spelt(bytes(operands[-1]), *known))
        elif sign == "TJ":
            for part in operands[0]:
                if hasattr(part, "__bytes__") and not isinstance(part, int | float):
                    said.append(_spelt(bytes(part), *known))
        elif sign in ("Td", "TD"):
            said.append("\n" if operands[1] else "")  # browsers move along a line letter by letter
        elif sign in ("T*", "Tm", "ET"):
            said.append("\n")
    return "".join(said)


def _letters(font: Any) -> tuple[int, dict[int, str]]:
    """Bytes per glyph, and glyph -> letters."""
    size = 2 if str(font.get("/Subtype", "")) == "/Type0" else 1
    if "/ToUnicode" not in font:
        return size, {}
    source, found = font.ToUnicode.read_bytes(), {}
    for block in _CHARS.findall(source):
        for glyph, letter in _PAIR.findall(block):
            found[int(glyph, 16)] = _utf16(letter)
    for block in _RANGES.findall(source):
        for first, last, target in _RANGE.findall(block):
            begin, end = int(first, 16), int(last, 16)
            if target.startswith(b"["):
                spelt = [_utf16(one) for one in re.findall(rb"<([0-9A-Fa-f]+)>", target)]
            else:
                base = _utf16(target[1:-1])
                spelt = [base[:-1] + chr(ord(base[-1]) + k) for k in range(end - begin + 1)]
            found |= dict(zip(range(begin, end + 1), spelt, strict=False))
    return size, found


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode("ascii")).decode("utf-16-be", errors="replace") or " "


def _spelt(string: bytes, size: int, letters: dict[int, str]) -> str:
    if not letters:
        return string.decode("latin-1")
    glyphs = [int.from_bytes(string[k : k + size], "big") for k in range(0, len(string), size)]
    return "".join(letters.get(glyph, "") for glyph in glyphs)
