"""The sections of an area's report, in the order of the domain guide, 6.1."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from survey_lib.presentation import charts, phrases, ranks, report_tables, sentences, swedish
from survey_lib.presentation.figure import Figure
from survey_lib.presentation.section import Section
from survey_lib.presentation.tables import HtmlTable
from survey_lib.report.results import Heading, Results

MODES = {
    "post": "postenkät",
    "webb": "webbenkät",
    "telefon": "telefonintervju",
    "besok": "besöksintervju",
    "gatuintervju": "intervju på gator och torg",
}


@dataclass(frozen=True, eq=False)
class Report:
    """One area's published results. Every property is a section for ``show``."""

    results: Results

    @property
    def heading(self) -> Heading:
        """The area's name, the survey and who is responsible."""
        results, reports = self.results, self.results.parameters.reports
        lines = [f"{reports.title} {results.wave.label}", reports.publisher]
        return Heading(results.words.area, [phrases.DEMO, *lines] if results.wave.demo else lines)

    @property
    def respondents(self) -> Section:
        """Who answered, and how they resemble the population."""
        results, words, profile = self.results, self.results.words, self.results.profile
        text = sentences.who_answered(results.sampled, words, results.wave.fieldwork)
        if results.missing():
            names = swedish.listing(results.missing())
            text.append(
                f"I resultaten ingår inte {names}, där ingen undersökning gjordes {words.wave}."
            )
            words = replace(words, place=f"de undersökta delarna av {words.place}")
        if not words.probability:
            text.append(
                "Bland de svarande finns personer som inte är slumpmässigt utvalda, och för dem "
                "finns ingen svarsfrekvens."
            )
        text += sentences.respondents_profile(profile, words, results.margins)
        figures: list[Figure] = []
        tables: list[HtmlTable] = []
        if len(profile):
            known = profile["population"].notna().any()
            caption = f"De svarande {'och befolkningen ' if known else ''}i {words.where}"
            figures = [charts.profile(profile, words, caption)] if known else []
            tables = [report_tables.profile_table(profile, words, caption)]
        return Section("Svarande", text, figures, tables, comment=results.comment("respondents"))

    @property
    def problems(self) -> Section:
        """The ranked problems: which are largest, what has changed, what differs from the rest."""
        results = self.results
        spec = results.parameters.tables.tables["problems"]
        words = replace(results.words, saying=spec.saying)
        rows = results.rows("problems").sort_values("rank", na_position="last", ignore_index=True)
        text = [*ranks.ranking(rows, words), *ranks.possible_top(rows, words)]
        figures = [charts.ranked(rows, words, spec.title)]
        tables = [
            report_tables.indicator_table(
                rows, words, spec.title, heading="Problem", notes=results.notes(rows)
            )
        ]
        if results.earlier:
            text += sentences.changes(rows, words)
        if "change_second" in rows and rows["change_second"].notna().any():
            caption = f"{spec.title}: {words.before} och {words.wave}"
            figures.append(charts.change(rows, words, caption))
            notes = results.notes(rows)
            tables.append(
                report_tables.change_table(rows, words, caption, heading="Problem", notes=notes)
            )
        if "rest_state" in rows:
            text += sentences.gaps(rows, words)
        return Section(
            spec.title, _once(text), figures, tables, comment=results.comment("problems")
        )

    @property
    def safety(self) -> Section:
        """Trygghet: every indicator, all answers to the questions behind them, the subareas."""
        results, words = self.results, self.results.words
        title, rows = results.parameters.tables.tables["safety"].title, results.rows("safety")
        first, others = rows.iloc[0], rows.iloc[1:]
        text = [sentences.indicator(first.to_dict(), words), *sentences.findings(others, words)]
        figures = [charts.ranked(rows, words, title)]
        tables = [report_tables.indicator_table(rows, words, title, notes=results.notes(rows))]
        for part in self._scales(results.answers("safety")):
            questions = list(part["row"].drop_duplicates())
            caption = f"{title if len(questions) > 1 else questions[0]}: alla svar"
            figures.append(charts.diverging(part, words, caption))
            tables.append(
                report_tables.answers_table(part, words, caption, notes=results.answer_notes(part))
            )
        subareas = results.subareas(first["indicator"])
        if len(subareas):
            areas = results.parameters.areas
            level = areas.levels[areas.level_of(subareas["area"].iloc[0])]
            caption = f"{first['label']}, per {level.singular}"
            heading = swedish.upper_first(level.singular)
            figures.append(charts.ranked(subareas, words, caption))
            notes = results.notes(rows.head(1))
            tables.append(
                report_tables.indicator_table(
                    subareas, words, caption, heading=heading, notes=notes
                )
            )
        return Section(title, _once(text), figures, tables, comment=results.comment("safety"))

    @property
    def method(self) -> Section:
        """How the survey was made, what its numbers can bear, and whom to ask about it."""
        results, words = self.results, self.results.words
        modes = swedish.listing(MODES[mode] for mode in results.sampled["modes"].split("|"))
        text = [
            f"Undersökningen gjordes {swedish.days(*results.wave.fieldwork)} som {modes}.",
            words.interval_phrase(),
        ]
        if results.wave.weighting.delivered:
            text.append("Resultaten är viktade med de vikter som följde med undersökningens fil.")
        text += _differing(results)
        if results.rest() and words.probability:
            names = swedish.listing(results.rest())
            text.append(f"{swedish.upper_first(words.rest)} är här {names}.")
        if words.probability:
            share = swedish.percent_words(results.parameters.tables.showing.significance)
            text.append(
                "Statistiskt säkerställd betyder att skillnaden är prövad, med hänsyn till att "
                "många jämförelser görs samtidigt. Av de skillnader i en tabell som kallas "
                f"säkerställda är i genomsnitt högst {share} felaktiga."
            )
        text += results.published.manifest["notes"]
        if contact := results.parameters.reports.for_area(results.area).contact:
            ways = [way for way in (contact.email, contact.phone) if way]
            text.append(f"Kontakt: {', '.join([contact.name, *ways])}.")
        return Section("Metod", text)

    def _scales(self, answers: pd.DataFrame) -> list[pd.DataFrame]:
        """Answers by scale, since only answers to one scale share a picture."""
        results = self.results
        scale = answers["item"].map(
            lambda item: results.parameters.questionnaire.scale_of(item, results.wave)
        )
        return [part for _, part in answers.groupby(scale, sort=False)]


def _differing(results: Results) -> list[str]:
    """What makes a change since the earlier wave less certain than its test: mode and season."""
    now, before = results.wave, results.earlier
    if before is None:
        return []
    said = []
    if set(results.sampled["modes"].split("|")) != set(before.modes):
        said.append(
            f"Svaren samlades inte in på samma sätt {before.label} som {now.label}. Det kan "
            "påverka jämförelsen."
        )
    if now.season != before.season:
        said.append(
            f"Undersökningen gjordes {before.season} {before.label} och {now.season} {now.label}. "
            "Årstiden kan påverka svaren."
        )
    return said


@dataclass(frozen=True, eq=False)
class NoReport:
    """What stands in the place of a :class:`Report` where a wave asked nobody: why, and no more."""

    results: Results

    @property
    def heading(self) -> Heading:
        return Report(self.results).heading

    @property
    def respondents(self) -> Section:
        """The fixed words of guide 6.4."""
        words = self.results.words
        said = phrases.fill(phrases.INGEN, platsen=words.place, ar=words.wave)
        return Section("Svarande", [said])

    @property
    def problems(self) -> Section:
        return Section("Problem")

    safety = method = problems


def _once(text: list) -> list:
    """Paragraphs without those that already stand above."""
    return [part for place, part in enumerate(text) if part not in text[:place]]
