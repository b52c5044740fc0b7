"""The front page of a wave's reports, and short pages that say why there is no report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from survey_lib.presentation import swedish
from survey_lib.presentation.swedish import slug
from survey_lib.rendering.finish import finish
from survey_lib.rendering.page import Entry, Page, build, template
from survey_lib.vocabulary.swedish_order import swedish_key

State = Literal["ready", "failed", "no_survey", "not_made"]

STATES: dict[State, str] = {
    "ready": "Klar",
    "failed": "Kunde inte skapas",
    "no_survey": "Ingen egen undersökning",
    "not_made": "Ingen rapport än",
}
TILE, NARROWEST = 7.5, 40.0  # rem: the narrowest tile, and page, that show a map and no list


@dataclass(frozen=True)
class IndexRow:
    """One area on the front page.

    Attributes
    ----------
    area_id, name : the area.
    href : its page, relative to the index; None when there is no page at all.
    state : "ready", "failed", "no_survey", or "not_made" of an area that is on the map only.
    reason : why it failed, in plain words; one sentence.
    n : number of respondents; None when unknown or hidden.
    group : heading that the area stands under ("Stadsdelar"); one group per level.
    tile : column and row of its tile on the map, from 1; None in a group without a map.
    files : what there is beside the page: (address, text).
    """

    area_id: str
    name: str
    href: str | None
    state: State = "ready"
    reason: str = ""
    n: int | None = None
    group: str = "Områden"
    tile: tuple[int, int] | None = None
    files: Sequence[tuple[str, str]] = ()

    @property
    def status(self) -> str:
        """The state in words."""
        return f"{self.short_status}: {self.reason}" if self.reason else self.short_status

    @property
    def short_status(self) -> str:
        return STATES[self.state]

    @property
    def respondents(self) -> str:
        return "–" if self.n is None else swedish.number(self.n)


def render_index(
    wave: str,
    rows: Sequence[IndexRow],
    *,
    title: str,
    publisher: str = "",
    summary: str = "",
    fieldwork: tuple[date, date] | None = None,
    facts: Sequence[tuple[str, str]] = (),
    demo: bool = False,
    language: str = "sv",
    warning: str = "",
) -> str:
    """The front page: every area with its link and state, grouped by level, in Swedish order, on a
    map where its areas have tiles and in a table.

    ``wave`` is the wave's label, ``title`` the survey's name; groups keep the order in which they
    come. Links are relative, so the page works from a file share as from a web server.
    """
    order = {row.group: number for number, row in reversed(list(enumerate(rows)))}
    ordered = sorted(rows, key=lambda row: (order[row.group], swedish_key(row.name)))
    groups = [
        _Group(Entry(heading, slug(heading)), list(part))
        for heading, part in groupby(ordered, key=lambda row: row.group)
    ]
    period = [("Svaren samlades in", swedish.days(*fieldwork))] if fieldwork else []
    page = Page(
        title=f"{title} {wave}",
        publisher=publisher,
        summary=summary,
        facts=[*period, *facts],
        demo=demo,
        language=language,
        warning=warning,
    )
    body = template("index.html.j2").render(
        groups=groups,
        demo=demo,
        period=period[0][1] if period else "",
        failed=sum(row.state == "failed" for row in rows),
    )
    contents = [group.entry for group in groups] if len(groups) > 1 else []
    return build(page, body, contents, "".join(group.rules for group in groups))


@dataclass(frozen=True)
class _Group:
    """The areas of one level under their heading."""

    entry: Entry
    rows: list[IndexRow]

    @property
    def reports(self) -> list[IndexRow]:
        """The rows of the table."""
        return [row for row in self.rows if row.state != "not_made"]

    @property
    def mapped(self) -> bool:
        """Whether there is a map: every area has its place on it, and there are several."""
        return len(self.rows) > 1 and all(row.tile for row in self.rows)

    @property
    def rules(self) -> str:
        """CSS that puts the tiles in their places, where the page is wide enough for a map."""
        if not self.mapped:
            return ""
        tiles = {row.tile for row in self.rows if row.tile}
        columns = max(column for column, _ in tiles)
        this = f".tiles-{self.entry.identity}"
        places = "".join(f"{this}>.at-{c}-{r}{{grid-area:{r}/{c}}}" for c, r in sorted(tiles))
        return (
            f"@media (min-width:{max(NARROWEST, TILE * columns):g}rem){{"
            f"{this}{{grid:auto-flow 1fr/repeat({columns},minmax(0,11.5rem))}}"
            f"{this}>li{{flex-flow:column;justify-content:start}}{places}}}"
        )


def render_message_page(
    *,
    title: str,
    paragraphs: Sequence[str],
    links: Sequence[tuple[str, str]] = (),
    body: str = "",
    survey: str = "",
    publisher: str = "",
    summary: str = "",
    home: tuple[str, str] | None = None,
    facts: Sequence[tuple[str, str]] = (),
    demo: bool = False,
    language: str = "sv",
    made_from: str = "",
    warning: str = "",
) -> str:
    """A short page in a report's place. ``links``: (address, text) of what to read instead;
    ``body``: HTML of what else there is to show."""
    page = Page(
        title=title,
        survey=survey,
        publisher=publisher,
        summary=summary,
        home=home,
        facts=facts,
        demo=demo,
        language=language,
        made_from=made_from,
        warning=warning,
    )
    from markupsafe import Markup

    shown = Markup(finish(body)[0])
    text = template("message.html.j2").render(paragraphs=paragraphs, links=links, shown=shown)
    return build(page, text)


def no_survey(place: str, wave: str, last: str | None = None, pooled: bool = False) -> list[str]:
    """Paragraphs for an area that wasn't asked: ``place`` in definite form ("stadsdelen"), ``last``
    the label of the latest earlier wave that has its own results, ``pooled`` whether the wave pools
    others."""
    from survey_lib.presentation import phrases

    paragraphs = [
        phrases.no_survey(place, wave, pooled),
        "Därför finns inga resultat att redovisa här. Resultat från andra områden säger inget "
        f"säkert om hur tryggheten upplevs i {place}.",
    ]
    if last:
        paragraphs.append(f"Den senaste egna undersökningen gjordes {last}.")
    return paragraphs


def failed(reason: str) -> list[str]:
    """Paragraphs for a report that couldn't be made: ``reason`` in plain words, one sentence."""
    return [
        "Rapporten kunde inte skapas.",
        f"Orsak: {reason}",
        "Övriga rapporter är inte berörda. När felet är rättat skapas rapporten med samma "
        "kommando.",
    ]
