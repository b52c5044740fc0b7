"""What was published about one area, with the labels and words that its sections need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from survey_lib.export import joint_table, joint_table_without_survey
from survey_lib.export.sheets import Cover
from survey_lib.presentation import swedish
from survey_lib.presentation.external import external_rows
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Comment
from survey_lib.presentation.verdicts import joined
from survey_lib.publish import Published
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.external import ExternalFigure
from survey_lib.vocabulary.tables import PROBLEMS, SECTIONS, Table

PROBABILITY = "sannolikhet"
OFTEN = 3  # values that make a line worth drawing


@dataclass(frozen=True)
class Heading:
    """The report's heading in the notebook, and the cover of its workbook; the page has its
    own."""

    title: str
    lines: list[str]
    cover: Cover

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
        probability = self.sampled["sampling"] == PROBABILITY
        return Words.of(
            self.parameters, self.area, self.wave, self.earlier, probability=probability
        )

    @cached_property
    def _own(self) -> pd.DataFrame:
        """The area's published indicators, whole and by group."""
        rows = self.published.indicators
        return rows[rows["area"] == self.area].reset_index(drop=True)

    @cached_property
    def _contrasts(self) -> pd.DataFrame:
        """The area's published contrasts."""
        rows = self.published.contrasts
        return rows[rows["area"] == self.area].reset_index(drop=True)

    @cached_property
    def _whole_contrasts(self) -> pd.DataFrame:
        """Those of the whole area."""
        return self._contrasts[self._contrasts["group"] == ""]

    def rows(self, table: str) -> pd.DataFrame:
        """The indicators of one declared table for the whole area, with their comparisons."""
        if table not in self._joined:
            rows = self._own
            rows = rows[(rows["table"] == table) & (rows["group"] == "")].reset_index(drop=True)
            self._joined[table] = joined(self._labelled(rows), self._whole_contrasts)
        return self._joined[table].copy(deep=False)

    @cached_property
    def _joined(self) -> dict[str, pd.DataFrame]:
        """What :meth:`rows` has made, by table: many sections ask for the same."""
        return {}

    @cached_property
    def joint(self) -> pd.DataFrame:
        """The area's problems as the table for the joint picture; where the wave asked nobody, with
        other sources' latest figures."""
        questionnaire = self.parameters.questionnaire
        rows = self.rows(PROBLEMS).sort_values("rank", na_position="last", ignore_index=True)
        if not self.asked:
            names = self.parameters.tables.tables[PROBLEMS].indicators
            labels = [questionnaire.indicators[name].rule.label for name in names]
            figures = self.external.sort_values("year").drop_duplicates("indicator", keep="last")
            rows = pd.DataFrame({"indicator": names, "label": labels})
            rows = rows.merge(figures.drop(columns="label"), on="indicator", how="left")
        items = rows["indicator"].map(lambda name: questionnaire.indicators[name].item)
        make = joint_table if self.asked else joint_table_without_survey
        return make(rows.assign(problem=items), self.words, self.area, self.wave.id)

    def over_time(self, indicators: list[str]) -> pd.DataFrame:
        """Some indicators in every wave, indicator by indicator, when at least three waves have a
        value; with ``label, wave_label`` and ``year``, the middle of the fieldwork."""
        rows = self.published.trend
        rows = rows[(rows["area"] == self.area) & rows["indicator"].isin(indicators)]
        often = rows.dropna(subset="estimate").groupby("indicator")["wave"].nunique()
        frames = [rows[rows["indicator"] == i] for i in indicators if often.get(i, 0) >= OFTEN]
        rows = pd.concat(frames or [rows.head(0)], ignore_index=True)
        waves = self.parameters.waves
        dates = {name: waves[name].fieldwork for name in rows["wave"].unique()}
        years = {
            w: (one.toordinal() + two.toordinal()) / 2 / 365.25 for w, (one, two) in dates.items()
        }
        return self._labelled(rows).assign(
            wave_label=rows["wave"].map(lambda name: waves[name].label),
            year=rows["wave"].map(years),
        )

    def tables_of(self, section: str) -> dict[str, Table]:
        """The declared tables that stand in a section, in the order of ``tables.yaml``."""
        tables = self.parameters.tables.tables
        return {name: one for name, one in tables.items() if (one.section or name) == section}

    @cached_property
    def compared(self) -> pd.DataFrame:
        """What a summary looks for changes in: each section's first table, and the leading
        indicators of the others."""
        frames = []
        for section in SECTIONS:
            for place, (name, spec) in enumerate(self.tables_of(section).items()):
                rows = self.rows(name)
                frames.append(rows[rows["indicator"].isin(spec.lead)] if place else rows)
        every = pd.concat([f for f in frames if len(f)] or [pd.DataFrame()], ignore_index=True)
        return every.assign(label=every["indicator"].map(self.full_label)) if len(every) else every

    @property
    def others(self) -> pd.DataFrame:
        """The indicators that a report shows and :attr:`compared` doesn't have."""
        told = set(self.compared["indicator"])
        names = [name for section in SECTIONS for name in self.tables_of(section)]
        frames = [
            rows[~rows["indicator"].isin(told)] for name in names if len(rows := self.rows(name))
        ]
        return pd.concat(frames, ignore_index=True)

    @property
    def external(self) -> pd.DataFrame:
        """Other sources' figures about the area, for :mod:`survey_lib.presentation.external`."""
        own = [figure for figure in self.parameters.external if figure.area == self.area]
        if not own:
            return pd.DataFrame(columns=[*ExternalFigure.model_fields, "mark"])
        return external_rows(own, self.words)

    def subareas(self, indicators: list[str]) -> pd.DataFrame:
        """Some indicators in the area's own subareas, subarea by subarea in the order of
        ``reports.yaml``; ``label`` is the indicator's and ``place`` the subarea's."""
        parts = self.parameters.reports.for_area(self.area).subareas or []
        rows = self.published.indicators
        rows = rows[rows["area"].isin(parts) & rows["indicator"].isin(indicators)]
        rows = rows[rows["group"] == ""]
        order = rows["area"].map(parts.index) * len(indicators)
        order += rows["indicator"].map(indicators.index)
        rows = rows.loc[order.sort_values().index].reset_index(drop=True)
        return self._labelled(rows).assign(place=rows["area"].map(self.parameters.areas.name))

    @property
    def places(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The places that residents name, and what they answered about each."""
        frames = (self.published.places, self.published.place_answers)
        named, answers = (
            rows[rows["area"] == self.area].reset_index(drop=True) if len(rows) else rows
            for rows in frames
        )
        return named, answers

    @property
    def modelled(self) -> pd.DataFrame:
        """Modelled estimates for the small areas inside, and why there are none where there are
        none; ``label`` is the indicator's and ``place`` the small area's."""
        rows = self.published.modelled
        rows = rows[rows["within"] == self.area] if len(rows) else rows
        names = rows["area"].map(lambda area: self.parameters.areas.name(area) if area else "")
        return self._labelled(rows.reset_index(drop=True)).assign(place=names.to_numpy())

    @property
    def place_questions(self) -> list[str]:
        """The ``Fråga:`` lines of the place loop."""
        asked = self.parameters.questionnaire.places
        if asked is None:
            return []
        return [f"Fråga: {text}" for text in (asked.place, asked.time, asked.reason)]

    @cached_property
    def promised(self) -> pd.DataFrame:
        """The outcomes of promises made to the area, to one around it or to parts of it."""
        rows, areas = self.published.promises, self.parameters.areas
        if rows.empty:
            return pd.DataFrame(columns=["promise", "area"])
        near = [areas.contains(self.area, a) or areas.contains(a, self.area) for a in rows["area"]]
        rows = rows[pd.Series(near, index=rows.index, dtype=bool)].reset_index(drop=True)
        kinds = rows["area"].map(lambda area: areas.levels[areas.level_of(area)].definite)
        before = rows["before"].map(lambda wave: self.parameters.waves[wave].label if wave else "")
        place = kinds + " " + rows["area"].map(areas.name)
        label = rows["indicator"].map(self.full_label)
        return rows.assign(label=label, place=place, before_label=before)

    def full_label(self, indicator: str) -> str:
        """An indicator's label where it stands among others of any table: with the answers that it
        counts, or its table's title, when other indicators have the same label."""
        questionnaire, one = self.parameters.questionnaire, self.parameters.questionnaire.indicators
        label, item = one[indicator].rule.label, one[indicator].item
        if [other.rule.label for other in one.values()].count(label) == 1:
            return label
        if questionnaire.items[item].kind == "multiple":
            tables = self.parameters.tables.tables.values()
            counted = [table.title for table in tables if indicator in table.indicators]
        else:
            answers = questionnaire.answers(item, self.wave)
            codes = questionnaire.numerator(indicator, self.wave) or []
            counted = [answers[code] for code in codes]
        return f"{label} ({swedish.listing(map(swedish.lower_first, counted), 'eller')})"

    def groups(self, indicators: list[str], group: str) -> pd.DataFrame:
        """Some indicators by one reporting group, each category beside everyone else in the area:
        ``label, category_label, whole`` and the contrasts as ``group_second, …``."""
        rows, ids = self._by_group[group], self.parameters.questionnaire.group(group).ids
        order = rows["indicator"].map({one: n for n, one in enumerate(indicators)}) * len(ids)
        order += rows["category"].map({one: n for n, one in enumerate(ids)})
        return rows.loc[order.dropna().sort_values().index].reset_index(drop=True)

    @cached_property
    def _by_group(self) -> dict[str, pd.DataFrame]:
        """Every indicator by each reporting group, with its contrasts."""
        found, own, contrasts = {}, self._labelled(self._own), self._contrasts
        whole = own[own["group"] == ""].set_index("indicator")["estimate"]
        beside = contrasts.drop(columns=["comparison", "table", "area", "family"])
        beside = beside.set_index(["indicator", "group", "category"]).add_prefix("group_")
        own = own.assign(whole=own["indicator"].map(whole))
        for name in self.parameters.questionnaire.groups:
            resolved = self.parameters.questionnaire.group(name)
            labels = dict(zip(resolved.ids, resolved.labels, strict=True))
            rows = own[own["group"] == name]
            rows = rows.assign(
                category_label=rows["category"].map(labels),
                group_label=resolved.label,
                named=resolved.named,
            )
            keys = ["indicator", "group", "category"]
            mine = beside[beside.index.get_level_values("group") == name]
            rows = rows.join(mine, on=keys, validate="one_to_one")
            found[name] = rows.assign(group_state=rows["group_state"].fillna("none"))
        return found

    def effects(self, indicators: list[str]) -> pd.DataFrame:
        """The effects of the groups' categories on some indicators, with the others held equal:
        ``label, variable_label, category_label, reference_label, named``."""
        rows, questionnaire = self.published.effects, self.parameters.questionnaire
        rows = rows[(rows["area"] == self.area) & rows["indicator"].isin(indicators)]
        order = rows["indicator"].map(indicators.index)
        rows = self._labelled(rows.loc[order.sort_values(kind="stable").index])
        groups = {name: questionnaire.group(name) for name in rows["variable"].unique()}
        sides = {
            f"{side}_label": [
                dict(zip(groups[v].ids, groups[v].labels, strict=True))[category]
                for v, category in zip(rows["variable"], rows[side], strict=True)
            ]
            for side in ("category", "reference")
        }
        return rows.assign(
            variable_label=rows["variable"].map({n: g.label for n, g in groups.items()}),
            named=rows["variable"].map({n: g.named for n, g in groups.items()}),
            **sides,
        ).reset_index(drop=True)

    @property
    def has_rank_sets(self) -> bool:
        rows = self.published.indicators
        return "rank_low" in rows and bool(rows["rank_low"].notna().any())

    def _labelled(self, rows: pd.DataFrame) -> pd.DataFrame:
        labels = {i: r.rule.label for i, r in self.parameters.questionnaire.indicators.items()}
        return rows.assign(label=rows["indicator"].map(labels))

    @cached_property
    def _answers(self) -> pd.DataFrame:
        """Every answer to every item in the area: the published rows."""
        rows = self.published.answers
        return rows[rows["area"] == self.area] if len(rows) else rows

    @cached_property
    def by_answer(self) -> dict[str, pd.DataFrame]:
        """The same, answer by answer: a row per item that offers it."""
        rows = self._answers
        return {
            answer: part.drop_duplicates("item")
            for answer, part in (rows.groupby("answer", observed=True) if len(rows) else ())
        }

    def answers(self, table: str) -> pd.DataFrame:
        """All answers to the items that a table shows whole, item by item."""
        items = self.parameters.tables.tables[table].distributions
        rows = self._answers
        rows = rows[rows["item"].isin(items)]
        labels = {item: self.parameters.questionnaire.items[item].label for item in items}
        return rows.assign(row=rows["item"].map(labels)).reset_index(drop=True)

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
        """What the area's answers are weighted to, in words: those of all the waves pooled."""
        rows, areas = self.published.weights, self.parameters.areas
        if not len(rows):
            return []
        here = [
            areas.contains(self.area, other) or areas.contains(other, self.area)
            for other in rows["area"]
        ]
        crosses = rows[here].groupby("wave")["margins"].agg("|".join)
        crosses = crosses.reindex(self.wave.parts, fill_value="")
        each = [dict.fromkeys(one.replace("*", "|").split("|")) for one in crosses]
        return [self._margin(name) for name in each[0] if name and all(name in o for o in each)]

    def _margin(self, variable: str) -> str:
        if variable.startswith("area:"):
            return self.parameters.areas.levels[variable.removeprefix("area:")].singular
        return swedish.lower_first(self.parameters.questionnaire.background[variable].label)

    @property
    def asked(self) -> bool:
        """Whether anybody in the area answered this wave."""
        return bool(self.sampled["sampling"])

    @property
    def days(self) -> str:
        """When answers were collected, in each of the waves where it pools several."""
        waves = [self.parameters.waves[part] for part in self.wave.parts]
        return swedish.listing(swedish.days(*wave.fieldwork) for wave in waves)

    @property
    def parts(self) -> pd.DataFrame:
        """The area's respondents by pooled wave, ``label, n``; no rows where nothing is pooled."""
        rows = self.published.parts
        rows = rows[rows["area"] == self.area].reset_index(drop=True)
        labels = {name: wave.label for name, wave in self.parameters.waves.items()}
        return rows.assign(label=rows["wave"].map(labels))

    def unpooled(self, indicators: Iterable[str]) -> pd.DataFrame:
        """Which of some indicators have no pooled value in the area, ``label, reason``."""
        rows = self.published.unpooled
        rows = rows[rows["area"].isin(["", self.area]) & rows["indicator"].isin(list(indicators))]
        return self._labelled(rows.reset_index(drop=True))

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
