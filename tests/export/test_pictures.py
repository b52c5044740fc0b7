"""Charts as files for slides: each tells by itself what it shows, of where, and by whom."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from nbformat import v4
from PIL import Image
from published_rows import WORDS, problems, sections

from survey_lib.export.pictures import MIME, Picture, bundle, picture, taken
from survey_lib.presentation import charts, phrases
from survey_lib.presentation.section import Section

DEMO = replace(WORDS, demo=True)
SVG = "{http://www.w3.org/2000/svg}"


def made(words=WORDS, caption: str = "Stora problem") -> Picture:
    return picture(charts.ranked(problems(), words, caption))


def texts(svg: str) -> str:
    """All that can be read in the picture, with plain spaces."""
    root = ElementTree.fromstring(svg)
    return " ".join(" ".join(root.itertext()).split())


def test_a_picture_carries_title_description_area_source_and_alternative() -> None:
    said = texts(made().svg)
    chart = charts.ranked(problems(), WORDS, "Stora problem")
    for text in (chart.caption, chart.description, "Nedskräpning", "41 %"):
        assert " ".join(text.split()) in said
    assert "Stadsdelen Askim-Frölunda-Högsbo. Källa: Undersökningen 2024" in said
    root = ElementTree.fromstring(made().svg)
    assert root.find(f"{SVG}title").text == chart.caption  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == chart.alt  # type: ignore[union-attr]
    told = Image.open(BytesIO(made().png)).info
    assert told["Title"] == chart.caption
    assert told["Description"] == chart.alt
    assert told["Source"] == WORDS.source


def test_made_up_answers_are_marked_inside_the_picture() -> None:
    assert phrases.DEMO in texts(made(DEMO).svg)
    assert "DEMO" not in made().svg
    real, demo = (Image.open(BytesIO(made(words).png)) for words in (WORDS, DEMO))
    assert demo.height > real.height  # a line of its own


def test_the_png_is_twice_the_svg_on_white_paper_with_nothing_cut_off() -> None:
    svg, png = made(DEMO).svg, Image.open(BytesIO(made(DEMO).png))
    root = ElementTree.fromstring(svg)
    assert png.size == (2 * int(root.get("width", 0)), 2 * int(root.get("height", 0)))
    pixels = np.asarray(png.convert("RGB"))
    for edge in (pixels[:16], pixels[-16:], pixels[:, :16], pixels[:, -16:]):
        assert (edge == 255).all()
    assert (np.asarray(png)[..., 3] == 255).all()


def test_both_hold_the_same_chart_at_the_same_place() -> None:
    """The lines between rows are at the same heights and as long in pixels as in the SVG."""
    found = made()
    pixels = np.asarray(Image.open(BytesIO(found.png)).convert("RGB"))
    moved = re.search(r'<g transform="translate\((\d+) ([\d.]+)\)">', found.svg)
    lines = re.findall(
        r'<path d="M 0 ([\d.]+)\nL ([\d.]+) [\d.]+\n"[^>]*stroke: #dfe4e9', found.svg
    )
    assert moved
    assert len(lines) >= 5
    left, top = float(moved[1]), float(moved[2])
    for y, width in lines:
        row = pixels[round(2 * (top + float(y))) - 1 : round(2 * (top + float(y))) + 1]
        there = np.flatnonzero((row == (0xDF, 0xE4, 0xE9)).all(axis=2).any(axis=0))
        assert there.min() == pytest.approx(2 * left, abs=1)
        assert there.max() + 1 == pytest.approx(2 * (left + float(width)), abs=1)


def test_the_svg_stands_alone() -> None:
    svg = made().svg
    assert svg.startswith("<svg")
    assert "var(" not in svg
    addresses = re.findall(r'https?://[^"\s)]+', svg)
    assert {one.split("/")[2] for one in addresses} == {"www.w3.org"}
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
    assert 'font-family="Arial' in svg


def test_long_titles_are_broken_and_odd_signs_are_text() -> None:
    svg = made(caption=f"{'Ett mycket långt namn på ett diagram ' * 4}<b>&\u202e").svg
    assert "<b>&" in texts(svg)
    assert "\u202e" not in svg
    assert svg.count("Ett mycket långt") >= 4


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert made() == made()


def test_pictures_leave_the_notebook_as_files_with_names_that_tell_what_they_are() -> None:
    section = sections(DEMO)["Problem i området"]
    figures = [*section.figures, section.figures[0]]
    section = Section("Problem i området", figures=[*figures, None])
    cell = v4.new_code_cell()
    cell.outputs = [
        v4.new_output("display_data", {"text/html": section.html()}),
        v4.new_output("display_data", bundle(section)),
    ]
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("x"), cell])
    files = taken(notebook, "DEMO_sdn_askim")
    stem = "DEMO_sdn_askim_problem_i_omradet_stora_problem"
    names = [stem, f"{stem}_2022_och_2024", f"{stem}_2"]
    assert list(files) == [f"{name}.{ending}" for name in names for ending in ("svg", "png")]
    assert all(re.fullmatch(r"DEMO_[a-z0-9_-]+\.(svg|png)", name) for name in files)
    assert files[f"{stem}.png"] == files[f"{stem}_2.png"]
    assert files[f"{stem}.png"].startswith(b"\x89PNG")
    assert len(cell.outputs) == 1
    assert MIME not in str(notebook)
    assert taken(notebook, "x") == {}


def test_what_a_caption_begins_with_is_not_said_twice() -> None:
    figure = replace(sections()["Trygghet"].figures[0], caption="Trygghet: alla svar")
    cell = v4.new_code_cell()
    cell.outputs = [v4.new_output("display_data", bundle(Section("Trygghet", figures=[figure])))]
    files = taken(v4.new_notebook(cells=[cell]), "sdn_a")
    assert list(files) == ["sdn_a_trygghet_alla_svar.svg", "sdn_a_trygghet_alla_svar.png"]


def test_a_long_caption_gives_a_name_that_every_system_takes() -> None:
    section = sections()["Problem i området"]
    long = replace(section.figures[0], caption="Ängslan " * 40)
    cell = v4.new_code_cell()
    cell.outputs = [v4.new_output("display_data", bundle(Section("A" * 99, figures=[long])))]
    (svg, _) = taken(v4.new_notebook(cells=[cell]), "s")
    assert len(svg) < 130
    assert svg.endswith("angslan.svg")
