"""The sections of the page about promises: how it went, and what can be seen next time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from survey_lib.presentation import charts, phrases, swedish
from survey_lib.presentation.beside import compared, rest_sentences, rest_table, with_rest
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.promises import (
    as_changes,
    overview_table,
    promise_sentences,
    promise_table,
)
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Sentence
from survey_lib.presentation.tables import HtmlTable
from survey_lib.report.area_report import Report
from survey_lib.report.cover import cover
from survey_lib.report.method import LIMITS, METHODS
from survey_lib.report.planning import plan
from survey_lib.report.promises import named
from survey_lib.report.results import Heading, Results

TITLE = "Uppföljning"
FOLLOWED = "Löftena och vad undersökningen säger"
VERDICTS = (
    "Varje löfte följs upp med de frågor som handlar om det. Andelen före löftet ställs mot "
    "andelen nu, och förändringen prövas.",
    "Utfallet sägs alltid med samma ord: förändringen går i löftets riktning, den går åt ett annat "
    "håll, eller så går det inte att avgöra om något har förändrats. Det sista betyder inte att "
    "allt är som förut.",
    "En undersökning visar vad människor upplever. Den visar inte vad en förändring beror på.",
)
SHORT = "Löftena i korthet: antal frågor efter utfall"
NONE = "Inget löfte följs upp i undersökningen {nu}."
LATER = "Följs inte upp i den här undersökningen"


@dataclass(frozen=True, eq=False)
class FollowUp:
    """A wave's promises. ``results`` are those of the whole."""

    results: Results

    @property
    def heading(self) -> Heading:
        heading = Report(self.results).heading
        title = f"{TITLE}: {self.results.parameters.reports.title}"
        return Heading(title, heading.lines, cover(self.results, TITLE))

    @property
    def reading(self) -> Section:
        """What the verdicts are, and how they are reached."""
        alpha = self.results.parameters.tables.showing.significance
        rule = METHODS["named"].format(andel=swedish.percent_words(alpha))
        together = f"Frågorna i ett löfte prövas tillsammans: {rule}."
        return Section("Så läser du sidan", [*VERDICTS, together, phrases.fill(
            phrases.KI, niva=self.results.words.level)])  # fmt: skip

    @property
    def promises(self) -> Section:
        """Every promise that the wave follows up, each in a part of its own for each of its areas,
        where its questions are one family."""
        results = self.results
        found = results.promised.groupby(["promise", "area"], sort=False)
        numbers = {name: k for k, name in enumerate(results.promised["promise"].unique(), start=1)}
        titled = [
            rows.reset_index(drop=True).assign(
                title=f"Löfte {numbers[name]}: {rows['place'].iloc[0]}"
            )
            for (name, _), rows in found
        ]
        tables: list[HtmlTable] = []
        said: list[Sentence | list[Sentence]] = [phrases.fill(NONE, nu=results.words.wave)]
        if titled:
            tables = [overview_table(pd.concat(titled), results.words, SHORT)]
            said = [*compared(results.promised, results.words)]
        others = [p for n, p in results.parameters.promises.items() if n not in numbers]
        if others:
            said += [f"{LATER}:", Bullets(swedish.quoted(one.text) for one in others)]
        return Section(FOLLOWED, said, tables=tables, parts=[self._promise(one) for one in titled])

    @property
    def plan(self) -> Section:
        """Before a new promise: the smallest change that can be seen, the answers needed."""
        return plan(self.results)

    @property
    def method(self) -> Section:
        """What the page's numbers can and can't bear."""
        return Section("Metod och begränsningar", [*LIMITS])

    def _promise(self, rows: pd.DataFrame) -> Section:
        """Its words and outcomes, both values in chart and table, and the rest beside them."""
        results, title = self.results, rows["title"].iloc[0]
        words = Results(results.parameters, results.published, rows["area"].iloc[0]).words
        words = replace(words, before=rows["before_label"].iloc[0] or None)
        promise = named(results, results.parameters.promises[rows["promise"].iloc[0]])
        said = promise_sentences(rows, promise, words)
        table = promise_table(rows, words, f"{title}, före och efter")
        chart = (
            charts.change(as_changes(rows), words, f"{title}, förändring") if words.before else None
        )
        return Section(title, said, [chart], [table], parts=[self._rest(rows, words)])

    def _rest(self, rows: pd.DataFrame, words: Words) -> Section:
        """The same changes in the rest of the whole."""
        heading, found = f"I {words.rest} under samma tid", with_rest(rows)
        name = self.results.parameters.areas.name
        ids = dict.fromkeys(part for one in found["rest_areas"] for part in one.split("|"))
        said = rest_sentences(rows, [name(one) for one in ids], words)
        if found.empty:
            return Section(heading, said)
        caption = f"{rows['title'].iloc[0]} och {words.rest}"
        chart = charts.beside(found, words, caption)
        return Section(heading, said, [chart], [rest_table(found, words, caption)])
