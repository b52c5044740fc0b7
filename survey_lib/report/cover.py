"""What the first sheet of a report's workbook says: which survey, of whom, and what marks mean."""

from __future__ import annotations

from survey_lib.export.sheets import Cover
from survey_lib.presentation import phrases, swedish
from survey_lib.report.protection import warnings
from survey_lib.report.results import Results


def cover(results: Results, title: str) -> Cover:
    """Survey, area, period, source and contact; ``title`` is the report's."""
    words, reports = results.words, results.parameters.reports
    facts = [
        *(("Observera", text) for text in warnings(results.published, results.parameters)),
        ("Undersökning", f"{reports.title} {words.wave}"),
        ("Område", swedish.upper_first(words.where)),
        ("Svarande", swedish.upper_first(words.population)),
        ("Svaren samlades in", results.days),
    ]
    if words.before:
        facts.append(("Jämförs med", words.before))
    facts += [("Källa", words.source), ("Utgivare", reports.publisher)]
    if contact := reports.for_area(results.area).contact:
        ways = [way for way in (contact.email, contact.phone) if way]
        facts.append(("Kontakt", ", ".join([contact.name, *ways])))
    return Cover(
        title=f"{title}, {reports.title} {words.wave}",
        publisher=reports.publisher,
        facts=facts,
        notes=[
            *words.mark_notes(set(phrases.MARK_NOTES)),
            *words.bases_note(),
            phrases.POINTS_NOTE,
            *([phrases.INTERVAL_NOTE] if words.probability else []),
            words.interval_phrase(),
        ],
        demo=results.wave.demo,
    )
