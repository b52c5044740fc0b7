"""Otrygga platser och tider: which places residents name, when and why (domain guide, 3.9)."""

from __future__ import annotations

from dataclasses import replace

from survey_lib.presentation import charts, swedish
from survey_lib.presentation.places import (
    modelled_note,
    modelled_table,
    places_named,
    places_table,
    single_places,
    times_table,
)
from survey_lib.presentation.section import Section
from survey_lib.report import notes
from survey_lib.report.results import Results
from survey_lib.report.themes import theme

TITLE = "Otrygga platser och tider"


def places(results: Results) -> Section:
    """The share that feels unsafe somewhere, and the places that they name."""
    asked = theme(results, "places", TITLE)
    return replace(asked, parts=[named(results), *asked.parts, modelled(results)])


def named(results: Results) -> Section:
    """The places with their number of mentions, most common time and reason."""
    words = results.words
    rows, answers = results.places
    if rows.empty:
        return Section("")
    caption = f"Platser som svarande i {words.where} nämner"
    by_time = f"{caption}, efter tid på dygnet"
    notes = results.place_questions
    drawn = len(single_places(rows)) > 0
    times = Section(
        "När på dygnet",
        figures=[charts.places(rows, answers, words, by_time)],
        tables=[times_table(rows, answers, words, by_time, notes=notes)],
        folded=True,
    )
    return Section(
        "Platser som flest nämner",
        places_named(rows, answers, words),
        tables=[places_table(rows, answers, words, caption, notes=notes)],
        parts=[times] if drawn else [],
    )


def modelled(results: Results) -> Section:
    """Modelled estimates of the small areas inside, in a table of their own; nothing without."""
    rows, spec, words = results.modelled, results.parameters.tables.modelled, results.words
    if spec is None or rows.empty:
        return Section("")
    level = results.parameters.areas.levels[spec.level]
    explained = modelled_note(
        rows, list(spec.covariates.values()), words, level.singular, level.plural
    )
    if rows["area"].eq("").all():
        return Section("Modellskattningar", explained)
    fitted = rows[rows["area"] != ""]
    caption = f"Andelar per {level.singular}"
    heading = swedish.upper_first(level.singular)
    questions = notes.notes(results, fitted.drop_duplicates("indicator"))
    table = modelled_table(fitted, words, caption, heading=heading, notes=[*explained, *questions])
    return Section("Modellskattningar", tables=[table], folded=True)
