"""A page as PDF: tags, titles and alternatives are there, no row is cut, the bytes are the same.

Needs Chromium, Chrome or Edge; without one the tests of printed pages are skipped, or fail where
``CI`` is set. What is checked here is all that is claimed: no validator of PDF/UA was at hand.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pages
import pikepdf
import pytest
from bs4 import BeautifulSoup

from survey_lib import platforms
from survey_lib.faults import BadInput
from survey_lib.rendering import pdf as printing
from survey_lib.rendering.pdf import elements, find_browser, lacking, pdf

FILES = '<ul class="files"><li><a href="DEMO_x.csv">Tabellen</a></li></ul>'


@pytest.fixture(scope="module")
def page() -> str:
    """A report with tables, charts and a link to a file beside it."""
    return pages.report().replace("</main>", f"{FILES}</main>")


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(platforms.browsers(), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("no browser to print with")
    if found is None:
        pytest.skip("needs Chromium, Chrome or Edge, which is not here")
    return found


@pytest.fixture(scope="module")
def printed(page: str, browser: str) -> bytes:
    return pdf(page, browser)


@pytest.fixture
def document(printed: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(printed)) as opened:
        yield opened


def test_what_a_screen_reader_needs_is_there(document: pikepdf.Pdf, page: str) -> None:
    soup = BeautifulSoup(page, "html.parser")
    assert lacking(document) == []
    assert str(document.Root.Lang) == "sv"
    assert str(document.docinfo.Title) == soup.title.get_text()
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)


def test_bookmarks_are_the_headings(document: pikepdf.Pdf, page: str) -> None:
    def titles(items: Any) -> Iterator[str]:
        for item in items:
            yield " ".join(item.title.split())
            yield from titles(item.children)

    soup = BeautifulSoup(page, "html.parser")
    wanted = [" ".join(h.get_text(" ", strip=True).split()) for h in soup(["h1", "h2", "h3", "h4"])]
    with document.open_outline() as outline:
        assert list(titles(outline.root)) == wanted


def test_tables_are_tables_and_every_figure_has_its_alternative(
    document: pikepdf.Pdf, page: str
) -> None:
    soup = BeautifulSoup(page, "html.parser")
    counted = Counter(str(one.S) for one in elements(document, "/Table", "/TR", "/TH", "/Caption"))
    assert counted["/Table"] == len(soup("table"))
    assert counted["/TR"] == len(soup("tr"))
    assert counted["/TH"] == len(soup("th"))
    scopes = [str(attribute(one, "/Scope")) for one in elements(document, "/TH")]
    assert set(scopes) == {"/Row", "/Column"}
    alternatives = [str(one.Alt) for one in elements(document, "/Figure")]
    assert alternatives == [image["alt"] for image in soup("img")]
    assert alternatives


def test_what_is_folded_is_printed_by_browsers_that_fold_on_paper_too(
    page: str, browser: str, document: pikepdf.Pdf
) -> None:
    """Without the rule of the style sheet, as where the browser is too old to know it."""
    rule = "details::details-content"
    assert page.count("<details") > 2 and page.count(rule) == 1
    with pikepdf.open(BytesIO(pdf(page.replace(rule, ".none"), browser))) as old:
        found = [len(list(elements(one, "/Table"))) for one in (old, document)]
    assert found[0] == found[1] == page.count("<table")


def attribute(element: Any, name: str) -> Any:
    owned = element.A if isinstance(element.A, pikepdf.Array) else [element.A]
    return next(one[name] for one in owned if isinstance(one, pikepdf.Dictionary) and name in one)


def cut_rows(document: pikepdf.Pdf) -> int:
    """Rows of values that stand on more than one page; rows of headings repeat on each."""

    def on(element: Any) -> Iterator[Any]:
        if isinstance(element, pikepdf.Array):
            for one in element:
                yield from on(one)
        elif isinstance(element, pikepdf.Dictionary):
            if "/Pg" in element:
                yield element.Pg.objgen
            if "/K" in element:
                yield from on(element.K)

    def inside(row: Any) -> list[str]:
        cells = row.K if isinstance(row.K, pikepdf.Array) else [row.K]
        return [str(cell.get("/S", "")) for cell in cells if isinstance(cell, pikepdf.Dictionary)]

    rows = [row for row in elements(document, "/TR") if "/TD" in inside(row)]
    assert rows
    return sum(len(set(on(row))) > 1 for row in rows)


def test_no_row_of_a_table_is_cut_by_the_end_of_a_page(document: pikepdf.Pdf, browser: str) -> None:
    assert len(document.pages) > 3
    assert cut_rows(document) == 0
    tall = f"<table><tr><th>Rad</th><td>{'<p>x</p>' * 200}</td></tr></table>"  # can't but be cut
    page = f"<html lang='sv'><title>Prov</title><h1>Prov</h1>{tall}</html>"
    with pikepdf.open(BytesIO(pdf(page, browser))) as other:
        assert cut_rows(other) == 1


def test_the_same_page_gives_the_same_bytes(page: str, browser: str, printed: bytes) -> None:
    assert pdf(page, browser) == printed


def test_numbers_of_the_browser_s_own_leave_no_trace(page: str, browser: str) -> None:
    """On a busy computer it numbers the cells of tables from another number on."""
    first = printing._mended(numbered_from(1, page, browser), "", browser)
    assert printing._mended(numbered_from(70, page, browser), "", browser) == first
    with pikepdf.open(BytesIO(first)) as document:
        named = {str(one.ID): one.objgen for one in elements(document, "/TH") if "/ID" in one}
        referred = [str(name) for cell in elements(document, "/TD") for name in heads(cell)]
        listed = list(document.Root.StructTreeRoot.IDTree.Names)
    assert set(referred) == set(named) and len(referred) > len(named) > 20
    assert list(map(str, listed[::2])) == sorted(named)


def numbered_from(first: int, page: str, browser: str) -> bytes:
    """What the browser prints, its cells' numbers moved on by ``first``."""
    printed, changed = as_printed(page, browser), BytesIO()
    with pikepdf.open(BytesIO(printed)) as document:
        for cell in elements(document, "/TH", "/TD"):
            if "/ID" in cell:
                cell.ID = pikepdf.String(moved(cell.ID, first))
            owner = next((one for one in cell.A if "/Headers" in one), None)
            if owner is not None:
                owner.Headers = pikepdf.Array([moved(name, first) for name in owner.Headers])
        (leaf,) = document.Root.StructTreeRoot.IDTree.Kids
        listed = [moved(x, first) if k % 2 == 0 else x for k, x in enumerate(leaf.Names)]
        leaf.Names = pikepdf.Array(listed)
        document.save(changed, static_id=True)  # else it tells the second
    return changed.getvalue()


def moved(name: Any, by: int) -> str:
    return f"node{int(str(name).removeprefix('node')) + by:08d}"


@cache
def as_printed(page: str, browser: str) -> bytes:
    """What the browser prints, not mended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "_mended", lambda printed, *_: printed)
        return pdf(page, browser)


def heads(cell: Any) -> list[Any]:
    return [name for one in cell.A if "/Headers" in one for name in one.Headers]


def test_links_to_files_are_relative_and_nothing_tells_of_this_computer(
    document: pikepdf.Pdf,
) -> None:
    notes = [note for page in document.pages for note in page.obj.get("/Annots", [])]
    links = [str(note.A.URI) for note in notes if "/URI" in note.get("/A", {})]
    assert "DEMO_x.csv" in links
    assert not [link for link in links if "file:" in link]
    assert not {"/CreationDate", "/ModDate", "/Creator"} & set(document.docinfo.keys())
    whole = BytesIO()
    document.save(whole, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
    assert b"file:///" not in whole.getvalue()


# -- when it doesn't go well ----------------------------------------------------------------------


def test_without_a_browser_the_message_names_what_was_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platforms, "browsers", lambda: iter(()))
    with pytest.raises(BadInput) as caught:
        find_browser()
    for name in ("Chromium", "Google Chrome", "Microsoft Edge", "--pdf"):
        assert name in str(caught.value)


def test_a_browser_that_fails_or_hangs_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="wrote nothing"):
        pdf("<p>", sys.executable)
    monkeypatch.setattr(printing, "SECONDS", 0)
    with pytest.raises(BadInput, match="TimeoutExpired"):
        pdf("<p>", sys.executable)
    with pytest.raises(BadInput, match="FileNotFoundError"):
        pdf("<p>", "/nowhere/chromium")


def test_an_untagged_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def old(browser: str, source: Path, target: Path, profile: Path) -> None:
        with pikepdf.new() as empty:
            empty.add_blank_page()
            empty.save(target)

    monkeypatch.setattr(printing, "_print", old)
    with pytest.raises(BadInput, match="no tags, no language, no title, no title shown, no book"):
        pdf("<p>", "chromium")


@pytest.mark.parametrize(
    ("windows", "place"),
    [
        (True, "Microsoft/Edge/Application/msedge.exe"),
        (False, "Google Chrome.app/Contents/MacOS/Google Chrome"),
    ],
)
def test_browsers_are_found_where_their_installers_put_them(
    windows: bool, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "Applications" / place
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(platforms, "shutil", SimpleNamespace(which=lambda name: None))
    monkeypatch.setattr(platforms, "on_windows", lambda: windows)
    monkeypatch.setenv("ProgramFiles(x86)", str(tmp_path / "Applications"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert list(platforms.browsers()) == [str(program)]
