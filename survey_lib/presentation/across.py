"""Sentences and tables about one thing in all areas of a level: what they share, where they differ.

Rows hold one indicator in one area: ``indicator, label, area, place`` (the area's name),
``sampling, estimate, low, high, n, mark, rank, best`` and the contrasts ``rest_*`` and ``change_*``
as :func:`survey_lib.presentation.verdicts.joined` has them; areas stand in Swedish order, and one
that wasn't asked has ``sampling`` "". Areas are never ordered by a value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.ranks import listed
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row
from survey_lib.presentation.verdicts import Comparison, Verdict, records

TOP = 3
NAMED = 10  # so many areas are named in a cell; more are counted
SKILDA = "Andelen skiljer sig mellan {omradena} för {antal} av {alla} problem. Skillnaderna är "
SKILDA += "statistiskt säkerställda."
SKILJER_EJ = (
    "Andelen skiljer sig inte säkert mellan {omradena} för {problem}. Det betyder inte att den är "
    "lika stor överallt."
)
ALLA_TRE = (
    "I alla {antal} undersökta {omraden}, var och en för sig, kan {problem} vara bland de tre "
    "största problemen."
)
INGET_TRE = "Inget problem kan vara bland de tre största i alla {antal} undersökta {omraden}."
SAMPLING = {
    "sannolikhet": "slumpmässigt urval",
    "kvot": "kvoturval, ej slumpmässigt",
    "sjalvval": "självvalda, ej slumpmässigt",
}
NOT_ASKED = "ingen undersökning"
NO_SURVEY_NOTE = f"{tables.NOTHING} = {NOT_ASKED} i området"


@dataclass(frozen=True)
class Places:
    """The nouns of a level: "område", "området", "områden", "områdena"."""

    singular: str
    definite: str
    plural: str
    definite_plural: str


def differing(tests: pd.DataFrame, places: Places) -> list[Sentence | list[Sentence]]:
    """For how many problems the areas differ, and for which they don't säkert.

    ``tests``: published rows of one level's tests of homogeneity, with ``label``.
    """
    tested = tests[tests["state"] == ""]
    if tested.empty:
        return []
    said: list[Sentence | list[Sentence]] = []
    secured = tested["secured"].astype(bool)
    if secured.any():
        count = swedish.in_words(int(secured.sum()))
        text = phrases.fill(
            SKILDA,
            omradena=places.definite_plural,
            antal=count,
            alla=swedish.in_words(len(tested)),
        )
        said.append(text)
    if not secured.all():
        names = [swedish.lower_first(str(label)) for label in tested.loc[~secured, "label"]]
        said.append(
            phrases.fill(SKILJER_EJ, omradena=places.definite_plural, problem=listed(names))
        )
    return said


def everywhere(rows: pd.DataFrame, places: Places) -> list[Sentence | list[Sentence]]:
    """Which ranked problems can be among the three largest in every area that was asked."""
    ranked = rows[rows["best"].notna()]
    count = ranked["area"].nunique()
    if count < 2:
        return []
    within = ranked[ranked["best"] <= TOP].groupby("label", sort=False)["area"].nunique()
    names = [swedish.lower_first(str(label)) for label in within.index[within == count]]
    words = {"antal": swedish.in_words(count), "omraden": places.plural}
    if not names:
        return [phrases.fill(INGET_TRE, **words)]
    return [phrases.fill(ALLA_TRE, **words, problem=listed(names))]


def untested(rows: pd.DataFrame) -> list[Sentence | list[Sentence]]:
    """In which areas the respondents weren't drawn at random."""
    other = _not_random(rows)
    text = f"{phrases.KVOT} Inga skillnader prövas där."
    return [Bullets([Point(swedish.listing(other), text)])] if other else []


def untested_note(rows: pd.DataFrame) -> list[str]:
    """The same as a line under a table."""
    other = _not_random(rows)
    return [f"{swedish.listing(other)}: {phrases.KVOT}"] if other else []


def _not_random(rows: pd.DataFrame) -> list[str]:
    areas = rows.drop_duplicates("area")
    return list(areas.loc[~areas["sampling"].isin(["", "sannolikhet"]), "place"])


def _by_verdict(rows: pd.DataFrame, kind: str, words: Words) -> dict[Verdict, list[str]]:
    """The areas of which a comparison is säkerställd, by its direction. Whether it was tested is
    said by each row's own state, whatever the whole's sample is."""
    words = replace(words, probability=True)
    found: dict[Verdict, list[str]] = {Verdict.HIGHER: [], Verdict.LOWER: []}
    for row in records(rows):
        verdict = Comparison.of(row, kind).verdict(words)
        if verdict.secured:
            found[verdict].append(str(row["place"]))
    return found


def common_table(
    whole: pd.DataFrame,
    rows: pd.DataFrame,
    tests: pd.DataFrame,
    words: Words,
    places: Places,
    caption: str,
    *,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """A row per problem: the whole's share, the span of the areas', whether they differ, and where.

    ``whole``: the problems of the whole in the order of the table. The span is that of the shares
    that are shown; it names no area.
    """
    secured = tests[tests["state"] == ""].set_index("indicator")["secured"]
    made = []
    for row in records(whole):
        part = rows[rows["indicator"] == row["indicator"]]
        seen, ranked = part["estimate"].dropna(), part["best"].dropna()
        found = _by_verdict(part, "rest", words)
        made.append(
            row
            | {
                "least": seen.min(),
                "most": seen.max(),
                "differs": secured.get(row["indicator"]),
                "top": int((ranked <= TOP).sum()),
                "ranked": len(ranked),
                "higher": found[Verdict.HIGHER],
                "lower": found[Verdict.LOWER],
            }
        )
    columns = [
        tables.text("Problem", "label"),
        tables.percent(f"Andel {words.wave}", bounds=("low", "high")),
        tables.interval(f"Lägsta–högsta bland {places.definite_plural} (%)", "least", "most", ""),
        Column(f"Skillnad mellan {places.definite_plural}", _differs, numeric=False),
        Column(f"Bland de tre största kan det vara i ({places.plural})", _top, numeric=False),
        Column(f"Högre andel än i {words.rest}", _names("higher", places), numeric=False),
        Column(f"Lägre andel än i {words.rest}", _names("lower", places), numeric=False),
        tables.count(),
    ]  # fmt: skip
    explained = [
        *notes,
        f"Under andelen står dess {words.ki}.",
        "Områden nämns bara när skillnaden är statistiskt säkerställd",
        *([] if words.probability else [phrases.KVOT]),
    ]
    return HtmlTable.of(pd.DataFrame(made), columns, caption, words, notes=explained)


def _differs(row: Row) -> Cell:
    secured = row["differs"]
    if secured is None or pd.isna(secured):
        return Cell("prövas inte", None)
    text = "säkerställd" if secured else "ej säkerställd"
    return Cell(text, text, strong=bool(secured), verdict=text)


def _top(row: Row) -> Cell:
    text = f"{row['top']} av {row['ranked']}"
    return Cell(text, text) if row["ranked"] else Cell(tables.NOTHING, None)


def _names(key: str, places: Places) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        names = row[key]
        if not names:
            return Cell(tables.NOTHING, None)
        text = ", ".join(names)
        if len(names) > NAMED:
            text = f"{swedish.number(len(names))} {places.plural}"
        return Cell(text, text)

    return cell


def matrix_table(
    rows: pd.DataFrame,
    words: Words,
    places: Places,
    caption: str,
    *,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Every share with its interval, indicator × area: a row per indicator, a column per area; the
    other way round where there are more areas than indicators."""
    wide = rows["area"].nunique() <= rows["indicator"].nunique()
    across, down = ("area", "indicator") if wide else ("indicator", "area")
    names = {"area": "place", "indicator": "label"}
    heads = rows.drop_duplicates(across)
    made = rows.drop_duplicates(down)[[down, names[down]]].set_index(down)
    for number, key in enumerate(heads[across]):
        part = rows[rows[across] == key].set_index(down)
        for name in ("estimate", "low", "high", "mark"):
            made[f"{name} {number}"] = part[name]
    columns = [
        tables.text("Problem" if wide else swedish.upper_first(places.singular), names[down]),
        *(
            tables.percent(label, f"estimate {k}", f"mark {k}", (f"low {k}", f"high {k}"))
            for k, label in enumerate(heads[names[across]])
        ),
    ]
    least = rows.groupby("area", sort=False)["n"].agg(["min", "max"]).dropna()
    place = rows.drop_duplicates("area").set_index("area")["place"]
    counts = "; ".join(f"{place[area]} {_span(one)}" for area, one in least.iterrows())
    explained = [
        *notes,
        f"Under varje andel står dess {words.ki}.",
        f"{tables.COUNT_HEADING}: {counts}",
    ]
    if (rows["sampling"] == "").any():
        explained.append(NO_SURVEY_NOTE)
    explained += untested_note(rows)
    return HtmlTable.of(made.reset_index(), columns, caption, words, notes=explained)


def _span(counts: pd.Series) -> str:
    least, most = (swedish.number(float(counts[name])) for name in ("min", "max"))
    return least if least == most else swedish.span(least, most)


def changes_table(
    rows: pd.DataFrame,
    words: Words,
    places: Places,
    caption: str,
    *,
    notes: Sequence[str] = (),
) -> HtmlTable:
    """Where each share has risen and fallen säkerställt since the earlier wave; a row per
    indicator."""
    made = []
    for label, part in rows.groupby("label", sort=False):
        found = _by_verdict(part, "change", words)
        each = replace(words, probability=True)
        compared = [Comparison.of(row, "change").verdict(each) for row in records(part)]
        tested = [one for one in compared if one not in _NO_TEST]
        made.append(
            {
                "label": label,
                "up": found[Verdict.HIGHER],
                "down": found[Verdict.LOWER],
                "tested": len(tested),
                "mark": "",
            }
        )
    columns = [
        tables.text("Problem", "label"),
        Column(f"Har ökat sedan {words.before} i", _names("up", places), numeric=False),
        Column(f"Har minskat sedan {words.before} i", _names("down", places), numeric=False),
        tables.count(f"Prövade {places.plural}", "tested"),
    ]
    explained = [*notes, "Områden nämns bara när förändringen är statistiskt säkerställd"]
    return HtmlTable.of(pd.DataFrame(made), columns, caption, words, notes=explained)


_NO_TEST = (
    Verdict.CHANGED,
    Verdict.COVERAGE,
    Verdict.SAMPLING,
    Verdict.HIDDEN,
    Verdict.NONE,
)


def levels_table(
    rows: pd.DataFrame, words: Words, caption: str, *, notes: Sequence[str] = ()
) -> HtmlTable:
    """Larger areas, each with those inside it below: a row per area, a column per indicator.

    ``rows`` stand in the order of the table, with ``around`` (the larger area's name) too.
    """
    labels = rows.drop_duplicates("indicator")
    made = rows.drop_duplicates("area")[["area", "place", "around"]].set_index("area")
    for number, indicator in enumerate(labels["indicator"]):
        part = rows[rows["indicator"] == indicator].set_index("area")
        for name in ("estimate", "low", "high", "mark"):
            made[f"{name} {number}"] = part[name]
    by_area = rows.groupby("area", sort=False)
    made["n"] = by_area["n"].min()
    hidden = by_area["mark"].agg(lambda marks: (marks == phrases.HIDDEN).all())
    made["mark"] = hidden.map({True: phrases.HIDDEN, False: ""})
    columns = [
        tables.text("Område", "place"),
        *(
            tables.percent(label, f"estimate {k}", f"mark {k}", (f"low {k}", f"high {k}"))
            for k, label in enumerate(labels["label"])
        ),
        tables.count(),
    ]
    explained = [*notes, f"Under varje andel står dess {words.ki}."]
    if (rows["sampling"] == "").any():
        explained.append(NO_SURVEY_NOTE)
    return HtmlTable.of(
        made.reset_index(), columns, caption, words, notes=explained, groups="around"
    )


def asked_table(frame: pd.DataFrame, labels: Sequence[str], words: Words, places: Places,
                caption: str) -> HtmlTable:  # fmt: skip
    """How each area was sampled in each wave: a row per area, a column per wave.

    ``frame``: ``place`` and a column per label, with the kind of sampling, "" where nobody was
    asked.
    """

    def column(label: str) -> Column:
        def cell(row: Row) -> Cell:
            kinds = [SAMPLING[kind] for kind in str(row[label]).split("+") if kind]
            text = swedish.listing(kinds) or NOT_ASKED
            return Cell(text, text)

        return Column(label, cell, numeric=False)

    columns = [
        tables.text(swedish.upper_first(places.singular), "place"),
        *map(column, labels),
    ]
    return HtmlTable.of(frame.assign(mark=""), columns, caption, words)
