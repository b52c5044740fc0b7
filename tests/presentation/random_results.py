"""Random published result sets, as they leave the door: hidden, uncertain, tied, 0 and 1, of quota
samples, with nothing to compare with, across a changed question, or of one row alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from published_rows import RANKS, WORDS

from survey_lib.presentation.external import external_rows
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.verdicts import joined, records
from survey_lib.vocabulary.external import ExternalFigure
from survey_lib.vocabulary.promises import Promise

# as questionnaires have them: a comma, a word that claims, capitals that stay
LABELS = [
    "Nedskräpning",
    "Inbrott i bostad, källare, förråd eller fordon",
    "Störande körning med moped eller motorcykel",
    "EU-migration",
    "Otrygg vid hållplatser på kvällen",
    "Tycker att området har blivit mindre tryggt",
    "Boende 65 år och äldre",
    "Klotter",
]
PLACES = ["Torget", "Hållplatsen", "Parken", "Gångtunneln", "Centrum"]
ANSWERS = {
    "tid": ["Dag", "Kväll", "Natt"],
    "orsak": ["Mörkt", "Trafik", "Har hört om händelser där"],
}
GROUPS = {
    "kon": ("Kön", ["Kvinna", "Man"]),
    "alder": ("Ålder", ["16–24 år", "25–44 år", "45–84 år"]),
    "boendeform": ("Boendeform", ["Hyresrätt", "Bostadsrätt", "Äganderätt"]),
}
BASES = [30, 42, 99, 100, 101, 517, 1000, 12345]
EXACT = [0.0, 1.0, 0.004, 0.0049999, 0.005, 0.495, 0.5, 0.9951, 0.996, 0.105, 0.1149]


class Results:
    """One made-up result set; every drawing takes from the same stream of numbers."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.words = self._words()

    def chance(self, of: float) -> bool:
        return bool(self.random.random() < of)

    def pick(self, among: list) -> Any:
        return among[int(self.random.integers(len(among)))]

    def _words(self) -> Words:
        return replace(
            WORDS,
            probability=self.chance(0.8),
            before=self.pick(["2022", "2017/2018", None]) if self.chance(0.3) else "2022",
            demo=self.chance(0.3),
            age=self.pick(["16–84 år", "15 år och äldre"]),
        )

    def share(self) -> float:
        kind = self.random.integers(3)
        if kind == 0:
            return float(self.pick(EXACT))
        return float(self.random.random() if kind == 1 else self.random.integers(0, 201) / 200)

    def bounds(self, share: float) -> tuple[float, float]:
        half = float(self.random.uniform(0.0005, 0.15))
        return max(0.0, share - half), min(1.0, share + half)

    def value(self, share: float) -> dict[str, Any]:
        """A share with interval, base and mark, by the rules of guide 6.3."""
        if self.chance(0.12):
            nothing = dict.fromkeys(("estimate", "low", "high", "n"), np.nan)
            return {**nothing, "mark": ".."}
        n = self.pick(BASES)
        low, high = self.bounds(share)
        mark = "osakert" if n < self.words.uncertain_below else ""
        return {"estimate": share, "low": low, "high": high, "n": float(n), "mark": mark}

    # -- indicators -----------------------------------------------------------------------------

    def indicators(self) -> pd.DataFrame:
        """Ranked rows with whatever comparisons there are."""
        labels = list(self.random.permutation(LABELS))[: int(self.random.integers(1, 7))]
        rows: list[dict[str, Any]] = []
        for number, label in enumerate(labels):
            tied = rows and self.chance(0.2)
            share = rows[-1]["estimate"] if tied else self.share()
            share = self.share() if np.isnan(share) else share
            rows.append({"indicator": f"i{number}", "label": label, **self.value(share)})
        frame = pd.DataFrame(rows).sort_values("estimate", ascending=False, na_position="last")
        frame = self._ranked(frame.reset_index(drop=True))
        contrasts = [
            self.contrast(kind, row)
            for kind in ("change", "rest")
            if kind == "rest" or self.words.before
            if self.chance(0.8)
            for row in records(frame)
            if self.chance(0.85)
        ]
        return joined(frame, pd.DataFrame(contrasts)) if contrasts else frame

    def _ranked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Ranks with sets around them, the simultaneous one around the marginal one."""
        shown = int(frame["estimate"].notna().sum())
        ranks = np.arange(1.0, len(frame) + 1)
        ranks[shown:] = np.nan
        wider = self.random.integers(0, 3, (4, len(frame))) * self.random.integers(0, 2)
        low, high = np.maximum(1, ranks - wider[0]), np.minimum(shown, ranks + wider[1])
        low_all, high_all = np.maximum(1, low - wider[2]), np.minimum(shown, high + wider[3])
        best = np.minimum(ranks, np.maximum.accumulate(low_all))
        return frame.assign(
            **dict(zip(RANKS, (ranks, low, high, low_all, high_all, best), strict=True))
        )

    def contrast(self, kind: str, row: dict[str, Any]) -> dict[str, Any]:
        """As published: no numbers where a side is hidden, no difference across a changed question,
        no test of a sample without probabilities."""
        first, second = row["estimate"], self.share()
        if self.chance(0.3) and first == first:
            second = min(1.0, max(0.0, first + float(self.random.uniform(-0.02, 0.02))))
        only = ["wording", "coverage"] if kind == "change" else []
        state = self.pick(["", "", "", "", "sampling", "none", *only])
        if not self.words.probability and state == "":
            state = "sampling"
        if row["mark"] == "..":
            state = "none"
        close = abs(first - second) < 0.02
        half = float(self.random.uniform(0.0005, 0.01 if close and self.chance(0.7) else 0.2))
        difference = first - second if state in ("", "sampling") else np.nan
        outside = bool(abs(difference) > half)
        second_low, second_high = self.bounds(second)
        told = {
            "second": second, "second_low": second_low, "second_high": second_high,
            "difference": difference, "low": difference - half, "high": difference + half,
            "n_first": row["n"], "n_second": float(self.pick(BASES)),
        }  # fmt: skip
        if state == "none":
            told = dict.fromkeys(told, np.nan)
        return {
            "comparison": kind, "table": "t", "area": "a", "indicator": row["indicator"],
            "group": "", "category": "", "family": "f", "first": first, **told,
            "secured": state == "" and outside and self.chance(0.6), "state": state,
        }  # fmt: skip

    # -- promises -------------------------------------------------------------------------------

    def promise(self) -> tuple[Promise, pd.DataFrame]:
        """A promise and its rows, in one area or two."""
        count = int(self.random.integers(1, 4))
        names = [f"i{number}" for number in range(count)]
        promise = Promise(
            level="sdn",
            areas=["sdn:a"],
            text=self.pick(["Vi ska minska nedskräpningen.", "Fler ska gå ut på kvällen"]),
            period=(date(2022, 2, 1), date(2023, 9, 30)),
            wanted="ned",
            indicators=dict.fromkeys(names),
            source="Överenskommelsen 2022",
            places=["Torget", "Parken"][: int(self.random.integers(0, 3))],
            not_measured=["antal insatser"] if self.chance(0.5) else [],
        )
        places = [self.words.where, "stadsdelen Centrum"][: int(self.random.integers(1, 3))]
        rows = [
            self._followed(name, label, place)
            for place in places
            for name, label in zip(names, self.random.permutation(LABELS), strict=False)
        ]
        frame = pd.DataFrame(rows)
        return promise, frame.assign(ongoing=self.chance(0.3))

    def _followed(self, indicator: str, label: str, place: str) -> dict[str, Any]:
        now, then = self.value(self.share()), self.value(self.share())
        before = "2022" if self.chance(0.85) else ""
        probability = self.words.probability
        state = self.pick(["", "", "", "wording", "coverage"]) if before else "none"
        if not probability and state == "":
            state = "sampling"
        row: dict[str, Any] = {}
        for side, value in (("first", now), ("second", then)):
            row |= {
                side: value["estimate"], f"{side}_low": value["low"],
                f"{side}_high": value["high"], f"n_{side}": value["n"],
            }  # fmt: skip
        if state not in ("", "sampling"):
            row |= dict.fromkeys(("second", "second_low", "second_high", "n_second"), np.nan)
            then = {**then, "mark": ""}
        difference = row["first"] - row["second"]
        half = float(self.random.uniform(0.0005, 0.2))
        secured = state == "" and bool(abs(difference) > half) and self.chance(0.6)
        wanted = self.pick(["up", "down"])
        verdict = ""
        if state == "" and difference == difference:
            right = (difference > 0) == (wanted == "up")
            verdict = ("ratt" if right else "annat") if secured else "ovisst"
        return {
            "indicator": indicator, "label": label, "place": place, "before_label": before,
            "wanted": wanted, **row, "difference": difference, "low": difference - half,
            "high": difference + half, "secured": secured, "state": state, "verdict": verdict,
            "mark": now["mark"], "second_mark": then["mark"], "probability": probability,
            "modes_differ": self.chance(0.2), "seasons_differ": self.chance(0.2),
            "ages": "16-74" if state == "" and self.chance(0.2) else "",
        }  # fmt: skip

    # -- the rest -------------------------------------------------------------------------------

    def external(self) -> pd.DataFrame:
        """Other sources' figures, as an office may write them."""
        figures = []
        for label in self.random.permutation(LABELS)[: int(self.random.integers(1, 4))]:
            share = self.share()
            low, high = self.bounds(share) if self.chance(0.5) else (None, None)
            figures.append(
                ExternalFigure(
                    area="sdn:a", indicator=None, label=str(label), share=share, low=low,
                    high=high, n=self.pick([*BASES, None]), source=self.pick(["SOM", "en enkät"]),
                    year=self.pick(["2021", "2019–2020"]),
                )
            )  # fmt: skip
        return external_rows(figures, self.words)

    def area(self) -> dict[str, Any]:
        """Who was asked and who answered."""
        responding = int(self.random.integers(1, 3000))
        invited = responding + int(self.random.integers(0, 5000))
        known = self.words.probability and self.chance(0.8)
        row = {
            "label": self.words.area,
            "invited": float(invited) if known else np.nan,
            "responding": float(responding) if known else np.nan,
            "response_rate": responding / invited if known else np.nan,
            "n": float(responding),
            "mark": "",
        }
        return row if self.chance(0.9) else {**row, "n": np.nan, "mark": ".."}

    def profile(self) -> pd.DataFrame:
        """Respondents beside the population, some categories hidden or unknown."""
        rows = []
        for label in ("16–44 år", "45–84 år", "Sverige", "Övriga Norden"):
            value = self.value(self.share())
            rows.append(
                {
                    "variable_label": "Ålder" if "år" in label else "Födelseland",
                    "label": label,
                    "unweighted": value["estimate"],
                    "weighted": value["estimate"],
                    "population": self.share() if self.chance(0.8) else np.nan,
                    "n": value["n"],
                    "mark": value["mark"] if value["mark"] == ".." else "",
                    "nonresponse": np.nan,
                }
            )
        return pd.DataFrame(rows)

    def parts(self) -> pd.DataFrame:
        """The waves of a pooled one, their counts perhaps hidden."""
        counts = [float(self.pick(BASES)) for _ in range(2)]
        if self.chance(0.2):
            counts[0] = np.nan
        return pd.DataFrame({"label": ["2017", "2018"], "n": counts})

    def unpooled(self) -> pd.DataFrame:
        labels = self.random.permutation(LABELS)[: int(self.random.integers(0, 4))]
        reasons = [self.pick(["differs", "question"]) for _ in labels]
        return pd.DataFrame({"label": labels, "reason": reasons})

    # -- places ---------------------------------------------------------------------------------

    def places(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Named places with their mentions, and their times and reasons; some hidden, some tied."""
        names = list(self.random.permutation(PLACES))[: int(self.random.integers(0, len(PLACES)))]
        rows, answers = [], []
        for name in names:
            hidden = self.chance(0.15)
            mentions = np.nan if hidden else float(self.pick([5, 5, 6, 17, 203, 1234]))
            place = f"plats:{name.lower()}"
            rows.append(
                {"place": place, "label": name, "mentions": mentions, "mark": ".." * hidden}
            )
            for question, labels in ANSWERS.items():
                answers += self._told(place, question, labels, mentions)
        rows.append({"place": "other", "label": "Övriga platser", "mentions": 9.0, "mark": ""})
        columns = ["place", "question", "answer", "label", "mentions", "most", "mark"]
        return pd.DataFrame(rows), pd.DataFrame(answers, columns=columns)

    def _told(
        self, place: str, question: str, labels: list[str], mentions: float
    ) -> list[dict[str, Any]]:
        counts = [np.nan] * len(labels)
        if mentions >= 5 and self.chance(0.8):
            counts = [float(self.random.integers(1, mentions + 1)) for _ in labels]
            counts = [count if count >= 5 else np.nan for count in counts]
        most = np.nanmax(counts) if np.isfinite(counts).any() else np.inf
        return [
            {
                "place": place, "question": question, "answer": str(code), "label": label,
                "mentions": count, "most": count == most, "mark": "" if count == count else "..",
            }
            for code, (label, count) in enumerate(zip(labels, counts, strict=True), start=1)
        ]  # fmt: skip

    def modelled(self) -> pd.DataFrame:
        """Modelled values of small areas, and indicators without a model."""
        rows = []
        for label in self.random.permutation(LABELS)[: int(self.random.integers(1, 4))]:
            reason = self.pick(["", "", "few", "sampling", "no fit"])
            for area in ["del:a", "del:b"] if not reason else [""]:
                direct = self.value(self.share())
                value = {**direct, "n": max(direct["n"], 30.0), "direct": direct["estimate"]}
                told = {"area": area, "place": area[4:].upper(), "label": label, "reason": reason}
                rows.append(told | value)
        return pd.DataFrame(rows)

    # -- groups ---------------------------------------------------------------------------------

    def groups(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Indicators by one reporting group, each category against everyone else; and the marginal
        effects of the same categories and another variable's."""
        group, (heading, categories) = self.pick(list(GROUPS.items()))
        named = self.chance(0.75)
        rows, effects = [], []
        for number, label in enumerate(self.random.permutation(LABELS)[: self.pick([1, 2, 3])]):
            told = {"indicator": f"i{number}", "label": label, "named": named}
            for code, category in enumerate(categories):
                here = {"group": group, "group_label": heading, "whole": self.share(),
                        "category": str(code), "category_label": category}  # fmt: skip
                row = told | here | self.value(self.share())
                contrast = self.contrast("group", row)
                rows.append(row | {f"group_{name}": value for name, value in contrast.items()})
                for variable, variable_label in ((group, heading), ("boendetid", "Boendetid")):
                    effects.append(told | self._effect(variable, variable_label, code, categories))
        return pd.DataFrame(rows), pd.DataFrame(effects)

    def _effect(self, variable: str, label: str, code: int, names: list[str]) -> dict[str, Any]:
        effect = float(self.random.uniform(-0.4, 0.4))
        half = float(self.random.uniform(0.0005, 0.3))
        state = self.pick(["", "", "", "none"]) if self.words.probability else "sampling"
        mark = self.pick(["", "", "osakert", ".."])
        if state == "none" or mark == "..":
            effect, mark = np.nan, ".."
        return {
            "variable": variable, "variable_label": label, "category": str(code), "reference": "0",
            "category_label": names[code], "reference_label": names[0], "effect": effect,
            "low": effect - half, "high": effect + half, "n": float(self.pick(BASES)),
            "secured": state == "" and abs(effect) > half and self.chance(0.6), "state": state,
            "mark": mark,
        }  # fmt: skip
