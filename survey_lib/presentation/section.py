"""One section of a report: sentences, charts and tables of the same published rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from survey_lib.presentation.figure import Figure
from survey_lib.presentation.notebook import styled
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.swedish import slug
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.typesetting import plain, typeset


@dataclass(frozen=True)
class Comment:
    """The office's own words about a section. Data, never markup; blank lines make paragraphs."""

    heading: str  # "Kommentar från stadsområdet"
    text: str


@dataclass(frozen=True, repr=False)
class Section:
    """What one notebook cell shows. Its heading stands in the notebook, above the cell.

    A section that holds nothing is not on the page, nor is the heading above it.

    Attributes
    ----------
    title : the section's own name; ids on the page are made from it.
    sentences : paragraphs; the label of a Point is set in bold; an inner list is
        numbered unless it is Bullets.
    figures, tables : each figure is followed by the table with the same place in its list, so a
        chart always has its numbers directly after it, folded, with the number of respondents in
        sight; None where a table has no chart.
    notes : smaller paragraphs after the tables.
    parts : sections inside this one, each under its title as a heading.
    folded : as a part: shown by its title only, until a reader opens it. On paper it is open.
    files : links to files beside the page, or to other pages: (address, text).
    paper : "landscape" or "portrait" for a section that is printed on sheets of its own, to write
        on.
    """

    title: str
    sentences: Sequence[Sentence | Sequence[Sentence]] = ()
    figures: Sequence[Figure | None] = ()
    tables: Sequence[HtmlTable] = ()
    notes: Sequence[str] = ()
    comment: Comment | None = None
    parts: Sequence[Section] = ()
    folded: bool = False
    files: Sequence[tuple[str, str]] = ()
    paper: Literal["", "landscape", "portrait"] = ""

    @property
    def identity(self) -> str:
        return slug(self.title)

    def __bool__(self) -> bool:
        own = (self.sentences, self.figures, self.tables, self.notes, self.comment, self.files)
        return any(own) or any(self.parts)

    def folding(self, title: str) -> Section:
        """The same, its charts and tables in a folded part with a title."""
        inside = Section(title, figures=self.figures, tables=self.tables, folded=True)
        return replace(self, figures=(), tables=(), parts=[inside, *self.parts])

    def charts(self) -> Iterator[Figure]:
        """Every figure on the page, those of the parts too."""
        yield from filter(None, self.figures)
        for part in self.parts:
            yield from part.charts()

    def every_table(self) -> Iterator[HtmlTable]:
        """Every table in the order of the page, those of the parts too."""
        yield from self.tables
        for part in self.parts:
            yield from part.every_table()

    def html(self) -> str:
        name = f"section sheet {self.paper}" if self.paper else "section"
        return f'<div class="{name}">{self._content(self.identity, 3)}</div>'

    def _content(self, identity: str, level: int) -> str:
        """Everything inside, ids beginning with ``identity``; parts under headings of a level. What
        is folded, or a sheet to write on, folds none of its tables."""
        parts = [_paragraph(sentence) for sentence in self.sentences]
        for number in range(max(len(self.figures), len(self.tables))):
            if number < len(self.figures) and (figure := self.figures[number]):
                parts.append(figure.html(f"{identity}-diagram-{number + 1}"))
            if number < len(self.tables):
                table = self.tables[number]
                shown = table.html(f"{identity}-tabell-{number + 1}")
                under = number < len(self.figures) and self.figures[number] is not None
                folds = under and not (self.folded or self.paper)
                if folds:
                    shown = f'<details class="under">{opener(table)}{shown}</details>'
                parts.append(shown)
        parts += [f'<p class="note">{typeset(note)}</p>' for note in self.notes]
        if self.files:
            links = (f'<li><a href="{plain(to)}">{plain(text)}</a></li>' for to, text in self.files)
            parts.append(f'<ul class="files">{"".join(links)}</ul>')
        for part in filter(None, self.parts):
            inside = part._content(f"{identity}-{part.identity}", level + 1)
            title = typeset(part.title)
            parts.append(
                f"<details><summary>{title}</summary>{inside}</details>"
                if part.folded
                else f"<h{level}>{title}</h{level}>{inside}"
            )
        if self.comment:
            parts.append(_comment(self.comment))
        return "".join(parts)

    def _repr_html_(self) -> str:
        return styled(self.html())

    def __repr__(self) -> str:
        """Its title: a notebook that shows it holds all the rest as HTML."""
        return f"Section(title={self.title!r})"


def opener(table: HtmlTable) -> str:
    """What a folded table is opened by: its name and how many answered."""
    bases = f' <span class="detail">{plain(table.bases)}</span>' if table.bases else ""
    return f"<summary>Tabell: {plain(table.caption)}{bases}</summary>"


def _paragraph(sentence: Sentence | Sequence[Sentence]) -> str:
    if isinstance(sentence, (str, Point)):
        return f"<p>{_text(sentence)}</p>"
    tag = "ul" if isinstance(sentence, Bullets) else "ol"
    return f"<{tag}>{''.join(f'<li>{_text(item)}</li>' for item in sentence)}</{tag}>"


def _text(sentence: Sentence) -> str:
    if isinstance(sentence, Point):
        return f"<strong>{typeset(sentence.label)}:</strong> {typeset(sentence.text)}"
    return typeset(sentence)


def _comment(comment: Comment) -> str:
    paragraphs = re.split(r"\n\s*\n", comment.text.strip())
    body = "".join(f"<p>{plain(paragraph)}</p>" for paragraph in paragraphs)
    return f'<div class="comment"><p><strong>{plain(comment.heading)}</strong></p>{body}</div>'
