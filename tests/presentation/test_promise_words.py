"""Promises word for word: every outcome, what can't be compared, and the table with the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS

from survey_lib.presentation import charts, phrases
from survey_lib.presentation.promises import (
    FAMILY_NOTE,
    as_changes,
    in_short,
    outcomes,
    promise_sentences,
    promise_table,
)
from survey_lib.vocabulary.promises import Promise

HERE = WORDS.where
PROMISE = Promise(
    level="sdn",
    areas=["sdn:a"],
    text="Mopeder ska störa mindre",
    period=(date(2023, 1, 1), date(2023, 12, 31)),
    wanted="ned",
    indicators={"i": None},
    places=["Stora torget", "hållplatser"],
    source="Polisen, 2023.",
    not_measured=["antalet insatser", "hur väl samarbetet fungerar"],
)


def row(verdict: str = "ovisst", **other) -> dict:
    """A published row: 30 percent before, 21 now, wanted down."""
    secured = verdict in ("ratt", "annat")
    said = {
        "promise": "p", "indicator": "i", "area": "sdn:a", "before": "2022", "after": "2024",
        "ongoing": False, "wanted": "down", "probability": True, "first": 0.21, "first_low": 0.18,
        "first_high": 0.24, "second": 0.30, "second_low": 0.27, "second_high": 0.33,
        "difference": -0.09, "se": 0.02, "low": -0.13, "high": -0.05, "p": 0.0001,
        "p_adjusted": 0.0001, "n_first": 898.0, "n_second": 1909.0, "secured": secured,
        "state": "", "ages": "", "modes_differ": False, "seasons_differ": False,
        "verdict": verdict, "mark": "", "second_mark": "", "label": "Störande mopeder",
        "place": HERE, "before_label": "2022",
    }  # fmt: skip
    return said | other


UNTESTED = {"verdict": "", "secured": False}
NO_TEST = dict.fromkeys(["difference", "se", "low", "high", "p", "p_adjusted"], np.nan)
NO_SECOND = dict.fromkeys(["second", "second_low", "second_high", "n_second"], np.nan)
NO_FIRST = dict.fromkeys(["first", "first_low", "first_high", "n_first"], np.nan)


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def plain(text: object) -> str:
    return re.sub("[\u00a0\u202f]", " ", str(text))


def said(rows: pd.DataFrame, words=WORDS) -> list[str]:
    return [plain(point) for point in outcomes(rows, words)]


VALUES = (
    "Störande mopeder: Löftets riktning är nedåt. Andelen var 30 procent (95 % KI 27–33; 1 909 "
    "svarande) 2022 och är nu 21 procent (95 % KI 18–24; 898 svarande)."
)
NOW = (
    "Störande mopeder: Löftets riktning är nedåt. Andelen är 21 procent (95 % KI 18–24; 898 "
    "svarande) 2024."
)
UNCERTAIN = {"low": -0.02, "high": 0.03}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (row("ratt"), f"{VALUES} {phrases.LOFTE_RATT}"),
        (row("annat", wanted="up"), VALUES.replace("nedåt", "uppåt") + f" {phrases.LOFTE_ANNAT}"),
        (row("ovisst", **UNCERTAIN), f"{VALUES} {phrases.LOFTE_OVISST}"),
        (row("ovisst"), f"{VALUES} {phrases.LOFTE_OVISST} {phrases.FLERA}"),
        (row(**UNTESTED, state="sampling", **NO_TEST), f"{VALUES} Skillnaden prövas inte."),
        (
            row(**UNTESTED, state="wording", **NO_TEST, **NO_SECOND),
            f"{NOW} Frågan eller svarsalternativen har ändrats. Resultaten kan inte jämföras med "
            "2022.",
        ),
        (
            row(**UNTESTED, state="coverage", **NO_TEST, **NO_SECOND),
            f"{NOW} Undersökningen gjordes inte i samma delar av {HERE}. Resultaten kan inte "
            "jämföras med 2022.",
        ),
        (
            row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND),
            f"{NOW} Det finns inget värde från 2022 att jämföra med.",
        ),
        (
            row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND, second_mark=".."),
            f"{NOW} Andelen 2022 redovisas inte på grund av för få svarande.",
        ),
        (
            row(**UNTESTED, state="none", **NO_TEST, **NO_FIRST, mark=".."),
            "Störande mopeder: Löftets riktning är nedåt. Andelen redovisas inte på grund av för "
            "få svarande.",
        ),
        (
            row(**UNTESTED, state="none", **NO_TEST, **NO_FIRST, **NO_SECOND),
            "Störande mopeder: Löftets riktning är nedåt. Frågan ställdes inte 2024.",
        ),
        (row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND, before_label="", before=""), NOW),
        (
            row("ovisst", **UNCERTAIN, mark="osakert", n_first=45.0),
            VALUES.replace("898 svarande", "45 svarande; osäkert värde, färre än 100 svarande")
            + f" {phrases.LOFTE_OVISST}",
        ),
    ],
)
def test_every_outcome(one: dict, expected: str) -> None:
    assert said(frame(one)) == [expected]


def test_a_small_but_sure_difference_is_told_with_a_decimal() -> None:
    small = row("ratt", first=0.2032, second=0.2048, difference=-0.0016, low=-0.003, high=-0.001)
    assert "var 20,5 procent" in said(frame(small))[0]
    assert "är nu 20,3 procent" in said(frame(small))[0]


def test_the_promise_is_quoted_with_its_period_and_source() -> None:
    everything = promise_sentences(frame(row("ratt")), PROMISE, WORDS)
    told = [
        [plain(x) for x in part] if isinstance(part, list) else plain(part) for part in everything
    ]
    assert told == [
        f"Löftet: ”Mopeder ska störa mindre”. Det gäller {HERE} och perioden 1 januari–31 december "
        "2023. Källa: Polisen, 2023.",
        [f"{VALUES} {phrases.LOFTE_RATT}"],
        "Platser som löftet nämner: Stora torget och hållplatser.",
        "Det här i löftet kan undersökningen inte mäta:",
        ["Antalet insatser.", "Hur väl samarbetet fungerar."],
    ]


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (
            row(ongoing=True),
            "Svaren från 2024 är insamlade under pågående period: löftet gäller till och med 31 "
            "december 2023.",
        ),
        (
            row(place="stadsområdet Sydväst"),
            f"Observera att siffrorna gäller stadsområdet Sydväst, inte {HERE}.",
        ),
        (
            row(before="", before_label="", **UNTESTED, state="none", **NO_TEST, **NO_SECOND),
            "Ingen undersökning gjordes före löftet. Därför finns inget värde att jämföra med.",
        ),
        (
            row(modes_differ=True),
            "Svaren samlades inte in på samma sätt 2022 som 2024. Det kan påverka jämförelsen.",
        ),
        (
            row(seasons_differ=True),
            "Svaren samlades inte in vid samma årstid 2022 som 2024. Det kan påverka jämförelsen.",
        ),
        (
            row(ages="25-84"),
            "Jämförelsen gäller boende 25–84 år, åldrarna som ingår i båda undersökningarna.",
        ),
        (row(**UNTESTED, state="sampling", **NO_TEST), phrases.KVOT),
        (row(**UNTESTED, state="sampling", **NO_TEST, probability=False), phrases.KVOT),
    ],
)
def test_what_stands_beside_the_outcomes(one: dict, sentence: str) -> None:
    assert sentence in promise_sentences(frame(one), PROMISE, WORDS)
    assert sentence not in promise_sentences(frame(row("ratt")), PROMISE, WORDS)


def test_without_probabilities_nothing_is_a_confidence_interval_or_secured() -> None:
    quota = frame(row(**UNTESTED, state="sampling", **NO_TEST, probability=False))
    text = " ".join(map(str, promise_sentences(quota, PROMISE, WORDS)))
    table = promise_table(quota, WORDS, "Löftet")
    text += table.html()
    assert "95\u00a0% intervall" in plain(text).replace("95 %", "95\u00a0%")
    assert "KI" not in text and "säkerställd" not in text


# -- the table ----------------------------------------------------------------------------------


def cells(rows: pd.DataFrame, words=WORDS) -> list[list[str]]:
    table = promise_table(rows, words, "Löftet")
    return [[plain(f"{c.text} {c.detail}").strip() for c in line] for line in table.rows]


def test_the_table_holds_both_values_and_the_outcome() -> None:
    table = promise_table(frame(row("ratt")), WORDS, "Löftet")
    assert [plain(column.heading) for column in table.columns] == [
        "Fråga", "Andel 2022", "Andel 2024", "95 % KI", "Förändring sedan 2022 (p.e.)",
        "Löftets riktning", "Utfall", "Antal svarande (oviktat) 2022",
        "Antal svarande (oviktat) 2024",
    ]  # fmt: skip
    assert cells(frame(row("ratt"))) == [
        ["Störande mopeder", "30 % 27–33", "21 %", "18–24", "−9 −13 till −5, säkerställd",
         "nedåt", "i löftets riktning, säkerställd", "1 909", "898"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (row("annat", wanted="up"), "åt ett annat håll, säkerställd"),
        (row("ovisst"), "går inte att avgöra"),
        (row(**UNTESTED, state="wording", **NO_TEST, **NO_SECOND), "frågan ändrad"),
        (row(**UNTESTED, state="coverage", **NO_TEST, **NO_SECOND), "olika områden"),
        (row(**UNTESTED, state="sampling", **NO_TEST), "prövas inte"),
        (row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND), "jämförelse saknas"),
        (
            row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND, second_mark=".."),
            "redovisas inte",
        ),
        (row(**UNTESTED, state="none", **NO_TEST, **NO_FIRST, mark=".."), "redovisas inte"),
    ],
)
def test_the_outcome_in_few_words(one: dict, expected: str) -> None:
    assert cells(frame(one))[0][6] == expected


def test_hidden_sides_are_dots_and_explained() -> None:
    hidden = frame(row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND, second_mark=".."))
    assert cells(hidden)[0][1] == ".." and cells(hidden)[0][7] == ".."
    assert (
        ".. = redovisas inte på grund av för få svarande" in promise_table(hidden, WORDS, "").notes
    )


def test_only_several_questions_are_tested_together() -> None:
    one, two = (promise_table(frame(*[row("ratt")] * k), WORDS, "Löftet") for k in (1, 2))
    assert FAMILY_NOTE in two.notes and FAMILY_NOTE not in one.notes


def test_without_a_wave_before_the_table_has_no_columns_for_it() -> None:
    alone = row(**UNTESTED, state="none", **NO_TEST, **NO_SECOND, before="", before_label="")
    assert [plain(c.heading) for c in promise_table(frame(alone), WORDS, "").columns] == [
        "Fråga", "Andel 2024", "95 % KI", "Löftets riktning", "Utfall",
        "Antal svarande (oviktat) 2024",
    ]  # fmt: skip


def test_several_areas_stand_apart() -> None:
    rows = frame(row("ratt"), row("ovisst", place="stadsdelen Ön", area="sdn:b"))
    assert promise_table(rows, WORDS, "").groups == [HERE, "stadsdelen Ön"]
    assert [plain(x).split(":")[0] for x in outcomes(rows, WORDS)] == [
        f"Störande mopeder ({HERE})", "Störande mopeder (stadsdelen Ön)",
    ]  # fmt: skip


def test_the_chart_of_changes_takes_the_rows() -> None:
    rows = as_changes(frame(row("ratt"), row("annat", wanted="up")))
    assert charts.change(rows, replace(WORDS, before="2022"), "Före och efter").svg()


BLAME = re.compile(
    r"försämr|misslyck|bakslag|tack vare|på grund av insats|effekt av|leder till|beror på", re.I
)


def test_no_rise_is_a_failure_and_nothing_has_a_cause() -> None:
    every = [row("ratt"), row("annat"), row("ovisst"), row(**UNTESTED, state="sampling")]
    text = " ".join(str(s) for s in promise_sentences(frame(*every), PROMISE, WORDS))
    text += promise_table(frame(*every), WORDS, "").html()
    assert not BLAME.search(text)


def test_in_short_names_what_has_changed_its_question_once() -> None:
    changed = {**UNTESTED, "state": "wording", **NO_TEST, **NO_SECOND}
    rows = frame(
        row(), row(**changed | {"label": "Klotter"}), row(**changed | {"label": "Öppen handel"})
    )
    *_, last = in_short(rows, WORDS)[0]
    assert plain(last) == (
        f"Klotter och öppen handel: {phrases.fill(phrases.JMF_EJ, ar=WORDS.before)}"
    )
