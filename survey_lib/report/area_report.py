"""The sections of an area's report, in the order of the domain guide, 6.1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from survey_lib.presentation import phrases
from survey_lib.presentation.external import CAPTION, external_sentences, external_table
from survey_lib.presentation.section import Section
from survey_lib.report.cover import cover
from survey_lib.report.joint import TITLE as JOINT
from survey_lib.report.joint import joint, joint_links, picture_link
from survey_lib.report.method import method
from survey_lib.report.places import places
from survey_lib.report.promises import promises
from survey_lib.report.reading import reading
from survey_lib.report.results import Heading, Results
from survey_lib.report.rolling import watched
from survey_lib.report.summary import summary
from survey_lib.report.themes import theme


@dataclass(frozen=True, eq=False)
class Report:
    """One area's published results. Every property is a section for ``show``."""

    results: Results

    @property
    def heading(self) -> Heading:
        """The area's name, the survey and who is responsible."""
        results, reports = self.results, self.results.parameters.reports
        lines = [f"{reports.title} {results.wave.label}", reports.publisher]
        lines = [phrases.DEMO, *lines] if results.wave.demo else lines
        return Heading(results.words.area, lines, cover(results, results.words.area))

    @property
    def summary(self) -> Section:
        """One page: the largest problems, trygghet, what has changed, for whom, what helps."""
        return summary(self.results)

    @property
    def reading(self) -> Section:
        """Who answered, and how intervals, ranks and marks are read."""
        return reading(self.results)

    @property
    def problems(self) -> Section:
        """The ranked problems, those that some call a problem, the most important ones."""
        return theme(self.results, "problems", "Problem i området")

    @property
    def safety(self) -> Section:
        return theme(self.results, "safety", "Trygghet")

    @property
    def places(self) -> Section:
        """Which places residents name, when and why."""
        return places(self.results)

    @property
    def worry(self) -> Section:
        return theme(self.results, "worry", "Oro och hur den påverkar vardagen")

    @property
    def exposure(self) -> Section:
        """What residents say they have been exposed to: persons, not crimes."""
        return theme(self.results, "exposure", "Utsatthet för brott")

    @property
    def trust(self) -> Section:
        return theme(self.results, "trust", "Förtroende")

    @property
    def cohesion(self) -> Section:
        return theme(self.results, "cohesion", "Tillit mellan grannar")

    @property
    def positives(self) -> Section:
        """What makes the area safe, and what residents want done."""
        return theme(self.results, "positives", "Det som gör området tryggt, och önskade åtgärder")

    @property
    def promises(self) -> Section:
        """What has become of promises and goals."""
        return promises(self.results)

    @property
    def joint(self) -> Section:
        """The table to lay beside the other parties' pictures."""
        return joint(self.results)

    @property
    def method(self) -> Section:
        """How the survey was made, what was tested, what was asked."""
        return method(self.results)

    def watched(
        self, indicators: Sequence[str], window: int = 12, year: int = 12, rate: float = 0.05
    ) -> Section:
        """A pulse's indicators in rolling windows (:func:`survey_lib.report.rolling.watched`)."""
        return watched(self.results, indicators, window, year, rate)

    @property
    def rolling(self) -> Section:
        """What ``reports.yaml`` says is watched of a pulse, of what three surveys have."""
        spec = self.results.parameters.reports.watch
        known = set(self.results.over_time(spec.indicators)["indicator"]) if spec else set()
        if spec is None or not known:
            return Section("")
        chosen = [one for one in spec.indicators if one in known]
        return self.watched(chosen, spec.window, spec.year, spec.rate)


@dataclass(frozen=True, eq=False)
class NoReport:
    """What stands in a :class:`Report`'s place where a wave asked nobody: that it asked nobody,
    and what other sources say."""

    results: Results

    @property
    def heading(self) -> Heading:
        return Report(self.results).heading

    @property
    def summary(self) -> Section:
        """The fixed words of guide 6.4."""
        words = self.results.words
        said = phrases.no_survey(words.place, words.wave, words.pooled)
        return replace(self.external, title="Sammanfattning", sentences=[said])

    @property
    def external(self) -> Section:
        """Figures of other sources about the area, as ``external.csv`` has them."""
        rows = self.results.external
        if rows.empty:
            return Section(CAPTION)
        said = external_sentences(rows, self.results.words)
        table = external_table(rows, self.results.words)
        return Section(CAPTION, parts=[Section(CAPTION, said, tables=[table])])

    @property
    def files(self) -> Section:
        """The joint table's files, which lie beside the page, and the page of the joint picture."""
        links = joint_links(self.results)
        return Section(JOINT, files=[picture_link(self.results), *links] if links else [])

    @property
    def problems(self) -> Section:
        return Section("Problem i området")

    reading = safety = places = worry = exposure = trust = cohesion = problems
    positives = rolling = promises = joint = method = problems
