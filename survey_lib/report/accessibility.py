"""Tillgänglighetsredogörelse: how accessible the report is, and whom to tell of faults (guide 7).

After the template of Myndigheten för digital förvaltning. What the office knows of its own
publishing comes from ``reports.yaml``; without it the words here say only what is known of every
report: that machines have tested it, and people not.
"""

from __future__ import annotations

from survey_lib.presentation import swedish
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.report.results import Results
from survey_lib.vocabulary.reports import Accessibility

TITLE = "Tillgänglighetsredogörelse"
NOTICE = ("https://www.digg.se/tdosanmalan", "Anmäl till Myndigheten för digital förvaltning")
LAW = "lagen (2018:1937) om tillgänglighet till digital offentlig service"
WISH = (
    "{aktor} står bakom den här rapporten. Vi vill att så många som möjligt ska kunna använda den. "
    "Här beskrivs hur {tjanst} uppfyller {lag}, kända brister och hur du kan rapportera brister."
)
DEGREE = {
    "helt": "Rapporten är helt förenlig med lagen.",
    "delvis": "Rapporten är delvis förenlig med lagen. Brister som vi känner till:",
    "inte": "Rapporten är inte förenlig med lagen. Brister som vi känner till:",
}
FAULTS = (
    "Rapporten är inte prövad av personer som använder hjälpmedel.",
    "Rapporten som PDF är taggad men inte prövad mot standarden PDF/UA.",
)
METHOD = (
    "Automatiska tester av sidornas form, mot WCAG 2.2 på nivå A och AA, görs när programmet som "
    "gör rapporten ändras."
)
SUPERVISION = (
    "Myndigheten för digital förvaltning har tillsyn över lagen. Är du inte nöjd med hur vi "
    "hanterar dina synpunkter kan du anmäla det dit."
)


def accessibility(results: Results) -> Section:
    """The statement, as the last part of the report."""
    reports = results.parameters.reports
    told = reports.accessibility or Accessibility(faults=list(FAULTS), method=METHOD)
    wish = WISH.format(
        aktor=told.actor or reports.publisher, tjanst=told.service or "rapporten", lag=LAW
    )
    text: list[Sentence | list[Sentence]] = [wish, DEGREE[told.conformance]]
    if told.faults:
        text.append(Bullets(told.faults))
    when = f" Senaste bedömning: {swedish.day(told.assessed)}." if told.assessed else ""
    text.append(Point("Så har vi testat", f"{told.method}{when}"))
    if contact := told.contact or reports.for_area(results.area).contact:
        ways = [way for way in (contact.email, contact.phone) if way]
        text.append(
            Point("Kontakta oss om du hittar brister", f"{', '.join([contact.name, *ways])}.")
        )
    return Section(TITLE, [*text, SUPERVISION], files=[NOTICE])
