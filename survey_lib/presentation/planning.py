"""What change the next survey can show: sentences and tables for whoever plans a promise.

``rows`` are of :func:`survey_lib.report.planning.planned`; everything in them follows from
published numbers. No sentence says that a change that can't be seen isn't there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.sentences import Bullets, Sentence
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row

NOTHING = "Ingen del av undersökningen har ett slumpmässigt urval. Därför prövas inga förändringar."
FEW_PERSONS = 10  # numbers needed are rounded up to the nearest
SAME = (
    "Här står vilka förändringar nästa undersökning kan visa, om den görs på samma sätt som {nu} "
    "och får lika många svar."
)
SMALLEST = (
    "Den minsta förändring som syns är den minsta verkliga förändring som blir statistiskt "
    "säkerställd i minst {ofta} av 10 sådana undersökningar. Prövningen görs på nivån {niva}."
)
FAMILY = (
    "Frågorna i ett löfte prövas tillsammans. Ju fler de är, desto större måste förändringen vara. "
    "Välj därför få frågor, och bara sådana som löftet handlar om."
)
UNSEEN = "En mindre förändring kan vara verklig, men undersökningen avgör det inte."
MORE = (
    "Räcker inte svaren till: fråga fler, lägg samman flera undersökningar eller följ upp ett "
    "större område. I ett delområde syns sällan en förändring från ett år till nästa."
)
NOT_TESTED = (
    "För {delar} prövas inga förändringar, eftersom de svarande inte är slumpmässigt utvalda."
)
POINTS = "p.e. = procentenheter"
EACH = "Fråga för fråga i varje område:"
ALONE, AMONG = "En fråga (p.e.)", "Tre frågor (p.e.)"
SEEN = (
    "En fråga, tre frågor = minsta förändring som syns, när löftet följs upp med en fråga eller "
    "med tre."
)
IMPOSSIBLE = f"{tables.NOTHING} = syns inte ens om andelen blev 0 eller 100 procent"
NEEDED = (
    "Svar för 3 p.e. = antal svarande som behövs i var och en av två lika stora undersökningar för "
    "att en förändring på 3 procentenheter ska synas, för en fråga i löftet, uppåt avrundat."
)
THUMB = (
    "Förändringen är den som syns åt båda hållen, för en fråga i löftet. Designeffekten säger hur "
    "många gånger fler svar som behövs än vid ett obundet slumpmässigt urval; här står den "
    "mellersta (medianen) bland områdets frågor."
)


def needed(change: float) -> str:
    """The column with the respondents needed for a change."""
    return f"needed_{round(100 * change)}"


def thumb(share: float) -> str:
    """The column with the smallest change from a share."""
    return f"from_{round(100 * share)}"


def sentences(
    words: Words, target: float, alpha: float, untested: Sequence[str]
) -> list[Sentence | list[Sentence]]:
    """How the tables are read; ``untested`` are names of areas without a test."""
    often = swedish.number(10 * target)
    level = f"{swedish.share(alpha)}{swedish.NO_BREAK}procent"
    points = Bullets(
        [
            phrases.fill(SMALLEST, ofta=often, niva=level),
            FAMILY,
            UNSEEN,
            MORE,
        ]
    )
    said: list[Sentence | list[Sentence]] = [phrases.fill(SAME, nu=words.wave), points]
    if untested:
        said.append(phrases.fill(NOT_TESTED, delar=swedish.listing(untested)))
    return said


def caption(words: Words) -> str:
    return f"Så mycket måste andelen ändras i {words.where}"


def overview_table(
    rows: pd.DataFrame, words: Words, level: str, shares: Sequence[float]
) -> HtmlTable:
    """A rule of thumb for each area: ``label, n, deff, mark`` and a column per share."""
    columns = [
        tables.text(swedish.upper_first(level), "label"),
        *(_points(f"Från {swedish.percent(one)}", thumb(one)) for one in shares),
        tables.decimal("Designeffekt", "deff", 1),
        tables.count(),
    ]
    title = "Tumregel: minsta förändring som syns nästa gång (p.e.)"
    notes = [THUMB, POINTS, *words.bases_note()]
    return HtmlTable.of(rows, columns, title, words, notes=notes)


def planning_table(
    rows: pd.DataFrame, words: Words, changes: Sequence[float], families: Sequence[int]
) -> HtmlTable:
    """Question by question in one area: the share, the smallest change seen, the size needed."""
    asked = dict(zip(families, (ALONE, AMONG), strict=True))
    columns = [
        tables.text("Fråga", "label"),
        tables.percent(f"Andel {words.wave}", bounds=("low", "high")),
        Column("Riktning", _direction, numeric=False),
        *(_points(told, f"smallest_{family}") for family, told in asked.items()),
        *(_persons(f"Svar för {round(100 * one)} p.e.", needed(one)) for one in changes),
        tables.count(),
    ]
    notes = [
        f"Under en andel står dess {words.ki}.",
        SEEN,
        NEEDED,
        phrases.INTERVAL_NOTE,
        POINTS,
        *words.bases_note(),
    ]
    if rows[[f"smallest_{family}" for family in families]].isna().any(axis=None):
        notes.insert(1, IMPOSSIBLE)
    return HtmlTable.of(rows, columns, caption(words), words, notes=notes)


def _direction(row: Row) -> Cell:
    return Cell("uppåt" if row["up"] else "nedåt", "up" if row["up"] else "down")


def rounded_up(change: float) -> float:
    """A change to the next tenth of a percentage point: what is promised to be seen, is."""
    return math.ceil(1000 * change - 1e-9) / 1000


def _points(heading: str, key: str) -> Column:
    def cell(row: Row) -> Cell:
        value = tables.known(row, key)
        if value is None:
            return Cell(tables.NOTHING, None)
        value = rounded_up(value)
        return Cell(swedish.number(100 * value, 1), value)

    return Column(heading, cell, unit=tables.POINTS)


def _persons(heading: str, key: str) -> Column:
    """Respondents, rounded up; impossible where the share can't change so much."""

    def cell(row: Row) -> Cell:
        value = tables.known(row, key)
        if value is None:
            return Cell(phrases.IMPOSSIBLE, None, mark=phrases.IMPOSSIBLE)
        persons = FEW_PERSONS * math.ceil(value / FEW_PERSONS)
        return Cell(swedish.number(persons), persons)

    return Column(heading, cell)
