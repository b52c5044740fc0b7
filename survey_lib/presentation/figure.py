"""A chart as a report shows it: caption, picture and text alternative, drawn when it is shown.

The picture is an SVG with real text. Its bytes depend on the numbers only: no date, no random ids,
and letters are measured with matplotlib's own font, so every machine makes the same file. On the
page its colours become CSS variables, so that the same picture follows the reader's dark mode; the
plain files (``svg()``, ``png()``) are for slides and always light.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from survey_lib.presentation.charts import style

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
    draw : makes the drawing; called inside the house style.
    demo : made-up answers; the caption then says DEMO.
    """

    caption: str
    description: str
    alt: str
    draw: Callable[[], Drawing]
    demo: bool = False

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError(f"the figure {self.caption!r} has no text alternative")

    @cached_property
    def _svg(self) -> str:
        from matplotlib import rc_context

        target = BytesIO()
        with rc_context(style.RC):
            self.draw().savefig(target, format="svg", metadata=style.NO_METADATA)
        return style.plain(target.getvalue().decode("utf-8"))

    def svg(self) -> str:
        """The picture in light colours, for files of their own."""
        return self._svg

    def png(self, scale: float = 3.0) -> bytes:
        """The picture in pixels, ``scale`` per CSS pixel."""
        from matplotlib import rc_context

        target = BytesIO()
        with rc_context(style.RC):
            self.draw().savefig(target, format="png", dpi=72 * scale, metadata={"Software": None})
        return target.getvalue()

    def html(self, identity: str = "diagram") -> str:
        """The whole figure. The picture keeps its size on a narrow screen and scrolls."""
        name = f"{identity}-namn"
        svg = style.themed(self._svg)
        width, height = re.search(r'width="(\d+)" height="(\d+)"', svg).groups()  # type: ignore[union-attr]
        data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
        demo = '<span class="demo">DEMO</span> ' if self.demo else ""
        description = f'<span class="detail">{escape(self.description)}</span>'
        return (
            f'<figure id="{identity}"><figcaption id="{name}">{demo}{escape(self.caption)}'
            f"{description if self.description else ''}</figcaption>"
            f'<div class="scroll" role="region" aria-labelledby="{name}" tabindex="0">'
            f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self.alt)}" '
            f'width="{width}" height="{height}"></div></figure>'
        )

    def _repr_html_(self) -> str:
        return self.html()
