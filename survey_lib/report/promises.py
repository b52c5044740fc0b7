"""Uppföljning av löften och mål: each promise to the area, with both values and a verdict."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from survey_lib.export.beside import FOLLOW_UP_PAGE, page_stem
from survey_lib.presentation.promises import in_short as shortly
from survey_lib.presentation.promises import promise_sentences, promise_table
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.report.results import Results
from survey_lib.vocabulary.promises import Promise

TITLE = "Uppföljning av löften och mål"
PAGE = "Alla löften, övriga områden under samma tid och vad nästa undersökning kan visa"


def promises(results: Results) -> Section:
    """The promises that this wave follows up, those of the areas around and inside too."""
    if not results.parameters.promises:
        return Section(TITLE)
    comment = results.comment("promises")
    found = list(results.promised.groupby("promise", sort=False))
    if not found:
        where = results.words.where
        none = f"Inget löfte som gäller {where} följs upp i undersökningen {results.words.wave}."
        return Section(TITLE, [none], comment=comment)
    page = f"{page_stem(FOLLOW_UP_PAGE, results.wave.demo)}.html"
    files = [] if results.wave.pools else [(page, PAGE)]
    parts = [
        _part(results, str(name), rows, f"Löfte {number}" if len(found) > 1 else "Löftet")
        for number, (name, rows) in enumerate(found, start=1)
    ]
    if len(parts) == 1:
        return replace(parts[0], title=TITLE, comment=comment, files=files)
    return Section(TITLE, parts=parts, comment=comment, files=files)


def _part(results: Results, name: str, rows: pd.DataFrame, title: str) -> Section:
    promise = named(results, results.parameters.promises[name])
    caption = f"{title}: före och efter" if (rows["before_label"] != "").any() else title
    return Section(
        title,
        promise_sentences(rows, promise, results.words),
        tables=[promise_table(rows, results.words, caption)],
    )


def in_short(results: Results) -> list[Sentence | list[Sentence]]:
    """For the summary: the outcome of what was promised to this very area."""
    said: list[Sentence | list[Sentence]] = []
    for _, rows in results.promised.groupby("promise", sort=False):
        if (rows["area"] == results.area).all():
            said += shortly(rows, results.words)
    others = results.promised.loc[results.promised["area"] != results.area, "promise"]
    if others.nunique():
        said.append(f"Löften som gäller ett större eller mindre område står under {TITLE}.")
    return said


def named(results: Results, promise: Promise) -> Promise:
    """The promise with the names of its places in the place of ids."""
    places, areas = results.parameters.places, results.parameters.areas
    names = [
        places[place].name if place in places
        else areas.name(place) if place in areas.areas
        else place
        for place in promise.places
    ]  # fmt: skip
    return promise.model_copy(update={"places": names})
