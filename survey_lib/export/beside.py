"""What lies beside a report's page, and under which names.

The names begin with the page's own, so that a report and its files stand together in a folder, and
a link from the page is the name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from survey_lib.files import replace_folder, write_bytes
from survey_lib.vocabulary.partners import partner_file

WAVE_PAGE = "underlag"  # the page about what a wave stands on
WHOLE_PAGE = "staden"  # the page about all areas of a wave together
FOLLOW_UP_PAGE = "uppfoljning"  # the page about promises
PICTURE = "_gemensam"  # ends the name of an area's page of the joint picture
DEMO = "DEMO_"  # made-up answers say so in the file's name


def page_stem(name: str, demo: bool) -> str:
    """The name of a page's file, without ending: of an area's slug, or a word."""
    return f"{DEMO if demo else ''}{name}"


def joint_names(stem: str) -> tuple[str, str]:
    """The files of the joint table: CSV and JSON."""
    return f"{stem}_gemensam_bild.csv", f"{stem}_gemensam_bild.json"


def page_name(stem: str) -> str:
    """A page itself."""
    return f"{stem}.html"


def picture_stem(stem: str) -> str:
    """The page of the joint picture of an area, beside the area's own; without ending."""
    return f"{stem}{PICTURE}"


def document_name(stem: str) -> str:
    """The joint picture's working sheet as a document, beside an area's page."""
    return f"{picture_stem(stem)}.docx"


def walk_name(stem: str) -> str:
    """The checklist to walk with as a document, beside an area's page."""
    return f"{stem}_vandring.docx"


def template_name(area: str, party: str) -> str:
    """The file that a party fills in with its picture of an area: of all pages, in one folder. It
    holds nothing of the survey's, and comes back under the same name."""
    return f"mallar/{partner_file(area, party)}"


def pictures_name(stem: str) -> str:
    """The folder of the charts as files for slides."""
    return f"{stem}_bilder"


def workbook_name(stem: str) -> str:
    """The workbook with all tables."""
    return f"{stem}.xlsx"


def pdf_name(stem: str) -> str:
    """The page printed."""
    return f"{stem}.pdf"


def write_changed(target: Path, content: bytes) -> None:
    """Write a file whole, unless it holds this already: one that is open elsewhere is left alone.

    Raises
    ------
    BadInput : as :func:`survey_lib.files.write_bytes`.
    """
    if not target.is_file() or target.read_bytes() != content:
        write_bytes(target, content)


def write_pictures(folder: Path, files: Mapping[str, bytes]) -> None:
    """Fill a folder with exactly these files, in one move, unless it holds them already.

    Raises
    ------
    BadInput : as :func:`survey_lib.files.replace_folder`.
    """
    there = {path.name: path.read_bytes() for path in folder.glob("*")}
    if there == files:
        return
    with replace_folder(folder) as aside:
        for name, content in files.items():
            (aside / name).write_bytes(content)
