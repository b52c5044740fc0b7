"""Sentences over random published rows: they say what the rows say, and nothing else.

Checked on thousands of made-up results: every number stands in the table of the same rows, a rise
or a fall is named only with a säkerställd test, no cause words, typography of the guide's 6.6.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from published_rows import WORDS, areas, problems, profile

from survey_lib.presentation import phrases, ranks, report_tables, sentences, swedish
from survey_lib.presentation.verdicts import Comparison, joined

LABELS = ["Nedskräpning", "Öppen narkotikahandel", "Klotter", "EU-migration", "Buller", "Moped"]
CAUSES = re.compile(r"tack vare|på grund av|effekt av|leder till|beror på|därför att|orsak", re.I)
JUDGEMENTS = re.compile(r"försämr|misslyck|bakslag|sämre|bättre|värst", re.I)
CHANGE_WORDS = re.compile(r"\bhar (ökat|minskat)\b|\bhögre än\b|\blägre än\b")
NUMBER = re.compile(r"[<>]?[+−]?\d[\d\u202f]*(?:,\d+)?")

shares = st.one_of(
    st.floats(0, 1), st.integers(0, 200).map(lambda k: k / 200), st.sampled_from([0.0, 1.0, 0.004])
)


@st.composite
def published(draw: st.DrawFn) -> pd.DataFrame:
    """Rows as they leave the door: ranked, marked by the rules of 6.3, with both comparisons."""
    size = draw(st.integers(1, len(LABELS)))
    rows, contrasts = [], []
    for number in range(size):
        n = draw(st.integers(0, 1200))
        estimate, half = draw(shares), draw(st.floats(0.001, 0.2))
        row: dict[str, Any] = {
            "indicator": f"i{number}", "label": LABELS[number], "estimate": estimate,
            "low": max(0.0, estimate - half), "high": min(1.0, estimate + half), "n": float(n),
            "mark": "osakert" if n < 100 else "",
        }  # fmt: skip
        if n < 30:
            row.update(estimate=np.nan, low=np.nan, high=np.nan, n=np.nan, mark="..")
        rows.append(row)
        for kind in ("change", "rest"):
            if draw(st.booleans()):
                contrasts.append(draw(a_contrast(kind, row)))
    frame = pd.DataFrame(rows).sort_values("estimate", ascending=False, na_position="last")
    frame = frame.reset_index(drop=True)
    places = pd.Series(np.arange(1.0, size + 1)).where(frame["estimate"].notna())
    frame["rank"] = places
    spread, more = ([draw(st.integers(0, 3)) for _ in range(size)] for _ in range(2))
    frame["rank_low"] = (places - spread).clip(lower=1)
    frame["rank_high"] = (places + spread).clip(upper=size)
    frame["rank_low_all"] = frame["best"] = (frame["rank_low"] - more).clip(lower=1)
    frame["rank_high_all"] = (frame["rank_high"] + more).clip(upper=size)
    if not contrasts:
        return frame
    return joined(frame, pd.DataFrame(contrasts))


@st.composite
def a_contrast(draw: st.DrawFn, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    first, second = row["estimate"], draw(shares)
    difference, half = first - second, draw(st.floats(0.0005, 0.2))
    outside = bool(abs(difference) > half)
    state = draw(st.sampled_from(["", "", "", "wording", "sampling"]))
    if row["mark"] == "..":
        state, second, difference = "none", np.nan, np.nan
    return {
        "comparison": kind, "table": "t", "area": "a", "indicator": row["indicator"],
        "group": "", "category": "", "family": f"{kind} t",
        "first": first, "second": second, "difference": difference,
        "low": difference - half, "high": difference + half,
        "n_first": row["n"], "n_second": float(draw(st.integers(30, 1200))),
        "secured": state == "" and outside and draw(st.booleans()), "state": state,
    }  # fmt: skip


def flat(said: list) -> list[str]:
    """Every sentence as a reader meets it; a Point's label opens it."""
    result: list[str] = []
    for sentence in said:
        result += flat(sentence) if isinstance(sentence, list) else [str(sentence)]
    return result


def spaced(said: list) -> list[str]:
    """The same with plain spaces for no-break ones, to be written here."""
    return [sentence.replace("\u00a0", " ") for sentence in flat(said)]


def say_all(frame: pd.DataFrame, words=WORDS) -> list[str]:
    said: list = [sentences.indicator(row, words) for row in frame.to_dict("records")]
    return flat(
        [*said, *ranks.ranking(frame, words), *ranks.possible_top(frame, words),
         *sentences.changes(frame, words), *sentences.gaps(frame, words),
         *sentences.findings(frame, words)]
    )  # fmt: skip


def numbers_in_tables(frame: pd.DataFrame) -> set[str]:
    """Every number that stands in the tables of the same rows, in the forms sentences may use."""
    found: set[str] = set()
    for table in (
        report_tables.indicator_table(frame, WORDS, ""),
        report_tables.change_table(frame, WORDS, ""),
    ):
        for row in table.rows:
            for cell in row:
                for text in NUMBER.findall(f"{cell.text} {cell.detail}"):
                    found |= {text, text.lstrip("+−<>")}
    return found


@given(published())
@example(problems())
@settings(deadline=None)
def test_sentences_say_what_the_rows_say(frame: pd.DataFrame) -> None:
    check(frame)


@pytest.mark.evidence
@given(published())
@settings(deadline=None, max_examples=2000)
def test_sentences_say_what_the_rows_say_thousands_of_times(frame: pd.DataFrame) -> None:
    check(frame)


def check(frame: pd.DataFrame) -> None:
    said = say_all(frame)
    every_number_stands_in_a_table(frame, said)
    a_share_is_the_one_of_its_own_row(frame)
    a_rise_or_fall_is_named_only_with_a_test(frame)
    wording_and_typography(said)
    nothing_is_secured_for_other_samples(frame)


def every_number_stands_in_a_table(frame: pd.DataFrame, said: list[str]) -> None:
    allowed = numbers_in_tables(frame) | {"2022", "2024", "95", "100"}
    for sentence in said:
        spoken = re.sub("mindre än 1 |mer än 99 ", "", sentence.replace(WORDS.population, ""))
        assert {n.lstrip("−") for n in NUMBER.findall(spoken)} <= allowed, sentence


def a_share_is_the_one_of_its_own_row(frame: pd.DataFrame) -> None:
    table = report_tables.indicator_table(frame, WORDS, "")
    column = [c.heading for c in table.columns].index(f"Andel {WORDS.wave}")
    for row, cells in zip(frame.to_dict("records"), table.rows, strict=True):
        value, shown = sentences.value(row, WORDS), cells[column].text
        if shown == "..":
            assert value == phrases.EJ_VISAS
            continue
        said = value.partition(" procent")[0]
        assert said.replace("mindre än ", "<").replace("mer än ", ">") == shown.rstrip("\u00a0%")
        assert ("färre än 100 svarande" in value) == (cells[column].detail != "")


def a_rise_or_fall_is_named_only_with_a_test(frame: pd.DataFrame) -> None:
    for row in frame.to_dict("records"):
        for kind, say in (("change", sentences.changes), ("rest", sentences.gaps)):
            comparison = Comparison.of(row, kind)
            said = " ".join(flat(say(pd.DataFrame([row]), WORDS)))
            claimed = re.sub(r"Ingen [^.]* är statistiskt säkerställd\.", "", said)
            secured = comparison.verdict(WORDS).secured
            assert ("är statistiskt säkerställd." in claimed) == secured
            assert bool(CHANGE_WORDS.search(said)) == secured
            assert not secured or comparison.secured
            if re.search("ökat|högre", said):
                assert comparison.difference > 0
            if re.search("minskat|lägre", said):
                assert comparison.difference < 0
            if comparison.state:
                assert "säkerställd" not in said


def wording_and_typography(said: list[str]) -> None:
    for sentence in said:
        bare = sentence.replace(phrases.EJ_VISAS, "redovisas inte")
        assert not CAUSES.search(bare), sentence
        assert not JUDGEMENTS.search(bare), sentence
        assert not re.search(r"[\"'`´“„«»]", bare), sentence
        assert not re.search(r"\d\s*-\s*\d|\s-\s|-\d", bare), sentence  # en dash, U+2212
        assert not re.search(r"\d[ ]?%", bare), sentence  # U+00A0 before the sign
        assert not re.search(r"\d\.\d", bare), sentence  # comma as decimal sign
        assert not re.search(r"  |\s[.,;:)]|\(\s|\bnan\b|\bNone\b", bare), sentence
        assert sentence[-1] == ".", sentence
        assert not re.search(r"(?<!\w)(1|en) procentenheter|\d procentenhet\b", bare), sentence
        for opening in re.split(r"(?<=[.!?]) ", sentence):
            assert opening[0].isupper(), sentence  # and so never a digit


def nothing_is_secured_for_other_samples(frame: pd.DataFrame) -> None:
    said = " ".join(say_all(frame, replace(WORDS, probability=False)))
    assert "säkerställd" not in said
    assert not CHANGE_WORDS.search(said)


def test_changes_say_what_was_found_and_what_was_not() -> None:
    assert spaced(sentences.changes(problems(), WORDS)) == [
        "Nedskräpning: Andelen har minskat från 49 till 41 procent sedan 2022. Förändringen är "
        "statistiskt säkerställd.",
        "Störande körning med moped eller motorcykel (förändring sedan 2022): Skillnaden är inte "
        "statistiskt säkerställd när hänsyn tas till att många jämförelser görs samtidigt.",
        "Klotter: Frågan eller svarsalternativen har ändrats. Resultaten kan inte jämföras med "
        "2022.",
        "Ingen annan förändring sedan 2022 är statistiskt säkerställd. Det betyder inte att inget "
        "har förändrats.",
    ]
    assert spaced(sentences.gaps(problems(), WORDS)) == [
        "Fordon som kör för fort: Andelen är 5 procentenheter högre än i övriga staden. Skillnaden "
        "är statistiskt säkerställd.",
        "Ingen annan skillnad mot övriga staden är statistiskt säkerställd.",
    ]


def test_findings_are_the_comparisons_that_were_made() -> None:
    said = sentences.findings(problems(), WORDS)
    assert said == [*sentences.changes(problems(), WORDS), *sentences.gaps(problems(), WORDS)]
    alone = problems()[["label", "estimate", "low", "high", "n", "mark"]]
    assert sentences.findings(alone, WORDS) == []


def test_many_in_one_direction_stand_as_a_list_under_one_phrase() -> None:
    frame = problems().head(4)
    for kind in ("change", "rest"):
        frame[f"{kind}_second"] = frame["estimate"] + [-0.06, -0.08, -0.07, 0.09]
        frame[f"{kind}_difference"] = frame["estimate"] - frame[f"{kind}_second"]
        frame[f"{kind}_secured"], frame[f"{kind}_state"] = True, ""
    assert spaced(sentences.gaps(frame, WORDS)) == [
        "Inbrott i bostad, källare, förråd eller fordon: Andelen är 9 procentenheter lägre än i "
        "övriga staden. Skillnaden är statistiskt säkerställd.",
        "De här andelarna är högre än i övriga staden. Skillnaderna är statistiskt säkerställda.",
        "Fordon som kör för fort: 41 mot 33 procent.",
        "Störande körning med moped eller motorcykel: 31 mot 24 procent.",
        "Nedskräpning: 41 mot 35 procent.",
    ]
    assert spaced(sentences.changes(frame, WORDS))[1:3] == [
        "De här andelarna har ökat sedan 2022. Förändringarna är statistiskt säkerställda.",
        "Fordon som kör för fort: från 33 till 41 procent.",
    ]


def test_what_most_named() -> None:
    words = replace(WORDS, saying="uppger bidrar till att de känner sig trygga")
    assert spaced(sentences.most_named(problems(), words, 2)) == [
        "Det här är vad flest boende 16–84 år i stadsdelen Askim-Frölunda-Högsbo uppger bidrar "
        "till att de känner sig trygga.",
        "Nedskräpning: 41 procent (95 % KI 38–44).",
        "Fordon som kör för fort: 41 procent (95 % KI 37–44).",
        "Observera att ordningen är osäker. Flera av intervallen överlappar varandra.",
    ]
    nothing = problems().assign(estimate=np.nan, mark="..")
    assert sentences.most_named(nothing, words) == [
        "Svaren redovisas inte på grund av för få svarande."
    ]


def test_several_of_a_kind_are_named_together() -> None:
    frame = problems().head(3).assign(change_state="wording")
    assert spaced(sentences.changes(frame, WORDS)) == [
        "Nedskräpning, fordon som kör för fort och störande körning med moped eller motorcykel: "
        "Frågan eller svarsalternativen har ändrats. Resultaten kan inte jämföras med 2022."
    ]


def test_an_indicator_has_its_three_panels() -> None:
    assert spaced([sentences.indicator(problems().iloc[1].to_dict(), WORDS)]) == [
        "Fordon som kör för fort: 41 procent (95 % KI 37–44). Andelen var 40 procent 2022 och är "
        "nu 41 procent. Skillnaden är inte statistiskt säkerställd. Andelen är 5 procentenheter "
        "högre än i övriga staden. Skillnaden är statistiskt säkerställd."
    ]
    assert str(sentences.indicator(problems().iloc[5].to_dict(), WORDS)) == (
        "Anlagda bränder: redovisas inte på grund av för få svarande."
    )


def test_who_answered() -> None:
    row = areas().iloc[0].to_dict()
    days = swedish.days(date(2024, 9, 2), date(2024, 10, 13))
    assert sentences.who_answered(row, WORDS, days) == [
        "Svaren samlades in 2 september–13 oktober 2024.",
        "Av 1\u202f800 inbjudna boende 16–84 år i stadsdelen Askim-Frölunda-Högsbo svarade 948. "
        "Svarsfrekvensen är 53 procent och bortfallet 47 procent.",
        "Resultaten bygger på svar från 941 boende 16–84 år.",
    ]
    unknown = areas().iloc[1].to_dict()
    assert sentences.who_answered(unknown, WORDS) == [
        "Resultaten bygger på svar från 1\u202f012 boende 16–84 år."
    ]
    assert sentences.who_answered({**row, "mark": ".."}, WORDS) == [
        "Antalet svarande redovisas inte på grund av för få svarande."
    ]


def test_respondents_beside_population() -> None:
    assert sentences.respondents_profile(profile(), WORDS, ["ålder", "kön"]) == [
        "Mest underrepresenterad bland de svarande är gruppen ”16–44 år”: 30 procent av de "
        "svarande mot 50 procent av befolkningen.",
        "Resultaten är viktade efter ålder och kön för att likna befolkningen 16–84 år i "
        "stadsdelen Askim-Frölunda-Högsbo.",
    ]
    alike = profile().assign(unweighted=profile()["population"])
    assert sentences.respondents_profile(alike, WORDS, []) == []
    assert sentences.respondents_profile(profile().iloc[:0], WORDS, []) == []


@pytest.mark.parametrize("word", ["Göteborg", "stadsområd", "Polisen"])
def test_words_come_from_parameters(word: str) -> None:
    assert word not in " ".join(say_all(problems()))
