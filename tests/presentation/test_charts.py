"""Pictures: the same numbers as the rows, readable by everyone, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from published_rows import RANKS, WORDS, answers, problems, profile

from survey_lib.presentation import charts, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.diverging import colours
from survey_lib.presentation.figure import Figure

MAKERS: dict[str, Callable[..., Figure]] = {
    "ranked": lambda words=WORDS: charts.ranked(problems(), words, "Stora problem"),
    "change": lambda words=WORDS: charts.change(problems(), words, "2022 och 2024"),
    "profile": lambda words=WORDS: charts.profile(profile(), words, "De svarande"),
    "diverging": lambda words=WORDS: charts.diverging(answers(), words, "Hur trygg?"),
}
LAYOUTS = {"wide": style.WIDE, "narrow": style.NARROW}
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(t.itertext()) for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", MAKERS)
def test_labels_are_real_text_inside_the_picture(name: str, layout: str) -> None:
    svg = MAKERS[name]().svg(LAYOUTS[layout])
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert width == LAYOUTS[layout].width
    found = texts(svg)
    label = {"ranked": "Klotter", "change": "Klotter", "profile": "Sverige"}
    assert label.get(name, "I området") in found
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", 0)) <= width, "".join(text.itertext())
        assert 0 <= float(text.get("y", 0)) <= height


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_in_the_picture_are_those_of_the_rows(layout: str) -> None:
    rows = problems()
    found = texts(charts.ranked(rows, WORDS, "x").svg(LAYOUTS[layout]))
    for row in rows[rows["estimate"].notna()].itertuples():
        assert swedish.percent(row.estimate) in found
        assert swedish.interval(row.low, row.high) in found
    found = texts(charts.change(rows, WORDS, "x").svg(LAYOUTS[layout]))
    assert {"−8", "+1", "säkerställd", "frågan ändrad", "för litet underlag"} <= set(found)
    found = texts(charts.profile(profile(), WORDS, "x").svg(LAYOUTS[layout]))
    assert {"30\u00a0%", "50\u00a0%", ".."} <= set(found)


@pytest.mark.parametrize("name", ["ranked", "change", "diverging"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_hidden_row_is_words_and_no_mark(name: str, layout: str) -> None:
    assert "redovisas inte" in texts(MAKERS[name]().svg(LAYOUTS[layout]))


def drawn(figure: Figure):
    """The axes of the drawing itself, before it becomes a picture."""
    from matplotlib import rc_context

    with rc_context(style.RC):
        return figure.draw(style.WIDE).axes


def segments(axes) -> list[tuple[float, float]]:
    """Horizontal pieces of all line collections: (from, to)."""
    found = []
    for collection in axes.collections:
        if hasattr(collection, "get_segments"):
            for piece in collection.get_segments():
                if len(piece) == 2 and piece[0][1] == piece[1][1]:
                    found.append((float(piece[0][0]), float(piece[1][0])))
    return found


def test_every_shown_value_has_its_interval_drawn_where_it_is() -> None:
    rows = problems()
    shown = rows[rows["estimate"].notna()]
    axes = drawn(charts.ranked(rows, WORDS, "x"))[0]
    assert np.allclose(segments(axes), shown[["low", "high"]])
    points = np.vstack([c.get_offsets() for c in axes.collections if len(c.get_offsets()) > 0
                        and not hasattr(c, "get_segments")])  # fmt: skip
    assert np.allclose(sorted(points[:, 0]), sorted(shown["estimate"]))
    axes = drawn(charts.change(rows, WORDS, "x"))[0]
    both = rows[rows["change_state"].eq("") & rows["estimate"].notna()]
    assert len(segments(axes)) == len(shown) + len(both)


def test_rank_sets_stand_beside_and_only_where_they_are_published() -> None:
    rows = problems()
    axes = drawn(charts.ranked(rows, WORDS, "x"))
    shown = rows[rows["estimate"].notna()]
    own = np.column_stack([shown["rank_low"] - 0.4, shown["rank_high"] + 0.4])
    every = np.column_stack([shown["rank_low_all"] - 0.4, shown["rank_high_all"] + 0.4])
    assert np.allclose(segments(axes[1]), np.vstack([own, every]))
    bare = rows.drop(columns=RANKS)
    assert len(drawn(charts.ranked(bare, WORDS, "x"))) == 1
    assert "Möjliga platser" not in charts.ranked(bare, WORDS, "x").description


def test_what_can_be_among_the_three_largest_has_a_mark_of_its_own() -> None:
    """Round and filled on a band over the first three places, not only another colour."""
    rows = problems()
    places = drawn(charts.ranked(rows, WORDS, "x"))[1]
    dots = np.vstack([c.get_offsets() for c in places.collections if len(c.get_offsets()) > 1])
    assert dots[:, 0].tolist() == [1, 2, 3]
    band = places.patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == (0.5, 3.5)
    few = charts.ranked(rows.head(3), WORDS, "x")
    assert not drawn(few)[1].patches
    assert "bland de tre" not in few.alt + few.description


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_places_are_in_both_widths_and_in_words_where_there_is_room(layout: str) -> None:
    found = texts(charts.ranked(problems(), WORDS, "x").svg(LAYOUTS[layout]))
    assert "Möjliga platser" in found
    assert (found.count("1–2") == 2) == (layout == "wide")


def test_the_middle_answer_lies_across_the_centre_line() -> None:
    axes = drawn(charts.diverging(answers(), WORDS, "x"))[0]
    bars = [(bar.get_x(), bar.get_width()) for bar in axes.patches]
    first = bars[:5]
    assert np.allclose([width for _, width in first], [0.45, 0.36, 0.09, 0.06, 0.02])
    assert np.isclose(first[2][0], -0.045)
    assert np.isclose(first[0][0], -0.45 - 0.36 - 0.045)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (2, ["first_strong", "last_strong"]),
        (3, ["first_strong", "middle", "last_strong"]),
        (4, ["first_strong", "first", "last", "last_strong"]),
        (5, ["first_strong", "first", "middle", "last", "last_strong"]),
    ],
)
def test_scales_of_two_to_five_points(points: int, expected: list[str]) -> None:
    assert list(colours(list(range(1, points + 1))).values()) == expected
    rows = answers()
    rows = rows[rows["answer"].astype(int) <= points].replace({"I skolan": "Annat"})
    assert charts.diverging(rows, WORDS, "x").svg()


@pytest.mark.parametrize("name", MAKERS)
def test_text_alternatives_say_what_the_picture_shows(name: str) -> None:
    alt = MAKERS[name]().alt
    assert re.match(r"(Punktdiagram|Stapeldiagram) ", alt)
    assert re.search(r"\d\u00a0%", alt) and alt.endswith(".")
    assert 60 < len(alt) < 700


def test_alternatives_in_full() -> None:
    assert MAKERS["ranked"]().alt.replace("\u00a0", " ") == (
        "Punktdiagram med 6 rader och 95-procentiga intervall. Överst: Nedskräpning 41 % (38–44, "
        "plats 1–2), Fordon som kör för fort 41 % (37–44, plats 1–2) och Störande körning med "
        "moped eller motorcykel 31 % (28–34, plats 3). Nederst: Klotter 9 %. Kan vara bland de tre "
        "största: nedskräpning, fordon som kör för fort och störande körning med moped eller "
        "motorcykel. Rader där värdet inte redovisas: 1."
    )
    assert MAKERS["change"]().alt.replace("\u00a0", " ") == (
        "Punktdiagram med 6 rader: 2022 och 2024. Säkerställd förändring: Nedskräpning från 49 % "
        "till 41 %. Rader utan säkerställd förändring: 5."
    )


def test_a_figure_without_alternative_is_refused() -> None:
    with pytest.raises(ValueError, match="text alternative"):
        replace(MAKERS["ranked"](), alt=" ")


def test_drawing_leaves_no_trace_in_matplotlib() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    for make in MAKERS.values():
        make().svg()
    assert dict(matplotlib.rcParams) == before
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_the_same_rows_give_the_same_bytes_in_every_process() -> None:
    """Nothing random, no date and nothing of this machine's order of hashing in the file."""
    code = (
        "import hashlib, test_charts as t\n"
        "print(hashlib.sha256(''.join(m().svg() for m in t.MAKERS.values()).encode()).hexdigest())"
    )
    here = hashlib.sha256("".join(make().svg() for make in MAKERS.values()).encode()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment
    )
    assert done.stdout.strip() == here, done.stderr


def test_pictures_are_small() -> None:
    for make in MAKERS.values():
        assert len(make().html()) < 60_000


@pytest.mark.parametrize("name", MAKERS)
def test_labels_are_data(name: str) -> None:
    """Markup, formulas for matplotlib, control and direction characters are text or nothing."""
    evil = "<script>x</script> $\\frac{1}{2}$ &amp; \x00\u202e \"'"
    frames = {"ranked": problems(), "change": problems(), "profile": profile(),
              "diverging": answers()}  # fmt: skip
    frame = frames[name].copy()
    column = "row" if name == "diverging" else "label"
    frame.loc[frame[column] == frame[column].iloc[0], column] = evil
    figure = getattr(charts, name)(frame, WORDS, evil)
    for layout in LAYOUTS.values():
        svg = figure.svg(layout)
        shown = " ".join(texts(svg))
        assert "<script>" in shown and "$" in shown and "&amp;" in shown
        assert "\u202e" not in svg
    html = figure.html()
    assert "<script" not in html and "\u202e" not in html


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_contrast(mode: int) -> None:
    """Text 4,5:1, graphics 3:1 (WCAG 1.4.3 and 1.4.11), on both papers."""
    of = {role: pair[mode] for role, pair in style.COLOURS.items()}
    for role in ("ink", "muted"):
        assert contrast(of[role], of["paper"]) >= 4.5
    for role in ("rule", "main", "other", "first_strong", "first", "last", "last_strong"):
        assert contrast(of[role], of["paper"]) >= 3, role
    assert contrast(of["main"], of["range"]) >= 1.5  # a dot on its interval
    for side in ("first", "last"):
        assert contrast(of["on_strong"], of[f"{side}_strong"]) >= 4.5
        assert contrast(of["on_mid"], of[side]) >= 4.5
    assert contrast(of["on_middle"], of["middle"]) >= 4.5
    # in greyscale a bar's segments differ from their neighbours
    bar = ["first_strong", "first", "middle", "last", "last_strong"]
    for left, right in pairwise(bar):
        assert contrast(of[left], of[right]) >= 1.5, (left, right)


def test_every_colour_has_one_role() -> None:
    """Theming exchanges light values, so no two roles may share one."""
    light = [pair[0] for pair in style.COLOURS.values()]
    assert len(set(light)) == len(light)
    svg = style.themed("".join(make().svg() for make in MAKERS.values()))
    used = set(re.findall(r"#[0-9a-f]{6}", svg.split("</style>", 1)[1]))
    assert not used, f"colours outside the house style: {used}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_odd_frames_are_drawn(layout: str) -> None:
    """One row, nothing to show, zero and all."""
    one = problems().head(1)
    nothing = problems().tail(1)
    edges = problems().head(2).assign(estimate=[0.0, 1.0], low=[0.0, 0.9], high=[0.1, 1.0])
    scale = answers()
    hidden = scale[scale["row"] == "I skolan"]
    for frame in (one, nothing, edges):
        assert charts.ranked(frame, WORDS, "x").svg(LAYOUTS[layout])
        assert charts.change(frame, WORDS, "x").svg(LAYOUTS[layout])
    for frame in (scale.head(6), hidden, scale.assign(estimate=scale["estimate"] * 0)):
        assert charts.diverging(frame, WORDS, "x").svg(LAYOUTS[layout])
    people = profile().assign(population=np.nan)
    assert charts.profile(people, WORDS, "x").svg(LAYOUTS[layout])
    assert pd.isna(people["population"]).all()
