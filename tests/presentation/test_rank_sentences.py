"""Which problems are the largest, and what may be said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from published_rows import WORDS, problems

from survey_lib.presentation import phrases
from survey_lib.presentation.ranks import possible_top, ranking

LARGEST = (
    "de tre problem som flest boende 16–84 år i stadsdelen Askim-Frölunda-Högsbo uppger som stora"
)
QUOTA = replace(WORDS, probability=False)


def spaced(said: list) -> list[str]:
    """Every sentence as a reader meets it, with plain spaces for no-break ones."""
    flat = [one for part in said for one in (part if isinstance(part, list) else [part])]
    return [str(sentence).replace("\u00a0", " ") for sentence in flat]


def placed(best: list[int]) -> pd.DataFrame:
    """So many ranked problems, named a, b, …, each possibly among the ``best`` largest."""
    labels = [chr(ord("a") + number) for number in range(len(best))]
    return pd.DataFrame({"label": labels, "rank": np.arange(1.0, len(best) + 1), "best": best})


def test_the_top_five_and_how_sure_their_order_is() -> None:
    assert spaced(ranking(problems(), WORDS)) == [
        "Det här är de problem som flest boende 16–84 år i stadsdelen Askim-Frölunda-Högsbo uppger "
        "som stora.",
        "Nedskräpning: 41 procent (95 % KI 38–44), plats 1–2.",
        "Fordon som kör för fort: 41 procent (95 % KI 37–44), plats 1–2.",
        "Störande körning med moped eller motorcykel: 31 procent (95 % KI 28–34), plats 3.",
        "Inbrott i bostad, källare, förråd eller fordon: 22 procent (95 % KI 19–25; osäkert värde, "
        "färre än 100 svarande), plats 4.",
        "Klotter: 9 procent (95 % KI 7–11), plats 5.",
        "Observera att ordningen är osäker. Vilket som helst av dessa kan vara störst av alla: "
        "nedskräpning och fordon som kör för fort.",
    ]


def test_order_that_is_sure_is_not_called_unsure() -> None:
    """What is said of all places at once takes the simultaneous sets."""
    frame = problems()
    for column in ("rank_low", "rank_high", "rank_low_all", "rank_high_all", "best"):
        frame[column] = frame["rank"]
    assert spaced(ranking(frame, WORDS))[-1].startswith("Klotter")
    frame.loc[2, "rank_high_all"] = 4.0
    assert spaced(ranking(frame, WORDS))[-1] == (
        "Med 95 procents säkerhet är nedskräpning störst av alla. Observera att ordningen därefter "
        "är osäker."
    )
    assert spaced(ranking(frame, QUOTA))[-1] == (
        "Störst bland de svarande är nedskräpning. Observera att ordningen därefter är osäker."
    )


def test_nothing_to_rank_and_one_problem() -> None:
    frame = problems().assign(rank=np.nan, best=np.nan, mark="..", estimate=np.nan)
    assert ranking(frame, WORDS) == [
        "Problemens ordning redovisas inte på grund av för få svarande."
    ]
    assert possible_top(frame, WORDS) == []
    one = problems().tail(2).assign(rank_low_all=5.0, rank_high_all=5.0, best=1.0)
    assert spaced(ranking(one, WORDS))[0].startswith("Det här är det problem som flest boende")


@pytest.mark.parametrize(
    ("best", "said"),
    [
        ([1, 1, 1], None),
        ([1, 1, 2, 4, 4], f"Med 95 procents säkerhet är a, b och c {LARGEST}."),
        (
            [1, 1, 2, 3, 5],
            f"Med 95 procents säkerhet finns {LARGEST} bland dessa fyra: a, b, c och d.",
        ),
        (
            [1, 1, 1, 1, 1],
            f"Svaren räcker inte för att avgöra vilka som är {LARGEST}. Alla fem problem i listan "
            "kan vara bland dem.",
        ),
        (
            [1] * 16 + [4, 5],
            f"Med 95 procents säkerhet hör dessa inte till {LARGEST}: q och r. De andra 16 kan "
            "vara bland dem.",
        ),
    ],
)
def test_which_can_be_among_the_top_three(best: list[int], said: str | None) -> None:
    assert possible_top(placed(best), WORDS) == ([said] if said else [])


def test_a_name_with_commas_is_one_name() -> None:
    frame = problems()
    frame.loc[3, "best"] = 3.0
    assert possible_top(frame, WORDS)[0].startswith(
        f"Med 95 procents säkerhet finns {LARGEST} bland dessa fyra: nedskräpning; fordon som kör "
        "för fort; störande körning med moped eller motorcykel; och inbrott i bostad, källare, "
        "förråd eller fordon."
    )


def test_a_problem_without_a_row_is_not_among_them_and_is_said_so() -> None:
    said = possible_top(placed([1, 1, 2, 4, 4]), WORDS, missing=True)
    assert said[0].endswith(f"{LARGEST}. Problem vars andel inte redovisas är inte med.")


def test_what_is_hidden_is_not_among_them_and_is_said_so() -> None:
    assert possible_top(problems(), WORDS) == [
        f"Med 95 procents säkerhet är nedskräpning, fordon som kör för fort och störande körning "
        f"med moped eller motorcykel {LARGEST}. Problem vars andel inte redovisas är inte med."
    ]


def test_without_probabilities_the_set_is_a_models_and_no_confidence_is_named() -> None:
    said = possible_top(placed([1, 1, 2, 3, 5]), QUOTA)
    assert said == [f"Enligt en modell finns {LARGEST} bland dessa fyra: a, b, c och d.",
                    phrases.KVOT]  # fmt: skip
    assert "KI" not in " ".join(said) and "säker" not in said[0]
