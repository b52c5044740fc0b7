"""``trygg new-survey``: the draft of a parameters folder for another questionnaire."""

from __future__ import annotations

from pathlib import Path

from survey_lib import files
from survey_lib.delivery.opening import read_codebook
from survey_lib.delivery.questionnaire_file import questionnaire_file, questions
from survey_lib.faults import BadInput, Fault

AREAS = """\
# Areas, begun by `trygg new-survey`: the whole, and the levels of areas from the largest to the
# smallest, with the words that reports use. The areas themselves stand in areas.csv, a row each:
# id;name;part_of;alias - the id is level:name in a-z, 0-9, _ and -.

whole: TODO  # the id of the area that holds all others, as kommun:namn
rest: TODO  # the whole without the area that a report is about, as övriga kommunen

# Change the words to yours, and add levels.
levels:
  kommun: {singular: kommun, definite: kommunen, plural: kommuner, definite_plural: kommunerna}
  omrade: {singular: område, definite: området, plural: områden, definite_plural: områdena}
"""
AREAS_TABLE = "id;name;part_of;alias\nTODO;TODO;;\n"
TABLES = """\
# What is published, begun by `trygg new-survey`: tables of indicators, for areas of some levels,
# alone and by groups. A table's section, by its own id or section:, is problems, safety, places,
# worry, exposure, trust, cohesion or positives. family: list for long lists, named for a few
# indicators chosen beforehand.

tables:
  safety:
    title: TODO  # the table's heading
    indicators: TODO  # ids of indicators in questionnaire.yaml, as [otrygg_kvall]
    lead: TODO  # those told in full sentences and group by group, as [otrygg_kvall]; [] for none
    levels: TODO  # levels of areas.yaml, as [kommun, omrade]
    groups: TODO  # groups of questionnaire.yaml, as [kon]; [] for none
    family: list
"""
REPORTS = """\
# Reports, begun by `trygg new-survey`: what they are called, and what is shown when nothing else is
# asked for.

title: TODO  # the title of every report
publisher: TODO  # who publishes it
people: TODO  # who answered, as boende
comment_heading: TODO  # above an area's own comments, as Kommentar från kommunen
wave: TODO  # the wave shown: a file in waves/, begun by `trygg new-wave`, in quotes: "2026"
level: TODO  # every area of this level gets a report, as omrade
"""


def new_survey(folder: Path, codebook: Path) -> list[str]:
    """Writes a new parameters folder, whole or not at all, and tells what it holds.

    Raises
    ------
    BadInput
        The folder is there and holds something, or the codebook can't be read, or tells of no
        question.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found = "a folder with files" if folder.is_dir() else "a file"
        action = "name another folder, or take this one away first"
        raise BadInput(Fault(files.shown(folder), "", found, "a new or empty folder", action))
    said = read_codebook(codebook)
    asked, left = questions(said)
    if not asked:
        found = f"{len(said)} variables, none with two answers or more"
        action = "give a codebook with codes and labels, or the SPSS file with its labels"
        raise BadInput(
            Fault(files.shown(codebook), "", found, "questions with listed answers", action)
        )
    written = {
        "questionnaire.yaml": questionnaire_file(said),
        "areas.yaml": AREAS,
        "areas.csv": AREAS_TABLE,
        "tables.yaml": TABLES,
        "reports.yaml": REPORTS,
    }
    with files.replace_folder(folder) as aside:
        for name, text in written.items():
            (aside / name).write_bytes(text.encode("utf-8"))
    return [
        f"{len(said)} variables in the codebook: {len(asked)} with answers, written as questions; "
        f"{len(left)} without, named at the end of questionnaire.yaml",
        *(f"written: {files.shown(folder / name)}" for name in written),
        "then: decide every TODO, sort questions under themes, give those to be shown indicators,",
        f"and begin the first wave: trygg new-wave FILE --parameters {files.shown(folder)}",
    ]
