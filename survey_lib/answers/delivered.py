"""Find the delivered file, take it out of its zip archive, and know its format."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from survey_lib import files, platforms
from survey_lib.answers.matching import did_you_mean
from survey_lib.faults import BadInput, Fault
from survey_lib.vocabulary.validation import listed
from survey_lib.vocabulary.waves import DataFile

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".sav": "sav",
    ".zsav": "sav",
    ".parquet": "parquet",
}
NAMES = {
    "csv": "a text file (CSV)",
    "excel": "an Excel workbook (.xlsx)",
    "sav": "an SPSS file (.sav)",
    "parquet": "a parquet file",
    "zip": "a zip archive",
    "old": "an old (.xls) or password-protected Office file",
}
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_AGAIN = "fetch or export the file again; it is probably cut off"


@dataclass(frozen=True)
class Delivered:
    """The content of one delivered file, and how messages name it and the wave file that asks for
    it. ``file`` is what the wave file says about it."""

    content: bytes
    format: str
    shown: str
    wave_file: str
    file: DataFile

    def fault(self, place: str, found: str, expected: str, action: str) -> BadInput:
        """A fault in this file, ready to be raised."""
        return BadInput(Fault(self.shown, place, found, expected, action))

    def write(self, line: str) -> str:
        """The action "write this line": exactly what to write, and where."""
        return f"write in {self.wave_file}, under file:, the line  {line}"


def open_delivered(
    file: DataFile, folder: Path, wave_file: str, *, demo: bool = False
) -> Delivered:
    """The file that a wave names, unpacked if it is a member of a zip archive.

    Parameters
    ----------
    file : what the wave file says under ``file``; its path is relative to ``folder``.
    wave_file : the wave file as messages show it.
    demo : the file is made up by this program when it is missing.

    Raises
    ------
    BadInput
        Missing, a folder, empty, not readable, not of its format, a damaged archive, or a member
        that isn't there or can't be chosen.
    """
    path = folder / file.path
    shown = files.shown(path)
    content = _read(path, shown, wave_file, demo)
    if path.suffix.lower() == ".zip" or file.member:
        content, member = _unpack(content, file, shown, wave_file)
        shown, name = f"{shown}, member {member}", PurePosixPath(member)
    else:
        name = PurePosixPath(path.name)
    if not content.strip():
        raise BadInput(
            Fault(shown, "", "an empty file", "a header and one row per respondent", _AGAIN)
        )
    kind = file.format or FORMATS.get(name.suffix.lower()) or _magic(content)
    if kind not in NAMES or kind in ("zip", "old"):
        kind = _magic(content)
        found = NAMES.get(kind or "", f'an unknown kind of file ("{name.suffix}")')
        action = (
            f"save it as .xlsx or CSV, or write in {wave_file}, under file:, the line  format: csv"
        )
        raise BadInput(
            Fault(shown, "", found, "CSV, Excel (.xlsx), SPSS (.sav) or parquet", action)
        )
    delivered = Delivered(content, kind, shown, wave_file, file)
    _check_kind(delivered)
    return delivered


def _read(path: Path, shown: str, wave_file: str, demo: bool) -> bytes:
    if path.is_dir():
        action = f"write in {wave_file}, under file:, the path of one file in that folder"
        raise BadInput(Fault(shown, "", "a folder", "a file", action))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if demo:
            action = "run  trygg demo  (it makes the file)"
            raise BadInput(Fault(shown, "", "no such file", "made-up answers", action)) from None
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        years = set(_YEAR.findall(path.name))  # another year's file is not this one misspelt
        alike = [one for one in beside if not years or years >= set(_YEAR.findall(one))]
        found = "no such file" + did_you_mean(path.name, alike)
        action = f"put the file there, or mend path: under file: in {wave_file}"
        raise BadInput(Fault(shown, "", found, "the delivered file", action)) from None
    except OSError as error:
        held = platforms.held_open(error) or isinstance(error, PermissionError)
        found = "it can't be opened" + ("" if held else f" ({error.strerror})")
        action = "close it in Excel or SPSS, or ask for the right to read it"
        raise BadInput(Fault(shown, "", found, "a file that can be read", action)) from None


def _magic(content: bytes) -> str | None:
    """The format that a file's first bytes tell; None for text and anything unknown."""
    if content.startswith(b"PK\x03\x04"):
        inside = (b"[Content_Types].xml", b"xl/workbook.xml")
        return "excel" if any(name in content for name in inside) else "zip"
    if content.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if content.startswith(b"PAR1"):
        return "parquet"
    return "old" if content.startswith(b"\xd0\xcf\x11\xe0") else None


def _check_kind(delivered: Delivered) -> None:
    """The content must be what its ending, or the wave file, says."""
    is_kind, expected = _magic(delivered.content), delivered.format
    if is_kind == (None if expected == "csv" else expected) or (is_kind, expected) == (
        "zip",
        "excel",
    ):
        return
    if is_kind is None:
        found = f"no {NAMES[expected].partition(' ')[2]}: it does not begin as one"
        action = _AGAIN.replace("cut off", "damaged or wrongly named")
        raise delivered.fault("the first bytes", found, NAMES[expected], action)
    actions = {
        "old": "open it in Excel and save it as .xlsx, without a password",
        "zip": "name it .zip, or unpack it",
    }
    action = actions.get(is_kind, delivered.write(f"format: {is_kind}"))
    wanted = NAMES["excel" if is_kind == "old" else expected]
    raise delivered.fault("the first bytes", NAMES[is_kind], wanted, action)


def _unpack(content: bytes, file: DataFile, shown: str, wave_file: str) -> tuple[bytes, str]:
    with damaged(shown, "a zip archive"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [name for name in archive.namelist() if not name.endswith("/")]
        if file.member is None:
            member = _only_data_file(members, shown, wave_file)
        elif file.member in members:
            member = file.member
        else:
            found = f'no member "{file.member}"' + did_you_mean(file.member, members)
            action = f"mend member: under file: in {wave_file}"
            raise BadInput(Fault(shown, "", found, f"one of {listed(members)}", action))
        if archive.getinfo(member).flag_bits & 1:
            action = "unpack it with its password, and name the unpacked file in the wave file"
            raise BadInput(
                Fault(shown, f"member {member}", "a password", "an open archive", action)
            )
        return archive.read(member), member


def _only_data_file(members: list[str], shown: str, wave_file: str) -> str:
    data = [
        name
        for name in members
        if PurePosixPath(name).suffix.lower() in FORMATS and not name.startswith("__MACOSX/")
    ]
    if len(data) == 1:
        return data[0]
    found = f"{len(data)} data files: {listed(data)}" if data else "no data file"
    example = data[0] if data else "folder/file.csv"
    action = f"write in {wave_file}, under file:, the line  member: {example}"
    raise BadInput(Fault(shown, "", found, "one data file, or the name of the one to read", action))


@contextmanager
def damaged(shown: str, what: str) -> Iterator[None]:
    """Turn whatever a format's own library says of a damaged file into one fault.

    The libraries promise no list of exceptions for damaged files: a cut or overwritten byte can
    surface as almost any of them, so everything is caught here, and nowhere else. Their messages
    are not passed on: they may quote a value.
    """
    try:
        yield
    except (BadInput, MemoryError):
        raise
    except Exception as error:
        found = f"damaged, or not what its name says ({type(error).__name__})"
        raise BadInput(Fault(shown, "", found, what, _AGAIN)) from error
