"""Promises and how they went: what was promised, both values, and the fixed words of guide 6.4.

``rows`` are published rows of one promise (:mod:`survey_lib.publish`), in one area or several, with
``label`` (the indicator's), ``place`` (the area's kind and name) and ``before_label`` ("" when no
wave came before the promise). The verdict arrives with them, from the promise's own test; here it
only gets its words. No difference is called a failure, and none is said to come of what was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import HIDDEN, UNCERTAIN, Words
from survey_lib.presentation.ranks import listed
from survey_lib.presentation.sentences import Bullets, Point, Row, Sentence
from survey_lib.presentation.tables import Cell, Column, HtmlTable
from survey_lib.presentation.verdicts import Comparison, Verdict
from survey_lib.vocabulary.promises import Promise

SAID = {
    "ratt": phrases.LOFTE_RATT,
    "annat": phrases.LOFTE_ANNAT,
    "ovisst": phrases.LOFTE_OVISST,
}
SHORT = {
    "ratt": "i löftets riktning",
    "annat": "åt ett annat håll",
    "ovisst": "går inte att avgöra",
}
DIRECTION = {"up": "uppåt", "down": "nedåt"}
NOT_TESTED = "Skillnaden prövas inte."
NOTHING_BEFORE = "Ingen undersökning gjordes före löftet. Därför finns inget värde att jämföra med."
NOT_FOLLOWED = "Löftet går inte att följa upp med den här undersökningen."
FAMILY_NOTE = "Frågorna i ett löfte prövas tillsammans, med hänsyn till att de är flera."


def promise_sentences(
    rows: pd.DataFrame, promise: Promise, words: Words
) -> list[Sentence | list[Sentence]]:
    """The promise in its own words, each indicator with its outcome, and what can't be measured.

    The places of ``promise`` are names here. Where the figures are for another area than the
    report's, the sentences say for which.
    """
    said: list[Sentence | list[Sentence]] = [_promised(promise, rows)]
    elsewhere = [place for place in dict.fromkeys(rows["place"]) if place != words.where]
    if elsewhere:
        whole = swedish.listing(elsewhere)
        said.append(f"Observera att siffrorna gäller {whole}, inte {words.where}.")
    if rows["ongoing"].any():
        said.append(
            f"Svaren från {words.wave} är insamlade under pågående period: löftet gäller till och "
            f"med {swedish.day(promise.period[1])}."
        )
    if (rows["before_label"] == "").any():
        said.append(NOTHING_BEFORE)
    said.append(outcomes(rows, words))
    said += [*_ages(rows, words), *_unlike(rows, words)]
    if (rows["state"] == "sampling").any() or not rows["probability"].all():
        said.append(phrases.KVOT)
    if promise.places:
        said.append(f"Platser som löftet nämner: {swedish.listing(promise.places)}.")
    if promise.not_measured:
        said.append("Det här i löftet kan undersökningen inte mäta:")
        said.append(Bullets(f"{swedish.upper_first(part)}." for part in promise.not_measured))
    return said


def outcomes(rows: pd.DataFrame, words: Words) -> Bullets:
    """Each indicator: where the promise wants it, the two values, and the fixed phrase."""
    several = rows["place"].nunique() > 1
    points = Bullets()
    for row in rows.to_dict("records"):
        label = f"{row['label']} ({row['place']})" if several else str(row["label"])
        parts = [f"Löftets riktning är {DIRECTION[row['wanted']]}."]
        parts += _values(row, _words_of(row, words))
        points.append(Point(label, " ".join(parts)))
    return points


def in_short(rows: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """For a summary: what is säkerställt with its values, the rest of the promise in one line, and
    what can't be compared since its question has changed."""
    sure = rows["verdict"].isin(["ratt", "annat"])
    unsure = list(rows.loc[rows["verdict"] == "ovisst", "label"].drop_duplicates())
    points = outcomes(rows[sure], words) if sure.any() else Bullets()
    if unsure:
        label = listed([unsure[0], *map(swedish.lower_first, unsure[1:])])
        points.append(Point(label, phrases.LOFTE_OVISST))
    for before, changed in rows[rows["state"] == "wording"].groupby("before_label", sort=False):
        first, *others = changed["label"].drop_duplicates()
        label = listed([first, *map(swedish.lower_first, others)])
        points.append(Point(label, phrases.fill(phrases.JMF_EJ, ar=before)))
    return [points] if points else [NOT_FOLLOWED]


def promise_table(
    rows: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Both values with their intervals and bases, the difference, and the outcome in few words."""
    own = replace(words, probability=bool(rows["probability"].all()))
    before = swedish.listing(label for label in dict.fromkeys(rows["before_label"]) if label)
    own = replace(own, before=before or None)
    frame = as_changes(rows)
    columns = [tables.text("Fråga", "label")]
    if before:
        columns.append(_before(f"Andel {before}", own))
    columns += [tables.value(f"Andel {words.wave}", "change"), tables.interval(own.ki)]
    if before:
        columns.append(tables.comparison(f"Förändring sedan {before} (p.e.)", "change", own))
    columns += [Column("Löftets riktning", _direction, numeric=False)]
    columns += [Column("Utfall", lambda row: _outcome(row, own), numeric=False)]
    if before:
        columns.append(_before_count(f"{tables.COUNT_HEADING} {before}"))
    columns.append(tables.count(f"{tables.COUNT_HEADING} {words.wave}"))
    explained = [*notes, *([phrases.INTERVAL_NOTE] if own.probability else [])]
    if before:
        explained += [f"Under en jämförd andel och en skillnad står dess {own.ki}."]
        explained += [phrases.POINTS_NOTE, *([FAMILY_NOTE] if len(rows) > 1 else [])]
    if (rows["state"] == "sampling").any():
        explained.append(phrases.UNTESTED_NOTE)
    if rows["ongoing"].any():
        explained.append(f"Svaren från {words.wave} är insamlade under pågående period.")
    groups = "place" if rows["place"].nunique() > 1 else None
    return HtmlTable.of(frame, columns, caption, own, notes=explained, groups=groups)


def overview_table(rows: pd.DataFrame, words: Words, caption: str) -> HtmlTable:
    """Promises in short: how many of each one's questions went which way. ``rows`` of all of them,
    with ``title``, the promise's own."""
    headings = {name: _short(name) for name in SHORT} | {"": "prövas inte eller redovisas inte"}
    told = rows.assign(outcome=rows["verdict"].map(headings))
    counted = told.groupby("title", sort=False)["outcome"].value_counts().unstack(fill_value=0)
    counted = counted.reindex(columns=list(headings.values()), fill_value=0)
    frame = counted.assign(every=counted.sum(axis=1), mark="").reset_index()
    columns = [
        tables.text("Löfte", "title"),
        tables.count("Antal frågor", "every"),
        *(tables.count(swedish.upper_first(one), one) for one in counted.columns),
    ]
    return HtmlTable.of(frame, columns, caption, words)


def as_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as tables and charts of changes take them
    (:func:`survey_lib.presentation.verdicts.joined`)."""
    own = {"first": "estimate", "first_low": "low", "first_high": "high", "n_first": "n"}
    told = ["label", "place", "before_label", "wanted", "verdict", "mark", "second_mark", "ongoing"]
    others = ["second", "second_low", "second_high", "difference", "low", "high", "n_second"]
    change = rows[[*others, "secured", "state"]].add_prefix("change_")
    return pd.concat([rows[told], rows[list(own)].rename(columns=own), change], axis=1)


def _promised(promise: Promise, rows: pd.DataFrame) -> Point:
    places = swedish.listing(dict.fromkeys(rows["place"]))
    end = "" if promise.text.endswith((".", "!", "?")) else "."
    return Point(
        "Löftet",
        f"{swedish.quoted(promise.text)}{end} Det gäller {places} och perioden "
        f"{swedish.days(*promise.period)}. Källa: {promise.source.rstrip('.')}.",
    )


def _words_of(row: Row, words: Words) -> Words:
    return replace(words, before=row["before_label"] or None, probability=bool(row["probability"]))


def _values(row: Row, words: Words) -> list[str]:
    """The values that may be shown, and what their comparison earns."""
    change = Comparison.of(as_changes(pd.DataFrame([row])).iloc[0].to_dict(), "change")
    decimals = change.decimals
    now = _value(row, "first", row["mark"], words, decimals)
    before = _value(row, "second", row["second_mark"], words, decimals)
    if row["state"] == "wording":
        said = [f"Andelen är {now} {words.wave}." if now else f"Andelen {phrases.EJ_VISAS}."]
        return [*said, phrases.fill(phrases.JMF_EJ, ar=words.before)]
    if not now:
        hidden = row["mark"] == HIDDEN
        none = f"Andelen {phrases.EJ_VISAS}." if hidden else f"Frågan ställdes inte {words.wave}."
        return [none]
    if not before:
        return [f"Andelen är {now} {words.wave}.", *_no_value_before(row, words)]
    said = [f"Andelen var {before} {words.before} och är nu {now}."]
    if row["verdict"] in SAID:
        said.append(SAID[row["verdict"]])
        if change.verdict(words) is Verdict.SEVERAL:
            said.append(phrases.FLERA)
    elif row["state"] == "sampling":
        said.append(NOT_TESTED)
    return said


def _value(row: Row, side: str, mark: str, words: Words, decimals: int) -> str:
    """ "18 procent (95 % KI 16–20; 985 svarande)"; "" where there is no value to show."""
    if mark == HIDDEN or pd.isna(row[side]):
        return ""
    inside = swedish.interval(row[f"{side}_low"], row[f"{side}_high"])
    n = row[f"n_{side}"]
    told = f"{words.ki}{swedish.NO_BREAK}{inside}; {swedish.number(n)} svarande"
    if mark == UNCERTAIN:
        told += f"; {phrases.fill(phrases.OSAKERT, grans=words.uncertain_below)}"
    return f"{swedish.percent_words(row[side], decimals)} ({told})"


def _no_value_before(row: Row, words: Words) -> list[str]:
    """Why there is nothing to compare a value with; before the first wave it is said once."""
    if not words.before:
        return []
    if row["state"] == "coverage":
        return [phrases.fill(phrases.OMFATTNING, platsen=row["place"], ar=words.before)]
    if row["second_mark"] == HIDDEN:
        return [f"Andelen {words.before} {phrases.EJ_VISAS}."]
    return [f"Det finns inget värde från {words.before} att jämföra med."]


def _ages(rows: pd.DataFrame, words: Words) -> list[str]:
    """Where the waves asked different ages, the shares are those of the ages that both asked."""
    spans = dict.fromkeys(ages for ages in rows["ages"] if ages)
    said = []
    for span in spans:
        first, _, last = span.partition("-")
        ages = swedish.ages(int(first), int(last) if last else None)
        said.append(
            f"Jämförelsen gäller {words.people} {ages}, åldrarna som ingår i båda undersökningarna."
        )
    return said


def _unlike(rows: pd.DataFrame, words: Words) -> list[str]:
    """What makes the comparison less certain than its test: mode and season (guide 5.2)."""
    said = []
    compared = rows[(rows["before_label"] != "") & rows["difference"].notna()]
    for flag, what in (("modes_differ", "på samma sätt"), ("seasons_differ", "vid samma årstid")):
        for before in dict.fromkeys(compared.loc[compared[flag], "before_label"]):
            said.append(
                f"Svaren samlades inte in {what} {before} som {words.wave}. Det kan påverka "
                "jämförelsen."
            )
    return said


# -- cells --------------------------------------------------------------------------------------


def _before(heading: str, words: Words) -> Column:
    shown = tables.other_side(heading, "change", words)

    def cell(row: Row) -> Cell:
        hidden = row["second_mark"] == HIDDEN
        return Cell(HIDDEN, None, mark=HIDDEN) if hidden else shown.cell(row)

    return replace(shown, cell=cell)


def _before_count(heading: str) -> Column:
    return tables.count(heading, "change_n_second", "second_mark")


def _direction(row: Row) -> Cell:
    return Cell(DIRECTION[row["wanted"]], row["wanted"])


def _short(verdict: str) -> str:
    """A verdict in few words; one that something has changed comes of the test."""
    return SHORT[verdict] + ("" if verdict == "ovisst" else ", säkerställd")


def _outcome(row: Row, words: Words) -> Cell:
    """The verdict's few words, or why there is none."""
    if row["verdict"] in SHORT:
        strong = row["verdict"] != "ovisst"
        return Cell(_short(row["verdict"]), row["verdict"], strong=strong)
    verdict = Comparison.of(row, "change").verdict(words)
    hidden = HIDDEN in (row["mark"], row["second_mark"])
    return Cell(Verdict.HIDDEN.short if hidden else verdict.short, None)
