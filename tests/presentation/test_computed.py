"""Så är siffran beräknad: the row's own numbers, none for what is hidden or not tested."""

from __future__ import annotations

from dataclasses import replace

from bs4 import BeautifulSoup
from published_rows import WORDS, problems

from survey_lib.presentation.computed import computed


def row(number: int, **own: object) -> dict:
    found = problems().iloc[number].to_dict()
    return {
        **found,
        "n_effective": 851.4,
        "deff": 1.057,
        "interval": "wilson",
        "change_p": 0.0003,
        "change_p_adjusted": 0.0042,
        "rest_p": 0.31,
        "rest_p_adjusted": 0.47,
        **own,
    }


def text(found: dict, words=WORDS) -> str:
    soup = BeautifulSoup(computed(found, words, 0.05).html(), "html.parser")
    return " ".join(soup.get_text(" ").split())


def test_it_tells_share_interval_effective_number_and_both_tests() -> None:
    said = text(row(0))
    for part in (
        "”Nedskräpning”",
        "alla 900, ger 41,2 procent",
        "ungefär lika mycket som 851 svar",
        "1,06, kallas designeffekt",
        "Wilsons metod ger andelen och det effektiva antalet 95 % KI 38,0–44,4 procent",
        "Skillnaden mot 2022 är −8,0 procentenheter, 95 % KI −12,0 till −4,0.",
        "P-värdet är mindre än 0,001, och 0,004",
        "under 0,05, och skillnaden är därför statistiskt säkerställd",
        "Skillnaden mot övriga staden är +1,0 procentenheter",
        "inte under 0,05, och skillnaden är därför inte statistiskt säkerställd",
    ):
        assert part in said, part
    assert "Korn och Graubards" in text(row(0, interval="korn-graubard"))


def test_what_is_hidden_or_not_tested_is_not_told() -> None:
    assert not computed(row(5), WORDS, 0.05)
    assert not computed(row(0, n_effective=None), WORDS, 0.05)
    assert "P-värdet" not in text(row(0), replace(WORDS, probability=False))
    assert "mot 2022" not in text(row(4))
