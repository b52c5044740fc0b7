"""Every chart of a report as files for slides: SVG and PNG with title, source and DEMO mark inside,
since a picture on a slide travels without its page.

The kernel that runs a report's notebook has the drawings, so it makes the pictures (:func:`bundle`)
and sends them along with what the cell shows, when the environment variable :data:`ASKED` says so;
:func:`taken` takes them out of the executed notebook again. A notebook that a person runs makes
none.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

from survey_lib.presentation import figure, phrases, swedish
from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.typesetting import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from nbformat import NotebookNode

    from survey_lib.presentation.section import Section

ASKED = "TRYGG_FILES"  # set to anything: what is shown in this process sends pictures and tables
MIME = "application/vnd.trygg.pictures+json"
MARGIN, TITLE = 20, 16  # pixels
TITLE_CHARACTERS, CHARACTERS = 62, 94  # on a line of the title, and of smaller text
SCALE = 2  # pixels of the PNG per pixel of the page
FONTS = "Arial, Helvetica, sans-serif"  # in every office program
LONGEST = 48  # letters of a section, and of a caption, in a file's name


@dataclass(frozen=True)
class Picture:
    """A chart with all that it needs on a slide of its own."""

    svg: str
    png: bytes


def bundle(section: Section) -> dict[str, Any]:
    """The pictures of a section's charts, as data that a notebook can hold."""
    pictures = [(one.caption, picture(one)) for one in section.charts()]
    content = [
        {"caption": caption, "svg": it.svg, "png": base64.b64encode(it.png).decode("ascii")}
        for caption, it in pictures
    ]
    return {MIME: {"section": section.title, "pictures": content}}


def taken(notebook: NotebookNode, stem: str) -> dict[str, bytes]:
    """Take the pictures out of an executed notebook: content by file name.

    A name is the report's ``stem``, the section and the caption, in letters that every system
    knows, so that it stays the same from year to year; a number tells equal ones apart.
    """
    files: dict[str, bytes] = {}
    for cell in notebook.cells:
        sent = [one for one in cell.get("outputs", []) if MIME in one.get("data", {})]
        for output in sent:
            cell.outputs.remove(output)
            found = output.data[MIME]
            for one in found["pictures"]:
                name = _free(f"{stem}_{_name(found['section'], one['caption'])}", files)
                files[f"{name}.svg"] = one["svg"].encode("utf-8")
                files[f"{name}.png"] = base64.b64decode(one["png"])
    return files


def _name(section: str, caption: str) -> str:
    """ "Trygghet", "Oro för brott" -> "trygghet_oro_for_brott"; what the caption begins with
    anyhow isn't said twice."""
    first, second = (_short(swedish.slug(text).replace("-", "_")) for text in (section, caption))
    return second if second.startswith(first) else f"{first}_{second}"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("_")[0]


def _free(name: str, files: dict[str, bytes]) -> str:
    names: Iterator[str] = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(one for one in names if f"{one}.svg" not in files)


# -- one picture --------------------------------------------------------------------------------


def picture(chart: Figure) -> Picture:
    """The chart in a frame: DEMO mark, title and description above, area and source below."""
    from matplotlib import rc_context

    width, height = style.size(chart.wide)
    with rc_context(style.RC):
        frame, top = _frame(chart, width, height)
    return Picture(_svg(chart, frame, top), _png(chart, frame, top))


def _frame(chart: Figure, width: float, height: float) -> tuple[Drawing, float]:
    """The texts around the chart on an empty drawing, and where the chart begins in it."""
    words = chart.words
    title = style.wrapped(chart.caption, TITLE_CHARACTERS)
    description = style.wrapped(chart.description, CHARACTERS) if chart.description else ""
    source = f". Källa: {words.source}" if words.source else ""
    below = style.wrapped(f"{swedish.upper_first(words.where)}{source}", CHARACTERS)
    above: list[tuple[str, dict[str, Any]]] = [
        (phrases.DEMO if words.demo else "", {"weight": "bold", "color": LIGHT["other"]}),
        (title, {"weight": "bold", "size": TITLE}),
        (description, {"color": LIGHT["muted"], "size": style.SMALL}),
    ]
    placed, top = [], float(MARGIN)
    for text, look in above:
        if text:
            placed.append((top, text, look))
            top += _height(text, look.get("size", style.SIZE)) + 6
    top += 6
    bottom = top + height + 6
    placed.append((bottom, below, {"color": LIGHT["muted"], "size": style.SMALL}))
    layout = Layout(int(width) + 2 * MARGIN, 0, 0)
    drawing = style.canvas(layout, ceil(bottom + _height(below, style.SMALL) + MARGIN))
    for y, text, look in placed:
        style.write(drawing, MARGIN, y, text, va="top", linespacing=1.25, **look)
    return drawing, top


def _height(text: str, size: float) -> float:
    return 1.3 * size * (text.count("\n") + 1)


def _svg(chart: Figure, frame: Drawing, top: float) -> str:
    """The frame's own SVG with the chart's moved into it, and its text alternative."""
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", chart.svg(), flags=re.DOTALL)
    around = re.sub(r' id="[^"]*"', "", figure.svg(frame))  # the chart has ids like these
    around = re.sub(r'font-family="[^"]*"', f'font-family="{FONTS}"', around, count=1)
    head, tail = around.rsplit("</svg>", 1)
    opening = re.match(r"<svg[^>]*", head)
    assert opening, "a drawing is an SVG"
    named = f"<title>{plain(chart.caption)}</title>\n<desc>{plain(chart.alt)}</desc>"
    head = f'{opening[0]} role="img">\n{named}{head[opening.end() + 1 :]}'
    return f'{head}<g transform="translate({MARGIN} {top:g})">{inside}</g>\n</svg>{tail}'


def _png(chart: Figure, frame: Drawing, top: float) -> bytes:
    from matplotlib.image import imsave

    target, pixels = BytesIO(), _pixels(frame)
    inside = _pixels(chart.wide)
    row, column = round(top * SCALE), MARGIN * SCALE
    pixels[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
    told: dict[str, Any] = {
        "Title": chart.caption,
        "Description": chart.alt,
        "Source": chart.words.source,
        "Software": None,
    }
    imsave(
        target,
        pixels,
        format="png",
        dpi=72 * SCALE,
        metadata=told,
        pil_kwargs={"compress_level": 1},  # a tenth larger, in half the time
    )
    return target.getvalue()


def _pixels(drawing: Drawing) -> Any:
    """The drawing's colours, rows × columns × (red, green, blue, opacity)."""
    import numpy as np
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    before = drawing.dpi
    with rc_context({**style.RC, "text.hinting": "none"}):  # for coarser screens, at half the cost
        drawing.set_dpi(72 * SCALE)
        canvas = FigureCanvasAgg(drawing)
        canvas.draw()
        drawing.set_dpi(before)
    return np.array(canvas.buffer_rgba())
