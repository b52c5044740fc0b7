"""Underlag till den gemensamma läges- och problembilden: the table of the domain guide, 1.4."""

from __future__ import annotations

from survey_lib.export.beside import joint_names, page_name, page_stem, picture_stem
from survey_lib.presentation import swedish
from survey_lib.presentation.meeting import meeting_table
from survey_lib.presentation.section import Section
from survey_lib.report.results import PROBLEMS, Results

TITLE = "Underlag till den gemensamma läges- och problembilden"
USE = (
    "Tabellen är gjord för att läggas bredvid de andra parternas bilder. De tomma kolumnerna fylls "
    "i gemensamt. Allvar och påverkbarhet bedöms av mötet; undersökningen säger inget om dem."
)
ASKED = (
    "En problemformulering svarar på vad, var, när, vilka som drabbas, hur omfattande det är, "
    "sedan när och med vilken följd. Därefter väger mötet omfattning, allvar, utveckling, "
    "jämlikhet och påverkbarhet."
)


def joint(results: Results) -> Section:
    """The problems beside blank columns for the other parties, and the same as files."""
    if PROBLEMS not in results.parameters.tables.tables or results.joint.empty:
        return Section(TITLE)
    caption = f"Problemen i {results.words.where}, att fylla i tillsammans"
    table = meeting_table(
        results.joint,
        results.rows(PROBLEMS),
        results.words,
        caption,
        parties=list(results.parameters.reports.parties.values()),
    )
    return Section(
        TITLE,
        [USE, ASKED],
        parts=[Section(caption, tables=[table], folded=True)],
        files=[picture_link(results), *joint_links(results)],
        comment=results.comment("joint"),
    )


def picture_link(results: Results) -> tuple[str, str]:
    """The page where the other parties' pictures stand beside this, with paper for the meeting."""
    stem = page_stem(results.parameters.areas.slug(results.area), results.wave.demo)
    parties = "alla parters bilder sida vid sida" if results.parameters.reports.parties else ""
    walk = "checklista för trygghetsvandring" if len(results.places[0]) else ""
    contents = swedish.listing(filter(None, [parties, "arbetsblad", walk]))
    return page_name(picture_stem(stem)), swedish.upper_first(contents)


def joint_links(results: Results) -> list[tuple[str, str]]:
    """The files of the table, beside the page, as :class:`Section` links to them; none where the
    parameters have no problems to rank."""
    if PROBLEMS not in results.parameters.tables.tables:
        return []
    stem = page_stem(results.parameters.areas.slug(results.area), results.wave.demo)
    texts = "Tabellen för Excel (CSV)", "Samma uppgifter för program (JSON)"
    return list(zip(joint_names(stem), texts, strict=True))
