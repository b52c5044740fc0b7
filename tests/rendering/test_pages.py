"""What a page says to machines that read it: the semantic test beside the browser's.

An accessibility checker passes filler alternatives, missing scopes and English interface words;
this doesn't.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pages
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import KINDS, shown

from survey_lib.presentation.section import Section
from survey_lib.rendering.exporter import ReportExporter, render
from survey_lib.rendering.finish import MissingAlternative, finish
from survey_lib.rendering.index import IndexRow, render_index, render_message_page

ENGLISH = re.compile(
    r"\b(the|and|with|table of contents|skip to|figure|image|chart|no description|error|warning|"
    r"unnamed|report|next|previous|back to top|null|nan|none|undefined)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def finished() -> dict[str, str]:
    return {name: make() for name, make in KINDS.items()}


@pytest.fixture(params=list(KINDS))
def page(request: pytest.FixtureRequest, finished: dict[str, str]) -> BeautifulSoup:
    return BeautifulSoup(finished[request.param], "html.parser")


def test_language_title_and_generator(page: BeautifulSoup) -> None:
    assert page.html and page.html["lang"] == "sv"
    assert page.title and page.h1
    assert page.title.get_text().split(" – ")[0] == page.h1.find(string=True).strip()
    generator = page.find("meta", attrs={"name": "generator"})
    assert str(generator["content"]).startswith("survey_lib ")


def test_landmarks(page: BeautifulSoup) -> None:
    for name in ("header", "main", "footer"):
        assert len(page.find_all(name)) == 1
    named = [nav["aria-label"] for nav in page("nav")]
    assert len(named) == len(set(named)) and set(named) <= {"Innehåll", "Karta, stadsdelar"}
    skip = page.body.find("a")
    assert skip.get_text() == "Hoppa till innehållet"
    assert page.find(id=str(skip["href"])[1:]).name == "main"


def test_one_h1_and_no_level_skipped(page: BeautifulSoup) -> None:
    levels = [int(h.name[1]) for h in page(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page(id=True)]
    assert len(ids) == len(set(ids))
    for link in page("a", href=re.compile("^#")):
        assert str(link["href"])[1:] in ids
    for tag in page(attrs={"aria-labelledby": True}):
        assert set(str(tag["aria-labelledby"]).split()) <= set(ids)


def test_contents_list_the_headings(page: BeautifulSoup) -> None:
    nav = page.find("nav")
    if nav is None:
        return
    listed = [(a.get_text(), str(a["href"])[1:]) for a in nav("a")]
    headings = page.main("h2") + page.select("main .prose h3")
    headings = [(h.get_text(), h["id"]) for h in sorted(headings, key=page.main(True).index)]
    assert listed == headings


def test_tables_can_be_read_by_ear(page: BeautifulSoup) -> None:
    for table in page("table"):
        assert table.caption and table.caption.get_text(strip=True)
        assert all(th.get("scope") in ("col", "row", "rowgroup") for th in table("th"))
        assert all(tr.find("th") for tr in table("tr"))
        frame = table.find_parent(attrs={"role": "region"})
        assert frame["tabindex"] == "0" and frame["aria-labelledby"] == table.caption["id"]


def test_pictures_have_alternatives_with_content(page: BeautifulSoup) -> None:
    for image in page("img"):
        assert re.search(r"\d", image["alt"]) and len(image["alt"]) > 60
        assert image["src"].startswith("data:image/svg+xml;base64,")
        assert image.find_parent("figure").figcaption


def test_nothing_active_and_nothing_from_elsewhere(page: BeautifulSoup) -> None:
    assert not page(["script", "iframe", "object", "embed", "link", "form", "base"])
    for tag in page(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        for name in ("src", "srcset", "href"):
            assert not re.match(r"(?i)(https?:)?//|javascript:", str(tag.get(name, "")))
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert "url(" not in page.style.get_text() and "@import" not in page.style.get_text()


def test_everything_a_reader_meets_is_swedish(page: BeautifulSoup) -> None:
    for tag in page(["style"]):
        tag.decompose()
    attributes = " ".join(
        str(tag[name]) for tag in page(True) for name in ("alt", "aria-label", "title")
        if name in tag.attrs
    )  # fmt: skip
    found = ENGLISH.findall(f"{page.get_text(' ')} {attributes}")
    assert not found


def test_made_up_answers_say_so_at_the_top_and_in_the_title(page: BeautifulSoup) -> None:
    assert page.title.get_text().endswith("DEMO") and "DEMO" in page.h1.get_text()
    banner = page.header.find(class_="demo-banner").get_text()
    assert banner == "DEMODATA – påhittade svar. Får inte användas som underlag för beslut."
    assert all("DEMO" in caption.get_text() for caption in page("caption"))


@pytest.mark.parametrize("kind", KINDS)
def test_real_answers_never_say_demo(kind: str) -> None:
    page = BeautifulSoup(KINDS[kind](demo=False), "html.parser")
    assert "DEMO" not in page.get_text()


def test_size(finished: dict[str, str]) -> None:
    assert all(len(html.encode("utf-8")) < 1_500_000 for html in finished.values())
    assert len(finished["index"]) < 40_000


def test_no_code_no_streams_no_errors_no_hidden_cells(finished: dict[str, str]) -> None:
    html = finished["report"]
    for secret in ("hemlig", "utskrift", "varning", "spår", "Arbetsbok", "Arbetsnamn", "Section("):
        assert secret not in html
    assert "<em>betoning</em>" in html


def test_a_section_without_content_takes_its_heading_with_it() -> None:
    empty, full = Section("Tom").html(), Section("Full", ["Ja."]).html()
    body, contents = finish(
        '<div class="prose"><h2>Tom</h2></div>'
        + empty
        + '<div class="prose"><h2>Full</h2></div>'
        + full
        + '<div class="prose"><h2>Prosa</h2><p>Ord.</p></div>'
        + empty
    )
    assert [entry.text for entry in contents] == ["Full", "Prosa"]
    assert "Tom" not in body and "Ord." in body


def test_tables_and_charts_are_numbered_in_order(finished: dict[str, str]) -> None:
    page = BeautifulSoup(finished["report"], "html.parser")
    for selector, word in (("caption", "Tabell"), ("figcaption", "Diagram")):
        numbers = [tag.find(class_="no").get_text() for tag in page(selector)]
        assert numbers == [f"{word} {k}." for k in range(1, len(numbers) + 1)] and numbers


def test_the_same_notebook_gives_the_same_page() -> None:
    assert pages.report() == pages.report()


def test_the_exporter_stands_alone_in_nbconvert() -> None:
    notebook = pages.notebook()
    notebook.metadata.title = "Egen titel"
    html, resources = ReportExporter().from_notebook_node(notebook)
    page = BeautifulSoup(html, "html.parser")
    assert page.h1.get_text() == "Egen titel" and resources["output_extension"] == ".html"
    assert "hemlig_kod" not in html


@pytest.mark.parametrize("kind", ["image/png", "image/svg+xml"])
def test_a_picture_without_alternative_stops_the_page(kind: str) -> None:
    data = {kind: "<svg/>" if "svg" in kind else "aGVq"}

    def made(**metadata: dict) -> str:
        cell = new_code_cell("x", outputs=[shown(data, "display_data", **metadata)])
        return render(new_notebook(cells=[cell]), title="Prov")

    for alternative in ({}, {kind: {"alt": ""}}, {kind: {"alt": "  "}}):
        with pytest.raises(MissingAlternative, match="picture 1"):
            made(**alternative)
    page = BeautifulSoup(made(**{kind: {"alt": 'Två "staplar" <b>'}}), "html.parser")
    assert page.img["alt"] == 'Två "staplar" <b>'


def test_a_data_frame_shown_by_hand_is_mended() -> None:
    frame = pd.DataFrame({"Andel": [1, 2]}, index=["Klotter", "Buller"])
    cell = new_code_cell("x", outputs=[shown({"text/html": frame.to_html()})])
    page = BeautifulSoup(render(new_notebook(cells=[cell]), title="Prov"), "html.parser")
    assert [th["scope"] for th in page("th")] == ["col", "row", "row"]
    assert "border" not in page.table.attrs and page.table.find_parent(role="region")
    assert not page("style")[1:]


def test_headings_are_put_in_order() -> None:
    html, contents = finish(
        "<h1>Bort</h1><h3 id='x'>Ett</h3><h5>Två</h5><h1>Tre</h1><h2>Ett</h2><p id='tre'></p>"
    )
    soup = BeautifulSoup(html, "html.parser")
    found = [(h.name, h.get_text(), h["id"]) for h in soup(re.compile("^h"))]
    assert found == [
        ("h2", "Ett", "ett"), ("h3", "Två", "tva"), ("h2", "Tre", "tre-2"), ("h2", "Ett", "ett-2"),
    ]  # fmt: skip
    assert [entry.text for entry in contents] == ["Ett", "Tre", "Ett"]
    assert [entry.text for entry in contents[0].children] == ["Två"]


def test_the_same_section_twice_gets_ids_of_its_own() -> None:
    block = (
        '<div><p id="a">x</p><i aria-labelledby="a b"></i><a href="#a">y</a><b id="b"></b></div>'
    )
    soup = BeautifulSoup(finish(block + block)[0], "html.parser")
    assert [tag["id"] for tag in soup(id=True)] == ["a", "b", "a-2", "b-2"]
    assert [i["aria-labelledby"] for i in soup("i")] == ["a b", "a-2 b-2"]
    assert [a["href"] for a in soup("a")] == ["#a", "#a-2"]


def test_what_is_active_is_taken_out() -> None:
    html, _ = finish(
        "<p onclick='x'>a<script>b</script></p><iframe src=c></iframe><style>d</style>"
    )
    assert html == "<p>a</p>"


EVIL = "<script>alert(1)</script> {{ 7*7 }} \"'&\u202e"


def test_every_text_around_a_page_is_data() -> None:
    rows = [IndexRow("a", EVIL, "a.html", "failed", EVIL, group=EVIL, tile=(1, 1)),
            IndexRow("d", EVIL, "d.html", group=EVIL, tile=(2, 1), files=[("d.csv", EVIL)]),
            IndexRow("b", "B", "b.html", group="C")]  # fmt: skip
    facts = [(EVIL, EVIL)]
    around = {"publisher": EVIL, "facts": facts, "summary": EVIL}
    made = [
        render_index(EVIL, rows, title=EVIL, **around),
        render_message_page(title=EVIL, paragraphs=[EVIL], links=[("a.html", EVIL)],
                            survey=EVIL, home=("i.html", EVIL), **around),
        render(new_notebook(cells=[]), title=EVIL, survey=EVIL, **around),
    ]  # fmt: skip
    for html in made:
        page = BeautifulSoup(html, "html.parser")
        assert not page("script") and "\u202e" not in html and "49" not in page.get_text()
        assert "<script>alert(1)</script>" in page.h1.get_text()
    tiles = BeautifulSoup(made[0], "html.parser").select(".tiles li a")
    assert [tile.get_text() for tile in tiles] == [EVIL.replace("\u202e", "")] * 2


def test_index_finds_every_area_in_swedish_order_with_its_state() -> None:
    page = BeautifulSoup(pages.index(), "html.parser")
    first, second = page("table")
    rows = [[cell.get_text() for cell in tr(["th", "td"])] for tr in first.select("tbody tr")]
    assert rows == [
        ["Angered", "KlarCSV för AngeredExcel för AngeredPDF för Angered", "901"],
        ["Askim-Frölunda-Högsbo", "Klar", "903"],
        ["Kålltorp", "Kunde inte skapas: Kunde inte skrivas.", "–"],
        ["Lundby", "Kunde inte skapas: Underlaget saknas.", "–"],
        ["Majorna-Linné", "Ingen egen undersökning", "–"],
        ["Ärla", "Klar", "904"],
        ["Örgryte-Härlanda", "Klar", "902"],
        ["Östra Göteborg", "Klar", "900"],
    ]
    links = {a.get_text(): a["href"] for a in first("a")}
    assert links["Angered"] == "1.html" and "Kålltorp" not in links
    assert second.select_one("tbody th").get_text() == "Nordost"
    assert "2 september–13 oktober 2024" in page.get_text()
    assert "Antal rapporter som inte kunde skapas:\u00a02." in page.get_text()


def test_the_map_leads_to_every_area_in_swedish_order_with_its_state_in_words() -> None:
    page = BeautifulSoup(pages.index(), "html.parser")
    (tiles,) = page("ol", class_="tiles")
    shown = [(tile.find(["a", "span"]).get_text(), tile.select_one(".state").get_text())
             for tile in tiles("li")]  # fmt: skip
    assert shown == [
        ("Angered", "Klar"),
        ("Askim-Frölunda-Högsbo", "Klar"),
        ("Guldheden", "Ingen rapport än"),
        ("Kålltorp", "Kunde inte skapas"),
        ("Lundby", "Kunde inte skapas"),
        ("Majorna-Linné", "Ingen egen undersökning"),
        ("Ärla", "Klar"),
        ("Örgryte-Härlanda", "Klar"),
        ("Östra Göteborg", "Klar"),
    ]
    links = {a.get_text(): a["href"] for a in tiles("a")}
    named = {th.a.get_text(): th.a["href"] for th in page.table("th", scope="row") if th.a}
    assert links == named and "Kålltorp" not in links and "Guldheden" not in links
    assert page.table.find_previous("nav")["aria-label"] == "Karta, stadsdelar"


def test_each_tile_has_a_place_of_its_own() -> None:
    page = BeautifulSoup(pages.index(), "html.parser")
    places = [name for li in page.select(".tiles li") for name in li["class"] if "at-" in name]
    assert len(set(places)) == len(places) == 9
    for place in places:
        column, row = place.split("-")[1:]
        assert f".{place}{{grid-area:{row}/{column}}}" in page.style.get_text()


def test_files_beside_a_report_are_linked_by_name() -> None:
    page = BeautifulSoup(pages.index(), "html.parser")
    files = {a["href"]: a.get_text() for a in page.select(".files a")}
    assert files == {
        "1.csv": "CSV för Angered", "1.xlsx": "Excel för Angered", "1.pdf": "PDF för Angered"
    }  # fmt: skip


def test_a_level_of_one_group_needs_no_contents() -> None:
    html = render_index("2024", [IndexRow("a", "A", "a.html")], title="Prov")
    assert "<nav" not in html


def test_an_area_without_survey_says_so() -> None:
    text = BeautifulSoup(pages.message(), "html.parser").main.get_text(" ")
    assert "Ingen egen trygghetsundersökning gjordes i stadsdelen 2024." in text
    assert "Den senaste egna undersökningen gjordes 2022." in text


def test_markdown_cells_keep_their_own_text_only() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("## Rubrik ¶\n\nA & B")])  # no links to itself
    page = BeautifulSoup(render(notebook, title="Prov"), "html.parser")
    assert page.h2.get_text() == "Rubrik ¶" and not page.h2("a")
