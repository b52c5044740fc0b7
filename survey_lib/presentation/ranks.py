"""Sentences about places: which problems are the largest, and how sure that is.

Every sentence is a function of published rows, as in :mod:`survey_lib.presentation.sentences`.
"Can be among the three largest" is ``best`` ≤ 3, a simultaneous confidence set; the places beside a
single problem are its own, marginal set. Of a sample without probabilities the sets are
model-based: the sentences say so, with KVOT, and name no confidence.
"""

from __future__ import annotations

import pandas as pd

from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.sentences import Bullets, Point, Sentence, value

LISTED = 5
MANY = 8  # so many names and more are told by those that are left out, when these are fewer


def ranking(
    rows: pd.DataFrame, words: Words, count: int = LISTED
) -> list[Sentence | list[Sentence]]:
    """The highest-ranked problems with share, interval and possible places, and how sure their
    order is.

    ``rows``: ``label, estimate, low, high, mark, rank, rank_low, rank_high, rank_low_all,
    rank_high_all, best``.
    """
    seen = rows[rows["rank"].notna()].sort_values("rank")
    if seen.empty:
        return [f"Problemens ordning {phrases.EJ_VISAS}."]
    top = seen.head(count)
    these = "de problem" if len(top) > 1 else "det problem"
    points: list[Sentence] = [
        Point(str(row["label"]), f"{value(row, words)}, plats {possible(row)}.")
        for row in top.to_dict("records")
    ]
    opening = f"Det här är {these} som flest {words.population} i {words.where} {words.saying}."
    return [opening, points if len(top) > 1 else Bullets(points), *_order(seen, top, words)]


def possible(row: dict) -> str:
    """The places that a problem can have, for itself: "2–5"."""
    return swedish.places(int(row["rank_low"]), int(row["rank_high"]))


def possible_top(
    rows: pd.DataFrame, words: Words, count: int = 3, missing: bool = False
) -> list[str]:
    """Which problems can be among the ``count`` largest, and how sure that is.

    ``rows``: ``label, rank, best``; ``missing``: a problem has no row. Nothing is said where no
    more than ``count`` have a place.
    """
    placed = rows[rows["best"].notna()].sort_values("rank")
    if len(placed) <= count:
        return []
    within = placed["best"] <= count
    inside, outside = _names(placed[within]), _names(placed[~within])
    largest = (
        f"de {swedish.in_words(count)} problem som flest {words.population} i {words.where} "
        f"{words.saying}"
    )
    sure = f"Med {words.level} procents säkerhet" if words.probability else "Enligt en modell"
    if not outside:
        said = (
            f"Svaren räcker inte för att avgöra vilka som är {largest}. Alla "
            f"{swedish.in_words(len(inside))} problem i listan kan vara bland dem."
        )
    elif len(inside) == count:
        said = f"{sure} är {listed(inside)} {largest}."
    elif len(inside) >= MANY and len(outside) < len(inside):
        said = (
            f"{sure} hör dessa inte till {largest}: {listed(outside)}. De andra "
            f"{swedish.in_words(len(inside))} kan vara bland dem."
        )
    else:
        number = swedish.in_words(len(inside))
        said = f"{sure} finns {largest} bland dessa {number}: {listed(inside)}."
    if missing or len(placed) < len(rows):
        said += " Problem vars andel inte redovisas är inte med."
    return [said] if words.probability else [said, phrases.KVOT]


def _order(seen: pd.DataFrame, top: pd.DataFrame, words: Words) -> list[str]:
    """Which can be the largest of all, and whether the order after it is sure."""
    first = _names(seen[seen["best"] == 1])
    if len(first) > 1:
        return [
            "Observera att ordningen är osäker. Vilket som helst av dessa kan vara störst av alla: "
            f"{listed(first)}."
        ]
    if (top["rank_low_all"] < top["rank_high_all"]).any():
        said = f"Störst bland de svarande är {first[0]}"
        if words.probability:
            said = f"Med {words.level} procents säkerhet är {first[0]} störst av alla"
        return [f"{said}. Observera att ordningen därefter är osäker."]
    return []


def _names(rows: pd.DataFrame) -> list[str]:
    return [swedish.lower_first(str(label)) for label in rows["label"]]


def listed(names: list[str]) -> str:
    """Names in a sentence, with semicolons between them when one is a list itself."""
    if len(names) > 1 and any("," in name or " och " in name for name in names):
        return f"{'; '.join(names[:-1])}; och {names[-1]}"
    return swedish.listing(names)
