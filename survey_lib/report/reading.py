"""Så läser du rapporten: who answered, and what its numbers and marks mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from survey_lib.presentation import charts, phrases, pooling, report_tables, sentences, swedish
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.report.results import Results
from survey_lib.vocabulary import Parameters, Wave

MODES = {
    "post": "postenkät",
    "webb": "webbenkät",
    "telefon": "telefonintervju",
    "besok": "besöksintervju",
    "gatuintervju": "intervju på gator och torg",
}
TITLE = "Så läser du rapporten"


def reading(results: Results) -> Section:
    """Who answered and how they resemble the population; how to read intervals, ranks, marks."""
    who = respondents(results)
    return replace(
        who,
        title=TITLE,
        parts=[*who.parts, Section("Så läser du siffrorna", explanations(results))],
        comment=results.comment("reading"),
    )


def respondents(results: Results) -> Section:
    """Who answered: how many, when and how, beside the population."""
    words, profile = results.words, results.profile
    text = sentences.who_answered(results.sampled, words, results.days)
    text += pooling.period(results.parts, words)
    text.append(f"Undersökningen gjordes som {modes(results)}.")
    if results.missing():
        names = swedish.listing(results.missing())
        pooled = phrases.OLIKA_DELAR if results.wave.pools else ""
        text.append(
            f"I resultaten ingår inte {names}, "
            f"{pooled or f'där ingen undersökning gjordes {words.wave}'}."
        )
        words = surveyed(results)
    if not words.probability:
        text.append(
            "Bland de svarande finns personer som inte är slumpmässigt utvalda, och för dem "
            "finns ingen svarsfrekvens."
        )
    text += sentences.respondents_profile(profile, words, results.margins)
    for said, absent in ((UNASKED, _unasked), (UNFILTERED, _unfiltered)):
        for where, labels in _by_wave(absent, results).items():
            text.append(phrases.fill(said, fragor=_listed(labels), vag=where))
    if not len(profile):
        return Section("Svarande", text)
    known = profile["population"].notna().any()
    caption = f"De svarande {'och befolkningen ' if known else ''}i {words.where}"
    figures = [charts.profile(profile, words, caption)] if known else []
    table = report_tables.profile_table(profile, words, caption)
    return Section("Svarande", text, figures, [table]).folding(caption)


def surveyed(results: Results) -> Words:
    """The words of an area whose place is the parts of it that were asked."""
    words = results.words
    if not results.missing():
        return words
    return replace(words, place=f"de undersökta delarna av {words.place}")


def _by_wave(
    absent: Callable[[Parameters, Wave], list[str]], results: Results
) -> dict[str, list[str]]:
    """What is absent, by when: in the wave itself, or in which of those that it pools."""
    missing: dict[str, list[str]] = {}
    for part in results.wave.parts:
        wave = results.parameters.waves[part]
        for label in absent(results.parameters, wave):
            missing.setdefault(label, []).append(wave.label)
    found: dict[str, list[str]] = {}
    for label, waves in missing.items():
        plural = "undersökningarna" if len(waves) > 1 else "undersökningen"
        when = f"i {plural} {swedish.listing(waves)}" if results.wave.pools else waves[0]
        found.setdefault(when, []).append(label)
    return found


def _unasked(parameters: Parameters, wave: Wave) -> list[str]:
    """What the tables would split by or profile, had the wave asked it."""
    spec, questionnaire = parameters.tables, parameters.questionnaire
    groups = {name for table in spec.tables.values() for name in table.groups}
    wanted = {*spec.profile, *(v for name in groups for v in questionnaire.group(name).variables)}
    return [
        one.label
        for name, one in questionnaire.background.items()
        if name in wanted and name in wave.not_asked
    ]


def _unfiltered(parameters: Parameters, wave: Wave) -> list[str]:
    """The questions of the tables that were asked, but not whom they are about."""
    spec, questionnaire = parameters.tables, parameters.questionnaire
    absent = set(wave.not_asked)
    shown = {i for table in spec.tables.values() for i in table.indicators}
    items = dict.fromkeys(questionnaire.indicators[one].item for one in shown)
    return [
        one.label
        for name, one in questionnaire.items.items()
        if name in items and name not in absent and set(one.asked_if or {}) & absent
    ]


def _listed(labels: list[str]) -> str:
    return swedish.listing([*labels[:1], *map(swedish.lower_first, labels[1:])])


def modes(results: Results) -> str:
    """How the area's answers were given: "postenkät och webbenkät"."""
    return swedish.listing(MODES[mode] for mode in results.sampled["modes"].split("|"))


def explanations(results: Results) -> list[Sentence | list[Sentence]]:
    """How an interval, a set of ranks, a comparison and the marks are read."""
    words, spec = results.words, results.parameters.tables
    ranked = any(table.ranked for table in spec.tables.values())
    read: list[Sentence] = [Point("Intervall", f"{words.interval_phrase()} {WIDTH}")]
    if ranked and results.has_rank_sets:
        sure = f"med {words.level} procents säkerhet" if words.probability else "enligt en modell"
        read.append(Point("Möjliga platser", phrases.fill(RANK_SETS, sakert=sure)))
    if words.probability:
        share = swedish.percent_words(spec.showing.significance)
        read.append(Point("Statistiskt säkerställd", phrases.fill(SECURED, andel=share)))
    if results.earlier:
        read.append(Point("Förändring", f"Jämförelsen gäller {words.wave} och {words.before}."))
    if results.rest() and _against_rest(results):
        names = swedish.listing(results.rest())
        level = results.parameters.areas.levels[results.sampled["level"]]
        others = f"De {level.plural} som området jämförs med: {names}."
        read.append(Point(swedish.upper_first(words.rest), others))
    return [Bullets(read), Bullets(marks(words)), *differing(results)]


def _against_rest(results: Results) -> bool:
    """Whether the area's values stand beside those of the others, tested or not."""
    rows = results.published.contrasts
    return bool(((rows["area"] == results.area) & (rows["comparison"] == "rest")).any())


def marks(words: Words) -> list[Sentence]:
    """What stands in a table in the place of a number, or after it."""
    notes = words.mark_notes({phrases.HIDDEN, phrases.IMPOSSIBLE, phrases.UNCERTAIN})
    return [*notes, *words.bases_note(), phrases.POINTS_NOTE]


def differing(results: Results) -> list[str]:
    """What makes a change since the earlier wave less certain than its test: mode and season."""
    now, before, rows = results.wave, results.earlier, results.published.contrasts
    if before is None or rows.empty:
        return []
    rows = rows[(rows["area"] == results.area) & (rows["comparison"] == "change")]
    said = []
    if rows["modes_differ"].eq(True).any():
        said.append(
            f"Svaren samlades inte in på samma sätt {before.label} som {now.label}. Det kan "
            "påverka jämförelsen."
        )
    if rows["seasons_differ"].eq(True).any():
        said.append(
            f"Undersökningen gjordes {before.season} {before.label} och {now.season} {now.label}. "
            "Årstiden kan påverka svaren."
        )
    return said


UNASKED = "{fragor} frågades inte {vag}. Resultaten redovisas därför inte efter det."
UNFILTERED = "{fragor} redovisas inte, eftersom det inte frågades {vag} vilka som berörs av frågan."
WIDTH = "Ett brett intervall betyder att värdet är osäkert, oftast för att få har svarat."
RANK_SETS = (
    "Problemen är ordnade efter hur stor andel som har svarat så, men ordningen är osäker på "
    "samma sätt som andelarna. ”Plats 2–5” betyder att problemet {sakert} har någon av platserna "
    "2 till 5."
)
SECURED = (
    "Skillnaden är prövad, med hänsyn till att många jämförelser görs samtidigt. Av de skillnader "
    "i en tabell som kallas säkerställda är i genomsnitt högst {andel} felaktiga. Att en skillnad "
    "inte är säkerställd betyder inte att den inte finns."
)
