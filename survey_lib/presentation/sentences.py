"""Published rows -> Swedish sentences, with the fixed phrases of 6.4 and the wording rules of 6.5.

Every sentence is a function of published rows and of :class:`Words`: it can't say more than the row
does. A rise or a fall is named only by the verdict's own phrase. No sentence opens with digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import HIDDEN, UNCERTAIN, Words
from survey_lib.presentation.verdicts import KINDS, Comparison, Verdict, records

Row = Mapping[str, Any]
SHORTFALL = 0.03  # a group is named as too small among the respondents from 3 percentage points
NAMED = 3
LIST_FROM = 3  # that many säkerställda in one direction stand as a list under one phrase
NO_EVIDENCE = "Det betyder inte att inget har förändrats."
NO_OTHER = "Ingen "
FAR_FEWER = "Mest underrepresenterad bland de svarande är gruppen"


@dataclass(frozen=True)
class Point:
    """A sentence with a label that opens it, set in bold on the page."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


Sentence = str | Point


class Bullets(list[Sentence]):
    """Sentences in a list where order means nothing; a plain list is numbered."""


def who_answered(row: Row, words: Words, days: str = "") -> list[str]:
    """Invited, responding and svarsfrekvens of one area.

    ``row``: ``invited, responding, response_rate, n, mark`` (NaN where unknown).
    """
    sentences = []
    if days:
        sentences.append(f"Svaren samlades in {days}.")
    if row.get("mark") == HIDDEN:
        return [*sentences, f"Antalet svarande {phrases.EJ_VISAS}."]
    if _known(row, "invited", "responding", "response_rate"):
        sentences.append(
            f"Av {swedish.number(row['invited'])} inbjudna {words.population} i {words.where} "
            f"svarade {swedish.number(row['responding'])}. "
            f"Svarsfrekvensen är {swedish.percent_words(row['response_rate'])} "
            f"och bortfallet {swedish.percent_words(1 - row['response_rate'])}."
        )
    if _known(row, "n"):
        sentences.append(
            f"Resultaten bygger på svar från {swedish.number(row['n'])} {words.population}."
        )
    return sentences


def respondents_profile(frame: pd.DataFrame, words: Words, margins: Sequence[str]) -> list[str]:
    """The group that is furthest below its part of the population, and what the weights do.

    ``frame``: ``label, unweighted, population`` per category; ``margins``: what the wave is
    weighted to, in words (["ålder", "kön"]); empty when it isn't weighted.
    """
    sentences = []
    known = frame.dropna(subset=["unweighted", "population"])
    if len(known):
        gap = known["population"] - known["unweighted"]
        row = known.loc[gap.idxmax()]
        if gap.max() >= SHORTFALL:
            sentences.append(
                f"{FAR_FEWER} {swedish.quoted(str(row['label']))}: "
                f"{swedish.percent_words(row['unweighted'])} av de svarande mot "
                f"{swedish.percent_words(row['population'])} av befolkningen."
            )
    if margins:
        sentences.append(
            phrases.fill(
                phrases.VIKT,
                marginaler=swedish.listing(margins),
                alder=words.age,
                omrade=words.where,
            )
        )
    return sentences


def value(row: Row, words: Words) -> str:
    """A share with its interval: "41 procent (95 % KI 37–45)", or why there is none."""
    if row.get("mark") == HIDDEN or not _known(row, "estimate"):
        return phrases.EJ_VISAS
    share, inside = share_and_interval(row, words)
    if row.get("mark") == UNCERTAIN:
        inside += f"; {phrases.fill(phrases.OSAKERT, grans=words.uncertain_below)}"
    return f"{share} ({inside})"


def share_and_interval(row: Row, words: Words) -> tuple[str, str]:
    """Of a value that is shown: "41 procent" and "95 % KI 37–45"."""
    decimals = Comparison.of(row, "change").decimals
    inside = f"{words.ki}{swedish.NO_BREAK}{swedish.interval(row['low'], row['high'])}"
    return swedish.percent_words(row["estimate"], decimals), inside


def indicator(row: Row, words: Words) -> Point:
    """Level, change and gap of one indicator: the three panels that every indicator has."""
    parts = [f"{value(row, words)}."]
    parts += [Comparison.of(row, kind).phrase(words) for kind in ("change", "rest")]
    return Point(str(row["label"]), " ".join(part for part in parts if part))


def most_named(
    frame: pd.DataFrame, words: Words, count: int = NAMED
) -> list[Sentence | list[Sentence]]:
    """The answers that most chose, with share and interval, and how sure their order is.

    ``frame``: ``label, estimate, low, high, mark`` per answer; ``words.saying`` ends the opening:
    "Det här är vad flest boende …".
    """
    seen = frame[frame["estimate"].notna()].sort_values("estimate", ascending=False, kind="stable")
    if seen.empty:
        return [f"Svaren {phrases.EJ_VISAS}."]
    opening = f"Det här är vad flest {words.population} i {words.where} {words.saying}."
    points = Bullets(
        Point(str(row["label"]), f"{value(row, words)}.") for row in records(seen.head(count))
    )
    return [opening, points, *_overlap(seen.head(count + 1))]


def _overlap(following: pd.DataFrame) -> list[str]:
    """That the order is uncertain, when the interval of a row reaches into the next one's."""
    if (following["low"].to_numpy()[:-1] <= following["high"].to_numpy()[1:]).any():
        return ["Observera att ordningen är osäker. Flera av intervallen överlappar varandra."]
    return []


def changes(frame: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """Every säkerställd change in the fixed phrase, and what is said of all the others."""
    return [*_secured(frame, "change", words), *_others(frame, "change", words)]


def main_changes(
    frame: pd.DataFrame, words: Words, more: pd.DataFrame | None = None
) -> list[Sentence | list[Sentence]]:
    """As :func:`changes`, without naming those that only their own interval sets apart from 0.
    ``more``: rows that are told of elsewhere; their säkerställda changes are only counted."""
    count = 0 if more is None else _count_secured(more, "change", words)
    closing = _closing(frame, "change", words)
    if count:
        closing = [part for part in closing if not str(part).startswith(NO_OTHER)]
        one = count == 1
        closing.append(
            f"Ytterligare {'en förändring' if one else f'{swedish.in_words(count)} förändringar'} "
            f"sedan {words.before} är statistiskt {'säkerställd' if one else 'säkerställda'}. "
            f"{'Den' if one else 'De'} står i avsnitten som följer."
        )
    return [*_secured(frame, "change", words), *closing]


def gaps(frame: pd.DataFrame, words: Words) -> list[Sentence | list[Sentence]]:
    """Every säkerställd gap to the rest in the fixed phrase, and what is said of the others."""
    return [*_secured(frame, "rest", words), *_others(frame, "rest", words)]


def findings(
    frame: pd.DataFrame, words: Words, told: pd.DataFrame | None = None
) -> list[Sentence | list[Sentence]]:
    """Changes and gaps, for those of the two that were compared at all. ``told``: rows that already
    stand above, so that no sentence denies what they say."""
    said: list[Sentence | list[Sentence]] = []
    for kind in KINDS:
        if f"{kind}_state" in frame:
            above = told is not None and _count_secured(told, kind, words) > 0
            said += [*_secured(frame, kind, words), *_others(frame, kind, words, above)]
    return said


def _count_secured(frame: pd.DataFrame, kind: str, words: Words) -> int:
    return sum(Comparison.of(row, kind).verdict(words).secured for row in records(frame))


def _secured(frame: pd.DataFrame, kind: str, words: Words) -> list[Sentence | list[Sentence]]:
    """Each säkerställd comparison in its phrase; from three in one direction on, one phrase above
    the list of them, largest difference first."""
    found: dict[Verdict, list[tuple[str, Comparison]]] = {Verdict.HIGHER: [], Verdict.LOWER: []}
    for row in records(frame):
        comparison = Comparison.of(row, kind)
        if (verdict := comparison.verdict(words)).secured:
            found[verdict].append((str(row["label"]), comparison))
    said: list[Sentence | list[Sentence]] = []
    few = Bullets()
    for verdict, named in found.items():
        if len(named) < LIST_FROM:
            few += [Point(label, one.phrase(words)) for label, one in named]
            continue
        named.sort(key=lambda pair: -abs(pair[1].difference))
        said.append(_opening(kind, verdict, words))
        said.append(Bullets(Point(label, _sides(one)) for label, one in named))
    return [few, *said] if few else said


def _opening(kind: str, verdict: Verdict, words: Words) -> str:
    higher = verdict is Verdict.HIGHER
    if kind == "change":
        return phrases.fill(phrases.OKN_LISTA if higher else phrases.MSK_LISTA, ar=words.before)
    direction = "högre" if higher else "lägre"
    return phrases.fill(phrases.GAP_LISTA, riktning=direction, ovriga=words.rest)


def _sides(found: Comparison) -> str:
    """Both shares of a comparison: "från 49 till 41 procent.", "41 mot 36 procent."."""
    now = swedish.share_words(found.first, found.decimals)
    other = swedish.share_words(found.second, found.decimals)
    return (
        f"från {other} till {now} procent."
        if found.kind == "change"
        else (f"{now} mot {other} procent.")
    )


def _others(
    frame: pd.DataFrame, kind: str, words: Words, above: bool = False
) -> list[Sentence | list[Sentence]]:
    """What is said of the comparisons that are not säkerställda, each kind of reason once."""
    several = _verdicts(frame, kind, words).get(Verdict.SEVERAL, [])
    closing = _closing(frame, kind, words, above)
    if not several:
        return closing
    which = f"förändring sedan {words.before}" if kind == "change" else f"mot {words.rest}"
    return [Bullets([Point(f"{_together(several)} ({which})", phrases.FLERA)]), *closing]


def _closing(
    frame: pd.DataFrame, kind: str, words: Words, above: bool = False
) -> list[Sentence | list[Sentence]]:
    """Why some can't be compared, and that no other difference is säkerställd; ``above``: one that
    is säkerställd already stands above."""
    labels = _verdicts(frame, kind, words)
    result: list[Sentence | list[Sentence]] = []
    if Verdict.CHANGED in labels and kind == "change":
        phrase = phrases.fill(phrases.JMF_EJ, ar=words.before)
        result.append(Point(_together(labels[Verdict.CHANGED]), phrase))
    if Verdict.COVERAGE in labels:
        result.append(phrases.fill(phrases.OMFATTNING, platsen=words.where, ar=words.before))
    if labels.keys() & {Verdict.UNCLEAR, Verdict.SMALL, Verdict.SEVERAL}:
        named = above or {Verdict.HIGHER, Verdict.LOWER} & set(labels)
        against = f"sedan {words.before}" if kind == "change" else f"mot {words.rest}"
        noun = "förändring" if kind == "change" else "skillnad"
        sentence = (
            f"{NO_OTHER}{'annan ' if named else ''}{noun} {against} är statistiskt säkerställd."
        )
        result.append(f"{sentence} {NO_EVIDENCE}" if kind == "change" else sentence)
    if Verdict.SAMPLING in labels:
        what = f"Skillnader mot {words.before if kind == 'change' else words.rest} prövas inte."
        result += [what, phrases.KVOT]
    return result


def _verdicts(frame: pd.DataFrame, kind: str, words: Words) -> dict[Verdict, list[str]]:
    """The labels of the rows by what came of their comparison."""
    labels: dict[Verdict, list[str]] = {}
    for row in records(frame):
        verdict = Comparison.of(row, kind).verdict(words)
        labels.setdefault(verdict, []).append(str(row["label"]))
    return labels


def _together(labels: Sequence[str]) -> str:
    return swedish.listing([labels[0], *(swedish.lower_first(label) for label in labels[1:])])


def _known(row: Row, *names: str) -> bool:
    return all(row.get(name) is not None and not pd.isna(row[name]) for name in names)
