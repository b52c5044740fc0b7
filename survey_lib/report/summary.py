"""Sammanfattning: one page that a problem meeting can be run from."""

from __future__ import annotations

from dataclasses import replace

from survey_lib.presentation import phrases, pooling, ranks, sentences
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.report import groups, promises
from survey_lib.report.reading import differing
from survey_lib.report.results import Results
from survey_lib.report.themes import leading, once

TITLE = "Sammanfattning"
Said = list[Sentence | list[Sentence]]


def summary(results: Results) -> Section:
    """The largest problems, trygghet, what has changed, for whom, promises, what makes it safe."""
    told = {
        "Största problemen": problems(results),
        "Trygghet": safety(results),
        f"Förändringar sedan {results.words.before}": changes(results),
        "Skillnader mellan grupper": who_differs(results),
        "Löften": promises.in_short(results),
        "Det som gör området tryggt": positives(results),
    }
    parts, kvot = [], False
    for title, said in told.items():  # KVOT once on the page, where it is first needed
        parts.append(Section(title, [one for one in said if not (kvot and one == phrases.KVOT)]))
        kvot = kvot or phrases.KVOT in said
    who = sentences.who_answered(results.sampled, results.words)
    return Section(TITLE, who[-1:], parts=parts, comment=results.comment("summary"))


def problems(results: Results) -> Said:
    """The five highest-ranked with share, interval and possible ranks."""
    said: Said = []
    for name, spec in results.tables_of("problems").items():
        rows = results.rows(name)
        if spec.ranked and len(rows):
            words = replace(results.words, saying=spec.saying or phrases.SAYING)
            unpooled = pooling.not_pooled(results.unpooled(spec.indicators), words)
            said += ranks.ranking(rows, words)
            said += [*ranks.possible_top(rows, words, missing=bool(unpooled)), *unpooled]
    return said


def safety(results: Results) -> Said:
    """The leading indicators' levels."""
    levels = _levels(results, "safety")
    return [levels] if levels else []


def changes(results: Results) -> Said:
    """Every säkerställd change, of each section's first table and the leading indicators; how many
    there are of the others."""
    if results.earlier is None:
        return []
    rows = results.compared
    if rows.empty:
        return []
    return once([*sentences.main_changes(rows, results.words, results.others), *differing(results)])


def who_differs(results: Results) -> Said:
    """The groups that differ säkerställt in the highest-ranked problem and in trygghet."""
    lead = []
    for section in ("problems", "safety"):
        for name, spec in results.tables_of(section).items():
            chosen = leading(spec, results.rows(name))
            lead += chosen[:1] if spec.ranked else chosen
    return groups.all_named(results, lead)


def positives(results: Results) -> Said:
    """What most say makes the area safe."""
    for name, spec in results.tables_of("positives").items():
        rows = results.rows(name)
        if len(rows):
            words = replace(results.words, saying=spec.saying or phrases.SAYING)
            return sentences.most_named(rows, words)
    return []


def _levels(results: Results, section: str) -> Bullets:
    points = Bullets()
    for name, spec in results.tables_of(section).items():
        rows = results.rows(name)
        for row in rows[rows["indicator"].isin(spec.lead)].to_dict("records"):
            points.append(Point(str(row["label"]), f"{sentences.value(row, results.words)}."))
    return points
