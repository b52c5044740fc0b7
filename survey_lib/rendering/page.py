"""The frame around every page: one file, no script, nothing fetched.

A page works from a file share as from a web server. Its content security policy allows pictures
inside the file and its own style, nothing else, so a forgotten reference can't reach the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from survey_lib import __version__
from survey_lib.presentation.typesetting import visible

MADE_FROM = "trygg-made-from"  # name of the element that tells what a page was made from
STATEMENT = 'id="tillganglighetsredogorelse"'  # where a page says how accessible it is
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """What stands around a page's body. All texts are data and are escaped.

    Attributes
    ----------
    title : the one h1.
    survey : small line above it ("Trygghetsundersökning 2024").
    publisher : who is responsible; first on the page.
    summary : one or two sentences under the heading; also the page's description.
    home : address and text of the link in the header, relative ("index.html", "Alla stadsdelar").
    facts : terms and descriptions for the footer ("Framtagen", "24 april 2026").
    demo : made-up answers: banner, mark beside the heading, in the title and on each printed page.
    warning : what every reader must know first; a banner.
    made_from : fingerprints of all that the page was made from, as JSON, for a program that makes
        it again.
    """

    title: str
    survey: str = ""
    publisher: str = ""
    summary: str = ""
    home: tuple[str, str] | None = None
    facts: Sequence[tuple[str, str]] = ()
    demo: bool = False
    language: str = "sv"
    made_from: str = ""
    warning: str = ""

    @property
    def heading(self) -> str:
        """Text of <title>: the page's own name first."""
        parts = [self.title, self.survey, "DEMO" if self.demo else ""]
        return " – ".join(part for part in parts if part)


@dataclass
class Entry:
    """One line of the table of contents."""

    text: str
    identity: str
    children: list[Entry] = field(default_factory=list)


def build(page: Page, body: str, contents: Sequence[Entry] = (), rules: str = "") -> str:
    """The complete page. ``body`` is HTML and ``rules`` CSS of this page alone, neither with a text
    from a file that isn't escaped; everything else is escaped here."""
    from markupsafe import Markup

    html: str = template("layout.html.j2").render(
        page=page,
        body=Markup(body),
        contents=contents,
        style=Markup(_style() + rules),
        generator=f"survey_lib {__version__}",
        statement=STATEMENT,
        made_from=MADE_FROM,
    )
    return html


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES / "pages", encoding="utf-8"),
        autoescape=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
        undefined=StrictUndefined,
    )


def template(name: str) -> Any:
    """A page template; its variables are escaped."""
    return _environment().get_template(name)


@cache
def _style() -> str:
    return (TEMPLATES / "pages" / "style.css").read_text(encoding="utf-8")
