"""What the notebooks open: one area's published results, or one wave's, section by section.

``report = open_report(...)`` reads the published store only; it prepares the wave first when that
has not been done or its inputs have changed. ``show(report.problems)`` displays a section as
sentences, charts and tables of the same numbers.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from survey_lib.files import find_upwards
from survey_lib.pipeline import prepare
from survey_lib.presentation import charts, phrases, report_tables, sentences, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Comment, Section
from survey_lib.presentation.verdicts import joined
from survey_lib.publish import Published
from survey_lib.selection import select
from survey_lib.vocabulary import Parameters, Wave, load_parameters

PROBABILITY = "sannolikhet"
MODES = {
    "post": "postenkät",
    "webb": "webbenkät",
    "telefon": "telefonintervju",
    "besok": "besöksintervju",
    "gatuintervju": "intervju på gator och torg",
}


def open_report(
    wave: str,
    area: str,
    compare_with: str = "",
    parameters: str | Path = "parameters",
    reports: str | Path = "reports",
) -> Report:
    """The published results of one area.

    Parameters
    ----------
    wave, area : ids, as in ``waves/`` and ``areas.csv`` ("2024", "sdn:centrum").
    compare_with : id of an earlier wave; "" for none.
    parameters, reports : folders, found from the working folder upwards.

    Raises
    ------
    BadInput
        For an unknown id, or when the wave must be prepared and can't be.
    """
    from survey_lib.selection import select

    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave, compare_with=compare_with, areas=[area])
    published = prepare(loaded, chosen.wave, chosen.compare_with, find_upwards(reports))
    return Report(loaded, published, loaded.waves[wave], area, chosen.compare_with)


def open_wave(
    wave: str, parameters: str | Path = "parameters", reports: str | Path = "reports"
) -> WaveReport:
    """The published facts about one wave as a whole; parameters as :func:`open_report`."""
    from survey_lib.selection import select

    loaded = load_parameters(find_upwards(parameters))
    chosen = select(loaded, wave=wave, compare_with=None)
    published = prepare(loaded, chosen.wave, chosen.compare_with, find_upwards(reports))
    return WaveReport(loaded, published, loaded.waves[wave])


def show(section: Section | Heading) -> None:
    """Display a section in a notebook, and so in the report."""
    from IPython.display import display

    display(section)


class Heading:
    """The report's own heading in the notebook. The page has the same heading of its own."""

    def __init__(self, title: str, lines: list[str]) -> None:
        self.title, self.lines = title, lines

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.lines)
        return f"<h1>{escape(self.title)}</h1>{lines}"


class Report:
    """One area's published results. Every property is a :class:`Section` or the heading."""

    def __init__(
        self,
        parameters: Parameters,
        published: Published,
        wave: Wave,
        area: str,
        compare_with: str | None,
    ) -> None:
        self.parameters = parameters
        self.published = published
        self.wave = wave
        self.area = area
        self.earlier = parameters.waves[compare_with] if compare_with else None

    # -- the words and rows that all sections share ---------------------------------------------

    @cached_property
    def sampled(self) -> dict:
        """The area's row of ``published.areas``: how it was sampled and who answered."""
        rows = self.published.areas
        return rows[rows["area"] == self.area].iloc[0].to_dict()

    @cached_property
    def words(self) -> Words:
        """What the sentences need to know of this area and wave."""
        areas, reports = self.parameters.areas, self.parameters.reports
        showing = self.parameters.tables.showing
        return Words(
            area=areas.name(self.area),
            place=areas.levels[areas.level_of(self.area)].definite,
            rest=areas.rest,
            people=reports.people,
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
        rows = rows[(rows["table"] == table) & (rows["area"] == self.area) & (rows["group"] == "")]
        indicators = self.parameters.questionnaire.indicators
        rows = rows.assign(label=rows["indicator"].map(lambda one: indicators[one].rule.label))
        contrasts = self.published.contrasts
        contrasts = contrasts[contrasts["area"] == self.area]
        return joined(rows.reset_index(drop=True), contrasts)

    def answers(self, table: str) -> pd.DataFrame:
        """All answers to the items that a table shows whole, item by item."""
        items = self.parameters.tables.tables[table].distributions
        rows = self.published.answers
        rows = rows[(rows["area"] == self.area) & rows["item"].isin(items)]
        labels = {item: self.parameters.questionnaire.items[item].label for item in items}
        return rows.assign(row=rows["item"].map(labels)).reset_index(drop=True)

    def comment(self, section: str) -> Comment | None:
        """The office's own words about a section of this area's report."""
        text = self.parameters.reports.for_area(self.area).comments.get(section)
        return Comment(self.parameters.reports.comment_heading, text) if text else None

    # -- the sections ---------------------------------------------------------------------------

    @property
    def heading(self) -> Heading:
        reports = self.parameters.reports
        lines = [f"{reports.title} {self.wave.label}", reports.publisher]
        if self.wave.demo:
            lines.insert(0, phrases.DEMO)
        return Heading(self.words.area, lines)

    @property
    def respondents(self) -> Section:
        """Who answered, and how they resemble the population."""
        words, profile = self.words, self.profile
        text = sentences.who_answered(self.sampled, words, self.wave.fieldwork)
        text += self.missing_parts()
        text += sentences.respondents_profile(profile, words, self.margins)
        if not len(profile):
            return Section("Svarande", text, comment=self.comment("respondents"))
        caption = f"De svarande och befolkningen i {words.where}"
        return Section(
            "Svarande",
            text,
            [charts.profile(profile, words, caption)],
            [report_tables.profile_table(profile, words, caption)],
            comment=self.comment("respondents"),
        )

    @property
    def problems(self) -> Section:
        """The ranked problems: which are the largest, what has changed, what differs from the rest."""
        return self._ranked("problems")

    @property
    def safety(self) -> Section:
        """Trygghet: every indicator, and all answers to the questions behind them."""
        words, rows = self.words, self.rows("safety")
        answers = self.answers("safety")
        text = [sentences.indicator(row, words) for row in rows.to_dict("records")]
        title = self.parameters.tables.tables["safety"].title
        figures = [charts.ranked(rows, words, title)]
        tables = [report_tables.indicator_table(rows, words, title, notes=self.questions(rows))]
        for scale in dict.fromkeys(self._scales(answers)):
            part = answers[self._scales(answers) == scale]
            caption = f"{title}: alla svar"
            figures.append(charts.diverging(part, words, caption))
            tables.append(report_tables.answers_table(part, words, caption))
        return Section(title, text, figures, tables, comment=self.comment("safety"))

    @property
    def method(self) -> Section:
        """How the survey was made and what its numbers can bear."""
        words = self.words
        text = [
            f"Undersökningen gjordes {swedish.days(*self.wave.fieldwork)} som "
            f"{swedish.listing([MODES[mode] for mode in self.wave.modes])}.",
            words.interval_phrase(),
        ]
        if words.probability and self.published.contrasts["secured"].any():
            text.append(
                "Statistiskt säkerställd betyder att skillnaden är prövad, med hänsyn till att många "
                f"jämförelser görs samtidigt, på {swedish.percent_words(self.significance)}s nivå."
            )
        return Section("Metod", text + self.published.manifest["notes"])

    # -- their parts ----------------------------------------------------------------------------

    def _ranked(self, table: str) -> Section:
        spec = self.parameters.tables.tables[table]
        words = replace(self.words, saying=spec.saying)
        rows = self.rows(table).sort_values("rank", na_position="last").reset_index(drop=True)
        text = sentences.ranking(rows, words)
        figures = [charts.ranked(rows, words, spec.title)]
        tables = [
            report_tables.indicator_table(
                rows, words, spec.title, heading="Problem", notes=self.questions(rows)
            )
        ]
        if self.earlier:
            text += sentences.changes(rows, words)
            caption = f"{spec.title}: {self.earlier.label} och {self.wave.label}"
            figures.append(charts.change(rows, words, caption))
            tables.append(report_tables.change_table(rows, words, caption))
        if "rest_state" in rows:
            text += sentences.gaps(rows, words)
        return Section(spec.title, _once(text), figures, tables, comment=self.comment(table))

    @property
    def profile(self) -> pd.DataFrame:
        """Respondents beside population, variable by variable."""
        rows = self.published.profile
        background = self.parameters.questionnaire.background
        rows = rows[rows["area"] == self.area].reset_index(drop=True)
        return rows.assign(variable_label=rows["variable"].map(lambda v: background[v].label))

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
    def significance(self) -> float:
        return self.parameters.tables.showing.significance

    def missing_parts(self) -> list[str]:
        """What is said of parts of the area that had no survey."""
        missing = [area for area in self.sampled["missing"].split("|") if area]
        if not missing:
            return []
        names = swedish.listing([self.parameters.areas.name(area) for area in missing])
        return [
            f"I resultaten ingår inte {names}, där ingen undersökning gjordes {self.words.wave}."
        ]

    def questions(self, rows: pd.DataFrame) -> list[str]:
        """The ``Fråga:`` and ``Bas:`` lines under a table, each wording and base once; the rows of
        a battery share its stem."""
        questionnaire = self.parameters.questionnaire
        items = dict.fromkeys(questionnaire.indicators[one].item for one in rows["indicator"])
        asked = dict.fromkeys(questionnaire.stem(item, self.wave) for item in items)
        bases = dict.fromkeys(questionnaire.base_label(one) for one in rows["indicator"])
        return [*(f"Fråga: {text}" for text in asked), f"Bas: {swedish.listing(list(bases))}"]

    def _scales(self, answers: pd.DataFrame) -> pd.Series:
        return answers["item"].map(
            lambda item: self.parameters.questionnaire.scale_of(item, self.wave)
        )


def _once(text: list) -> list:
    """Paragraphs without those that already stand above."""
    return [part for place, part in enumerate(text) if part not in text[:place]]


class WaveReport:
    """What a wave stands on: who answered, how answers were cleaned and weighted."""

    def __init__(self, parameters: Parameters, published: Published, wave: Wave) -> None:
        self.parameters = parameters
        self.published = published
        self.wave = wave
        self.whole = Report(parameters, published, wave, parameters.areas.whole, None)

    @property
    def heading(self) -> Heading:
        heading = self.whole.heading
        return Heading(
            f"Underlag: {self.parameters.reports.title} {self.wave.label}", heading.lines
        )

    @property
    def respondents(self) -> Section:
        """Urval, answers and svarsfrekvens, area by area."""
        areas = self.parameters.areas
        level = areas.levels[self.parameters.reports.level]
        rows = self.published.areas
        rows = rows[rows["level"] == self.parameters.reports.level]
        rows = rows.assign(label=rows["area"].map(areas.name))
        asked = rows[rows["sampling"] != ""].reset_index(drop=True)
        caption = f"Urval och svar per {level.singular}"
        section = self.whole.respondents
        table = report_tables.areas_table(
            asked, self.whole.words, caption, heading=level.singular.capitalize()
        )
        return replace(section, tables=[*section.tables, table], comment=None)

    @property
    def cleaning(self) -> Section:
        """Every rule of the cleaning and what it touched, from delivered to analysed rows."""
        log = self.published.cleaning
        caption = "Rensning av svaren, regel för regel"
        first, last = log["left"].iloc[0], log["left"].iloc[-1]
        text = (
            f"Filen innehöll {swedish.number(first)} rader och resultaten bygger på svar från "
            f"{swedish.number(last)} personer."
        )
        table = report_tables.cleaning_table(log, self.whole.words, caption)
        return Section("Rensning", [text], [], [table])

    @property
    def weights(self) -> Section:
        """What the answers are weighted to, and how much the weights vary."""
        words, rows = self.whole.words, self.published.weights
        if not len(rows):
            return Section("Vikter", ["Vikterna fanns i den levererade filen."])
        text = sentences.respondents_profile(self.whole.profile.iloc[:0], words, self.whole.margins)
        rows = rows.assign(label=rows["area"].map(self.parameters.areas.name))
        table = report_tables.weights_table(
            rows, words, "Vikterna i förhållande till sitt medelvärde"
        )
        return Section("Vikter", text, [], [table], self.published.manifest["notes"])
