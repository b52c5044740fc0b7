"""A chart as a report shows it: caption, picture and text alternative, drawn when it is shown.

The picture is an SVG with real text. Its bytes depend on the numbers only: no date, no random ids,
and letters are measured with matplotlib's own font, so every machine makes the same file. On the
page its colours become CSS variables, so that the same picture follows the reader's dark mode.
``svg()`` is always light; :mod:`survey_lib.export.pictures` makes files for slides of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

from survey_lib.presentation.charts import style
from survey_lib.presentation.charts.style import NARROW, WIDE, Layout
from survey_lib.presentation.notebook import styled
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.typesetting import plain, typeset

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Figure:
    """
    Attributes
    ----------
    caption : what the chart shows; stands above it.
    description : unit, base and what the marks mean, in a smaller line.
    alt : text alternative: kind of chart and its main numbers. Must not be empty.
    draw : makes the drawing for a layout (a page's width, or a phone's); called inside the house
        style.
    words : the report's; of made-up answers the caption says DEMO.
    notes : lines under the picture, which its table says too ("Bas: …"); not on paper.
    """

    caption: str
    description: str
    alt: str
    draw: Callable[[Layout], Drawing]
    words: Words
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError(f"the figure {self.caption!r} has no text alternative")

    @cached_property
    def wide(self) -> Drawing:
        """The drawing for a page's width, made once for page and slides."""
        return self._drawn(WIDE)

    def _drawn(self, layout: Layout) -> Drawing:
        from matplotlib import rc_context

        with rc_context(style.RC):
            return self.draw(layout)

    def svg(self, layout: Layout = WIDE) -> str:
        """The picture in light colours."""
        return self._wide_svg if layout is WIDE else svg(self._drawn(layout))

    @cached_property
    def _wide_svg(self) -> str:
        return svg(self.wide)

    def html(self, identity: str = "diagram") -> str:
        """The whole figure, with one picture for pages and one for phones."""
        (wide, width, height), (narrow, *small) = (_address(self.svg(it)) for it in (WIDE, NARROW))
        demo = '<span class="demo">DEMO</span> ' if self.words.demo else ""
        detail = f'<span class="detail">{typeset(self.description)}</span>'
        notes = "".join(f"<li>{plain(note)}</li>" for note in self.notes)
        notes = f'<ul class="notes">{notes}</ul>' if notes else ""
        return (
            f'<figure id="{identity}"><figcaption>{demo}{typeset(self.caption)}'
            f"{detail if self.description else ''}</figcaption><picture>"
            f'<source media="(max-width: 36rem)" srcset="{narrow}" '
            f'width="{small[0]}" height="{small[1]}">'
            f'<img src="{wide}" alt="{plain(self.alt)}" width="{width}" height="{height}">'
            f"</picture>{notes}</figure>"
        )

    def _repr_html_(self) -> str:
        return styled(self.html())


def svg(drawing: Drawing) -> str:
    """A drawing as SVG, in light colours."""
    from matplotlib import rc_context

    target = BytesIO()
    with rc_context(style.RC):
        drawing.savefig(target, format="svg", metadata=style.NO_METADATA)
    return style.plain(target.getvalue().decode("utf-8"))


def _address(svg: str) -> tuple[str, str, str]:
    """The themed picture as a data address, its width and its height."""
    found = re.search(r'width="(\d+)" height="(\d+)"', svg)
    assert found, "a drawing has a size"
    data = base64.b64encode(style.themed(svg).encode("utf-8")).decode("ascii")
    return f"data:image/svg+xml;base64,{data}", found[1], found[2]
