"""The page of the joint picture: residents beside the other parties, and paper for the meeting.

The residents' table is that of the area's report (domain guide, 1.4); the other parties' are the
files that they have filled in (:mod:`survey_lib.vocabulary.partners`). They stand side by side and
are never put together to one number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from survey_lib.export.beside import (
    document_name,
    page_name,
    page_stem,
    template_name,
    walk_name,
)
from survey_lib.export.document import document
from survey_lib.export.partner_template import partner_template
from survey_lib.presentation import phrases, swedish
from survey_lib.presentation.agreement import Given, party_told, pictures_table, pictures_told
from survey_lib.presentation.external import external_sources
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.walk import HOW, about_table, walk_table
from survey_lib.presentation.working_sheet import working_sheet
from survey_lib.report.cover import cover
from survey_lib.report.results import PROBLEMS, Heading, Results
from survey_lib.vocabulary.partners import COMMENT_LENGTH, FOLDER, PRIORITIES, PartnerPicture

TITLE = "Gemensam problembild"
WALK = "Trygghetsvandring"
FILL_IN = (
    "Parterna bedömer allvar och påverkbarhet tillsammans, och skriver vad som kan ligga bakom och "
    "vad som ska göras. Undersökningen säger inget om det."
)
NO_FIGURES = "– = uppgift saknas"
NO_PARTIES = "Inga andra parter har lämnat någon bild av {platsen}. Här finns underlag för mötet."
TEMPLATE = [
    "Öppna mallen i Excel. Den har en rad per problem, i frågeformulärets ordning.",
    "Skriv i kolumnen prioritet 1 för det största problemet, 2 för det näst största och så vidare "
    "utan luckor, så långt ni vill. Eller skriv {prioriteter}. Lämna tomt för problem som ni inte "
    "lyfter fram.",
    "Skriv om ni vill några ord i kolumnen kommentar, högst {tecken} tecken. De visas som de står. "
    "Skriv inget som pekar ut en person eller som omfattas av sekretess.",
    "Spara som CSV UTF-8 under samma namn. Filen läggs i mappen {mapp} bland parametrarna, och "
    "sidan görs om.",
]


@dataclass(frozen=True, eq=False)
class JointPicture:
    """One area's pictures side by side. Every property is a section for ``show``."""

    results: Results

    @property
    def heading(self) -> Heading:
        results, reports = self.results, self.results.parameters.reports
        lines = [f"{reports.title} {results.wave.label}", reports.publisher]
        lines = [phrases.DEMO, *lines] if results.wave.demo else lines
        title = f"{TITLE}: {results.words.area}"
        return Heading(title, lines, cover(results, title))

    @cached_property
    def partners(self) -> dict[str, PartnerPicture]:
        """What each party has handed in about this area and wave, by the party's name."""
        names = self.results.parameters.reports.parties
        mine = (self.results.wave.id, self.results.area)
        return {
            names[one.party]: one
            for one in self.results.parameters.partners
            if (one.wave, one.area) == mine
        }

    @property
    def pictures(self) -> dict[str, Given | None]:
        """Each party's priorities by its name, in the order of ``reports.yaml``; None for a party
        that has given none."""
        names = self.results.parameters.reports.parties.values()
        given = {name: one.priorities for name, one in self.partners.items()}
        return {name: given.get(name) or None for name in names}

    @property
    def agreement(self) -> Section:
        """Where the pictures can be united and where not, with links to what is to write in."""
        results, known = self.results, self._known
        title = "Var bilderna möts och var de skiljer sig"
        if PROBLEMS not in results.parameters.tables.tables:
            return Section("")
        words = results.words
        said = pictures_told(results.joint, known, words)
        if not self.pictures:
            said.append(phrases.fill(NO_PARTIES, platsen=words.where))
        if not results.asked:
            said.insert(0, phrases.no_survey(words.place, words.wave, words.pooled))
        if missing := [name for name, given in self.pictures.items() if given is None]:
            said.append(
                f"{swedish.listing(missing)} har inte lämnat någon bild av {words.where}. "
                "I arbetsbladet står tomma kolumner."
            )
        told = [party_told(results.joint, name, given, words) for name, given in known.items()]
        return Section(title, said, parts=told, files=self._links)

    @property
    def side_by_side(self) -> Section:
        """The table of all pictures, the parties' comments, and templates for theirs."""
        results, words = self.results, self._words
        title = "Parternas bilder"
        if PROBLEMS not in results.parameters.tables.tables:
            return Section("")
        caption = f"Problemen i {words.where}, i varje parts bild"
        table = self._sourced(pictures_table(results.joint, self._known, words, caption))
        return Section(
            title,
            tables=[table] if self._known else [],
            parts=[Section("Parternas kommentarer", self._comments), self._template],
        )

    @property
    def worksheet(self) -> Section:
        """The sheet of paper for the meeting."""
        results, words = self.results, self._words
        if PROBLEMS not in results.parameters.tables.tables:
            return Section("")
        caption = f"Problemen i {words.where}: arbetsblad"
        compared = results.rows(PROBLEMS) if results.asked else results.joint.head(0)
        table = working_sheet(results.joint, compared, self.pictures, words, caption)
        sheet = self._sourced(table)
        return Section("Arbetsblad för mötet", [FILL_IN], tables=[sheet], paper="landscape")

    @property
    def walk(self) -> Section:
        """A checklist of the places that residents name; nothing where none may be shown."""
        results, words = self.results, self.results.words
        places, answers = results.places
        if places.empty:
            return Section("")
        caption = f"Platser som svarande i {words.where} nämner: checklista"
        table = walk_table(places, answers, words, caption)
        if not table.rows:
            return Section("")
        about = about_table(words, "Om vandringen")
        return Section(WALK, [HOW], tables=[about, table], paper="portrait")

    @property
    def _links(self) -> list[tuple[str, str]]:
        """The area's own report, and the sheet and the checklist to write in."""
        stem = self._stem
        links = [(page_name(stem), f"Rapporten om {self.results.words.where}")]
        if self.worksheet:
            links.append((document_name(stem), "Arbetsbladet som Word-dokument"))
        if self.walk:
            links.append((walk_name(stem), "Checklistan för trygghetsvandring som Word-dokument"))
        return links

    def documents(self) -> dict[str, bytes]:
        """What lies beside the page to write in, content by file name; b"" where there is nothing
        to show."""
        cover, named = self.heading.cover, f"{WALK}: {self.results.words.area}"
        sheet = [self.agreement, self.side_by_side, self.worksheet]
        return {
            document_name(self._stem): document(cover, sheet),
            walk_name(self._stem): document(replace(cover, title=named), [self.walk]),
        }

    def templates(self) -> dict[str, bytes]:
        """The file that each party fills in, content by file name."""
        results, questionnaire = self.results, self.results.parameters.questionnaire
        table = results.parameters.tables.tables.get(PROBLEMS)
        ranked = [questionnaire.indicators[name] for name in table.indicators] if table else []
        content = partner_template({one.item: one.rule.label for one in ranked})
        parties = results.parameters.reports.parties if ranked else {}
        return {template_name(results.area, party): content for party in parties}

    @property
    def _words(self) -> Words:
        """The area's words; the survey is no source of what it didn't ask."""
        words = self.results.words
        return words if self.results.asked else replace(words, source="")

    def _sourced(self, table: HtmlTable) -> HtmlTable:
        """A table of problems with the sources of its figures, where they aren't the survey's."""
        if self.results.asked:
            return table
        figures = self.results.external
        problems = self.results.parameters.tables.tables[PROBLEMS].indicators
        figures = figures[figures["indicator"].isin(problems)]
        return replace(table, notes=[*external_sources(figures), NO_FIGURES])

    @property
    def _stem(self) -> str:
        areas, demo = self.results.parameters.areas, self.results.wave.demo
        return page_stem(areas.slug(self.results.area), demo)

    @property
    def _known(self) -> dict[str, Given]:
        return {name: given for name, given in self.pictures.items() if given is not None}

    @property
    def _comments(self) -> list[Bullets]:
        joint = self.results.joint
        labels = dict(zip(joint["problem_id"], joint["problem_sv"], strict=True))
        told = [
            Point(f"{name} om {swedish.lower_first(labels[problem])}", comment)
            for name, one in self.partners.items()
            for problem, comment in one.comments.items()
        ]
        return [Bullets(told)] if told else []

    @property
    def _template(self) -> Section:
        """How a party fills in its picture, with the file to do it in."""
        parties = self.results.parameters.reports.parties
        values = {
            "prioriteter": swedish.listing(PRIORITIES, "eller"),
            "tecken": COMMENT_LENGTH,
            "mapp": f"{FOLDER}/{self.results.wave.id}",
        }
        steps = [phrases.fill(step, **values) for step in TEMPLATE]
        links = [
            (template_name(self.results.area, party), f"Mall för {name} (CSV)")
            for party, name in parties.items()
        ]
        title = "Mallar och hur de fylls i"
        return Section(title, [steps], files=links, folded=True) if parties else Section("")
