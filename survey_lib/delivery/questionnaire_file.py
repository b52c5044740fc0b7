"""The draft of ``questionnaire.yaml`` from a codebook.

Variables with listed answers become questions: those with the same answers share a scale, those
under one stem are a battery, those that are ticked are the options of one question. Variables
without answers (numbers, texts, what was computed) are told in comments and left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey_lib.answers.matching import plain
from survey_lib.delivery.described import Described, key
from survey_lib.delivery.values import MEANT, TICKED, UNTICKED
from survey_lib.vocabulary.questionnaire import DONT_KNOW, OUTSIDE_SCALE
from survey_lib.vocabulary.waves import PARADATA

_NUMBER = re.compile(r"^\s*[0-9]{1,3}[a-zåäö]{0,2}[.:)]\s*")
_LONGEST_LABEL = 70
Answers = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Question:
    """One variable of the codebook that can be a question: its id, and its answers in order."""

    id: str
    one: Described
    answers: Answers
    dont_know: str | None

    @property
    def ticked(self) -> bool:
        """Whether it is an option that is ticked or not."""
        labels = {plain(label) for _, label in self.answers}
        return (
            bool(labels) and labels <= TICKED | UNTICKED and bool(labels & UNTICKED - {"nej", "no"})
        )


def questions(codebook: Sequence[Described]) -> tuple[list[Question], list[Described]]:
    """The variables with answers, and those without."""
    found: list[Question] = []
    left: list[Described] = []
    taken = Counter(PARADATA)
    for one in codebook:
        answers, dont_know = _answers(one.values)
        if len(answers) < 2:
            left.append(one)
            continue
        id_ = key(one.name) if key(one.name)[:1].isalpha() else f"q{key(one.name)}"
        taken[id_] += 1
        found.append(Question(id_ + "x" * (taken[id_] - 1), one, answers, dont_know))
    return found, left


def _answers(values: Mapping[str, str]) -> tuple[Answers, str | None]:
    """Codes and labels of the answers proper, and the label of "does not know"."""
    found: dict[int, str] = {}
    dont_know = None
    seen: set[str] = set()
    for value, label in values.items():
        meant = MEANT.get(plain(label))
        if meant == DONT_KNOW:
            dont_know = label
        elif meant is None and plain(label) not in seen:
            seen.add(plain(label))
            code = int(value) if value.isdigit() else len(found) + 1
            found[code] = label
    if any(code >= OUTSIDE_SCALE for code in found):
        found = dict(enumerate(found.values(), 1))
    if len(found) >= OUTSIDE_SCALE:
        return (), None
    return tuple(found.items()), dont_know


def text(value: str) -> str:
    """A text of the codebook as YAML."""
    return json.dumps(value.replace("{", "(").replace("}", ")"), ensure_ascii=False)


def label(one: Described) -> str:
    """The short label to begin with: the question without its number."""
    said = _NUMBER.sub("", one.text) or one.name
    if len(said) > _LONGEST_LABEL:
        said = said[: _LONGEST_LABEL - 1].rsplit(" ", 1)[0] + "…"
    return said


def questionnaire_file(codebook: Sequence[Described]) -> str:
    """The text of ``questionnaire.yaml``."""
    asked, left = questions(codebook)
    parts = (*_head(), "", *_scales(asked), "", *_questions(asked), "", *_who(asked), "")
    return "\n".join((*parts, *_left(left))).rstrip() + "\n"


def _head() -> Iterator[str]:
    yield from HEAD.splitlines()


HEAD = """\
# What was asked, begun by `trygg new-survey` from a codebook. Each TODO is for a person to decide;
# what stands after it says how. Then shorten the labels, sort the questions under themes, and give
# those that reports show their indicators. An indicator is a share, under its question:
#
#     indicators:
#       otrygg_kvall: {label: Otrygga på kvällen, numerator: [3, 4], better: lower}
#
# In a battery {item} stands for the row's id and {label} for its label:
#
#     indicators:
#       "{item}_ofta": {label: "{label}", numerator: [1, 2]}
#
# A question of some only: asked_if: {f10: [1]} and filter_label: Bland dem som ...

title: TODO  # what the survey is called, as Stockholmsenkäten

special:
  96: går inte ut eller är inte där
  97: ej aktuell
  98: vet inte
  99: ej svar

bases:
  answered: Bland alla som besvarat frågan
  present: Bland dem som är på platsen

# The subjects, in the order of the report. sensitive: true has stricter rules at publication.
themes:
  allt: {title: TODO}  # the heading of all questions; add themes, and name them in the questions
"""


# -- scales ----------------------------------------------------------------------------------------


def _scale_names(asked: Sequence[Question]) -> dict[tuple[Answers, str | None], str]:
    """The answers that several questions have, or a row of a battery, with the scale's name."""
    times = Counter((one.answers, one.dont_know) for one in asked if not one.ticked)
    shared = [
        answers
        for answers, many in times.items()
        if many > 1 or any(one.one.stem for one in asked if (one.answers, one.dont_know) == answers)
    ]
    return {answers: f"S{number}" for number, answers in enumerate(shared, 1)}


def _scales(asked: Sequence[Question]) -> Iterator[str]:
    yield "# Answers that several questions have. A family is compared with itself only."
    names = _scale_names(asked)
    yield "scales:" if names else "scales: {}"
    for (answers, dont_know), name in names.items():
        yield f"  {name}:"
        yield f"    family: {name.lower()}"
        yield f"    labels: {_labels(answers)}"
        if dont_know:
            yield f"    dont_know: {text(dont_know)}"


def _labels(answers: Answers) -> str:
    return "{" + ", ".join(f"{code}: {text(said)}" for code, said in answers) + "}"


# -- questions -------------------------------------------------------------------------------------


def _questions(asked: Sequence[Question]) -> Iterator[str]:
    names = _scale_names(asked)
    batteries: list[str] = []
    items: list[str] = []
    taken = {one.id for one in asked}
    for stem, group in groupby(asked, key=lambda one: one.one.stem):
        rows = list(group)
        if stem and len(rows) > 1 and all(one.ticked for one in rows):
            items += _multiple(stem, rows, taken)
            continue
        for answers, part in groupby(rows, key=lambda one: (one.answers, one.dont_know)):
            same = list(part)
            if stem and len(same) > 1 and not same[0].ticked:
                batteries += _battery(stem, same, names[answers], taken)
            else:
                items += [line for one in same for line in _item(one, stem, names)]
    yield "# Questions asked as a table: a stem and rows with the same answers."
    yield from ("batteries:", *batteries) if batteries else ("batteries: {}",)
    yield ""
    yield "# Questions that stand alone."
    yield from ("items:", *items) if items else ("items: {}",)


def _common(rows: Sequence[Question], taken: set[str]) -> str:
    """An id for what several variables belong to, from what their ids begin with."""
    first, last = min(one.id for one in rows), max(one.id for one in rows)
    same = next(
        (k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    begun = first[:same] or rows[0].id
    while begun in taken:
        begun += "_alla"
    taken.add(begun)
    return begun


def _battery(stem: str, rows: Sequence[Question], scale: str, taken: set[str]) -> Iterator[str]:
    yield f"  {_common(rows, taken)}:"
    yield f"    stem: {text(_NUMBER.sub('', stem))}"
    yield "    theme: allt"
    yield f"    scale: {scale}"
    yield "    items:"
    for one in rows:
        yield f"      {one.id}: {{label: {text(label(one.one))}}}  # {one.one.name}"


def _multiple(stem: str, rows: Sequence[Question], taken: set[str]) -> Iterator[str]:
    """One question with options; an option's id is what its variable's name ends with."""
    begun = _common(rows, taken)
    common = begun.removesuffix("_alla")
    yield f"  {begun}:  # {rows[0].one.name} – {rows[-1].one.name}"
    yield f"    text: {text(_NUMBER.sub('', stem))}"
    yield f"    label: {text(label(Described('', stem)))}"
    yield "    theme: allt"
    yield "    kind: multiple"
    yield "    options:"
    labels: set[str] = set()
    for one in rows:
        option = one.id.removeprefix(common)
        option = option if option[:1].isalpha() else f"o{option}"
        said = label(one.one)
        if plain(said) in labels:
            said += f" ({option})"
        labels.add(plain(said))
        yield f"      {option}: {text(said)}"


def _item(
    one: Question, stem: str, names: Mapping[tuple[Answers, str | None], str]
) -> Iterator[str]:
    whole = f"{_NUMBER.sub('', stem)} – {one.one.text}" if stem else _NUMBER.sub("", one.one.text)
    yield f"  {one.id}:  # {one.one.name}"
    yield f"    text: {text(whole or one.one.name)}"
    yield f"    label: {text(label(one.one))}"
    yield "    theme: allt"
    scale = names.get((one.answers, one.dont_know))
    if scale is not None and not one.ticked:
        yield f"    scale: {scale}"
        return
    yield f"    labels: {_labels(one.answers)}"
    if one.dont_know:
        yield f"    dont_know: {text(one.dont_know)}"


# -- who answered, and what is left ----------------------------------------------------------------


def _who(asked: Sequence[Question]) -> Iterator[str]:
    yield "# Who answered. Move questions about the person (sex, age, housing) here from items, as"
    yield "#   kon: {label: Kön, codes: {1: Kvinna, 2: Man}}"
    yield "background: TODO  # the questions about the person; {} for none"
    yield ""
    yield "# Groups that reports tell apart: a background variable each, as  kon: {label: Kön}"
    yield "groups: TODO  # the groups; {} for none"


def _left(left: Sequence[Described]) -> Iterator[str]:
    if left:
        yield "# In the codebook, with fewer than two answers (numbers, texts, what was computed):"
    for one in left:
        said = " ".join(part for part in (one.stem, one.text) if part)
        yield f"#   {one.name}  {said}"[:98].rstrip()
