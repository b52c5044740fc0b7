"""Metod och begränsningar: how the survey was made, what was tested, what exactly was asked."""

from __future__ import annotations

import pandas as pd

from survey_lib.export.beside import WAVE_PAGE, page_stem
from survey_lib.presentation import report_tables, swedish
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.report.accessibility import accessibility
from survey_lib.report.protection import protection
from survey_lib.report.reading import differing, modes
from survey_lib.report.results import Results
from survey_lib.vocabulary.questionnaire import Item

TITLE = "Metod och begränsningar"
METHODS = {
    "list": "av de skillnader som kallas säkerställda är i genomsnitt högst {andel} felaktiga "
    "(Benjamini–Hochbergs metod)",
    "named": "risken att någon skillnad felaktigt kallas säkerställd är högst {andel} "
    "(Holms metod)",
    "none": "varje skillnad prövas för sig, och risken att den felaktigt kallas säkerställd är "
    "{andel} (ingen hänsyn tas till att flera jämförelser görs)",
}
PROMISES = "Frågorna i ett löfte prövas tillsammans, skilda från tabellernas"
EQUAL = "Skillnader med övrigt lika prövas tillsammans, för alla frågor och grupper i en tabell"
PAGE = "Underlag: hur svaren har rensats och vägts"
VERSIONS = "Versioner och kontrollsummor"
DIGITS = 16  # of a fingerprint, as a reader is shown it
SUMS = (
    "Kontrollsummorna visar vad resultaten bygger på. Ändras underlaget blir summan en annan. "
    "Med dem går det att be om exakt den här rapporten igen, och kommandot trygg reproduce visar "
    "om den kan tas fram på en viss dator."
)
LIMITS = (
    "Undersökningen beskriver vad de svarande upplever och uppger. Den visar inte varför det är "
    "så, och den mäter inte hur många brott som begås.",
    "Osäkerhetsintervallen visar den osäkerhet som beror på att bara en del av befolkningen har "
    "svarat. Fel som beror på vilka som valde att svara, eller på hur frågorna uppfattades, syns "
    "inte i dem.",
)


def method(results: Results) -> Section:
    """How answers were collected and weighted, what the numbers can bear, whom to ask."""
    words = results.words
    text: list[Sentence | list[Sentence]] = [
        f"Undersökningen gjordes {results.days} som {modes(results)}.",
        words.interval_phrase(),
    ]
    if results.wave.weighting.delivered:
        text.append("Resultaten är viktade med de vikter som följde med undersökningens fil.")
    text += [*differing(results), *results.published.manifest["notes"], *LIMITS]
    if contact := results.parameters.reports.for_area(results.area).contact:
        ways = [way for way in (contact.email, contact.phone) if way]
        text.append(f"Kontakt: {', '.join([contact.name, *ways])}.")
    return Section(
        TITLE,
        text,
        files=[(f"{page_stem(WAVE_PAGE, results.wave.demo)}.html", PAGE)],
        parts=[
            tests(results),
            protection(results),
            wordings(results),
            versions(results),
            accessibility(results),
        ],
        comment=results.comment("method"),
    )


def tests(results: Results) -> Section:
    """Which differences are tested together, and by which rule."""
    words, spec = results.words, results.parameters.tables
    contrasts = results.published.contrasts
    if not words.probability or contrasts.empty:
        return Section("")
    share = swedish.percent_words(spec.showing.significance)
    text: list[Sentence | list[Sentence]] = [
        "En skillnad kallas statistiskt säkerställd bara när den är prövad. De mått som står i "
        "samma tabell prövas tillsammans, för sig mot övriga områden, för sig mot tidigare "
        "undersökning och för sig för varje indelning i grupper."
    ]
    rules = Bullets()
    for rule, said in METHODS.items():
        titles = [table.title for table in spec.tables.values() if table.family == rule]
        if titles:
            quoted = swedish.listing(swedish.quoted(title) for title in titles)
            rules.append(f"I {quoted}: {said.format(andel=share)}.")
    if len(results.promised):
        rules.append(f"{PROMISES}: {METHODS['named'].format(andel=share)}.")
    if len(results.published.effects):
        rules.append(f"{EQUAL}: {METHODS['list'].format(andel=share)}.")
    return Section("Vad som är prövat", [*text, rules])


def wordings(results: Results) -> Section:
    """Every question that was asked, with its answers and whom it was put to."""
    questionnaire, wave = results.parameters.questionnaire, results.wave
    rows = []
    for name, item in {**questionnaire.items, **questionnaire.place_items}.items():
        if name in wave.not_asked or set(questionnaire.columns(name)) <= set(wave.not_asked):
            continue
        if name in questionnaire.place_items and not name.startswith("plats1"):
            continue
        rows.append(
            {
                "theme": questionnaire.themes[item.theme].title,
                "question": questionnaire.text(name, wave),
                "answers": _options(results, name, item),
                "base": item.filter_label or "Alla",
                "mark": "",
            }
        )
    caption = f"Frågorna i undersökningen {results.words.wave}"
    order = {theme.title: place for place, theme in enumerate(questionnaire.themes.values())}
    frame = pd.DataFrame(rows)
    frame = frame.sort_values("theme", key=lambda t: t.map(order), kind="stable", ignore_index=True)
    table = report_tables.wordings_table(frame, results.words, caption)
    return Section("Frågorna i sin helhet", tables=[table], folded=True)


def _options(results: Results, name: str, item: Item) -> str:
    if item.kind == "multiple":
        return "; ".join((item.options or {}).values())
    if item.kind != "single":
        return "Eget svar"
    return "; ".join(results.parameters.questionnaire.answers(name, results.wave).values())


def versions(results: Results) -> Section:
    """What the numbers were computed with and from, so that exactly these can be asked for again.

    The page's head tells all of it in full, for ``trygg reproduce``.
    """
    manifest, waves = results.published.manifest, results.parameters.waves
    used = ", ".join(f"{name} {version}" for name, version in manifest["versions"].items())
    told = [
        (f"Svaren {waves[wave].label}", digest)
        for wave, digest in manifest["inputs"].items()
        if wave in waves and digest
    ]
    told += [("Parametrarna", manifest["parameters"]), ("Programmet", manifest["code"])]
    sums = Bullets(Point(label, digest[:DIGITS]) for label, digest in told)
    return Section(VERSIONS, [f"Resultaten är framtagna med {used}.", SUMS, sums], folded=True)
