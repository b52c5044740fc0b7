"""The sections of the page about a wave: who answered, how answers were cleaned and weighted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from survey_lib.presentation import report_tables, sentences, swedish
from survey_lib.presentation.section import Section
from survey_lib.report.area_report import Report
from survey_lib.report.reading import respondents
from survey_lib.report.results import Heading, Results


@dataclass(frozen=True, eq=False)
class WaveReport:
    """What a wave stands on. ``results`` are those of the whole."""

    results: Results

    @property
    def heading(self) -> Heading:
        heading = Report(self.results).heading
        return Heading(f"Underlag: {self.results.parameters.reports.title}", heading.lines)

    @property
    def respondents(self) -> Section:
        """Urval, answers and svarsfrekvens, area by area."""
        results, reports = self.results, self.results.parameters.reports
        level = results.parameters.areas.levels[reports.level]
        rows = results.published.areas
        rows = rows[(rows["level"] == reports.level) & (rows["sampling"] != "")]
        rows = rows.assign(label=rows["area"].map(results.parameters.areas.name))
        table = report_tables.areas_table(
            rows.reset_index(drop=True),
            results.words,
            f"Urval och svar per {level.singular}",
            heading=swedish.upper_first(level.singular),
        )
        section = respondents(results)
        return replace(section, tables=[*section.tables, table], comment=None)

    @property
    def cleaning(self) -> Section:
        """Every rule of the cleaning and what it touched, from delivered to analysed rows."""
        log = self.results.published.cleaning
        text = (
            f"Filen innehöll {swedish.number(log['left'].iloc[0])} rader och resultaten bygger på "
            f"svar från {swedish.number(log['left'].iloc[-1])} personer."
        )
        caption = "Rensning av svaren, regel för regel"
        table = report_tables.cleaning_table(log, self.results.words, caption)
        return Section("Rensning", [text], [], [table])

    @property
    def weights(self) -> Section:
        """What the answers are weighted to, and how much the weights vary."""
        results = self.results
        rows = results.published.weights
        if not len(rows):
            return Section("Vikter", ["Vikterna fanns i den levererade filen."])
        text = sentences.respondents_profile(
            results.profile.iloc[:0], results.words, results.margins
        )
        names, waves = rows["area"].map(results.parameters.areas.name), results.parameters.waves
        if results.wave.pools:
            names += " " + rows["wave"].map(lambda one: waves[one].label)
        rows = rows.assign(label=names)
        caption = "Vikterna i förhållande till sitt medelvärde"
        table = report_tables.weights_table(rows, results.words, caption)
        return Section("Vikter", text, [], [table], results.published.manifest["notes"])
