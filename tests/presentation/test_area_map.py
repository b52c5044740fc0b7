"""Maps: every area once with its value, words for what isn't shown, in any width and colour."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_rows import WORDS
from test_charts import LAYOUTS, SVG, contrast, texts

from survey_lib.presentation import charts
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.area_map import classes
from survey_lib.presentation.figure import Figure
from survey_lib.vocabulary import Parameters
from survey_lib.vocabulary.polygons import Polygons, Shape
from survey_lib.vocabulary.tiles import Tile

NAMES = ["Östra Göteborg", "Angered", "Örgryte-Härlanda", "Askim-Frölunda-Högsbo", "Ärla"]
TILES = {f"del:{n}": Tile(n % 3 + 1, n // 3 + 1) for n in range(5)}


def rows(names: list[str] = NAMES) -> pd.DataFrame:
    """A share, one that is hidden, one without a survey, one that is unknown, a share."""
    return pd.DataFrame(
        {
            "area": [f"del:{n}" for n in range(len(names))],
            "label": names,
            "sampling": ["sannolikhet", "sannolikhet", "", "kvot", "sannolikhet"],
            "estimate": [0.415, np.nan, np.nan, np.nan, 0.624],
            "mark": ["", "..", "", "", ""],
        }
    )


def square(column: int, row: int) -> Shape:
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], dtype=float)
    return Shape([corners + np.array([column, -row])], (column + 0.5, -row + 0.5))


POLYGONS = Polygons({area: square(*place) for area, place in TILES.items()}, [], [], 0)
SHAPES = {"tiles": TILES, "polygons": POLYGONS}


def figure(shapes: str = "tiles", names: list[str] = NAMES) -> Figure:
    return charts.area_map(rows(names), WORDS, "Svarsfrekvens", SHAPES[shapes])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shapes", SHAPES)
def test_every_area_has_its_name_and_value_or_words(shapes: str, layout: str) -> None:
    svg = figure(shapes).svg(LAYOUTS[layout])
    found = " ".join(texts(svg)).replace("- ", "-")
    for name in NAMES:
        assert name in found
    for value in ("42\u00a0%", "62\u00a0%"):
        assert value in texts(svg)
    assert {"redovisas inte", "ingen undersökning", "uppgift saknas"} <= set(
        re.findall(r"redovisas inte|ingen undersökning|uppgift saknas", found)
    )
    root = ElementTree.fromstring(svg)
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", 0)) <= LAYOUTS[layout].width
        assert 0 <= float(text.get("y", 0)) <= float(root.get("height", 0))


@pytest.mark.parametrize("shapes", SHAPES)
def test_what_has_no_value_is_hatched_each_in_its_way(shapes: str) -> None:
    svg = figure(shapes).svg()
    hatches = set(re.findall(r"fill: url\((#[^)]+)\)", svg))
    assert len(hatches) == 3


def level_map(level: str, parameters: Parameters) -> Figure:
    """The default's tiles of a level, each with the longest words that can stand in it."""
    areas = parameters.areas.of_level(level)
    frame = pd.DataFrame({"area": areas, "label": list(map(parameters.areas.name, areas))})
    frame = frame.assign(sampling="", estimate=np.nan, mark="")
    return charts.area_map(frame, WORDS, "x", parameters.tiles)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("level", ["so", "sdn", "mo"])
def test_the_default_s_tiles_lie_apart_and_inside(
    level: str, layout: str, parameters: Parameters
) -> None:
    drawing = level_map(level, parameters).draw(LAYOUTS[layout])
    boxes = [patch.get_path().get_extents() for patch in drawing.axes[0].patches]
    assert len(boxes) == len(parameters.areas.of_level(level))
    for number, box in enumerate(boxes):
        assert box.x0 >= 0 and box.x1 <= LAYOUTS[layout].right + 0.01
        for other in boxes[number + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across <= 0 or down <= 0


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("level", ["so", "sdn", "mo"])
def test_texts_of_the_default_stay_inside_the_picture(
    level: str, layout: str, parameters: Parameters
) -> None:
    """Measured with matplotlib's own font, which is wider than a reader's."""
    from matplotlib import rc_context

    made = level_map(level, parameters)
    with rc_context(style.RC):
        drawing = made.draw(LAYOUTS[layout])
        drawing.draw_without_rendering()
        boxes = [text.get_window_extent() for text in drawing.texts]
    assert len(boxes) >= 2 * len(parameters.areas.of_level(level))
    for box in boxes:
        assert box.x0 >= -0.5 and box.x1 <= LAYOUTS[layout].width + 0.5
    for number, box in enumerate(boxes):
        for other in boxes[number + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert across <= 1 or down <= 3, (level, layout)


def test_the_alternative_is_in_swedish_order_and_no_ranking() -> None:
    assert figure().alt.replace("\u00a0", " ") == (
        "Karta av rutor med 5 områden. Angered redovisas inte, Askim-Frölunda-Högsbo uppgift "
        "saknas, Ärla 62 %, Örgryte-Härlanda ingen undersökning, Östra Göteborg 42 %."
    )


def test_the_alternative_of_many_areas_is_short_and_names_what_is_missing() -> None:
    many = pd.concat([rows()] * 4, ignore_index=True)
    many["area"] = [f"del:{n}" for n in range(20)]
    tiles = {area: Tile(n + 1, 1) for n, area in enumerate(many["area"])}
    alt = charts.area_map(many, WORDS, "x", tiles).alt.replace("\u00a0", " ")
    assert "Lägst 42 %, högst 62 %." in alt
    assert "Ingen undersökning: Örgryte-Härlanda" in alt and len(alt) < 500


def test_mismatches_with_the_file_of_borders_are_told() -> None:
    shapes = {area: POLYGONS.shapes[area] for area in ("del:0", "del:4")}
    part = Polygons(shapes, ["del:1", "del:2", "del:3"], ["", "<b>9", *"abcdefg"], 0)
    made = charts.area_map(rows(), WORDS, "x", part)
    assert made.description == (
        "Gränser saknas på kartan för Angered, Askim-Frölunda-Högsbo och Örgryte-Härlanda. "
        "Utanför kartan: ytor som inte hör till något område "
        "(utan kod, <b>9, a, b, c och d och 3 till)."
    )
    assert "<b>9" not in made.html() and "&lt;b&gt;9" in made.html()
    assert "Angered" in texts(made.svg())  # in the list, though not on the map


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_classes_hold_every_value_once(percents: list[int]) -> None:
    found = classes(percents)
    assert 1 <= len(found) <= 4
    for percent in percents:
        assert sum(first <= percent <= last for first, last in found) == 1
    assert all(after[0] == before[1] + 1 for before, after in pairwise(found))
    assert len({last - first for first, last in found if last < 100}) <= 1


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_contrast_and_greyscale(mode: int) -> None:
    of = {role: pair[mode] for role, pair in style.COLOURS.items()}
    steps = [of[f"class_{k}"] for k in (1, 2, 3, 4)]
    for step, on in zip(steps, ("on_pale", "on_pale", "on_deep", "on_deep"), strict=True):
        assert contrast(step, of[on]) >= 4.5
    for first, second in pairwise(steps):
        assert contrast(first, second) >= 1.5  # told apart without colour
    assert contrast(of["rule"], of["paper"]) >= 3  # every area has its outline


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shapes", SHAPES)
def test_names_are_data(shapes: str, layout: str) -> None:
    evil = "<script>x</script> $\\frac{1}{2}$ &amp; \x00\u202e \"'"
    made = figure(shapes, [evil, *NAMES[1:]])
    svg = made.svg(LAYOUTS[layout])
    shown = " ".join(texts(svg))
    assert "<script>" in shown and "$" in shown and "&amp;" in shown and "\u202e" not in svg
    assert "<script" not in made.html() and "\u202e" not in made.html()


def test_only_the_house_s_colours_and_few_bytes() -> None:
    made = [figure(shapes) for shapes in SHAPES]
    svg = style.themed("".join(one.svg() for one in made))
    assert not set(re.findall(r"#[0-9a-f]{6}", svg.split("</style>", 1)[1]))
    assert all(len(one.html()) < 60_000 for one in made)


def test_nothing_known_is_still_a_map() -> None:
    frame = rows().assign(estimate=np.nan)
    for shapes in SHAPES.values():
        assert charts.area_map(frame, WORDS, "x", shapes).svg()
