"""Working material: protected numbers, with the mark on everything that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from survey_lib.disclosure import Rounding, hide, marks
from survey_lib.presentation import phrases
from survey_lib.presentation.charts.style import LIGHT, Layout
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.section import Section
from survey_lib.presentation.tables import HtmlTable
from survey_lib.scan.patterns import MATERIAL
from survey_lib.vocabulary.tables import Showing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

WARNING = (
    f"{MATERIAL} – egna bearbetningar av svaren. Bara grundreglerna för små grupper gäller här. "
    "Får inte spridas eller läggas i en rapport."
)
SLANT, LETTERS = 18, 0.105  # degrees; size of the mark in a picture, in widths of it


@dataclass(frozen=True, eq=False, repr=False)
class Material:
    """What the workbench shows. In a notebook it displays itself as sentences, chart and table.

    Attributes
    ----------
    section : what is shown, marked.
    frame : the same numbers for work of one's own; hidden ones are missing and have the mark
        ``..``, and the column ``status`` says what they are.
    """

    section: Section
    frame: pd.DataFrame

    @classmethod
    def of(cls, section: Section, frame: pd.DataFrame) -> Material:
        status = f"{MATERIAL} DEMO" if _made_up(section) else MATERIAL
        return cls(marked(section), frame.assign(status=status))

    def __repr__(self) -> str:
        return f"<{MATERIAL}: {self.section.title}>"

    def _repr_html_(self) -> str:
        return self.section._repr_html_()


def marked(section: Section) -> Section:
    """The section with its warning first, and every chart and table of it marked."""
    figures = [figure and _marked_figure(figure) for figure in section.figures]
    tables = [_marked_table(table) for table in section.tables]
    above = [WARNING, phrases.DEMO] if _made_up(section) else [WARNING]
    return replace(section, sentences=[*above, *section.sentences], figures=figures, tables=tables)


def _made_up(section: Section) -> bool:
    return any(table.demo for table in section.tables)


def _marked_table(table: HtmlTable) -> HtmlTable:
    return replace(table, caption=f"{MATERIAL}: {table.caption}")


def _marked_figure(figure: Figure) -> Figure:
    """With the mark across the picture itself too, so that it is there when it is copied."""

    def draw(layout: Layout) -> Drawing:
        drawing = figure.draw(layout)
        look: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold", "zorder": -1}
        look |= {"size": LETTERS * layout.width, "color": LIGHT["grid"], "rotation": SLANT}
        drawing.text(0.5, 0.5, MATERIAL, **look)
        return drawing

    return replace(
        figure,
        caption=f"{MATERIAL}: {figure.caption}",
        alt=f"{MATERIAL}. {figure.alt}",
        draw=draw,
    )


def protected(rows: pd.DataFrame, sensitive: Sequence[bool], showing: Showing) -> pd.DataFrame:
    """Estimates under the primary rules, rounded as the door rounds: with ``mark``, and without the
    numbers of those that may not be shown. ``rows`` are in the columns of
    :mod:`survey_lib.statistics.estimation` with ``group``."""
    mark = marks(rows["n"], rows["count"], pd.Series(np.asarray(sensitive), rows.index), showing)
    size = rows["n_effective"].replace(np.inf, np.nan)  # a share that the weights were made to meet
    return Rounding.of(showing).frame(hide(rows.assign(n_effective=size), mark))
