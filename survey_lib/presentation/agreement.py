"""The other parties' pictures held against the residents' order: where they agree, where not.

A party's *possible places* of a problem are one place where it has numbered its problems, and those
of the whole class where it has said hög, medel or låg; a problem that it doesn't raise comes after
those that it raises. Places are counted among the problems that have one in the survey. Two
pictures *can be united* when any of these is a place that the survey's answers make possible: a
disagreement inside the uncertainty is none. Nothing is averaged, and no picture is a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import pandas as pd

from survey_lib.presentation import phrases, swedish, tables
from survey_lib.presentation.meeting import place_cell, share_cell
from survey_lib.presentation.phrases import Words
from survey_lib.presentation.section import Section
from survey_lib.presentation.sentences import Bullets, Point, Sentence
from survey_lib.presentation.tables import Cell, Column, HtmlTable, Row
from survey_lib.presentation.verdicts import records
from survey_lib.vocabulary.partners import PRIORITIES

Given = Mapping[str, int | str]  # problem id -> place, or one of PRIORITIES
Places = tuple[int, int]  # the first and the last that is possible

FIRST = 5  # problems that all pictures may have first
UNRAISED = "inte med"

BESIDE = (
    "Undersökningens svar ligger här bredvid de andra parternas egna bilder av problemen. De läggs "
    "inte ihop: var och en ser sin sida av {platsen}, och ingen gemensam poäng räknas ut."
)
UNITED = (
    "En parts bild går att förena med svaren när platsen som parten ger problemet är en av dem som "
    "är möjliga enligt svaren. Det betyder inte att bilderna är lika, bara att svaren inte räcker "
    "för att säga att de skiljer sig."
)
TALK = "Där bilderna skiljer sig behöver ingen av dem vara fel. Det är något att tala om vid mötet."
NO_ORDER = "Undersökningen har ingen ordning mellan problemen att jämföra med."
UNRAISED_NOTE = (
    f"{UNRAISED} = parten lyfter inte fram problemet. Det räknas komma efter dem som parten lyfter "
    "fram."
)
CLASSES_NOTE = (
    "Av prioriteringarna hög, medel och låg används bara ordningen: problem med hög kommer före "
    "problem med medel, och de före problem med låg."
)
PLACED_NOTE = "Platser jämförs bland de problem vars plats i svaren redovisas."


class Agreement(Enum):
    """How a party's place of a problem stands to the residents'."""

    POSSIBLE = "går att förena"
    HIGHER = "högre än {boende}"
    LOWER = "lägre än {boende}"
    UNKNOWN = "kan inte jämföras"

    def said(self, words: Words) -> str:
        return phrases.fill(self.value, boende=words.people)


def party_places(given: Given, problems: Sequence[str]) -> dict[str, Places]:
    """The places that a party's picture leaves possible, of each of ``problems``, among them."""
    raised = [problem for problem in problems if problem in given]
    count = len(problems)
    places: dict[str, Places] = {}
    if all(isinstance(given[problem], int) for problem in raised):
        for place, problem in enumerate(sorted(raised, key=lambda one: given[one]), start=1):
            places[problem] = (place, place)
    else:
        before = 0
        for priority in PRIORITIES:
            members = [problem for problem in raised if given[problem] == priority]
            last = count if priority == PRIORITIES[-1] else before + len(members)
            places |= dict.fromkeys(members, (before + 1, last))
            before += len(members)
    return {problem: places.get(problem, (len(raised) + 1, count)) for problem in problems}


def agreement(residents: Places, party: Places) -> Agreement:
    """Whether the two have a place in common, and else on which side the party's stands."""
    if party[1] < residents[0]:
        return Agreement.HIGHER
    if party[0] > residents[1]:
        return Agreement.LOWER
    return Agreement.POSSIBLE


def agreements(frame: pd.DataFrame, given: Given) -> dict[str, Agreement]:
    """One party against the residents, problem by problem.

    ``frame``: ``problem_id, rang_lag, rang_hog`` as in
    :func:`survey_lib.export.joint_table.joint_table`; UNKNOWN where the residents have no places.
    """
    residents = possible_places(frame)
    places = party_places(given, list(residents))
    return {
        problem: agreement(residents[problem], places[problem])
        if problem in residents
        else Agreement.UNKNOWN
        for problem in frame["problem_id"]
    }


def possible_places(frame: pd.DataFrame) -> dict[str, Places]:
    """The residents' possible places, of the problems that have them."""
    placed = frame.dropna(subset=["rang_lag", "rang_hog"])
    columns = (placed[name] for name in ("problem_id", "rang_lag", "rang_hog"))
    return {problem: (int(low), int(high)) for problem, low, high in zip(*columns, strict=True)}


# -- in words -------------------------------------------------------------------------------------


def pictures_told(
    frame: pd.DataFrame, pictures: Mapping[str, Given], words: Words
) -> list[Sentence | list[Sentence]]:
    """What the comparison is, and which problems every picture may have first; nothing without
    pictures.

    ``pictures``: by the party's name, those that have been given.
    """
    if not pictures:
        return []
    said: list[Sentence | list[Sentence]] = [phrases.fill(BESIDE, platsen=words.place)]
    if not possible_places(frame):
        return [*said, NO_ORDER]
    first = _first_in_all(frame, pictures)
    said += [UNITED, TALK]
    if not words.probability:
        said.append(phrases.KVOT)
    if first:
        these = "Det här problemet" if len(first) == 1 else "De här problemen"
        number = swedish.in_words(FIRST)
        said += [f"{these} kan höra till de {number} första i alla bilder.", Bullets(first)]
    return said


def _first_in_all(frame: pd.DataFrame, pictures: Mapping[str, Given]) -> list[str]:
    """The problems that can be among the first in the residents' order and every picture; none
    where nearly all could."""
    residents = possible_places(frame)
    if len(residents) <= FIRST:
        return []
    able = {problem for problem, (low, _) in residents.items() if low <= FIRST}
    for given in pictures.values():
        places = party_places(given, list(residents))
        able &= {p for p, (low, _) in places.items() if low <= FIRST and p in given}
    return [row["problem_sv"] for row in records(frame) if row["problem_id"] in able]


def party_told(frame: pd.DataFrame, party: str, given: Given, words: Words) -> Section:
    """One party's picture beside the residents': for how many problems the two can be united, and
    the others by name, under the party's name."""
    found = agreements(frame, given)
    kinds = list(found.values())
    comparable = len(kinds) - kinds.count(Agreement.UNKNOWN)
    if not comparable:
        return Section("")
    united = kinds.count(Agreement.POSSIBLE)
    said: list[Sentence | list[Sentence]] = [
        f"Bilden går att förena med svaren för {united} av {comparable} problem."
    ]
    for kind in (Agreement.HIGHER, Agreement.LOWER):
        rows = [row for row in records(frame) if found[row["problem_id"]] is kind]
        if rows:
            these = "Det här problemet placerar" if len(rows) == 1 else "De här problemen placerar"
            unraised = any(row["problem_id"] not in given for row in rows)
            end = " eller lyfter inte fram" if unraised else ""
            said.append(f"{these} {party} {kind.said(words)}{end}.")
            said.append(Bullets(_one(row, given, words) for row in rows))
    return Section(party, said)


def _one(row: Row, given: Given, words: Words) -> Point:
    mine = given.get(row["problem_id"])
    theirs = swedish.places(int(row["rang_lag"]), int(row["rang_hog"]))
    shown = f"plats {mine}" if isinstance(mine, int) else f"prioritet {mine}"
    shown = UNRAISED if mine is None else shown
    return Point(str(row["problem_sv"]), f"{shown}; bland {words.people} plats {theirs}.")


# -- as a table -----------------------------------------------------------------------------------


def pictures_table(
    frame: pd.DataFrame, pictures: Mapping[str, Given], words: Words, caption: str
) -> HtmlTable:
    """The residents' places beside each party's, as the party wrote it, and how they agree."""
    columns = [
        tables.text("Problem", "problem_sv"),
        Column(f"Plats bland {words.people}", place_cell),
        Column("Andel", share_cell, unit=tables.SHARE),
    ]
    for party, given in pictures.items():
        columns += _columns(party, given, agreements(frame, given), words)
    return HtmlTable.of(frame, columns, caption, words, notes=table_notes(frame, pictures, words))


def _columns(
    party: str, given: Given, found: Mapping[str, Agreement], words: Words
) -> list[Column]:
    """What one party wrote, and how it stands to the residents' places."""

    def stands(row: Row) -> Cell:
        how = found[row["problem_id"]]
        said = how.said(words)
        return Cell(said, said, strong=how in (Agreement.HIGHER, Agreement.LOWER))

    return [
        Column(party, lambda row: given_cell(row, given), numeric=False),
        Column(f"{party} jämfört med {words.people}", stands, numeric=False),
    ]


def given_cell(row: Row, given: Given) -> Cell:
    """What a party wrote of a problem."""
    mine = given.get(row["problem_id"])
    if mine is None:
        return Cell(UNRAISED)
    return Cell(str(mine), float(mine) if isinstance(mine, int) else mine)


def table_notes(frame: pd.DataFrame, pictures: Mapping[str, Given], words: Words) -> list[str]:
    """What the cells mean: the residents' uncertainty, then the parties' ways of writing."""
    notes = [f"Under andelen står dess {words.ki}."]
    if possible_places(frame):
        rank = phrases.RANK_NOTE if words.probability else phrases.RANK_NOTE_KVOT
        notes.insert(0, phrases.fill(rank, niva=words.level))
    if any(problem not in given for given in pictures.values() for problem in frame["problem_id"]):
        notes.append(UNRAISED_NOTE)
    if any(isinstance(one, str) for given in pictures.values() for one in given.values()):
        notes.append(CLASSES_NOTE)
    if pictures and 0 < len(possible_places(frame)) < len(frame):
        notes.append(PLACED_NOTE)
    return notes
