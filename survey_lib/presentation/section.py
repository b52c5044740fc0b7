"""One section of a report: sentences, charts and tables of the same published rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from survey_lib.presentation.figure import Figure
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.swedish import slug
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.typesetting import plain, typeset


@dataclass(frozen=True)
class Comment:
    """The office's own words about a section. Data, never markup; blank lines make paragraphs."""

    heading: str  # "Kommentar från stadsområdet"
    text: str


@dataclass(frozen=True)
class Section:
    """What one notebook cell shows. The heading stands in the notebook, above the cell.

    Attributes
    ----------
    title : the section's own name; ids on the page are made from it.
    sentences : paragraphs; the label of a Point is set in bold; an inner list is
        numbered unless it is Bullets.
    figures, tables : each figure is followed by the table with the same place in its list, so a
        chart always has its numbers directly after it. Tables without a figure come last.
    notes : smaller paragraphs at the end.
    """

    title: str
    sentences: Sequence[Sentence | Sequence[Sentence]] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[HtmlTable] = ()
    notes: Sequence[str] = ()
    comment: Comment | None = None

    @property
    def identity(self) -> str:
        return slug(self.title)

    def html(self) -> str:
        parts = [_paragraph(sentence) for sentence in self.sentences]
        for number in range(max(len(self.figures), len(self.tables))):
            if number < len(self.figures):
                parts.append(self.figures[number].html(f"{self.identity}-diagram-{number + 1}"))
            if number < len(self.tables):
                parts.append(self.tables[number].html(f"{self.identity}-tabell-{number + 1}"))
        parts += [f'<p class="note">{typeset(note)}</p>' for note in self.notes]
        if self.comment:
            parts.append(_comment(self.comment))
        return f'<div class="section">{"".join(parts)}</div>'

    def _repr_html_(self) -> str:
        return self.html()


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
