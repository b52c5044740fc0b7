"""The tables of a report, with their columns in the order of the domain guide, 6.2:

values by wave · interval of the latest · change and verdict · the rest and verdict · number of
respondents last. A column appears when the published frame has something for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.tables import Column, HtmlTable
from survey_lib.presentation.verdicts import change_notes, interval_name, on_common_ages

NONRESPONSE_NOTE = (
    "Bortfallet i en grupp är skattat: de inbjudna antas ha samma sammansättning som befolkningen."
)


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
    ``heading`` is the first column's. With ``outside, outside_low, outside_high, outside_mark`` the
    share that is left out of the base stands beside.
    """
    change, rest = (f"{kind}_second" in frame and bool(frame[f"{kind}_second"].notna().any())
                    for kind in ("change", "rest"))  # fmt: skip
    columns: list[Column] = [tables.text(heading, "label")]
    if "rank" in frame and frame["rank"].notna().any():
        columns.append(tables.rank())
    if change:
        columns.append(tables.other_side(f"Andel {words.before}", "change", words))
    columns.append(tables.value(f"Andel {words.wave}", "change"))
    columns.append(tables.interval(words.ki))
    if "outside" in frame:
        bounds = ("outside_low", "outside_high")
        columns.append(tables.percent("Är inte där", "outside", "outside_mark", bounds))
    if change:
        columns.append(
            tables.comparison(f"Förändring sedan {words.before} (p.e.)", "change", words)
        )
    if rest:
        columns.append(tables.other_side(f"Andel i {words.rest}", "rest", words))
        columns.append(tables.comparison(f"Skillnad mot {words.rest} (p.e.)", "rest", words))
    columns.append(tables.count())
    explained = [*notes, *_interval_notes(frame, words)]
    if "rank_low" in frame and frame["rank_low"].notna().any():
        note = phrases.RANK_NOTE if words.probability else phrases.RANK_NOTE_KVOT
        explained.append(phrases.fill(note, niva=words.level))
    kinds = [kind for kind, there in (("change", change), ("rest", rest)) if there]
    explained += _comparison_notes(frame, kinds, words)
    return HtmlTable.of(frame, columns, caption, words, notes=explained)


def subareas_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Some indicators in several areas: a row per area, a column per indicator.

    ``frame``: a row per area and indicator with ``place`` (the area's name), ``label``,
    ``estimate, low, high, n, mark``. Number of respondents is the indicators' smallest.
    """
    labels = list(frame["label"].drop_duplicates())
    wide = pd.DataFrame({"place": frame["place"].drop_duplicates()}).set_index("place")
    for number, label in enumerate(labels):
        part = frame[frame["label"] == label].set_index("place")
        for name in ("estimate", "low", "high", "mark"):
            wide[f"{name} {number}"] = part[name]
    wide["n"] = frame.groupby("place", sort=False)["n"].min()
    hidden = frame.groupby("place", sort=False)["mark"].agg(lambda m: (m == phrases.HIDDEN).all())
    wide["mark"] = hidden.map({True: phrases.HIDDEN, False: ""})
    columns = [
        tables.text(heading, "place"),
        *(
            tables.percent(label, f"estimate {k}", f"mark {k}", (f"low {k}", f"high {k}"))
            for k, label in enumerate(labels)
        ),
        tables.count(),
    ]
    explained = [*notes, f"Under varje andel står dess {words.ki}.", *_interval_notes(frame, words)]
    return HtmlTable.of(wide.reset_index(), columns, caption, words, notes=explained)


def largest_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str,
    count: int = 3,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """The largest problems in several areas: a row per area, the problems side by side.

    ``frame``: ranked rows of several areas with ``place`` (the area's name), ``label, estimate,
    low, high, n, mark, rank``.
    """
    rows = []
    for place, part in frame.groupby("place", sort=False):
        row: dict[str, object] = {"place": place, "n": part["n"].min(), "mark": ""}
        shown = part[part["rank"] <= count]
        for one in shown.itertuples():
            row[f"label {int(one.rank)}"], row[f"estimate {int(one.rank)}"] = one.label, one
        if shown.empty:
            row |= {"n": float("nan"), "mark": phrases.HIDDEN}
        rows.append(row)

    def column(number: int) -> Column:
        def cell(row: tables.Row) -> tables.Cell:
            one = row.get(f"estimate {number}")
            if row["mark"] == phrases.HIDDEN:
                return tables.Cell(phrases.HIDDEN, None, mark=phrases.HIDDEN)
            if one is None or isinstance(one, float):
                return tables.Cell(tables.NOTHING, None)
            shown = tables.percent_cell(one.estimate, one.mark)
            bounds = f"({swedish.interval(one.low, one.high)})"
            detail = f"{shown.text} {bounds} {shown.detail}".strip()
            within = one.low, one.high
            return tables.Cell(str(one.label), one.estimate, detail, one.mark, bounds=within)

        return Column(
            f"Plats {number}", cell, numeric=False, unit=tables.SHARE, value_heading="andel"
        )

    columns = [
        tables.text(heading, "place"), *map(column, range(1, count + 1)), tables.count(),
    ]  # fmt: skip
    explained = [*notes, f"Inom parentes står {words.ki}.", *_interval_notes(frame, words)]
    return HtmlTable.of(pd.DataFrame(rows), columns, caption, words, notes=explained)


def wordings_table(frame: pd.DataFrame, words: Words, caption: str) -> HtmlTable:
    """Every question that was asked, subject by subject.

    ``frame``: ``theme, question, answers, base``.
    """
    columns = [
        tables.text("Fråga", "question"),
        tables.text("Svarsalternativ", "answers"),
        tables.text("Ställdes till", "base"),
    ]
    return HtmlTable.of(frame, columns, caption, words, groups="theme")


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
    code), ``label`` (the answer's label), ``estimate, low, high, n, mark``. An answer that a
    question doesn't offer has no row and gets the mark for what can't occur.
    """
    labels = dict(zip(frame["answer"], frame["label"], strict=True))
    codes = sorted(labels, key=int)
    wide = pd.DataFrame({"row": frame["row"].drop_duplicates()}).set_index("row")
    for code in codes:
        part = frame[frame["answer"] == code].set_index("row")
        for name in ("estimate", "low", "high"):
            wide[f"{name} {code}"] = part[name]
        wide[f"mark {code}"] = part["mark"].reindex(wide.index, fill_value=phrases.IMPOSSIBLE)
    numbers = frame.groupby("row", sort=False)
    wide["n"] = numbers["n"].max()
    hidden = numbers["mark"].agg(lambda marks: (marks == phrases.HIDDEN).all())
    wide["mark"] = hidden.map({True: phrases.HIDDEN, False: ""})
    columns = [
        tables.text(heading, "row"),
        *(
            tables.percent(
                labels[code], f"estimate {code}", f"mark {code}", (f"low {code}", f"high {code}")
            )
            for code in codes
        ),
        tables.count(),
    ]
    below = f"Under varje andel står dess {words.ki}."
    return HtmlTable.of(
        wide.reset_index(),
        columns,
        caption,
        words,
        notes=[*notes, below, *_interval_notes(frame, words)],
    )


def profile_table(
    frame: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Respondents beside population, and bortfall by group where it is known.

    ``frame``: a row per category with ``variable_label, label, unweighted, weighted, population,
    nonresponse, n, mark``; the categories of one variable follow each other. A column of which
    nothing is known is left out.
    """
    columns = [
        tables.text("Grupp", "label"),
        tables.percent("Svarande, oviktat", "unweighted"),
        tables.percent("Svarande, viktat", "weighted"),
    ]
    if frame["population"].notna().any():
        columns.append(tables.percent("Befolkningen", "population", ""))
    explained = list(notes)
    if frame["nonresponse"].notna().any():
        columns.append(tables.percent("Bortfall, skattat", "nonresponse"))
        explained.append(NONRESPONSE_NOTE)
    columns.append(tables.count())
    return HtmlTable.of(frame, columns, caption, words, notes=explained, groups="variable_label")


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
        tables.count("Inbjudna", "invited", ""),
        tables.count("Inkomna svar", "responding"),
        tables.percent("Svarsfrekvens", "response_rate"),
        tables.percent("Bortfall", "nonresponse"),
        tables.count(),
    ]
    return HtmlTable.of(with_rest, columns, caption, words, notes=notes)


def change_table(
    frame: pd.DataFrame,
    words: Words,
    caption: str,
    *,
    heading: str = "Fråga",
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Both waves beside each other, with their intervals, the change and both bases.

    ``frame``: rows of :func:`survey_lib.presentation.verdicts.joined`.
    """
    frame = on_common_ages(frame)
    columns = [
        tables.text(heading, "label"),
        tables.other_side(f"Andel {words.before}", "change", words),
        tables.value(f"Andel {words.wave}", "change"),
        tables.comparison("Förändring (p.e.)", "change", words),
        tables.other_count(f"{tables.COUNT_HEADING} {words.before}", "change"),
        tables.count(f"{tables.COUNT_HEADING} {words.wave}"),
    ]
    explained = [*notes, *_interval_notes(frame, words)]
    explained += _comparison_notes(frame, ["change"], words)
    return HtmlTable.of(frame, columns, caption, words, notes=explained)


def cleaning_table(frame: pd.DataFrame, words: Words, caption: str) -> HtmlTable:
    """The cleaning log, rule by rule.

    ``frame``: ``label, answers, persons, removed, left``; a small count may be words.
    """
    columns = [
        tables.text("Regel", "label"),
        tables.count("Ändrade svar", "answers"),
        tables.count("Berörda personer", "persons"),
        tables.count("Borttagna personer", "removed"),
        tables.count("Kvar", "left"),
    ]
    return HtmlTable.of(frame, columns, caption, words)


def weights_table(frame: pd.DataFrame, words: Words, caption: str) -> HtmlTable:
    """How much the weights vary, one row per area.

    ``frame``: ``label, population, smallest, largest, trimmed, leverage_capped, kish_deff,
    respondents``; smallest and largest weight in relation to the area's mean.
    """
    columns = [
        tables.text("Område", "label"),
        tables.count("Befolkning", "population"),
        tables.decimal("Minsta vikt", "smallest", 2),
        tables.decimal("Största vikt", "largest", 2),
        tables.count("Begränsade vikter", "trimmed"),
        tables.count("Begränsade hävstänger", "leverage_capped"),
        tables.decimal("Designeffekt av vikterna", "kish_deff", 2),
        tables.count(key="respondents"),
    ]
    return HtmlTable.of(frame, columns, caption, words, notes=[phrases.WEIGHTS_NOTE])


def _comparison_notes(frame: pd.DataFrame, kinds: Sequence[str], words: Words) -> list[str]:
    """What stands below the values, the bases of the other sides, and what isn't tested."""
    kinds = [kind for kind in kinds if f"{kind}_state" in frame]
    if not kinds:
        return []
    told = interval_name(frame, kinds, words)
    notes = [f"Under en jämförd andel och en skillnad står dess {told}.", phrases.POINTS_NOTE]
    if "change" in kinds:
        notes += change_notes(frame, words)
    for kind, side in (("change", words.before), ("rest", words.rest)):
        column = f"{kind}_n_second"
        counts = frame[column].dropna() if kind in kinds else []
        if len(counts):
            least, most = (swedish.number(n) for n in (min(counts), max(counts)))
            span = least if least == most else swedish.span(least, most)
            notes.append(f"{tables.COUNT_HEADING} {side}: {span}")
    if any((frame[f"{kind}_state"] == "sampling").any() for kind in kinds):
        notes.append(phrases.UNTESTED_NOTE)
    return notes


def _interval_notes(frame: pd.DataFrame, words: Words) -> list[str]:
    """What the intervals are; KVOT when this side, or the other one, isn't a probability sample."""
    states = [frame[column] for column in frame if str(column).endswith("_state")]
    other = any(state.eq("sampling").any() for state in states)
    own = [phrases.INTERVAL_NOTE] if words.probability else []
    return [*own, phrases.KVOT] if other or not words.probability else own
