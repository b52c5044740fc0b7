"""Made-up published frames, as they leave the door, for tests of what comes after it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_lib.presentation import charts, ranks, report_tables, sentences
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Comment, Section
from survey_lib.presentation.verdicts import joined

RANKS = ["rank", "rank_low", "rank_high", "rank_low_all", "rank_high_all", "best"]

WORDS = Words(
    area="Askim-Frölunda-Högsbo",
    place="stadsdelen",
    rest="övriga staden",
    people="boende",
    age="16–84 år",
    wave="2024",
    before="2022",
    source="Undersökningen 2024",
)

PROBLEMS = {
    "Nedskräpning": 0.412,
    "Fordon som kör för fort": 0.405,
    "Störande körning med moped eller motorcykel": 0.31,
    "Inbrott i bostad, källare, förråd eller fordon": 0.22,
    "Klotter": 0.09,
    "Anlagda bränder": 0.004,
}
SAFETY = {1: "Mycket trygg", 2: "Ganska trygg", 3: "Varken trygg eller otrygg", 4: "Ganska otrygg",
          5: "Mycket otrygg", 96: "Går inte ut ensam", 98: "Vet inte"}  # fmt: skip


def indicators(shares: dict[str, float], n: int = 900) -> pd.DataFrame:
    """A row per label, its interval a plain one around the share."""
    estimate = np.array(list(shares.values()))
    half = 1.96 * np.sqrt(estimate * (1 - estimate) / n)
    return pd.DataFrame(
        {
            "indicator": [f"i{number}" for number in range(len(shares))],
            "label": list(shares),
            "estimate": estimate,
            "low": np.clip(estimate - half, 0, 1),
            "high": np.clip(estimate + half, 0, 1),
            "n": float(n),
            "mark": "",
        }
    )


def contrast(
    comparison: str, indicator: str, first: float, second: float, *, half: float = 0.04, **other
) -> dict:
    """A row of published contrasts; säkerställd when its interval excludes 0, unless told."""
    difference = first - second
    row = {
        "comparison": comparison,
        "table": "t",
        "area": "a",
        "indicator": indicator,
        "group": "",
        "category": "",
        "family": f"{comparison} t",
        "first": first,
        "second": second,
        "second_low": max(0.0, second - 0.03),
        "second_high": min(1.0, second + 0.03),
        "difference": difference,
        "low": difference - half,
        "high": difference + half,
        "n_first": 900.0,
        "n_second": 920.0,
        "secured": abs(difference) > half,
        "state": "",
    }
    return {**row, **other}


def problems() -> pd.DataFrame:
    """Ranked problems with rank sets and both comparisons: an uncertain row, a hidden one, one
    whose question has changed."""
    rows = indicators(PROBLEMS)
    rows["rank"] = np.arange(1.0, 7.0)
    rows["rank_low"] = [1.0, 1, 3, 4, 5, 6]
    rows["rank_high"] = [2.0, 2, 3, 4, 5, 6]
    rows["rank_low_all"] = [1.0, 1, 2, 4, 5, 6]
    rows["rank_high_all"] = [3.0, 3, 3, 4, 5, 6]
    rows["best"] = rows["rank_low_all"]
    rows.loc[3, ["n", "mark"]] = [84.0, "osakert"]
    numbers = ["estimate", "low", "high", "n", *RANKS]
    rows.loc[5, numbers] = np.nan
    rows.loc[5, "mark"] = ".."
    contrasts = [
        contrast("change", "i0", 0.412, 0.492),
        contrast("change", "i1", 0.405, 0.395),
        contrast("change", "i2", 0.31, 0.25, secured=False),
        contrast("change", "i3", 0.22, 0.20, n_first=84.0),
        contrast("change", "i4", 0.09, 0.05, state="wording", difference=np.nan, secured=False),
        contrast("change", "i5", np.nan, np.nan, state="none"),
        contrast("rest", "i0", 0.412, 0.402, n_second=8000.0),
        contrast("rest", "i1", 0.405, 0.355, n_second=8000.0),
        contrast("rest", "i2", 0.31, 0.32, n_second=8000.0),
    ]
    return joined(rows, pd.DataFrame(contrasts))


def answers() -> pd.DataFrame:
    """Three questions with one scale: one without code 96, one hidden."""
    shares = {
        "I området": [0.45, 0.36, 0.09, 0.06, 0.02, None, 0.02],
        "Ute på kvällen": [0.22, 0.31, 0.13, 0.13, 0.07, 0.11, 0.03],
        "I skolan": [np.nan, np.nan, np.nan, np.nan, np.nan, None, np.nan],
    }
    rows = []
    for row, values in shares.items():
        for (code, label), value in zip(SAFETY.items(), values, strict=True):
            if value is not None:
                hidden = np.isnan(value)
                rows.append(
                    {
                        "row": row, "answer": str(code), "label": label, "estimate": value,
                        "low": max(0.0, value - 0.02), "high": value + 0.02,
                        "n": np.nan if hidden else 900.0, "mark": ".." if hidden else "",
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def profile() -> pd.DataFrame:
    """Respondents beside population for two variables, one category hidden."""
    rows = [
        ("Ålder", "16–44 år", 0.30, 0.49, 0.50, 270.0, ""),
        ("Ålder", "45–84 år", 0.70, 0.51, 0.50, 630.0, ""),
        ("Födelseland", "Sverige", 0.80, 0.78, np.nan, 720.0, ""),
        ("Födelseland", "Övriga Norden", np.nan, np.nan, np.nan, np.nan, ".."),
    ]
    columns = ["variable_label", "label", "unweighted", "weighted", "population", "n", "mark"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(nonresponse=1 - frame["n"] / (1800 * frame["population"]))


def areas() -> pd.DataFrame:
    """Who was asked and who answered, in two areas."""
    return pd.DataFrame(
        {
            "label": ["Askim-Frölunda-Högsbo", "Centrum"],
            "invited": [1800.0, np.nan],
            "responding": [948.0, np.nan],
            "response_rate": [948 / 1800, np.nan],
            "n": [941.0, 1012.0],
            "mark": "",
        }
    )


def sections(words: Words = WORDS) -> dict[str, Section]:
    """A section of every kind, under the heading it would have."""
    rows, scale, people = problems(), answers(), profile()
    change = f"Stora problem {words.before} och {words.wave}"
    return {
        "Vilka som har svarat": Section(
            "Svarande",
            [
                *sentences.who_answered(areas().iloc[0].to_dict(), words),
                *sentences.respondents_profile(people, words, ["ålder", "kön"]),
            ],
            [charts.profile(people, words, "De svarande och befolkningen")],
            [
                report_tables.profile_table(people, words, "De svarande och befolkningen"),
                report_tables.areas_table(areas(), words, "Svarsfrekvens"),
            ],
            notes=[words.interval_phrase()],
        ),
        "Problem i området": Section(
            "Problem",
            [
                *ranks.ranking(rows, words),
                *ranks.possible_top(rows, words),
                *sentences.changes(rows, words),
            ],
            [
                charts.ranked(rows, words, "Stora problem"),
                charts.change(rows, words, change),
            ],
            [
                report_tables.indicator_table(rows, words, "Stora problem", notes=["Fråga: Vad?"]),
                report_tables.change_table(rows, words, change),
            ],
            comment=Comment("Kommentar från stadsdelen", "Första stycket.\n\nAndra stycket."),
        ),
        "Trygghet": Section(
            "Trygghet",
            [sentences.indicator(row, words) for row in rows.to_dict("records")],
            [charts.diverging(scale, words, "Hur trygg känner du dig …?")],
            [report_tables.answers_table(scale, words, "Hur trygg känner du dig …?")],
        ),
    }
