"""The sections of the page about a wave: who answered, how answers were cleaned and weighted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from survey_lib.presentation import charts, report_tables, sentences, swedish
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.section import Section
from survey_lib.report.area_report import Report
from survey_lib.report.cover import cover
from survey_lib.report.reading import respondents, surveyed
from survey_lib.report.results import Heading, Results
from survey_lib.vocabulary.polygons import Polygons, read_polygons
from survey_lib.vocabulary.tiles import Tile


@dataclass(frozen=True, eq=False)
class WaveReport:
    """What a wave stands on. ``results`` are those of the whole."""

    results: Results

    @property
    def heading(self) -> Heading:
        heading = Report(self.results).heading
        title = f"Underlag: {self.results.parameters.reports.title}"
        return Heading(title, heading.lines, cover(self.results, "Underlag"))

    @property
    def respondents(self) -> Section:
        """Urval, answers and svarsfrekvens, area by area."""
        results, reports = self.results, self.results.parameters.reports
        level = results.parameters.areas.levels[reports.level]
        rows = results.published.areas
        rows = rows[rows["level"] == reports.level]
        rows = rows.assign(label=rows["area"].map(results.parameters.areas.name))
        table = report_tables.areas_table(
            rows[rows["sampling"] != ""].reset_index(drop=True),
            results.words,
            f"Urval och svar per {level.singular}",
            heading=swedish.upper_first(level.singular),
        )
        section = respondents(results)
        above = [*section.figures, *[None] * (len(section.tables) - len(section.figures))]
        return replace(
            section,
            figures=[*above, self._map(rows)],
            tables=[*section.tables, table],
            comment=None,
        )

    def _map(self, rows: pd.DataFrame) -> Figure | None:
        """Svarsfrekvens on the map of the level's areas; None where it is known for none of them,
        or nothing says where they lie."""
        parameters = self.results.parameters
        level = parameters.reports.level
        drawn = parameters.areas.map is not None or set(rows["area"]) <= parameters.tiles.keys()
        if not drawn or not rows["response_rate"].notna().any():
            return None
        shapes: Polygons | dict[str, Tile] = parameters.tiles
        if parameters.areas.map is not None:
            shapes = read_polygons(parameters.folder, parameters.areas, level)
        singular = parameters.areas.levels[level].singular
        return charts.area_map(
            rows.assign(estimate=rows["response_rate"]),
            self.results.words,
            f"Svarsfrekvens per {singular}",
            shapes,
            "Procent av de inbjudna.",
        )

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
            results.profile.iloc[:0], surveyed(results), results.margins
        )
        names, waves = rows["area"].map(results.parameters.areas.name), results.parameters.waves
        if results.wave.pools:
            names += " " + rows["wave"].map(lambda one: waves[one].label)
        limits = rows[["trimmed", "leverage_capped"]].where(rows["margins"] != "")  # else no need
        rows = rows.assign(label=names, **limits)
        caption = "Vikterna i förhållande till sitt medelvärde"
        table = report_tables.weights_table(rows, results.words, caption)
        return Section("Vikter", text, [], [table], results.published.manifest["notes"])
