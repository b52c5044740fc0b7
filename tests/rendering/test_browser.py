"""The pages in a real browser: accessibility, reflow, darkness, keyboard, print, no network."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from accessibility import check_accessibility
from pages import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS, MODES = (320, 768, 1280), ("light", "dark")
TILES = """[...document.querySelectorAll('.tiles li')].map(li => {
    const box = li.getBoundingClientRect(), range = document.createRange();
    range.selectNodeContents(li);
    const words = [...range.getClientRects()].filter(r => r.width > 0);
    const link = getComputedStyle(li.firstChild, '::after').height;
    return {place: [...li.classList].find(c => c.startsWith('at-')).split('-').slice(1).map(Number),
            left: box.left, right: box.right, top: box.top, bottom: box.bottom,
            link: li.querySelector('a') ? parseFloat(link) : 99,
            words: [Math.min(...words.map(r => r.left)), Math.max(...words.map(r => r.right))]};
})"""
PAPER = {"light": (255, 255, 255), "dark": (0x15, 0x19, 0x1E)}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of page as a file, as on a file share."""
    here = tmp_path_factory.mktemp("pages")
    for name, make in KINDS.items():
        (here / f"{name}.html").write_text(make(), encoding="utf-8")
    return here


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Any]:
    opened: list[Page] = []

    def go(kind: str, width: int = 1280, mode: str = "light") -> Page:
        page = browser.new_page(
            viewport={"width": width, "height": 800},
            color_scheme=mode,  # type: ignore[arg-type]
        )
        opened.append(page)
        page.goto((folder / f"{kind}.html").as_uri())
        return page

    yield go
    for page in opened:
        page.close()


EACH_TIME = [(320, "light"), (1280, "dark")]  # the others in evidence


@pytest.mark.parametrize(
    ("width", "mode"),
    [
        pytest.param(*one, marks=() if one in EACH_TIME else pytest.mark.evidence)
        for one in product(WIDTHS, MODES)
    ],
)
@pytest.mark.parametrize("kind", ["report", "index", "message"])
def test_no_accessibility_violations(visit: Any, kind: str, width: int, mode: str) -> None:
    check_accessibility(visit(kind, width, mode))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaves_the_page(browser: Browser, folder: Path, kind: str) -> None:
    """No request but for the file itself, and nothing for the content policy to stop."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda problem: said.append(str(problem)))
    address = (folder / f"{kind}.html").as_uri()
    page.goto(address, wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert said == []
    context.close()


@pytest.mark.parametrize("width", [*WIDTHS, 640])
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_never_scrolls_sideways(visit: Any, kind: str, width: int) -> None:
    page = visit(kind, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_shown_whole_and_in_the_page_s_colours(
    visit: Any, width: int, mode: str
) -> None:
    from PIL import Image

    page = visit("report", width, mode)
    pictures = page.locator("figure img")
    assert pictures.count() == 4
    for number in range(pictures.count()):
        picture = pictures.nth(number)
        wide, natural = picture.evaluate("i => [i.getBoundingClientRect().width, i.naturalWidth]")
        assert natural == (340 if width < 576 else 680)
        assert 0.8 * natural <= wide <= width
        image = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
        corner = image.getpixel((1, image.height - 2))
        assert all(abs(a - b) <= 2 for a, b in zip(corner, PAPER[mode], strict=True))
        assert len(set(image.resize((60, 60)).get_flattened_data())) > 10  # something is drawn


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    visit: Any, kind: str
) -> None:
    page = visit(kind)
    expected = page.evaluate(
        """[...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
            .filter(e => e.checkVisibility()).map(e => e.outerHTML)"""
    )
    met = []
    for step in range(len(expected)):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            const r = e.getBoundingClientRect();
            return {html: e.outerHTML, outline: s.outlineStyle, width: parseFloat(s.outlineWidth),
                    seen: r.width > 0 && r.right > 0 && r.bottom > 0 && r.top < innerHeight}; }"""
        )
        assert where["outline"] != "none" and where["width"] >= 2, where["html"][:200]
        assert where["seen"], where["html"][:200]
        met.append(where["html"])
        if step == 0:
            assert "Hoppa till innehållet" in where["html"]
    assert met == expected


def test_skipping_lands_in_the_content(visit: Any) -> None:
    page = visit("report")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "innehall"


def test_contents_lead_to_their_headings(visit: Any) -> None:
    page = visit("report")
    for link in page.locator("nav a").all():
        link.click()
        identity = str(link.get_attribute("href"))[1:]
        top = page.locator(f"[id='{identity}']").evaluate("h => h.getBoundingClientRect().top")
        assert -1 <= top < 800


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_print_cuts_no_table_and_is_black_on_white(visit: Any, kind: str, mode: str) -> None:
    paper = 672  # A4 less its margins, in CSS pixels
    page = visit(kind, paper, mode)
    page.emulate_media(media="print", color_scheme=mode)
    wide = page.evaluate("[...document.querySelectorAll('table, img')].map(e => e.offsetWidth)")
    assert all(width <= paper for width in wide), wide
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 39, 51)"
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).display") == "none"


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints_to_tagged_pages_with_numbers(visit: Any, kind: str) -> None:
    document = visit(kind).pdf(prefer_css_page_size=True, tagged=True, outline=True)
    assert document.startswith(b"%PDF")
    assert b"/StructTreeRoot" in document and b"/Lang (sv)" in document


def test_text_can_be_twice_as_large(visit: Any) -> None:
    """WCAG 1.4.4: at 200 % text size on a usual screen nothing is lost sideways."""
    page = visit("report", 1280)
    page.add_style_tag(content="html{font-size:212.5% !important}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("width", [768, 1280])
def test_the_index_s_tiles_stand_as_on_the_map(visit: Any, width: int) -> None:
    """Each where its column and row say, none over another, every word inside its tile."""
    tiles = visit("index", width).evaluate(TILES)
    assert len(tiles) == 9
    for tile in tiles:
        for other in tiles:
            for axis, near, far in ((0, "left", "right"), (1, "top", "bottom")):
                if tile["place"][axis] < other["place"][axis]:
                    assert tile[near] < other[near] and tile[far] <= other[near]
        assert tile["left"] <= tile["words"][0] and tile["words"][1] <= tile["right"]
        assert tile["link"] >= 24 and tile["bottom"] - tile["top"] >= 44


def test_on_a_phone_the_map_is_a_list_in_swedish_order(visit: Any) -> None:
    tiles = visit("index", 320).evaluate(TILES)
    assert len({tile["left"] for tile in tiles}) == 1
    tops = [tile["top"] for tile in tiles]
    assert tops == sorted(tops)


def test_a_tile_is_a_link_all_over(visit: Any) -> None:
    page = visit("index")
    for state, expected in {"ready": "1.html", "not_made": None}.items():
        met = page.locator(f".tiles .{state}").first.evaluate(
            """li => { const r = li.getBoundingClientRect();
            const there = document.elementFromPoint(r.right - 4, r.bottom - 4).closest('a');
            return there && there.getAttribute('href'); }"""
        )
        assert met == expected


@pytest.mark.parametrize("mode", MODES)
def test_a_state_is_told_by_pattern_too(visit: Any, mode: str) -> None:
    """In greyscale, without its words, each state still looks another."""
    looks = visit("index", 1280, mode).evaluate(
        """() => Object.fromEntries(['ready', 'failed', 'no_survey', 'not_made'].map(state => {
        const tile = document.querySelector('.tiles .' + state);
        const band = getComputedStyle(tile, '::before'), own = getComputedStyle(tile);
        return [state, [own.borderTopStyle, own.borderTopWidth,
                        band.backgroundImage.replace(/rgb[^)]*\\)/g, '')].join()]; }))"""
    )
    assert len(set(looks.values())) == 4, looks


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("kind", KINDS)
def test_the_heading_breaks_between_words_only(visit: Any, kind: str, width: int) -> None:
    page = visit(kind, width)
    broken = page.evaluate(
        """() => { const text = document.querySelector('h1').firstChild, found = [];
        for (const word of text.data.matchAll(/[^ -]+/g)) {
            const range = document.createRange();
            range.setStart(text, word.index); range.setEnd(text, word.index + word[0].length);
            if (range.getClientRects().length > 1) found.push(word[0]);
        } return found; }"""
    )
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
