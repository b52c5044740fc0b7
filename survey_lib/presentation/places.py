"""Where and when, in words and tables: places that residents name, and modelled estimates.

Mentions are counts of respondents and no measure of prevalence, which is said wherever they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import HIDDEN, Words
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.tables import NOTHING, Cell, Column, HtmlTable

OTHER, UNCODED = "other", "98"  # rows that are no single place
TIME, REASON = "tid", "orsak"
NAMED = 3  # places named in a sentence

MENTIONS = (
    "Ett omnämnande är en svarande som nämner platsen. Antalen är oviktade och är inget mått på "
    "hur vanligt något är: platser där många rör sig nämns oftare."
)
FEW = (
    "Platser med få omnämnanden redovisas inte var för sig, och inte heller tider och orsaker som "
    "få har angett."
)
SEVERAL = "Flera tider och orsaker kan anges för samma plats."
NONE = f"Antalet omnämnanden {phrases.EJ_VISAS}."


def single_places(places: pd.DataFrame) -> pd.DataFrame:
    """The rows that are one place of the gazetteer, with a number."""
    return places[~places["place"].isin([OTHER, UNCODED]) & (places["mark"] != HIDDEN)]


def places_table(
    places: pd.DataFrame,
    answers: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Each place with its mentions and the most common time and reason.

    ``places``: ``place, label, mentions, mark`` of one area; ``answers``: ``place, question, label,
    mentions, most, mark`` of the same.
    """
    columns = [
        tables.text("Plats", "label"),
        tables.count("Antal omnämnanden", "mentions"),
        _most_common("Vanligaste tid (antal)", answers, TIME),
        _most_common("Vanligaste orsak (antal)", answers, REASON),
    ]
    explained = [*notes, MENTIONS, SEVERAL, FEW]
    return HtmlTable.of(places, columns, caption, words, notes=explained)


def times_table(
    places: pd.DataFrame,
    answers: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Each place with its mentions by time of day: the numbers of the chart of places."""
    rows, times = by_time(places, answers)
    columns = [tables.text("Plats", "label"), tables.count("Antal omnämnanden", "mentions")]
    columns += [tables.count(name, key, f"{key}_mark") for key, name in times.items()]
    return HtmlTable.of(rows, columns, caption, words, notes=[*notes, MENTIONS, SEVERAL])


def by_time(places: pd.DataFrame, answers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The single places with a column for each time of day and, beside it, its ``_mark`` and
    ``_most``; and the names of the times by column, in the order of the questionnaire."""
    asked = answers[answers["question"] == TIME]
    times = dict(zip(asked["answer"], asked["label"], strict=True))
    rows = single_places(places).reset_index(drop=True)
    for time in times:
        mine = asked[asked["answer"] == time].set_index("place").reindex(rows["place"])
        rows[time] = mine["mentions"].to_numpy(dtype=float)
        rows[f"{time}_mark"] = mine["mark"].fillna(HIDDEN).to_numpy()
        rows[f"{time}_most"] = mine["most"].eq(True).to_numpy()
    return rows, times


def places_named(
    places: pd.DataFrame, answers: pd.DataFrame, words: Words, count: int = NAMED
) -> list[Sentence | list[Sentence]]:
    """The places that most name, with the most common time and reason, and what the counts say."""
    rows = single_places(places)
    if rows.empty:
        return [NONE]
    least = rows["mentions"].nlargest(count).iloc[-1]
    named = Bullets(
        Point(str(row.label), " ".join([f"{_mentions(row.mentions)}.", *_most(answers, row.place)]))
        for row in rows[rows["mentions"] >= least].itertuples()
    )
    among = ", av dem vars antal redovisas" if places["mark"].eq(HIDDEN).any() else ""
    opening = f"Det här är de platser som flest svarande i {words.where} nämner{among}."
    return [opening, named, MENTIONS]


def _mentions(number: float) -> str:
    return f"{swedish.number(number)} omnämnanden"


def _most(answers: pd.DataFrame, place: str) -> list[str]:
    """What is said of a place's most common time and reason; nothing when they aren't shown."""
    said = []
    for question, one, several in (
        (TIME, "Vanligaste tiden är", "Vanligaste tiderna är"),
        (REASON, "Vanligaste orsaken är", "Vanligaste orsakerna är"),
    ):
        labels, number = most_common(answers, place, question)
        if len(labels) == 1:
            said.append(f"{one} {swedish.quoted(labels[0])} ({swedish.number(number)}).")
        elif labels:
            named = swedish.listing(swedish.quoted(label) for label in labels)
            said.append(f"{several} {named} ({swedish.number(number)} var).")
    return said


def most_common(answers: pd.DataFrame, place: str, question: str) -> tuple[list[str], float]:
    """The labels of a place's most common answers, several when they are equally common, and how
    many gave each; none when it isn't shown."""
    rows = answers[(answers["place"] == place) & (answers["question"] == question)]
    rows = rows[rows["most"]]
    return list(rows["label"]), float(rows["mentions"].max()) if len(rows) else float("nan")


def _most_common(heading: str, answers: pd.DataFrame, question: str) -> Column:
    def cell(row: Any) -> Cell:
        if row["place"] in (OTHER, UNCODED):
            return Cell(NOTHING, None)
        labels, number = most_common(answers, row["place"], question)
        if not labels:
            return Cell(HIDDEN, None, mark=HIDDEN)
        joined = swedish.listing([labels[0], *map(swedish.lower_first, labels[1:])])
        each = f"{swedish.number(number)} var" if len(labels) > 1 else swedish.number(number)
        return Cell(joined, number, each)

    return Column(heading, cell, numeric=False, value_heading="antal")


# -- modelled estimates ----------------------------------------------------------------------------

NO_MODEL = {
    "few": "för få {delar} har minst {minst} svarande",
    "sampling": "de svarande är inte slumpmässigt utvalda",
    "no fit": "modellen kunde inte anpassas till svaren",
}


def modelled_table(
    rows: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str = "Område",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Modelled values beside the direct ones, indicator by indicator, never with a verdict.

    ``rows``: of one area, with ``area, place`` (its name), ``label`` (the indicator's), ``estimate,
    low, high, direct, n, mark``. The caption is marked *Modellskattning*.
    """
    columns = [
        tables.text(heading, "place"),
        tables.percent("Modellskattad andel"),
        tables.interval(f"{words.level}{swedish.NO_BREAK}% osäkerhetsintervall"),
        tables.percent("Andel av de egna svaren", "direct", "direct_mark"),
        tables.count(),
    ]
    fitted = rows[rows["area"] != ""]
    few = (fitted["n"] < words.uncertain_below) & (fitted["mark"] != HIDDEN)
    fitted = fitted.assign(direct_mark=fitted["mark"].mask(few, phrases.UNCERTAIN))
    title = f"Modellskattning: {swedish.lower_first(caption)}"
    return HtmlTable.of(fitted, columns, title, words, notes=notes, groups="label")


def modelled_note(
    rows: pd.DataFrame, covariates: Sequence[str], words: Words, singular: str, plural: str
) -> list[str]:
    """What a modelled value is, with its covariates, and why there is none where there is none.

    ``rows``: of one area, with ``area, label, reason``; ``covariates``: in words; ``singular,
    plural``: what the small areas are called ("delområde", "delområden").
    """
    notes = []
    if rows["area"].ne("").any():
        like = swedish.listing(covariates) if covariates else "läge"
        notes += [
            f"Modellskattning: varje värde väger samman svaren i ett {singular} med vad som är "
            f"vanligt i {plural} med liknande {like}. Ju färre svarande, desto mer väger modellen.",
            "Osäkerhetsintervallet bygger på modellens medelkvadratfel (MSE). Inga skillnader "
            "mellan modellskattningar prövas.",
            f"För ett {singular} med färre än {words.hide_below} svarande görs ingen "
            "modellskattning.",
        ]
    for reason, part in rows[rows["area"] == ""].groupby("reason", sort=False):
        why = phrases.fill(NO_MODEL[str(reason)], delar=plural, minst=words.hide_below)
        labels = swedish.listing(swedish.quoted(label) for label in part["label"])
        notes.append(f"Ingen modellskattning görs för {labels}: {why}.")
    return notes
