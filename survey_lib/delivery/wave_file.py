"""The draft of a wave file: all that a delivered file tells, and a TODO for all that it doesn't."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_lib.answers.columns import AREA, MODE, WEEK, WEIGHT
from survey_lib.answers.matching import plain
from survey_lib.answers.raw import distinct
from survey_lib.delivery.coded import Values, codes_unknown, values_of
from survey_lib.delivery.described import words
from survey_lib.delivery.matching import Match, pattern
from survey_lib.delivery.office import Office
from survey_lib.delivery.opening import SurveyFile
from survey_lib.vocabulary.questionnaire import placeholders
from survey_lib.vocabulary.source import TODO
from survey_lib.vocabulary.waves import MODES, PARADATA, Wave

_PLAIN = re.compile(r"[A-Za-zåäöÅÄÖ][A-Za-z0-9_åäöÅÄÖ]*(?:[:-][a-z0-9_]+)*")
_RESERVED = {"null", "true", "false", "todo"}
_TOLD_FROM = 5  # rows; fewer are not told (domain guide, 6.3)


@dataclass(frozen=True, eq=False)
class Draft:
    """What a draft is made of."""

    wave: str
    file: SurveyFile
    matches: Sequence[Match]
    office: Office

    @property
    def latest(self) -> Wave | None:
        return self.office.waves[0] if self.office.waves else None

    def certain(self, name: str) -> Match | None:
        """The match of one of our columns, when it is certain."""
        return next((one for one in self.matches if one.asked.name == name and one.certain), None)

    def counted(self, name: str) -> Counter[str]:
        """Value -> rows of a certain column; each value's label where the file has one."""
        match = self.certain(name)
        if match is None or match.column is None:
            return Counter()
        texts, places = distinct(self.file.raw.frame[match.column.name])
        found: Counter[str] = Counter()
        for place, rows in Counter(places.tolist()).items():
            if place >= 0 and texts[place].strip():
                found[match.column.values.get(texts[place], texts[place])] += rows
        return found


def wave_file(draft: Draft) -> str:
    """The text of ``waves/<id>.yaml``."""
    parts = (_head, _strata, _words, _variables, _weighting, _cleaning)
    return "\n".join(line for part in parts for line in (*part(draft), "")).rstrip() + "\n"


def scalar(value: object) -> str:
    """A value as YAML: quoted unless it is a plain word or a number."""
    text = str(value)
    if isinstance(value, (int, float)):
        return text
    plainly = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED
    return text if plainly else json.dumps(text, ensure_ascii=False)


def one_line(entries: Mapping[str, object]) -> str:
    """``{a: b, c: d}``; values that are texts of YAML already stand as they are."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in entries.items()) + "}"


def _as_latest(draft: Draft, what: str) -> str:
    return f", {what} in wave {draft.latest.id}" if draft.latest else ""


# -- the head --------------------------------------------------------------------------------------


def _head(draft: Draft) -> Iterator[str]:
    latest = draft.latest
    yield f"# Wave {draft.wave}, begun by `trygg new-wave`. Each TODO is for a person to decide:"
    yield "# what stands after it on its line says how. Write the answer in its place, then run"
    yield f"#   trygg check --wave {draft.wave}"
    yield "# which tells, line by line, what is left to do."
    yield ""
    yield f"label: {json.dumps(draft.wave, ensure_ascii=False)}"
    says = f'as "{latest.source}"' if latest else 'as "Trygghetsundersökningen 2026"'
    yield f"source: TODO  # what tables name as their source, {says}"
    yield ""
    yield "# The delivered file, as it was found. The path is from the parameters folder."
    said = draft.file.file.model_dump(exclude_none=True)
    yield f"file: {one_line({name: scalar(value) for name, value in said.items()})}"
    yield ""
    weeks = sorted(week for week, rows in draft.counted(WEEK).items() if rows >= _TOLD_FROM)
    found = f"; most answers are of {weeks[0]} to {weeks[-1]}" if weeks else ""
    yield f"fieldwork: TODO  # first and last day, as [2024-09-02, 2024-10-13]{found}"
    season = latest.season if latest else "höst"
    yield f"season: TODO  # of the fieldwork, as {season}: other seasons are compared with a note"
    span = list(latest.age_span) if latest else [16, 84]
    yield f"age_span: TODO  # youngest and oldest age of those asked, as {span}"
    modes = {plain(mode) for mode, rows in draft.counted(MODE).items() if rows >= _TOLD_FROM}
    if modes and modes <= set(MODES):
        yield f"modes: [{', '.join(mode for mode in MODES if mode in modes)}]  # found in the file"
    else:
        yield f"modes: TODO  # how people answered: a list, as [post, webb], of {', '.join(MODES)}"


def _strata(draft: Draft) -> Iterator[str]:
    areas, latest = draft.office.areas, draft.latest
    persons: Counter[str] = Counter()
    for text, times in draft.counted(AREA).items():
        if one := draft.office.area(text):
            persons[one] += times
    levels = {areas.level_of(one) for one in persons}
    level = latest.strata_level if latest else levels.pop() if len(levels) == 1 else None
    rows: Counter[str] = Counter()
    for one, times in persons.items():
        if level and (stratum := areas.at_level(one, level)):
            rows[stratum] += times
    yield "# Who was asked. sampling: sannolikhet (random sample), kvot (quotas) or sjalvval"
    yield "# (self-selected). invited and responding are persons, as the company reports them;"
    yield "# leave out what is not known. An area that isn't here had no survey in this wave."
    told = f": {level}" if level else ""
    yield f"strata_level: TODO  # the level of the areas below, if sampled one by one{told}"
    if not rows:
        yield "strata: TODO  # on lines below, each area's id: how it was sampled"
        return
    yield "strata:"
    for area in areas.of_level(level or ""):
        if area in rows:
            many = (
                f"{rows[area]} rows"
                if rows[area] >= _TOLD_FROM
                else f"fewer than {_TOLD_FROM} rows"
            )
            model = "{sampling: sannolikhet, invited: persons, responding: persons}"
            yield f"  {area}: TODO  # as {model}; {many} in the file"


def _words(draft: Draft) -> Iterator[str]:
    """The words of {placeholders}, read out of the questions in the file where they stand there."""
    q = draft.office.questionnaire
    found: dict[str, Counter[str]] = {}
    for match in draft.matches:
        for wording in match.asked.wordings:
            for name in placeholders(wording):
                found.setdefault(name, Counter())
                if match.certain and match.column:
                    for said in (match.column.wording, match.column.text or match.column.name):
                        if told := pattern(wording).fullmatch(" ".join(words(said))):
                            found[name][told[name]] += 1
    if not found:
        return
    yield "# Words that fill {placeholders} in the questions of this wave."
    yield "words:"
    for name, counted in found.items():
        if len(counted) == 1:
            yield f"  {name}: {scalar(next(iter(counted)))}  # as the questions of the file say"
            continue
        usual = draft.latest.words.get(name) if draft.latest else None
        items = ", ".join(one for one in q.items if f"{{{name}}}" in q.items[one].text)
        hint = f'; "{usual}" in wave {draft.latest.id}' if usual and draft.latest else ""
        yield f"  {name}: TODO  # the word that stood in the questions {items}{hint}"


# -- variables -------------------------------------------------------------------------------------


def _variables(draft: Draft) -> Iterator[str]:
    yield "# Which column of the file is which of ours, and why. A question not mentioned is in"
    yield "# the column with its own id. values: delivered value -> our code."
    own = [match.asked.name for match in draft.matches if _says_nothing(match, draft)]
    if own:
        yield from _wrapped("# Found under their own names: ", own)
    left = [one.asked.name for one in draft.matches if one.column is None and not one.asked.needed]
    left = [name for name in left if name != WEIGHT]
    if left:
        yield from _wrapped("# Not in the file, and not needed: ", left)
    yield "variables:"
    owners = dict.fromkeys(match.asked.owner for match in draft.matches)
    lines = [line for owner in owners if owner != WEIGHT for line in _of_owner(owner, draft)]
    yield from lines or ["  {}"]
    yield ""
    yield "# What was not asked in this wave: ids of questions, a line each, as  - kons_flytta"
    yield "not_asked: []"


def _wrapped(begun: str, names: Iterable[str]) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(begun + ", ".join(names), 98, subsequent_indent="#   ")


def _says_nothing(match: Match, draft: Draft) -> bool:
    return (
        match.certain
        and match.column is not None
        and plain(match.column.name) == plain(match.asked.name)
        and match.asked.owner not in PARADATA
        and not values_of(match, draft.file.raw, draft.office)
    )


def _of_owner(owner: str, draft: Draft) -> Iterator[str]:
    """The lines of one question: its options' values once where they are the same."""
    matches = [one for one in draft.matches if one.asked.owner == owner]
    if len(matches) > 1 and not any(one.column for one in matches):
        if matches[0].asked.needed:
            what = f"what the names of its {len(matches)} columns begin with"
            yield f"  {owner}: {{column: TODO}}  # {what}; {_or_not_asked(owner)}"
        return
    said = {one.asked.name: _values(one, draft) for one in matches if one.column}
    shared = Values()
    if (
        len(said) > 1
        and len(said) == len(matches)
        and all(v == said[matches[0].asked.name] for v in said.values())
    ):
        shared = said[matches[0].asked.name]
    if shared:
        yield from _entry(owner, {}, shared, "for all its columns")
    for match in matches:
        values = said.get(match.asked.name, Values()) if not shared else Values()
        yield from _of_match(match, values, draft)


def _values(match: Match, draft: Draft) -> Values:
    return values_of(match, draft.file.raw, draft.office)


def _of_match(match: Match, values: Values, draft: Draft) -> Iterator[str]:
    name, one = match.asked.name, match.column
    open_ = {"column": TODO}
    if not match.certain and codes_unknown(match, draft.file, draft.office):
        open_["values"] = TODO
    if one is None:
        if match.asked.needed:
            codes = (
                "; values: its codes -> ours, {} if they are the same" if "values" in open_ else ""
            )
            rest = _or_not_asked(match.asked.owner)
            yield f"  {name}: {one_line(open_)}  # {match.why}: its column{codes}; {rest}"
    elif not match.certain:
        told = f"perhaps {scalar(one.name)} ({match.certainty:.0%}, {match.why}{_quoted(match)})"
        also = f"; if so {_values_line(values)}" if "values" in open_ else ""
        rest = _or_not_asked(match.asked.owner) if match.asked.needed else "if not, remove the line"
        yield f"  {name}: {one_line(open_)}  # {told}{also}; {rest}"
    elif plain(one.name) != plain(name) or name != match.asked.owner or values:
        certainty = "" if match.certainty == 1 else f" ({match.certainty:.0%}{_quoted(match)})"
        column = {} if plain(one.name) == plain(name) else {"column": scalar(one.name)}
        if column or values:
            yield from _entry(name, column, values, match.why + certainty)


def _quoted(match: Match) -> str:
    """What the file says of a column, where it is more than its name."""
    assert match.column is not None
    said = match.column.wording
    return "" if said == match.column.name else f': "{said[:80]}{"…" if len(said) > 80 else ""}"'


def _or_not_asked(owner: str) -> str:
    return f"if it was not asked, remove the line and write  - {owner}  under not_asked"


def _values_line(values: Values) -> str:
    return "values: " + one_line(
        {json.dumps(v, ensure_ascii=False): scalar(c) for v, c in values.mapping.items()}
    )


def _entry(name: str, said: Mapping[str, str], values: Values, why: str) -> Iterator[str]:
    """One variable: on one line, or with a line for each value that a person must decide."""
    entries: dict[str, object] = dict(said)
    if values.years:
        entries["years"] = "true"
        why += "; ages in years"
    if values.mapping and not values.undecided:
        entries["values"] = _values_line(values).removeprefix("values: ")
    if not (values.undecided or values.whole or values.scale):
        yield f"  {name}: {one_line(entries)}  # {why}"
        return
    yield f"  {name}:  # {why}"
    for key, value in entries.items():
        yield f"    {key}: {value}"
    if values.scale:
        yield f"    scale: TODO  # {values.scale}"
    if values.whole:
        yield f"    values: TODO  # {values.whole}"
    elif values.undecided:
        yield "    values:"
        for value, code in values.mapping.items():
            yield f"      {json.dumps(value, ensure_ascii=False)}: {scalar(code)}"
        for value, hint in values.undecided.items():
            yield f"      {json.dumps(value, ensure_ascii=False)}: TODO  # {hint}"


# -- weighting and cleaning ------------------------------------------------------------------------


def _weighting(draft: Draft) -> Iterator[str]:
    yield "# How answers are weighted to the population: by weights in the file, or raked here"
    yield "# to margins in population/."
    weight = next(one for one in draft.matches if one.asked.name == WEIGHT)
    latest = draft.latest
    if weight.column is not None:
        yield "weighting:"
        name = scalar(weight.column.name)
        rest = "or remove it and write by, population and margins as other wave files do"
        yield f"  delivered: TODO  # the column with weights, perhaps {name}; {rest}"
        return
    if latest is None or latest.weighting.delivered:
        yield "weighting:"
        yield "  by: TODO          # the level whose areas are weighted one by one"
        yield "  population: TODO  # file in population/ with the total of each area"
        yield "  margins: []       # - {variables: [kon], population: file}, a line per margin"
        return
    recipe = latest.weighting
    yield f"# The recipe is that of wave {latest.id}; the population is this wave's own."
    yield "weighting:"
    yield f"  by: {recipe.by}"
    yield f"  population: TODO  # totals of the year before fieldwork, as {recipe.population}"
    yield "  margins:" if recipe.margins else "  margins: []"
    for margin in recipe.margins:
        yield f"    - variables: [{', '.join(scalar(one) for one in margin.variables)}]"
        yield f"      population: TODO  # of the same year, as {margin.population}"
        if margin.needs is not None:
            yield f"      needs: {margin.needs}"
        if margin.note:
            note = json.dumps(margin.note, ensure_ascii=False)
            yield f"      note: TODO  # what readers are told, as {note}; or remove the line"
    yield f"  collapse_below: {recipe.collapse_below}"
    yield f"  trim: {list(recipe.trim) if recipe.trim else 'null'}"


def _cleaning(draft: Draft) -> Iterator[str]:
    yield "# What to do with what can't be right. stop: nothing is made until a person has decided."
    yield "cleaning:"
    yield "  unknown_code: stop       # or no_answer: a number outside the scale is no answer"
    yield "  duplicate: stop          # or first: of one delivered twice the first row is kept"
    yield "  outside_fieldwork: TODO  # keep or remove: answers dated outside fieldwork"
