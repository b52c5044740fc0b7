"""What was published about one area, with the labels and words that its sections need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from survey_lib.export import joint_table, joint_table_without_survey
from survey_lib.presentation import swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Comment
from survey_lib.presentation.verdicts import joined
from survey_lib.publish import Published
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.questionnaire import DONT_KNOW

PROBABILITY = "sannolikhet"
PROBLEMS = "problems"  # the table of tables.yaml that is ranked for the joint picture


@dataclass(frozen=True)
class Heading:
    """The report's heading in the notebook; the page has its own."""

    title: str
    lines: list[str]

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.lines)
        return f"<h1>{escape(self.title)}</h1>{lines}"


@dataclass(frozen=True, eq=False)
class Results:
    """One area's part of a wave's published store."""

    parameters: Parameters
    published: Published
    area: str

    @property
    def wave(self) -> Wave:
        return self.parameters.waves[self.published.manifest["wave"]]

    @property
    def earlier(self) -> Wave | None:
        """The wave that this one is compared with."""
        wave = self.published.manifest["compare_with"]
        return self.parameters.waves[wave] if wave else None

    @cached_property
    def sampled(self) -> dict:
        """The area's row of ``published.areas``: how it was sampled and who answered."""
        rows = self.published.areas
        return rows[rows["area"] == self.area].iloc[0].to_dict()

    @cached_property
    def words(self) -> Words:
        """What the sentences need to know of this area and wave."""
        areas, showing = self.parameters.areas, self.parameters.tables.showing
        return Words(
            area=areas.name(self.area),
            place=areas.levels[areas.level_of(self.area)].definite,
            rest=areas.rest,
            people=self.parameters.reports.people,
            age=swedish.ages(*self.wave.age_span),
            wave=self.wave.label,
            before=self.earlier.label if self.earlier else None,
            source=self.wave.source,
            demo=self.wave.demo,
            probability=self.sampled["sampling"] == PROBABILITY,
            uncertain_below=showing.uncertain_below,
            hide_below=showing.hide_below,
            confidence=showing.confidence,
        )

    def rows(self, table: str) -> pd.DataFrame:
        """The indicators of one declared table for the whole area, with their comparisons."""
        rows = self.published.indicators
        rows = rows[(rows["area"] == self.area) & (rows["table"] == table) & (rows["group"] == "")]
        rows = rows.reset_index(drop=True)
        labels = {i: r.rule.label for i, r in self.parameters.questionnaire.indicators.items()}
        contrasts = self.published.contrasts
        contrasts = contrasts[contrasts["area"] == self.area]
        return joined(rows.assign(label=rows["indicator"].map(labels)), contrasts)

    @cached_property
    def joint(self) -> pd.DataFrame:
        """The area's problems as the table for the joint picture; without values where the wave
        asked nobody."""
        questionnaire = self.parameters.questionnaire
        rows = self.rows(PROBLEMS).sort_values("rank", na_position="last", ignore_index=True)
        if not self.asked:
            names = self.parameters.tables.tables[PROBLEMS].indicators
            labels = [questionnaire.indicators[name].rule.label for name in names]
            rows = pd.DataFrame({"indicator": names, "label": labels})
        items = rows["indicator"].map(lambda name: questionnaire.indicators[name].item)
        make = joint_table if self.asked else joint_table_without_survey
        return make(rows.assign(problem=items), self.words, self.area, self.wave.id)

    def subareas(self, indicator: str) -> pd.DataFrame:
        """One indicator in the area's own subareas, in the order of ``reports.yaml``."""
        parts = self.parameters.reports.for_area(self.area).subareas or []
        rows = self.published.indicators
        rows = rows[(rows["indicator"] == indicator) & (rows["group"] == "")].set_index("area")
        rows = rows.reindex([part for part in parts if part in rows.index]).reset_index()
        return rows.assign(label=rows["area"].map(self.parameters.areas.name))

    def answers(self, table: str) -> pd.DataFrame:
        """All answers to the items that a table shows whole, item by item."""
        items = self.parameters.tables.tables[table].distributions
        rows = self.published.answers
        rows = rows[(rows["area"] == self.area) & rows["item"].isin(items)]
        labels = {item: self.parameters.questionnaire.items[item].label for item in items}
        rows = rows.assign(row=rows["item"].map(labels)).reset_index(drop=True)
        several = rows.groupby("answer")["label"].transform("nunique") > 1
        special = {str(c): text for c, text in self.parameters.questionnaire.special.items()}
        alike = rows["answer"].map(special).where(several)  # one heading for all questions
        return rows.assign(label=alike.fillna(rows["label"]))

    @cached_property
    def profile(self) -> pd.DataFrame:
        """Respondents beside population, variable by variable. ``nonresponse`` takes it that the
        invited were made up as the population is, and is known for probability samples only."""
        rows = self.published.profile
        labels = {v: b.label for v, b in self.parameters.questionnaire.background.items()}
        rows = rows[rows["area"] == self.area].reset_index(drop=True)
        invited = self.sampled["invited"] if self.words.probability else float("nan")
        nonresponse = 1 - rows["n"] / (invited * rows["population"])
        return rows.assign(variable_label=rows["variable"].map(labels), nonresponse=nonresponse)

    @property
    def margins(self) -> list[str]:
        """What the area's answers are weighted to, in words."""
        rows, areas = self.published.weights, self.parameters.areas
        if not len(rows):
            return []
        here = [
            areas.contains(self.area, other) or areas.contains(other, self.area)
            for other in rows["area"]
        ]
        crosses = "|".join(rows.loc[here, "margins"]).replace("*", "|").split("|")
        return [self._margin(name) for name in dict.fromkeys(crosses) if name]

    def _margin(self, variable: str) -> str:
        if variable.startswith("area:"):
            return self.parameters.areas.levels[variable.removeprefix("area:")].singular
        return swedish.lower_first(self.parameters.questionnaire.background[variable].label)

    @property
    def asked(self) -> bool:
        """Whether anybody in the area answered this wave."""
        return bool(self.sampled["sampling"])

    def missing(self) -> list[str]:
        """Names of the area's parts that had no survey."""
        missing = [area for area in self.sampled["missing"].split("|") if area]
        return [self.parameters.areas.name(area) for area in missing]

    def rest(self) -> list[str]:
        """Names of the areas that the area is compared with: the others of its level with a
        probability sample."""
        rows = self.published.areas
        rows = rows[(rows["level"] == self.sampled["level"]) & (rows["area"] != self.area)]
        rows = rows[rows["sampling"] == PROBABILITY]
        return [self.parameters.areas.name(area) for area in rows["area"]]

    def comment(self, section: str) -> Comment | None:
        """The office's own words about a section of this area's report. They are about the wave
        that ``reports.yaml`` names, and stand in no report of another."""
        if self.wave.id != self.parameters.reports.wave:
            return None
        text = self.parameters.reports.for_area(self.area).comments.get(section)
        return Comment(self.parameters.reports.comment_heading, text) if text else None

    # -- what stands under a table --------------------------------------------------------------

    def notes(self, rows: pd.DataFrame) -> list[str]:
        """The ``Fråga:`` and ``Bas:`` lines, each wording and base once, and *vet inte*."""
        questionnaire = self.parameters.questionnaire
        items = dict.fromkeys(questionnaire.indicators[one].item for one in rows["indicator"])
        base = rows["indicator"].map(questionnaire.base_label)
        dropped = self.parameters.tables.showing.dont_know == "drop"
        besides = ", utom dem som inte tagit ställning" if dropped else ""
        bases = _bases(rows["label"], base + besides)
        return [*self._questions(items), *bases, *self._dont_know(rows)]

    def _questions(self, items: Iterable[str]) -> list[str]:
        questionnaire = self.parameters.questionnaire
        asked = dict.fromkeys(questionnaire.stem(item, self.wave) for item in items)
        return [f"Fråga: {text}" for text in asked]

    def answer_notes(self, answers: pd.DataFrame) -> list[str]:
        """The lines under a table of all answers; its base is those who answered each question."""
        questionnaire = self.parameters.questionnaire
        rows = answers.drop_duplicates("item")
        base = rows["item"].map(lambda item: questionnaire.items[item].filter_label)
        bases = _bases(rows["row"], base.fillna(questionnaire.bases["answered"]))
        return [*self._questions(rows["item"]), *bases]

    def _dont_know(self, rows: pd.DataFrame) -> list[str]:
        """Items of which a tenth or more took no stand: their share is told (guide 3.3)."""
        questionnaire, answers = self.parameters.questionnaire, self.published.answers
        if not len(answers):
            return []
        items = {questionnaire.indicators[one].item for one in rows["indicator"]}
        said = answers[(answers["area"] == self.area) & (answers["answer"] == str(DONT_KNOW))]
        said = said[said["item"].isin(items) & (said["table"] == rows["table"].iloc[0])]
        said = said[said["estimate"] >= self.parameters.tables.showing.show_dont_know_from]
        if said.empty:
            return []
        shares = [
            f"{questionnaire.items[row.item].label} {swedish.percent(row.estimate)} "
            f"({self.words.ki} {swedish.interval(row.low, row.high)})"
            for row in said.sort_values("estimate", ascending=False).itertuples()
        ]
        threshold = swedish.percent(self.parameters.tables.showing.show_dont_know_from)
        return [f"Vet inte, där andelen är minst {threshold}: {swedish.listing(shares)}"]


def _bases(names: pd.Series, bases: pd.Series) -> list[str]:
    """The base of most rows, and by name the rows that have another."""
    usual = bases.mode().iloc[0]
    lines = [f"Bas: {usual}"]
    for base in dict.fromkeys(bases[bases != usual]):
        named = swedish.listing(swedish.quoted(name) for name in names[bases == base])
        lines.append(f"Bas för {named}: {base}")
    return lines
