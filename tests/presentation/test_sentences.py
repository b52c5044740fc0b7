"""Sentences word for word. What every sentence is held to, over thousands of random result sets, is
in ``test_sentences_random.py``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS, areas, problems, profile

from survey_lib.presentation import ranks, sentences, swedish


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


def test_no_sentence_denies_what_stands_above_or_elsewhere() -> None:
    rows = problems()
    secured = rows["change_secured"].eq(True) | rows["rest_secured"].eq(True)
    said = spaced(sentences.findings(rows[~secured], WORDS, told=rows[secured]))
    assert any(one.startswith("Ingen annan förändring sedan 2022") for one in said)
    assert any(one.startswith("Ingen annan skillnad mot övriga staden") for one in said)

    said = spaced(sentences.main_changes(rows[~secured], WORDS, more=rows))
    assert said[-1] == (
        "Ytterligare en förändring sedan 2022 är statistiskt säkerställd. Den står i avsnitten som "
        "följer."
    )
    more = pd.concat([rows, rows])
    assert spaced(sentences.main_changes(rows, WORDS, more=more))[-1] == (
        "Ytterligare två förändringar sedan 2022 är statistiskt säkerställda. De står i avsnitten "
        "som följer."
    )
    assert sentences.main_changes(rows, WORDS, more=rows[~secured]) == sentences.main_changes(
        rows, WORDS
    )


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
