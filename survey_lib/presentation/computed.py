"""Så är siffran beräknad: one row's share, interval and tests, step by step in its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Sentence
from survey_lib.presentation.tables import known
from survey_lib.presentation.verdicts import Comparison, Verdict

TITLE = "Så är siffran beräknad"
METHODS = {"wilson": "Wilsons", "korn-graubard": "Korn och Graubards"}
LEAST = 0.001  # a smaller p-value is told as smaller than this


def computed(row: Mapping[str, Any], words: Words, significance: float) -> Section:
    """One shown row step by step, folded; nothing when it is hidden or has no effective n.

    ``row``: ``label, estimate, low, high, n, n_effective, deff, interval, mark`` and the
    comparisons of :func:`survey_lib.presentation.verdicts.joined` with their ``p, p_adjusted``.
    """
    effective = known(row, "n_effective")
    if effective is None or known(row, "estimate") is None or row["mark"] == phrases.HIDDEN:
        return Section("")
    share, n = swedish.percent_words(row["estimate"], 1), swedish.number(row["n"])
    method = METHODS[row["interval"]]
    inside = swedish.interval(row["low"], row["high"], 1)
    said: list[Sentence | list[Sentence]] = [
        f"Exempel: {swedish.quoted(str(row['label']))}. Så räknas också de andra raderna.",
        f"{n} svarande ligger till grund för andelen. Varje svarande har en vikt, så att de "
        "tillsammans liknar befolkningen. Vikterna för dem som räknas in i andelen, delade med "
        f"vikterna för alla {n}, ger {share}.",
        f"Vikter och urval gör att de {n} svaren säger ungefär lika mycket som "
        f"{swedish.number(effective)} svar med lika vikt. Det kallas effektivt antal; kvoten, "
        f"{swedish.number(row['deff'], 2)}, kallas designeffekt.",
        f"Med {method} metod ger andelen och det effektiva antalet {words.ki} {inside} procent.",
    ]
    for kind, side in (("change", words.before), ("rest", words.rest)):
        if told := _tested(row, kind, str(side), words, significance):
            said.append(told)
    return Section(TITLE, said, folded=True)


def _tested(row: Mapping[str, Any], kind: str, side: str, words: Words, significance: float) -> str:
    """A difference, its interval, and its p-value before and after the adjustment."""
    found, adjusted = Comparison.of(row, kind), known(row, f"{kind}_p_adjusted")
    verdicts = {Verdict.HIGHER, Verdict.LOWER, Verdict.UNCLEAR, Verdict.SEVERAL}
    alone = known(row, f"{kind}_p")
    if adjusted is None or alone is None or found.verdict(words) not in verdicts:
        return ""
    limit = _p(significance)
    below = f"{'under' if found.secured else 'inte under'} {limit}"
    end = "statistiskt säkerställd" if found.secured else "inte statistiskt säkerställd"
    size = swedish.points(found.difference, 1)
    inside = swedish.interval(found.low, found.high, 1)
    return (
        f"Skillnaden mot {side} är {size} procentenheter, {words.ki} {inside}. P-värdet är "
        f"{_p(alone)}, och {_p(adjusted)} när hänsyn tas till att flera skillnader prövas "
        f"samtidigt. Det är {below}, och skillnaden är därför {end}."
    )


def _p(value: float) -> str:
    """ "0,012", "mindre än 0,001"; as many decimals as tell it."""
    if value < LEAST:
        return f"mindre än {swedish.number(LEAST, 3)}"
    return swedish.number(value, 3).rstrip("0").rstrip(",")
