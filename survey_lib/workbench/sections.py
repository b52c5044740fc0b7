"""Protected rows of own questions -> sentences, chart and table, in the house style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from survey_lib.disclosure import HIDDEN
from survey_lib.presentation import charts, phrases, report_tables, swedish, tables
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.presentation.tables import HtmlTable
from survey_lib.report import notes
from survey_lib.vocabulary import Indicator, Parameters
from survey_lib.weighting import WeightedSurvey
from survey_lib.workbench.classes import Classes
from survey_lib.workbench.questions import Association

PANELS, POINTS = 6, range(2, 6)  # indicators that one picture can show; answers on a scale
FIRST_SPECIAL = 90  # codes from here are not points of a scale
DIFFERS = "Svaren skiljer sig mellan grupperna. Skillnaden är statistiskt säkerställd ({test})."
UNCLEAR = "Det går inte att säga att svaren skiljer sig mellan grupperna ({test})."
UNTESTED = "Om svaren skiljer sig mellan grupperna prövas inte."
HIDDEN_TEST = "Om svaren skiljer sig mellan grupperna redovisas inte, eftersom något värde döljs."
ALONE = (
    "Prövningen gäller den här tabellen för sig. Om många tabeller prövas kallas i genomsnitt "
    "{andel} av dem säkerställda utan att något skiljer sig."
)
LEFT_OUT = "Grupper med färre än {grans} svarande är inte med i prövningen."


def names_section(
    indicators: Sequence[Indicator],
    divided: Mapping[str, str],
    words: Words,
    parameters: Parameters,
) -> Section:
    """The names of indicators by subject, and of what persons can be divided by with its label."""
    questionnaire = parameters.questionnaire
    subjects = list(questionnaire.themes)
    themes = [questionnaire.items[one.item].theme for one in indicators]
    asked = pd.DataFrame(
        {
            "name": [one.id for one in indicators],
            "label": [one.rule.label for one in indicators],
            "subject": [questionnaire.themes[theme].title for theme in themes],
            "place": [subjects.index(theme) for theme in themes],
        }
    ).sort_values("place", kind="stable")
    by = pd.DataFrame({"name": list(divided), "label": list(divided.values())})
    columns = [tables.text("Namn", "name"), tables.text("Betyder", "label")]
    made = [
        HtmlTable.of(asked, columns, "Namn på frågor", words, groups="subject"),
        HtmlTable.of(by, columns, "Namn på grupper och områden", words),
    ]
    return Section("Namn", parts=[Section(t.caption, tables=[t], folded=True) for t in made])


def shares_section(
    rows: pd.DataFrame,
    by: Classes | None,
    words: Words,
    survey: WeightedSurvey,
    parameters: Parameters,
) -> Section:
    """Shares of one or more indicators, largest first, or class by class."""
    labels = list(dict.fromkeys(rows["label"]))
    under = notes.counted(rows.drop_duplicates("indicator"), survey.wave, parameters)
    if by is None:
        shown = rows.sort_values("estimate", ascending=False, ignore_index=True)
        caption = f"{_subject(labels)}: {words.where}, {words.wave}"
        figure = charts.ranked(shown, words, caption)
        table = report_tables.indicator_table(shown, words, caption, notes=under)
        return Section(caption, [], [figure], [table])
    divided = f"efter {swedish.lower_first(by.label)}"
    caption = f"{_subject(labels)} {divided}: {words.where}, {words.wave}"
    figure = _panels(rows, labels[:PANELS], words, caption)
    table = _groups_table(_named(rows, words), by, words, caption, under)
    return Section(caption, [], [figure], [table])


def crosstab_section(
    rows: pd.DataFrame,
    answers: Classes,
    by: Classes,
    tested: Association | None,
    words: Words,
    survey: WeightedSurvey,
    parameters: Parameters,
) -> Section:
    """All answers, class by class, and what the test says."""
    divided = f"efter {swedish.lower_first(by.label)}"
    caption = f"{answers.label} {divided}: {words.where}, {words.wave}"
    named = _named(rows, words)
    shown = named.assign(row=named["category_label"])
    places = {one: str(place) for place, one in enumerate(answers.ids)}
    asked = [answers.item] if answers.item else []
    table = report_tables.answers_table(
        shown.assign(answer=shown["answer"].map(places)),
        words,
        caption,
        heading=swedish.upper_first(by.label),
        notes=notes.questions(asked, survey.wave, parameters),
    )
    scale = [one for one in answers.ids if one.isdigit() and int(one) < FIRST_SPECIAL]
    if answers.item and len(scale) in POINTS:
        figure = charts.diverging(shown, words, caption)
    else:
        figure = _panels(rows, list(dict.fromkeys(rows["label"]))[:PANELS], words, caption)
    said = _verdict(rows, tested, words, parameters)
    return Section(caption, said, [figure], [table])


def _verdict(
    rows: pd.DataFrame, tested: Association | None, words: Words, parameters: Parameters
) -> list[Sentence]:
    parts = rows[rows["group"] != ""]
    hidden = (parts["mark"] == HIDDEN).groupby(parts["category"])
    if not words.probability:
        return [UNTESTED, phrases.KVOT]
    if tested is None:
        return [HIDDEN_TEST if (hidden.any() & ~hidden.all()).any() else UNTESTED]
    said = phrases.fill(DIFFERS if tested.secured else UNCLEAR, test=_test_words(tested))
    left_out = [phrases.fill(LEFT_OUT, grans=words.hide_below)] if hidden.all().any() else []
    share = swedish.percent_words(parameters.tables.showing.significance)
    return [said, *left_out, phrases.fill(ALONE, andel=share)]


def _test_words(association: Association) -> str:
    """ "Rao–Scotts test, F = 3,42 med 3,7 och 4 012 frihetsgrader, p = 0,012" """
    found = association.found
    p = "p < 0,001" if found.p < 0.001 else f"p = {swedish.number(found.p, 3)}"
    freedom = f"{swedish.number(found.f_df, 1)} och {swedish.number(found.f_df_residual)}"
    return f"Rao–Scotts test, F = {swedish.number(found.f, 2)} med {freedom} frihetsgrader, {p}"


def _panels(rows: pd.DataFrame, labels: Sequence[str], words: Words, caption: str) -> Figure:
    """Each label's shares by class, beside that of the whole area."""
    whole = rows[rows["group"] == ""].set_index("label")["estimate"]
    drawn = rows[(rows["group"] != "") & rows["label"].isin(labels)]
    drawn = drawn.assign(whole=drawn["label"].map(whole), indicator=drawn["label"])
    return charts.groups(drawn, words, caption)


def _groups_table(
    rows: pd.DataFrame, by: Classes, words: Words, caption: str, under: Sequence[str]
) -> HtmlTable:
    columns = [
        tables.text(swedish.upper_first(by.label), "category_label"),
        tables.percent("Andel"),
        tables.interval(words.ki),
        tables.count(),
    ]
    explained = [*under, phrases.INTERVAL_NOTE if words.probability else phrases.KVOT]
    groups = "label" if rows["label"].nunique() > 1 else None
    return HtmlTable.of(rows, columns, caption, words, notes=explained, groups=groups)


def _named(rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Label by label, each with everybody last and by name."""
    everybody = rows["group"] == ""
    name = rows["category_label"].where(~everybody, f"Hela {words.place}")
    named = rows.assign(category_label=name, _last=everybody)
    first = rows.groupby("label", sort=False).ngroup()
    named = named.assign(_first=first).sort_values(["_first", "_last"], kind="stable")
    return named.drop(columns=["_first", "_last"]).reset_index(drop=True)


def _subject(labels: Sequence[str]) -> str:
    if len(labels) > 2:
        return f"{labels[0]} med flera"
    return swedish.listing([labels[0], *map(swedish.lower_first, labels[1:])])
