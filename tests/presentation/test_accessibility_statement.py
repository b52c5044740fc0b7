"""The tillgänglighetsredogörelse says what guide 7 asks for, and claims no more than is known."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from survey_lib.rendering.page import STATEMENT, Page, build
from survey_lib.report.accessibility import TITLE, accessibility
from survey_lib.vocabulary.reports import Accessibility, AreaReport, Contact, Reports

OFFICE = Contact(name="Trygg", email="trygg@example.org")


def said(own: Accessibility | None) -> BeautifulSoup:
    reports = Reports(
        title="Undersökning",
        publisher="Staden",
        people="boende",
        comment_heading="Kommentar",
        wave="2024",
        level="sdn",
        accessibility=own,
        default=AreaReport(contact=OFFICE),
    )
    results: Any = SimpleNamespace(parameters=SimpleNamespace(reports=reports), area="sdn:a")
    return BeautifulSoup(accessibility(results).html(), "html.parser")


def test_every_part_that_the_guide_asks_for_is_there() -> None:
    own = Accessibility(
        actor="Byn",
        service="Byns rapporter",
        conformance="inte",
        faults=["Kartan <saknas>."],
        method="Prövad med skärmläsare.",
        assessed=date(2026, 11, 22),
        contact=Contact(name="Eva", phone="031-1"),
    )
    text = said(own).get_text(" ")
    for part in (
        "Byn står bakom",
        "hur Byns rapporter uppfyller lagen (2018:1937)",
        "Rapporten är inte förenlig med lagen",
        "Kartan <saknas>.",
        "Prövad med skärmläsare. Senaste bedömning: 22 november 2026.",
        "Eva, 031-1.",
    ):
        assert part in text
    assert said(own).a["href"] == "https://www.digg.se/tdosanmalan"


def test_without_words_of_the_office_only_what_is_known_is_said() -> None:
    text = said(None).get_text(" ")
    assert "Staden står bakom" in text
    assert "delvis förenlig" in text and "helt förenlig" not in text
    assert "inte prövad av personer som använder hjälpmedel" in text
    assert "inte prövad mot standarden PDF/UA" in text
    assert "Senaste bedömning" not in text
    assert "Trygg, trygg@example.org" in text


@pytest.mark.parametrize("there", [True, False])
def test_the_footer_links_to_it_where_it_is(there: bool) -> None:
    heading = f"<h3 {STATEMENT}>{TITLE}</h3>" if there else ""
    links = BeautifulSoup(build(Page("Prov"), heading), "html.parser").select("footer a")
    assert ("#tillganglighetsredogorelse" in [link["href"] for link in links]) == there
