"""From the bytes of a text file to UTF-8, with no guess that could be wrong.

A byte order mark says how a file is written, and bytes that are valid UTF-8 with letters outside
ASCII in them are UTF-8. Nothing tells the single-byte encodings apart for certain, so there the
wave file must say which it is; the message shows how the file's letters read in each.
"""

from __future__ import annotations

import codecs
import re

from survey_lib.answers.delivered import Delivered
from survey_lib.answers.matching import did_you_mean

MARKS = (  # the longer marks first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SINGLE_BYTE = {"cp1252": "Windows", "mac_roman": "old Macintosh", "cp850": "DOS"}
_KNOWN = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
    "iso-8859-1",
    *SINGLE_BYTE,
)
_CONTROLS = re.compile("[\x80-\x9f]")


def to_utf8(delivered: Delivered) -> bytes:
    """The text as UTF-8 without a byte order mark.

    Raises
    ------
    BadInput
        The encoding has to be named in the wave file, or the one named there isn't the file's.
    """
    content, named = delivered.content, delivered.file.encoding
    marked = next(((mark, name) for mark, name in MARKS if content.startswith(mark)), None)
    if named is not None:
        codec = _codec(delivered, named)
        if marked and not _same_family(codec, marked[1]):
            found = f"a byte order mark of {marked[1].upper()}"
            action = f"remove encoding: under file: in {delivered.wave_file}; the mark says it all"
            raise delivered.fault(
                "the first bytes", found, f"{named}, as the wave file says", action
            )
    if marked:
        mark, name = marked
        return _strict(delivered, content[len(mark) :], name)
    if named is not None:
        return _as_named(delivered, codec)
    if b"\x00" in content:
        little = content[1:2] == b"\x00"
        found = "zero bytes: text in UTF-16 without a byte order mark, or not text"
        action = delivered.write(f"encoding: utf-16-{'le' if little else 'be'}")
        raise delivered.fault(_line(content, content.index(b"\x00")), found, "text", action)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason.startswith("unexpected end") and not content[: error.start].isascii():
            return _strict(delivered, content, "utf-8")
        raise _unknown(delivered, error) from None
    return content


def _codec(delivered: Delivered, named: str) -> str:
    try:
        codec = codecs.lookup(named)
        "å".encode(codec.name)
    except (LookupError, UnicodeError):
        found = f'the unknown encoding "{named}"' + did_you_mean(named, _KNOWN)
        action = delivered.write("encoding: cp1252") + "  (or what the file is written in)"
        raise delivered.fault(
            "", found, "an encoding such as " + ", ".join(_KNOWN), action
        ) from None
    return codec.name.removesuffix("-sig")


def _same_family(named: str, marked: str) -> bool:
    return named in (marked, marked.removesuffix("-le").removesuffix("-be"))


def _as_named(delivered: Delivered, codec: str) -> bytes:
    content = delivered.content
    if not codec.startswith("utf") and not content.isascii() and _is_utf8(content):
        action = delivered.write("encoding: utf-8")
        expected = f"{delivered.file.encoding}, as the wave file says"
        raise delivered.fault("", "text in UTF-8", expected, action)
    result = _strict(delivered, content, codec)
    if codec == "iso8859-1" and (control := _CONTROLS.search(result.decode("utf-8"))):
        place = _line(content, content.index(control[0].encode("latin-1")))
        found = f"byte 0x{ord(control[0]):02x}, which is no letter in latin-1"
        raise delivered.fault(place, found, "latin-1 text", delivered.write("encoding: cp1252"))
    return result


def _strict(delivered: Delivered, content: bytes, codec: str) -> bytes:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        found = f"byte 0x{content[error.start]:02x}, which is not {codec}"
        if error.reason.startswith(("truncated", "unexpected end")):
            found = "the file ends in the middle of a letter"
        elif codec == "utf-8" and content == delivered.content:  # without a mark
            raise _unknown(delivered, error) from None
        place, action = _line(content, error.start), "mend encoding: under file: in "
        other = (
            f"{action}{delivered.wave_file}" if delivered.file.encoding else "export the file again"
        )
        raise delivered.fault(place, found, f"text in {codec}", other) from None
    if "\x00" in text:
        place, action = _line(content, content.index(b"\x00")), "export the file again"
        raise delivered.fault(place, "a zero byte", f"text in {codec}", action)
    return content if codec == "utf-8" else text.encode("utf-8")


def _unknown(delivered: Delivered, error: UnicodeDecodeError) -> Exception:
    """Not UTF-8: name the candidates and how the file's own letters read in each."""
    content = delivered.content
    foreign = bytes(sorted(set(content) - set(range(128))))
    readings = []
    for codec, system in SINGLE_BYTE.items():
        letters = sorted(foreign.decode(codec, errors="replace"), key=lambda one: not one.isalpha())
        readings.append(
            f"encoding: {codec}  ({system}) if they should read  {' '.join(letters[:12])}"
        )
    named = delivered.file.encoding
    return delivered.fault(
        _line(content, error.start),
        f"byte 0x{content[error.start]:02x}, which is not UTF-8",
        f"{named}, as the wave file says"
        if named
        else "UTF-8, or an encoding named in the wave file",
        f"write in {delivered.wave_file}, under file:, one of these lines, by how the letters "
        "outside a-z should read\n      " + "\n      ".join(readings),
    )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(content: bytes, position: int) -> str:
    return f"line {line_ends(content[:position]) + 1}, byte {position + 1}"


def line_ends(content: bytes) -> int:
    """How many lines end in the content, with CR, LF or both."""
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
