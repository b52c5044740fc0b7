"""The road from a delivered file to a report, one step at a time, each telling what it did.

``read_wave(...).clean().weight().estimate().publish().report(area)``: the same functions as
``trygg reports`` uses, in the same order. Of what lies before the door only counts of rules and
rows are shown, never a respondent's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from survey_lib.answers import Answers, check_completeness, clean, read_answers
from survey_lib.disclosure import HIDDEN, Rounding, marks, protect_log
from survey_lib.faults import BadInput, Fault
from survey_lib.files import find_or_beside
from survey_lib.perception.estimates import Estimates, estimate_wave
from survey_lib.presentation import report_tables, swedish, tables
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.tables import HtmlTable
from survey_lib.publish import Published
from survey_lib.report.preparing import prepare
from survey_lib.selection import ASKED, select
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.weighting import weight
from survey_lib.workbench.material import marked
from survey_lib.workbench.microdata import Microdata, opened

if TYPE_CHECKING:
    from survey_lib.report.area_report import NoReport, Report


def read_wave(
    wave: str, parameters: str | Path = "parameters", reports: str | Path = "reports"
) -> Delivered:
    """The first step: the delivered file of a wave, found, opened and coded. Takes and raises what
    :func:`open_microdata` does, but no wave that pools others.
    """
    loaded, chosen = opened(wave, parameters)
    if chosen.pools:
        action = f"name one of {', '.join(chosen.pools)}, or use open_microdata"
        raise BadInput(
            Fault(ASKED, "wave", f"{wave}, which pools others", "one with a file", action)
        )
    return Delivered(
        loaded, chosen, find_or_beside(reports, loaded.folder), read_answers(loaded, chosen.id)
    )


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One step of the road. Displays itself in a notebook, and never a respondent's row."""

    parameters: Parameters
    wave: Wave
    reports: Path

    @property
    def section(self) -> Section:
        raise NotImplementedError

    @property
    def words(self) -> Words:
        return Words.of(self.parameters, self.parameters.areas.whole, self.wave, probability=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.wave.id}>"

    def _repr_html_(self) -> str:
        return marked(self.section)._repr_html_()

    def _cleaning(self, log: pd.DataFrame, caption: str) -> HtmlTable:
        showing = self.parameters.tables.showing
        rows = Rounding.of(showing).frame(protect_log(log, showing))
        return report_tables.cleaning_table(rows, self.words, caption)


@dataclass(frozen=True, eq=False, repr=False)
class Delivered(Step):
    """The coded answers before cleaning."""

    answers: Answers

    def clean(self) -> Cleaned:
        """The next step: the rules of cleaning, each counted."""
        cleaned = clean(self.answers, self.parameters)
        check_completeness(self.answers, cleaned, self.parameters)
        return Cleaned(self.parameters, self.wave, self.reports, cleaned)

    @property
    def section(self) -> Section:
        """How many rows and questions the file has, theme by theme."""
        questionnaire, frame = self.parameters.questionnaire, self.answers.frame
        found = {
            theme.title: sum(
                bool(frame.columns.intersection(questionnaire.columns(name)).size)
                for name, item in questionnaire.items.items()
                if item.theme == key
            )
            for key, theme in questionnaire.themes.items()
        }
        found["Bakgrund"] = sum(name in frame for name in questionnaire.background)
        rows = pd.DataFrame({"theme": list(found), "asked": list(found.values())})
        columns = [tables.text("Ämne", "theme"), tables.count("Frågor som har hittats", "asked")]
        caption = f"Frågor i den levererade filen, {self.wave.label}"
        text = (
            f"Filen {swedish.quoted(self.wave.file.path.rsplit('/', 1)[-1])} innehåller "
            f"{swedish.number(len(frame))} rader med svar."
        )
        return _counted("Läsa", text, rows, columns, caption, self.words)


@dataclass(frozen=True, eq=False, repr=False)
class Cleaned(Step):
    """The cleaned answers."""

    answers: Answers

    def weight(self) -> Microdata:
        """The next step: weights, by the wave's recipe."""
        return Microdata(self.parameters, weight(self.answers, self.parameters), self.reports)

    @property
    def section(self) -> Section:
        """What each rule touched."""
        table = self._cleaning(self.answers.log, "Rensning av svaren, regel för regel")
        number = swedish.number(len(self.answers.frame))
        text = f"Efter rensningen är svar från {number} personer kvar."
        return Section("Rensa", [text], [], [table])


@dataclass(frozen=True, eq=False, repr=False)
class Estimated(Step):
    """Every share that the wave's tables declare, before the door: counted, not shown."""

    estimates: Estimates

    def publish(self, compare_with: str | None = None) -> Door:
        """The next step: the one door between respondents and readers, opened once per wave; what
        is published already stays as it is.

        Parameters
        ----------
        compare_with : id of an earlier wave, "" for none; None for that of ``reports.yaml``.
        """
        chosen = select(self.parameters, wave=self.wave.id, compare_with=compare_with)
        published = prepare(self.parameters, chosen.wave, chosen.compare_with, self.reports)
        return Door(self.parameters, self.wave, self.reports, self.hidden, published)

    @property
    def hidden(self) -> pd.Series:
        """How many shares the primary rules hide, by table."""
        rows, questionnaire = self.estimates.indicators, self.parameters.questionnaire
        sensitive = rows["indicator"].map(
            {name: one.sensitive for name, one in questionnaire.indicators.items()}
        )
        mark = marks(rows["n"], rows["count"], sensitive, self.parameters.tables.showing)
        return pd.Series(mark == HIDDEN).groupby(rows["table"].to_numpy(), sort=False).sum()

    @property
    def section(self) -> Section:
        """How many shares there are, and how many of them may not be shown."""
        rows = self.estimates.indicators
        counts = _by_table(rows, self.parameters).assign(hidden=self.hidden.to_numpy())
        columns = [
            tables.text("Tabell", "title"),
            tables.count("Andelar", "shares"),
            tables.count("Döljs av grundreglerna", "hidden"),
        ]
        text = (
            f"För alla områden och grupper har {swedish.number(len(rows))} andelar skattats, med "
            "osäkerhet. De visas inte här, eftersom ingen har prövat dem mot reglerna än."
        )
        caption = f"Skattade andelar, {self.wave.label}"
        return _counted("Skatta", text, counts, columns, caption, self.words)


@dataclass(frozen=True, eq=False, repr=False)
class Door(Step):
    """What has left the door. ``primary``: how many shares the primary rules hide, by table."""

    primary: pd.Series
    published: Published

    def report(self, area: str) -> Report | NoReport:
        """The last step: an area's published results, as :func:`survey_lib.open_report` opens
        them; show its sections with ``show``."""
        from survey_lib.report.opening import open_report

        compared = self.published.manifest["compare_with"] or ""
        folders = self.parameters.folder, self.reports
        return open_report(self.wave.id, area, compared, *folders)

    @property
    def section(self) -> Section:
        """How many shares are published, and how many are hidden, by which rules."""
        rows = self.published.indicators
        counts = _by_table(rows, self.parameters)
        hidden = rows["mark"].eq(HIDDEN).groupby(rows["table"], sort=False).sum().to_numpy()
        first = self.primary.to_numpy()
        counts = counts.assign(first=first, others=hidden - first, left=counts["shares"] - hidden)
        columns = [
            tables.text("Tabell", "title"),
            tables.count("Andelar", "shares"),
            tables.count("Döljs av grundreglerna", "first"),
            tables.count("Döljs för att skydda dessa", "others"),
            tables.count("Publiceras", "left"),
        ]
        text = (
            f"{swedish.number(counts['left'].sum())} andelar publiceras. Några fler än "
            "grundreglerna kräver är dolda, så att inget dolt värde kan räknas ut av de andra."
        )
        return _counted(
            "Publicera",
            text,
            counts,
            columns,
            f"Publicerade andelar, {self.wave.label}",
            self.words,
        )


def estimated(microdata: Microdata) -> Estimated:
    """The step after weighting."""
    survey, parameters = microdata.survey, microdata.parameters
    estimates = estimate_wave(survey, parameters)
    return Estimated(parameters, survey.wave, microdata.reports, estimates)


def _by_table(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Number of shares by declared table, ``title, shares``, in the order of the rows."""
    counts = rows.groupby("table", sort=False).size()
    titles = [parameters.tables.tables[name].title for name in counts.index]
    return pd.DataFrame({"title": titles, "shares": counts.to_numpy()})


def _counted(
    title: str,
    text: str,
    rows: pd.DataFrame,
    columns: Sequence[tables.Column],
    caption: str,
    words: Words,
) -> Section:
    return Section(title, [text], [], [HtmlTable.of(rows, columns, caption, words)])
