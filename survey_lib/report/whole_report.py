"""The sections of the page about the whole: what its areas share, where they differ, its goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from survey_lib.export.beside import WAVE_PAGE, page_stem
from survey_lib.presentation import across as told
from survey_lib.presentation import charts, phrases, ranks, sentences, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Sentence
from survey_lib.presentation.timeline import timeline_table
from survey_lib.report import across, notes
from survey_lib.report.area_report import Report
from survey_lib.report.cover import cover
from survey_lib.report.goals import goals
from survey_lib.report.method import LIMITS
from survey_lib.report.reading import modes, surveyed
from survey_lib.report.results import PROBLEMS, Heading, Results
from survey_lib.report.whole_change import whole_change

MOST_AREAS = 20  # more of them are read in a table only
TOP = 3  # the largest problems, where few are shown
TOLD = 5
LEADING = ("safety", "worry", "trust")  # sections whose leading indicators are shown
LOCAL = "Gemensamma och lokala problem"
OPENING = (
    "Ett problem är gemensamt när det hör till de största i många av områdena, och lokalt när det "
    "är vanligare i några av dem än i resten. Ett problem kan vara båda delarna."
)
CROSSWALK = (
    "Alla värden kommer från samma svar. Varje svarande hör till ett område på den lägsta nivån, "
    "och de större områdena läggs samman av de mindre. Därför går det att följa upp på båda "
    "nivåerna, också när organisationen har ändrats mellan två undersökningar."
)
COVERAGE = (
    "Värdena för {hela} gäller de delar som undersöktes. Delar utan undersökning är varken med i "
    "andelarna eller i befolkningen som svaren är viktade till."
)

MODELLED = (
    "Alla andelar på sidan är direkta skattningar. Modellskattningar görs bara för {sma}, där få "
    "har svarat. De står i egna tabeller i rapporten om varje {omrade}, prövas aldrig och läggs "
    "inte bredvid större områdens andelar."
)


@dataclass(frozen=True, eq=False)
class WholeReport:
    """The whole and its areas in one wave. ``results`` are those of the whole."""

    results: Results

    @property
    def heading(self) -> Heading:
        title = f"Hela {self._level(self.results.area)}"
        heading = Report(self.results).heading
        return Heading(title, heading.lines, cover(self.results, title))

    @property
    def summary(self) -> Section:
        """The largest problems of the whole, what its areas share, where they differ."""
        words, rows = self._words, self._rows
        if rows.empty:
            return Section("Sammanfattning", [self._coverage()])
        said: list[Sentence | list[Sentence]] = [self._coverage(), *told.untested(rows)]
        said += ranks.ranking(self._whole, words, TOLD)
        said += told.everywhere(rows, self._places)
        said += told.differing(self._tests, self._places)
        return Section("Sammanfattning", said)

    @property
    def problems(self) -> Section:
        """Which problems the areas share and which are local, with the test of each."""
        rows, results = self._rows, self.results
        if rows.empty:
            return Section(LOCAL)
        words, places = self._words, self._places
        under = notes.notes(results, self._whole)
        said = [
            OPENING,
            *told.differing(self._tests, places),
            *told.everywhere(rows, places),
        ]
        table = told.common_table(
            self._whole, rows, self._tests, words, places, f"{LOCAL}, {words.wave}", notes=under
        )
        whole = whole_change(
            results,
            [
                ("Problemen", list(self._whole["indicator"])),
                ("Trygghet, vardag och förtroende", self._lead),
            ],
        )
        return Section(LOCAL, said, tables=[table], parts=[self._changes(rows, places), whole])

    def _changes(self, rows: pd.DataFrame, places: told.Places) -> Section:
        """Where the problems have changed säkerställt; nothing without an earlier wave."""
        words = self.results.words
        if words.before is None or "change_state" not in rows:
            return Section("")
        caption = f"Förändringar sedan {words.before}, per {places.singular}"
        table = told.changes_table(rows, words, places, caption)
        return Section(f"Vad som har förändrats sedan {words.before}", tables=[table])

    @property
    def areas(self) -> Section:
        """Every problem in every area, with intervals."""
        rows, places = self._rows, self._places
        title = f"Problemen i {places.definite_plural}"
        if rows.empty:
            return Section(title)
        words = replace(self.results.words, probability=True)  # each area has its own mark
        caption = f"{title}, {words.wave}"
        few = rows["area"].nunique() <= MOST_AREAS
        figure = charts.across(rows, self._whole, words, caption, places.plural) if few else None
        under = notes.notes(self.results, self._whole)
        table = told.matrix_table(rows, words, places, caption, notes=under)
        said = [
            f"{swedish.upper_first(places.definite_plural)} står i bokstavsordning och problemen "
            f"efter sin andel i {self._words.where}.",
            *told.untested(rows),
        ]
        return Section(title, said, [figure], [table])

    @property
    def goals(self) -> Section:
        """What the survey can and can't say of the common goals."""
        return goals(self.results, self._areas, self._places)

    @property
    def levels(self) -> Section:
        """The leading indicators and the largest problems on two levels, from the same answers."""
        results, found = self.results, across.tree(self.results)
        if not found or self._whole.empty:
            return Section("Två nivåer")
        level = across.levels_inside(results)[0]
        outer = across.places(results, level)
        title = f"{swedish.upper_first(outer.plural)} och {self._places.plural}"
        names, largest = self._lead, self._largest(TOP)
        under = [*found_areas(found)]
        rows = across.across(results, [*names, *largest], under)
        around = {area: one for one, parts in found for area in (one, *parts)}
        parameters = results.parameters
        rows["around"] = rows["area"].map(around).map(parameters.areas.name)
        rows["around"] = swedish.upper_first(outer.definite) + " " + rows["around"]
        said: list[Sentence | list[Sentence]] = [CROSSWALK, *told.untested(rows)]
        kvot, whole = told.untested_note(rows), f"Hela {outer.definite}"
        rows["place"] = rows["place"].where(~rows["area"].isin([one for one, _ in found]), whole)
        words = replace(results.words, probability=True)
        tables = []
        for chosen, name in (
            (largest, "Största problemen"),
            (names, "Trygghet, vardag och förtroende"),
        ):
            part = rows[rows["indicator"].isin(chosen)]
            if len(part):
                caption = f"{name} på två nivåer, {words.wave}"
                lines = [*notes.notes(results, part.drop_duplicates("indicator")), *kvot]
                tables.append(told.levels_table(part, words, caption, notes=lines))
        said += told.differing(across.tests(results, level), outer)
        problems = across.across(results, list(self._whole["indicator"]), [a for a, _ in found])
        parts = [self._changes(problems, outer), self._outer_over_time(found)]
        return Section(title, said, tables=tables, parts=parts)

    def _outer_over_time(self, found: list[tuple[str, list[str]]]) -> Section:
        """The leading indicators of the larger areas in all waves, a chart for each."""
        figures, tables = [], []
        for indicator in [*self._largest(1), *self._lead[:1]]:
            frames = []
            for area, _ in found:
                one = replace(self.results, area=area)
                rows = one.over_time([indicator])
                frames.append(rows.assign(indicator=area, label=self._name(area)))
            rows = pd.concat(frames, ignore_index=True)
            if rows.empty:
                continue
            words = replace(self.results.words, probability=True)
            caption = f"{self._label(indicator)}: alla undersökningar"
            asked = pd.DataFrame({"indicator": [indicator], "label": self._label(indicator)})
            under = notes.notes(self.results, asked)
            figures.append(charts.timeline(rows, words, caption))
            tables.append(timeline_table(rows, words, caption, notes=under))
        return Section("Utveckling över tid på den övre nivån", figures=figures, tables=tables)

    @property
    def over_time(self) -> Section:
        """The whole in all waves, broken where two of them can't be compared, and who was asked in
        each."""
        results, words, title = self.results, self._words, "Utveckling över tid"
        figures, tables, every = [], [], []
        for names, what in (
            (self._largest(TOLD), "största problemen"),
            (self._lead, "trygghet, vardag och förtroende"),
        ):
            rows = results.over_time(names)
            if rows.empty:
                continue
            caption = f"{swedish.upper_first(words.where)}, {what}: alla undersökningar"
            under = notes.notes(results, rows.drop_duplicates("indicator"))
            figures.append(charts.timeline(rows, words, caption))
            tables.append(timeline_table(rows, words, caption, notes=under))
            every.append(rows)
        said = [
            self._coverage(),
            *(self._breaks(pd.concat(every, ignore_index=True)) if every else []),
        ]
        return Section(title, said, [*figures, None], [*tables, self._asked()])

    def _asked(self) -> told.HtmlTable:
        waves = list(dict.fromkeys(self.results.published.trend["wave"]))
        waves = sorted(waves, key=lambda name: self.results.parameters.waves[name].fieldwork)
        waves = waves or [self.results.wave.id]
        frame = across.asked_by_wave(self.results, waves)
        labels = [self.results.parameters.waves[name].label for name in waves]
        caption = f"{swedish.upper_first(self._places.plural)} i varje undersökning"
        return told.asked_table(frame, labels, self.results.words, self._places, caption)

    def _breaks(self, rows: pd.DataFrame) -> list[Sentence | list[Sentence]]:
        """Why the lines are broken, wave by wave, each reason once."""
        said: list[Sentence] = []
        before = rows.groupby("indicator")["wave_label"].shift()
        place = self.results.words.where
        for label, earlier, state in dict.fromkeys(
            zip(rows["wave_label"], before, rows["state"], strict=True)
        ):
            if state == "coverage":
                text = phrases.fill(phrases.OMFATTNING, platsen=place, ar=earlier)
                said.append(sentences.Point(str(label), text))
            elif state == "sampling":
                text = f"De svarande är inte utvalda på samma sätt som {earlier}. {phrases.KVOT}"
                said.append(sentences.Point(str(label), text))
        changed = rows[rows["state"] == "wording"]
        for label, part in changed.groupby("label", sort=False):
            years = swedish.listing(before[part.index])
            said.append(sentences.Point(str(label), phrases.fill(phrases.JMF_EJ, ar=years)))
        return [Bullets(said)] if said else []

    @property
    def method(self) -> Section:
        """What was tested, and where the rest of the method stands."""
        results, places = self.results, self._places
        showing = results.parameters.tables.showing
        share = swedish.percent_words(showing.significance)
        text: list[Sentence | list[Sentence]] = [
            f"Undersökningen gjordes {results.days} som {modes(results)}.",
            f"Om andelen skiljer sig mellan {places.definite_plural} prövas problem för problem "
            "med Rao och Scotts test, som tar hänsyn till urval och vikter. Problemen prövas "
            f"tillsammans: av de skillnader som kallas säkerställda är i genomsnitt högst {share} "
            "felaktiga (Benjamini–Hochbergs metod). Bara områden med slumpmässigt urval är med.",
            f"Skillnader mellan en {places.singular} och {results.words.rest}, och förändringar "
            f"sedan en tidigare undersökning, är desamma som i rapporten om varje "
            f"{places.singular}.",
            *self._modelled(),
            *LIMITS,
        ]
        page = f"{page_stem(WAVE_PAGE, results.wave.demo)}.html"
        link = "Underlag: hur svaren har rensats och vägts"
        return Section("Metod och begränsningar", text, files=[(page, link)])

    def _modelled(self) -> list[str]:
        """Where modelled values stand, which are for areas with few answers only."""
        spec = self.results.parameters.tables.modelled
        if spec is None:
            return []
        small = self.results.parameters.areas.levels[spec.level].plural
        around = self.results.parameters.areas.levels[spec.within].singular
        return [phrases.fill(MODELLED, sma=small, omrade=around)]

    # -- what the sections stand on ----------------------------------------------------------------

    def _level(self, area: str) -> str:
        areas = self.results.parameters.areas
        return areas.levels[areas.level_of(area)].definite

    def _name(self, area: str) -> str:
        return self.results.parameters.areas.name(area)

    def _label(self, indicator: str) -> str:
        return self.results.parameters.questionnaire.indicators[indicator].rule.label

    @cached_property
    def _areas(self) -> list[str]:
        parameters = self.results.parameters
        return parameters.areas.of_level(parameters.reports.level)

    @cached_property
    def _places(self) -> told.Places:
        return across.places(self.results, self.results.parameters.reports.level)

    @cached_property
    def _words(self) -> Words:
        """The whole's words; where not all of it was asked, they say so."""
        return surveyed(self.results)

    @cached_property
    def _whole(self) -> pd.DataFrame:
        """The ranked problems of the whole, the largest first."""
        if PROBLEMS not in self.results.parameters.tables.tables:
            return pd.DataFrame()
        rows = self.results.rows(PROBLEMS)
        return rows.sort_values("rank", na_position="last", ignore_index=True)

    @cached_property
    def _rows(self) -> pd.DataFrame:
        """The problems in every area of the report level, in the order of the whole's."""
        if self._whole.empty or len(self._areas) < 2:
            return pd.DataFrame()
        return across.across(self.results, list(self._whole["indicator"]), self._areas)

    @cached_property
    def _tests(self) -> pd.DataFrame:
        return across.tests(self.results, self.results.parameters.reports.level)

    def _largest(self, count: int) -> list[str]:
        return [] if self._whole.empty else list(self._whole["indicator"].head(count))

    @cached_property
    def _lead(self) -> list[str]:
        """The leading indicators of what the whole is followed by over time."""
        tables, rows = self.results.parameters.tables.tables, self.results.published.indicators
        known = set(rows.loc[rows["area"] == self.results.area, "indicator"])
        return [
            one
            for section in LEADING
            for name in self.results.tables_of(section)
            for one in tables[name].lead
            if one in known
        ]

    def _coverage(self) -> str:
        """Which parts of the whole the values are about."""
        results, places = self.results, self._places
        missing = results.missing()
        if not missing:
            return f"Undersökningen {results.words.wave} gjordes i alla {places.plural}."
        text = phrases.fill(COVERAGE, hela=results.words.where)
        return f"I resultaten ingår inte {swedish.listing(missing)}. {text}"


def found_areas(found: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Each larger area followed by those inside it."""
    return [area for one, parts in found for area in (one, *parts)]
