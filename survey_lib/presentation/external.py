"""Figures from other sources, for an area without an own survey (domain guide, 1.3 and 6.4).

They stand alone: never tested, never beside the survey's own values, never in a chart. Every source
is named with the fixed phrase EXTERN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import UNCERTAIN, Words
from survey_lib.presentation.sentences import Bullets, Point, Row, Sentence
from survey_lib.presentation.tables import HtmlTable
from survey_lib.vocabulary.external import ExternalFigure

CAPTION = "Uppgifter från andra källor"
NUMBERS = ["share", "low", "high", "n"]


def external_rows(figures: Sequence[ExternalFigure], words: Words) -> pd.DataFrame:
    """The figures as the functions here take them, those of one source together: the columns of
    ``external.csv`` and ``mark``."""
    columns = list(ExternalFigure.model_fields)
    frame = pd.DataFrame([figure.model_dump() for figure in figures], columns=columns)
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    few = frame["n"] < words.uncertain_below
    frame["mark"] = few.map({True: UNCERTAIN, False: ""}).astype(object)
    sources = frame.groupby(["source", "year"], sort=False).ngroup()
    return frame.iloc[sources.argsort(kind="stable")].reset_index(drop=True)


def external_table(rows: pd.DataFrame, words: Words, caption: str = CAPTION) -> HtmlTable:
    """Each figure with the interval, base, source and year that its source gives. EXTERN stands in
    the sentences above."""
    columns = [
        tables.text("Uppgift", "label"),
        tables.percent("Andel", "share"),
        tables.interval("Källans intervall"),
        tables.count("Antal svarande i källan"),
        tables.text("Källa", "source"),
        tables.text("År", "year"),
    ]
    return HtmlTable.of(rows, columns, caption, replace(words, source=""))


def external_sentences(rows: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """The figures of each source, and its fixed phrase."""
    said: list[Sentence | list[Sentence]] = []
    for _, part in rows.groupby(["source", "year"], sort=False):
        points = [Point(str(row["label"]), _value(row, words)) for row in part.to_dict("records")]
        said += [Bullets(points), *external_sources(part)]
    return said


def external_sources(rows: pd.DataFrame) -> list[str]:
    """The fixed phrase of each source."""
    pairs = dict.fromkeys(zip(rows["source"], rows["year"], strict=True))
    return [phrases.fill(phrases.EXTERN, kalla=source, ar=year) for source, year in pairs]


def _value(row: Row, words: Words) -> str:
    told = []
    if not pd.isna(row["low"]):
        told.append(f"källans intervall {swedish.interval(row['low'], row['high'])}")
    if not pd.isna(row["n"]):
        told.append(f"{swedish.number(row['n'])} svarande")
    if row["mark"] == UNCERTAIN:
        told.append(phrases.fill(phrases.OSAKERT, grans=words.uncertain_below))
    inside = f" ({'; '.join(told)})" if told else ""
    return f"{swedish.percent_words(row['share'])}{inside}."
