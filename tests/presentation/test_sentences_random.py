"""What the sentences may say, over thousands of random result sets (domain guide 6.4 to 6.6).

Every generator of sentences is run on made-up published rows and every sentence is held to:

* the fixed phrases and quoted wordings are matched as whole strings and set aside; outside them no
  word claims a change or a difference, and none names a cause or a judgement;
* a phrase that does claim something stands only where the published test of that very row backs it,
  in its direction;
* every number is the one that stands in the row's own table;
* numbers, signs, quotes and plurals are written as Swedish is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter
from typing import Any

import pandas as pd
import pytest
from random_results import LABELS, Results

from survey_lib.presentation import (
    external,
    groups,
    phrases,
    places,
    pooling,
    promises,
    ranks,
    report_tables,
    sentences,
)
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.sentences import Point
from survey_lib.presentation.tables import HtmlTable
from survey_lib.presentation.verdicts import records

QUICK, FULL, PART = 800, 10_000, 200  # result sets

CLAIMS = re.compile(
    r"\b(öka|ökar|ökat|ökade|ökning\w*|minska[rtdn]?|minskning\w*|skilj(er|de)|utveckling\w*)\b"
    r"|säkerställ|förändra"
    r"|\b(högre|lägre)\b|\b(fler|färre|större|vanligare|ovanligare|oftare|mer|mindre)( \w+)? än\b",
    re.I,
)
CAUSES = re.compile(
    r"tack vare|på grund av|effekt av|leder till|ledde till|beror på|därför att|orsak|till följd av"
    r"|eftersom|medför|resultat av insats",
    re.I,
)
JUDGEMENTS = re.compile(
    r"försämr|förbättr|misslyck|bakslag|sämst|sämre|bättre|bäst\b|värst|alarm", re.I
)
NUMBER = re.compile(r"\d[\d\u202f]*(?:,\d+)?")
DATES = re.compile(r"\d+ (februari|september|oktober)( \d{4})?")
QUOTED = re.compile(r"”[^”]*”")
SMALL = re.compile(r"mindre än (?=1 |1,|0,|en procentenhet)|mer än (?=99)")  # <1 and >99 in words

# what is said besides the fixed phrases that holds a claiming word, as whole sentences
PLAIN = [
    "Ingen {annan}förändring sedan {ar} är statistiskt säkerställd.",
    "Ingen {annan}skillnad mot {ovriga} är statistiskt säkerställd.",
    sentences.NO_EVIDENCE,
    "Andelen är {hur} än bland övriga {folk}. Skillnaden är statistiskt säkerställd.",
    "Andelen är {hur} än bland övriga {folk}. Skillnaderna är statistiskt säkerställda.",
    "Andelen skiljer sig mellan grupper efter {grupp}. Skillnaden är statistiskt säkerställd.",
    "Andelen skiljer sig mellan grupper efter {grupp}. Skillnaderna är statistiskt säkerställda.",
    "Bland de mått som visas här är ingen skillnad mellan grupper efter {grupp} statistiskt "
    "säkerställd.",
    "När {lika} hålls lika är skillnaden mellan {a} inte statistiskt säkerställd.",
    "{a} uppger detta {hur} än {b} när {lika} hålls lika: andelen är då {d}. Skillnaden är "
    "statistiskt säkerställd.",
    "Vanligaste orsaken är",
    "Vanligaste orsakerna är",
    places.FEW,
    places.SEVERAL,
    places.MENTIONS,
    "Inga skillnader mellan modellskattningar prövas.",
    "För ett delområde med färre än {grans} svarande",
    "Svaren räcker inte för att avgöra vilka som är de tre problem",
]


def pattern(phrase: str) -> re.Pattern[str]:
    """The phrase as a whole, anything without a full stop (but numbers) in its gaps."""
    parts = [
        re.escape(text) + (f"(?P<{name}>[^.]*?)" if name else "")
        for text, name, _, _ in Formatter().parse(phrase)
    ]
    seen: set[str] = set()
    joined = "".join(parts)
    for name in re.findall(r"\(\?P<(\w+)>", joined):  # a name once, the same again by reference
        if name in seen:
            continue
        seen.add(name)
        first, rest = joined.split(f"(?P<{name}>[^.]*?)", 1)
        joined = f"{first}(?P<{name}>[^.]*?){rest.replace(f'(?P<{name}>[^.]*?)', f'(?P={name})')}"
    return re.compile(joined)


FIXED = {
    name: pattern(text)
    for name, text in vars(phrases).items()
    if name.isupper() and isinstance(text, str) and " " in text
}
WHOLE = sorted(FIXED.values(), key=lambda one: -len(one.pattern)) + [pattern(one) for one in PLAIN]


@dataclass
class Said:
    """Sentences about rows, and the tables of the same rows, in the same order."""

    words: Words
    sentences: list[Any]
    frame: pd.DataFrame
    tables: list[HtmlTable] = field(default_factory=list)
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        return records(self.frame)

    @cached_property
    def places(self) -> dict[str, int]:
        """The number of the row that a Point with some label is about."""
        names = [(str(row["label"]), n) for n, row in enumerate(self.rows)]
        if "place" in self.frame:
            names += [(f"{row['label']} ({row['place']})", n) for n, row in enumerate(self.rows)]
        return dict(reversed(names))

    def flat(self) -> Iterator[str | Point]:
        return flat(self.sentences)

    def cells(self, row: int) -> str:
        """Everything that stands in a row of the tables."""
        return " ".join(
            f"{cell.text} {cell.detail}" for table in self.tables for cell in table.rows[row]
        )

    def cell(self, table: int, row: int, heading: str) -> str:
        found = self.tables[table]
        place = [column.heading for column in found.columns].index(heading)
        return found.rows[row][place].text


def flat(said: Iterable[Any]) -> Iterator[str | Point]:
    for one in said:
        if isinstance(one, list):
            yield from flat(one)
        else:
            yield one


# -- what is said of a random result set --------------------------------------------------------


def of_indicators(results: Results) -> Said:
    words, rows = results.words, results.indicators()
    said: list[Any] = [sentences.indicator(row, words) for row in records(rows)]
    said += sentences.findings(rows, words)
    if words.before:
        said += sentences.main_changes(rows, words)
    said += [*sentences.most_named(rows, words), *ranks.ranking(rows, words)]
    said += ranks.possible_top(rows, words, results.pick([2, 3]))
    tables = [report_tables.indicator_table(rows, words, "")]
    return Said(words, said, rows, tables)


def of_promises(results: Results) -> Said:
    promise, rows = results.promise()
    table = promises.promise_table(rows, results.words, "")
    return Said(
        results.words, promises.promise_sentences(rows, promise, results.words), rows, [table]
    )


def of_other_sources(results: Results) -> Said:
    rows, words = results.external(), results.words
    table = external.external_table(rows, words)
    return Said(words, external.external_sentences(rows, words), rows, [table])


def of_respondents(results: Results) -> Said:
    row, people, words = results.area(), results.profile(), results.words
    frame = pd.DataFrame([row])
    said = [
        *sentences.who_answered(row, words, "2 september–13 oktober 2024"),
        *sentences.respondents_profile(people, words, results.pick([[], ["ålder", "kön"]])),
    ]
    tables = [
        report_tables.areas_table(frame, words, ""),
        report_tables.profile_table(people, words, ""),
    ]
    return Said(words, said, frame, tables)


def of_pooled_waves(results: Results) -> Said:
    parts, words = results.parts(), results.words
    said = [*pooling.period(parts, words), *pooling.not_pooled(results.unpooled(), words)]
    return Said(words, said, parts.assign(label=["", ""]))


def of_places(results: Results) -> Said:
    rows, answers = results.places()
    words = results.words
    tables = [places.places_table(rows, answers, words, "")]
    return Said(words, places.places_named(rows, answers, words), rows, tables)


def of_groups(results: Results) -> Said:
    rows, effects = results.groups()
    words = results.words
    said = [*groups.differing(rows, words), *groups.standing(effects, rows, words)]
    tables = [groups.groups_table(rows, words, ""), groups.effects_table(effects, words, "")]
    return Said(words, said, rows, tables, effects)


def of_models(results: Results) -> Said:
    rows, words = results.modelled(), results.words
    told = places.modelled_note(
        rows, results.pick([[], ["boendeform"]]), words, "delområde", "delområden"
    )
    fitted = rows[rows["area"] != ""]
    return Said(words, told, fitted, [places.modelled_table(rows, words, "x")])


SUBJECTS: list[Callable[[Results], Said]] = [
    of_indicators,
    of_promises,
    of_indicators,
    of_other_sources,
    of_indicators,
    of_respondents,
    of_groups,
    of_promises,
    of_models,
    of_pooled_waves,
    of_groups,
    of_places,
]


# -- what every sentence is held to -------------------------------------------------------------


def check(said: Said) -> None:
    for sentence in said.flat():
        assert str(sentence).strip(), "an empty sentence"
        no_claim_or_cause_outside_the_phrases(sentence)
        typography(sentence)
        numbers_stand_in_the_tables(said, sentence)
        if isinstance(sentence, Point):
            phrases_are_earned(said, sentence)
    cells_are_typeset(said)
    groups_are_earned(said)
    lists_are_earned(said)
    closing_words_are_true(said)


def bare(sentence: str | Point) -> str:
    """What is left of a sentence without its label, quotes and whole fixed phrases."""
    text = sentence.text if isinstance(sentence, Point) else sentence
    text = QUOTED.sub("”…”", text)
    for whole in WHOLE:
        text = whole.sub("…", text)
    for label in sorted(LABELS, key=len, reverse=True):
        text = re.sub(re.escape(label), "…", text, flags=re.I)
    return SMALL.sub("", text)


def no_claim_or_cause_outside_the_phrases(sentence: str | Point) -> None:
    text = bare(sentence)
    for forbidden in (CLAIMS, CAUSES, JUDGEMENTS):
        found = forbidden.search(text)
        assert not found, f"{found and found[0]!r} in: {sentence}"


NUMBERS_WRONG = {
    "no U+00A0 before %": r"(?<!\u00a0)%",
    "a hyphen for a minus or a range": r"(?<![\w/])-\d|\d-\d",
    "an en dash with a negative bound": r"−[\d,]+–|–−",
    "a decimal point": r"\d\.\d",
    "thousands not apart": r"(?<![/–\d])(?!20\d\d\b)\d{4,}",
    "thousands with another space": r"\d[ \u00a0]\d{3}\b(?! )",
    "a number that isn't one": r"\b(nan|None|inf)\b|[{}]",
}
SENTENCES_WRONG = {
    "a minus that isn't U+2212": r"[-–]\d+(,\d+)? (till|procentenh)",
    "other quotes": "[\"“‘’']",
    "a double space": r"  |\s[.,;:](?!\S)",
    "a double full stop": r"\.\.",
    "a sentence that opens with a digit": r"(^|[.!?] )\d",
    "a sentence that opens with a small letter": r"[.!?] [a-zåäö]",
    "one of many": r"(?<![\d,])1 (procentenhet|personer|inbjudna)",
    "many of one": r"(?<!en )\bprocentenhet\b|\ben procentenheter",
    "percent of a difference": r"procent (högre|lägre|mer|mindre)",
}


def typography(sentence: str | Point) -> None:
    text = str(sentence)
    body = sentence.text if isinstance(sentence, Point) else sentence
    for what, expression in (NUMBERS_WRONG | SENTENCES_WRONG).items():
        assert not re.search(expression, text), f"{what}: {text}"
    assert isinstance(sentence, Point) or body[0] == body[0].upper(), text
    assert body.endswith((".", ":")), text


def cells_are_typeset(said: Said) -> None:
    for table in said.tables:
        for cell in (cell for row in table.rows for cell in row):
            for what, expression in NUMBERS_WRONG.items():
                for text in (cell.text, cell.detail):
                    assert not re.search(expression, text), f"{what}: {text}"


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def without_words(text: str, words: Words) -> str:
    """The text without the numbers that come from parameters, as whole strings."""
    text = re.sub(DATES, "", text)
    told = [words.ki, phrases.fill(phrases.OSAKERT, grans=words.uncertain_below), words.population]
    told += [f"{words.level} procents säkerhet", f"befolkningen {words.age}", *LABELS]
    told.append(f"{words.hide_below} svarande")
    told.append(f"{words.people} 16–74 år")  # ages that two waves have in common
    waves = [words.wave, words.before or "", "2017/2018", "2017", "2018", "2022"]
    for one in told:
        text = text.replace(one, "…")
    for label in filter(None, waves):
        text = re.sub(rf"(?<!\d){re.escape(label)}(?!\d)", "…", text)
    return text


def numbers_stand_in_the_tables(said: Said, sentence: str | Point) -> None:
    label = sentence.label if isinstance(sentence, Point) else ""
    row = said.places.get(label)
    rows = range(len(said.rows)) if row is None else [row]
    if said.tables:
        cells = " ".join(said.cells(one) for one in rows)
        if len(said.tables) == 2:  # one table of areas and one of categories, or of effects
            cells = " ".join(f"{c.text} {c.detail}" for t in said.tables for r in t.rows for c in r)
        cells += " ".join(note for table in said.tables for note in table.notes)
    else:
        cells = " ".join(phrases.swedish.number(n) for n in said.frame["n"].dropna())
    text = sentence.text if isinstance(sentence, Point) else sentence
    found = numbers(without_words(text, said.words))
    assert found <= numbers(cells), f"{found - numbers(cells)} not in the table: {sentence}"


def phrases_are_earned(said: Said, point: Point) -> None:
    """A phrase in a row's own point is backed by that row, with the table's own numbers."""
    place = said.places.get(point.label)
    if place is None or "category" in said.frame or not {"rank", "verdict"} & set(said.frame):
        return
    row, words = said.rows[place], said.words
    found = {name: hit for name, one in FIXED.items() if (hit := one.search(point.text))}
    if "verdict" in row:
        _promise_is_earned(row, found)
        return
    _opens_with_its_own_share(said, place, point)
    change, rest = (_tested(row, kind, words) for kind in ("change", "rest"))
    for name, up in (("OKN", True), ("MSK", False)):
        if name in found:
            assert change == ("up" if up else "down"), point
            _same_numbers(said, place, found[name])
    if "EJ" in found:
        assert change == "tested", point
        _same_numbers(said, place, found["EJ"])
    if "GAP" in found:
        hit = found["GAP"]
        assert rest == ("up" if hit["riktning"].endswith("högre") else "down"), point
        shown = said.cell(0, place, f"Skillnad mot {words.rest} (p.e.)").lstrip("+−")
        size = f"{hit['d']} {hit['riktning']}".replace("en procentenhet", "1").split()[0]
        nothing = size == "mindre" and not shown.strip("0,")
        assert nothing or size.removesuffix(",0") == shown.removesuffix(",0"), (
            f"{shown} in the table: {point}"
        )
    if "GAP_EJ" in found:
        assert rest == "tested", point
    if "FLERA" in found:
        assert "tested" in (change, rest), point
    if "JMF_EJ" in found:
        assert row["change_state"] == "wording", point
    if "OMFATTNING" in found:
        assert row["change_state"] == "coverage", point
    secured = {name for name in ("OKN", "MSK") if name in found}
    assert bool(secured) <= (change in ("up", "down")), point


def _opens_with_its_own_share(said: Said, place: int, point: Point) -> None:
    value = re.match(r"((?:mindre än |mer än )?[\d,]+) procent \((.*?)\)", point.text)
    shown = said.cell(0, place, f"Andel {said.words.wave}")
    if not value:
        assert not point.text.startswith(phrases.EJ_VISAS) or shown == phrases.HIDDEN, point
        return
    worded = value[1].replace("mindre än ", "<").replace("mer än ", ">")
    assert worded == shown.rstrip("\u00a0%"), f"{shown} in the table: {point}"
    few = said.rows[place]["n"] < said.words.uncertain_below
    assert few == ("färre än 100 svarande" in value[2]), point


def _tested(row: dict[str, Any], kind: str, words: Words) -> str:
    """What the published columns back: "up", "down", "tested" (not säkerställt) or ""."""
    state, secured = row.get(f"{kind}_state", "none"), row.get(f"{kind}_secured")
    difference = row.get(f"{kind}_difference", math.nan)
    if state != "" or not words.probability or difference != difference:
        return ""
    if secured is True or secured == 1.0:
        return "up" if difference > 0 else "down"
    return "tested"


def _same_numbers(said: Said, place: int, found: re.Match[str]) -> None:
    words = said.words
    for group, heading in (("a", f"Andel {words.before}"), ("b", f"Andel {words.wave}")):
        shown = said.cell(0, place, heading).rstrip("\u00a0%")
        worded = found[group].replace("mindre än ", "<").replace("mer än ", ">")
        assert worded == shown, f"{shown} in the table: {found[0]}"


def _promise_is_earned(row: dict[str, Any], found: dict[str, Any]) -> None:
    names = {"ratt": "LOFTE_RATT", "annat": "LOFTE_ANNAT", "ovisst": "LOFTE_OVISST"}
    for verdict, name in names.items():
        assert (name in found) == (row["verdict"] == verdict), row
    if {"LOFTE_RATT", "LOFTE_ANNAT"} & set(found):
        assert row["secured"]
        right = (row["difference"] > 0) == (row["wanted"] == "up")
        assert right == ("LOFTE_RATT" in found), row
    assert not {"OKN", "MSK", "GAP"} & set(found)


LISTS = {
    "OKN_LISTA": ("change", lambda hit: "up"),
    "MSK_LISTA": ("change", lambda hit: "down"),
    "GAP_LISTA": ("rest", lambda hit: "up" if hit["riktning"] == "högre" else "down"),
}


def lists_are_earned(said: Said) -> None:
    """Under a heading that claims something for a list, every item is backed by its own row."""
    for opening, items in zip(said.sentences, said.sentences[1:], strict=False):
        for name, (kind, wanted) in LISTS.items():
            hit = isinstance(opening, str) and FIXED[name].fullmatch(opening)
            if not hit:
                continue
            assert isinstance(items, list), opening
            assert items, opening
            for item in items:
                place = said.places.get(item.label)
                assert place is not None, item
                row = said.rows[place]
                assert _tested(row, kind, said.words) == wanted(hit), item


def closing_words_are_true(said: Said) -> None:
    """What is said of many rows at once: that no other is säkerställd, which are the largest."""
    rows, words = said.rows, said.words
    for text in (one for one in said.flat() if isinstance(one, str)):
        for kind, noun in (("change", "förändring sedan"), ("rest", "skillnad mot")):
            none = re.match(rf"Ingen (annan )?{noun}", text)
            if none:
                backed = [_tested(row, kind, words) for row in rows]
                assert bool(none[1]) == bool({"up", "down"} & set(backed)), text
                assert "tested" in backed, text
        if not words.probability and "best" in said.frame:
            assert "procents säkerhet" not in text, text
    if not words.probability:
        told = " ".join(str(one) for one in said.flat())
        claimed = re.sub("|".join(LABELS), "", told)
        assert not re.search(r"säkerställ|95 % KI|95\u00a0%\u00a0KI", claimed), claimed
        assert phrases.KI[:30] not in told
    if "best" in said.frame:
        _largest_are_true(said)


def _largest_are_true(said: Said) -> None:
    best = {str(row["label"]).lower(): row["best"] for row in said.rows}
    for text in (one for one in said.flat() if isinstance(one, str)):
        sole = re.match(r"(Störst bland de svarande|Med 95 procents säkerhet) är (.+?)\. Obs", text)
        if sole:
            largest = sole[2].lower().removesuffix(" störst av alla")
            assert [name for name in best if best[name] == 1] == [largest], text
        possible = re.search(r"kan vara störst av alla: (.+?)\.", text)
        if possible:
            named = {name for name in best if name in possible[1].lower()}
            assert named == {name for name in best if best[name] == 1}, text
        within = re.search(r"finns de (\w+) problem .* bland dessa \w+: (.+?)\.", text)
        if within:
            count = phrases.swedish.WORDS.index(within[1])
            named = {name for name in best if name in within[2].lower()}
            assert named == {name for name in best if best[name] <= count}, text


def groups_are_earned(said: Said) -> None:
    """A group is named as higher or lower, or as different when others are held equal, only where
    its own test says so."""
    if "category" not in said.frame:
        return
    backed = {
        (str(row["label"]), str(row["category_label"])): _tested(row, "group", said.words)
        for row in said.rows
    }
    for sentence in said.flat():
        text = sentence.text if isinstance(sentence, Point) else sentence
        label = sentence.label if isinstance(sentence, Point) else ""
        if text.startswith("Andelen är ") and "än bland övriga" in text:
            for direction, wanted in (("högre", "up"), ("lägre", "down")):
                part = re.search(
                    rf"{direction} (?:bland|i grupp).*?(?=, och lägre | än bland)", text
                )
                called = _called(said.rows, said.words.people)
                named = {c for c, name in called.items() if part and f"{name} (" in part[0]}
                assert named == {c for (i, c), v in backed.items() if (i, v) == (label, wanted)}
        if text.startswith("Andelen skiljer sig mellan grupper"):
            assert {v for (i, _), v in backed.items() if i == label} & {"up", "down"}, text
        if text.startswith("Bland de mått som visas här"):
            assert not {"up", "down"} & set(backed.values()), text
        if "hålls lika" in text:
            _effect_is_earned(said, label, text)


def _called(rows: list[dict[str, Any]], people: str) -> dict[str, str]:
    """What the sentences call each category."""
    women = {"Kvinna": "kvinnor", "Man": "män"}
    called = {}
    for row in rows:
        label = row["category_label"]
        group = row["group_label"]
        aged = f"{people} {label}" if group == "Ålder" else f"{group.lower()} ”{label}”"
        called[label] = women.get(label, aged)
    return called


def _effect_is_earned(said: Said, label: str, text: str) -> None:
    called = {
        category: f"gruppen {name}" if "”" in name else name
        for category, name in _called(said.rows, said.words.people).items()
    }
    for own in records(said.effects):
        first, second = called[own["category_label"]], called[own["reference_label"]]
        parts = (f"{first} uppger detta ", f" än {second} när"), (f"mellan {first} och {second} ",)
        about = (own["label"], own["variable"]) == (label, said.rows[0]["group"])
        if about and any(
            all(part in text.replace(text[0], text[0].lower(), 1) for part in one) for one in parts
        ):
            break
    else:
        raise AssertionError(f"no effect behind: {text}")
    assert own["secured"] == ("inte statistiskt säkerställd" not in text), text
    if own["secured"]:
        assert ("lägre" in text) == ("mer sällan än" in text) == (own["effect"] < 0), text
        assert ("högre" in text) == ("oftare än" in text) == (own["effect"] > 0), text


def run(seeds: range) -> None:
    for seed in seeds:
        results = Results(seed)
        try:
            check(SUBJECTS[seed % len(SUBJECTS)](results))
        except Exception as problem:
            problem.add_note(f"result set {seed}")
            raise


@pytest.mark.parametrize("first", range(0, QUICK, PART))
def test_sentences_of_random_result_sets(first: int) -> None:
    run(range(first, first + PART))


@pytest.mark.evidence
@pytest.mark.parametrize("first", range(QUICK, QUICK + FULL, 5 * PART))
def test_sentences_of_ten_thousand_result_sets(first: int) -> None:
    run(range(first, first + 5 * PART))
