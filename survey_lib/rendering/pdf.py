"""A finished page as a tagged PDF, printed by the Chromium, Chrome or Edge that the computer has.

What is folded on the page is opened first, so that the PDF holds every table, however old the
browser. It makes the tags, the outline of headings, language and title out of the page. What it
leaves wrong is mended here: the frame around a chart is a figure without text alternative, links
to files beside the page name this computer's folders, the time of printing stands in the file, and
cells of tables have numbers that depend on how busy the computer was.
A PDF that lacks what a screen reader needs is never returned (:func:`lacking`). That is all that is
checked: nothing here says that the file conforms to PDF/UA.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib import platforms
from survey_lib.faults import BadInput, Fault

if TYPE_CHECKING:
    from pikepdf import Pdf

SECONDS = 240  # for one page, on a machine with all cores busy
PLACE = "printing to PDF"
OPTIONS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page fetches nothing, and so can't
    "--no-pdf-header-footer",  # the page has its own
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)


def find_browser() -> str:
    """The program that prints.

    Raises
    ------
    BadInput : there is none; says what was looked for.
    """
    found = next(platforms.browsers(), None)
    if found is None:
        names = ", ".join(platforms.BROWSERS)
        action = "install one of them, or leave --pdf out"
        expected = "a browser that prints PDF"
        raise BadInput(Fault("this computer", PLACE, f"none of {names}", expected, action))
    return found


def pdf(page: str, browser: str) -> bytes:
    """The page printed.

    Parameters
    ----------
    page : HTML of a whole page, in one file.
    browser : as :func:`find_browser` gives it.

    Raises
    ------
    BadInput : the browser fails, takes too long, or is too old to make an accessible PDF.
    """
    with tempfile.TemporaryDirectory(prefix="trygg-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page.replace("<details", "<details open"), encoding="utf-8")
        _print(browser, source, target, Path(folder) / "profile")
        printed = target.read_bytes()
        return _mended(printed, source.parent.as_uri() + "/", browser)


def lacking(document: Pdf) -> list[str]:
    """What a screen reader needs and the document doesn't have; in English, for a message."""
    root: Any = document.Root
    wanted = {
        "tags": root.get("/MarkInfo", {}).get("/Marked", False) and "/StructTreeRoot" in root,
        "language": str(root.get("/Lang", "")),
        "title": str(document.docinfo.get("/Title", "")),
        "title shown": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False),
        "bookmarks": "/Outlines" in root,
    }
    missing = [name for name, there in wanted.items() if not there]
    if "tags" not in missing and any("/Alt" not in one for one in elements(document, "/Figure")):
        missing.append("text alternatives")
    return missing


def elements(document: Pdf, *kinds: str) -> Iterator[Any]:
    """The document's structure elements of some kinds ("/Table"), in reading order."""
    from pikepdf import Array, Dictionary

    waiting = [document.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Array):
            waiting += reversed(list(one))
        elif isinstance(one, Dictionary):
            if str(one.get("/S", "")) in kinds:
                yield one
            if "/K" in one:
                waiting.append(one.K)


def _print(browser: str, source: Path, target: Path, profile: Path) -> None:
    command = [browser, *OPTIONS, *platforms.browser_options(), f"--user-data-dir={profile}"]
    command += [f"--print-to-pdf={target}", source.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        kind = type(problem).__name__
        raise BadInput(_fault(browser, f"it stopped with {kind}", "a PDF")) from problem
    if not target.is_file():
        raise BadInput(_fault(browser, f"it wrote nothing (exit code {done.returncode})", "a PDF"))


def _mended(printed: bytes, folder: str, browser: str) -> bytes:
    """The same document, alike from run to run."""
    from pikepdf import Name, Pdf

    result = BytesIO()
    with Pdf.open(BytesIO(printed)) as document:
        if "/StructTreeRoot" in document.Root:
            for figure in elements(document, "/Figure"):
                if "/Alt" not in figure:  # around an image that has one
                    figure.S = Name.Div
            _number_cells(document)
        annotations: Any = [page.obj.get("/Annots", []) for page in document.pages]
        for action in (one.A for some in annotations for one in some if "/A" in one):
            if str(action.get("/URI", "")).startswith(folder):
                action.URI = str(action.URI).removeprefix(folder)
        for told in ("/CreationDate", "/ModDate", "/Creator"):
            if told in document.docinfo:
                del document.docinfo[told]
        if missing := lacking(document):
            found = f"its PDF has no {', no '.join(missing)}"
            raise BadInput(_fault(browser, found, "an accessible PDF"))
        document.save(result, deterministic_id=True)
    return result.getvalue()


def _number_cells(document: Pdf) -> None:
    """Name the heading cells of tables by their order. The browser numbers them as nodes of its
    own, of which there are some more or fewer before them from run to run."""
    from pikepdf import Array, Dictionary, String

    named = {str(one.ID): one for one in elements(document, "/TH") if "/ID" in one}
    if not named:
        return
    names = {old: String(f"cell{place:06d}") for place, old in enumerate(named)}
    for old, cell in named.items():
        cell.ID = names[old]
    for cell in elements(document, "/TH", "/TD"):
        owned: Any = cell.get("/A", [])
        for one in owned if isinstance(owned, Array) else [owned]:
            if "/Headers" in one:
                one.Headers = Array([names[str(old)] for old in one.Headers])
    listed = [part for old, cell in named.items() for part in (names[old], cell)]
    document.Root.StructTreeRoot.IDTree = Dictionary(Names=Array(listed))


def _fault(browser: str, found: str, expected: str) -> Fault:
    action = "update it, or leave --pdf out"
    return Fault(Path(browser).name, PLACE, found, expected, action)
