"""The tables of a report, with their columns in the order of the domain guide, 6.2:

values by wave · interval of the latest · change and verdict · the rest and verdict · number of
respondents last. A column appears when the published frame has something for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.swedish import NO_BREAK
from survey_lib.presentation.tables import Column, HtmlTable


def indicator_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str = "Fråga",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Shares with interval, change and gap, one row per indicator.

    ``frame``: ``label, estimate, low, high, n, mark``; ``rank`` (with ``rank_low, rank_high``) for
    ranked ones; the columns of :func:`survey_lib.presentation.verdicts.joined` for comparisons.
    ``heading`` is the first column's.
    """
    change, rest = "change_state" in frame and words.before is not None, "rest_state" in frame
    columns: list[Column] = [tables.text(heading, "label")]
    if "rank" in frame and frame["rank"].notna().any():
        columns.append(tables.rank())
    if change:
        columns.append(tables.other_side(f"Andel {words.before}", "change", words))
    columns.append(tables.value(f"Andel {words.wave}", "change"))
    columns.append(tables.interval(f"{words.level}{NO_BREAK}% KI"))
    if change:
        columns.append(
            tables.comparison(f"Förändring sedan {words.before} (p.e.)", "change", words)
        )
    if rest:
        columns.append(tables.other_side(f"Andel i {words.rest}", "rest", words))
        columns.append(tables.comparison(f"Skillnad mot {words.rest} (p.e.)", "rest", words))
    columns.append(tables.count())
    explained = [*notes, _interval_note(words)]
    if change or rest:
        explained.append(phrases.POINTS_NOTE)
    return HtmlTable.of(frame, columns, caption, words, notes=explained)


def answers_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str = "Fråga",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """All answers to questions with one scale: a row per question, a column per answer.

    ``frame``: a row per question and answer with ``row`` (the question's label), ``answer`` (its
    code), ``label`` (the answer's label), ``estimate, n, mark``; answers in questionnaire order.
    """
    labels = dict(zip(frame["answer"], frame["label"], strict=True))
    wide = pd.DataFrame({"row": frame["row"].drop_duplicates()}).set_index("row")
    for code in labels:
        part = frame[frame["answer"] == code].set_index("row")
        wide[f"share {code}"], wide[f"mark {code}"] = part["estimate"], part["mark"]
    wide["n"] = frame.groupby("row", sort=False)["n"].max()
    marks = [f"mark {code}" for code in labels]
    wide[marks] = wide[marks].fillna("")
    columns = [
        tables.text(heading, "row"),
        *(tables.percent(label, f"share {code}", f"mark {code}") for code, label in labels.items()),
        tables.count(),
    ]
    return HtmlTable.of(wide.reset_index(), columns, caption, words, notes=notes)


def profile_table(
    frame: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Respondents beside population.

    ``frame``: a row per category with ``variable_label, label, unweighted, weighted, population, n,
    mark``; the categories of one variable follow each other.
    """
    columns = [
        tables.text("Grupp", "label"),
        tables.percent("Svarande, oviktat", "unweighted"),
        tables.percent("Svarande, viktat", "weighted"),
        tables.percent("Befolkningen", "population", ""),
        tables.count(),
    ]
    return HtmlTable.of(frame, columns, caption, words, notes=notes, groups="variable_label")


def areas_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str = "Område",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Who was asked and who answered, one row per area (Område – Urval – Antal svar – Andel svar).

    ``frame``: ``label, invited, responding, response_rate, n, mark``.
    """
    with_rest = frame.assign(nonresponse=1 - frame["response_rate"].astype(float))
    columns = [
        tables.text(heading, "label"),
        tables.count("Inbjudna", "invited"),
        tables.count("Inkomna svar", "responding", "mark"),
        tables.percent("Svarsfrekvens", "response_rate"),
        tables.percent("Bortfall", "nonresponse"),
        tables.count(key="n", mark="mark"),
    ]
    return HtmlTable.of(with_rest, columns, caption, words, notes=notes)


def _interval_note(words: Words) -> str:
    return phrases.INTERVAL_NOTE if words.probability else phrases.KVOT
