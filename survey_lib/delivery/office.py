"""What an office has already said: its questionnaire, areas and earlier waves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from survey_lib.answers.matching import plain
from survey_lib.answers.placing import same_area
from survey_lib.faults import BadInput
from survey_lib.vocabulary.areas import Areas
from survey_lib.vocabulary.areas_files import read_areas
from survey_lib.vocabulary.check_questionnaire import check_questionnaire
from survey_lib.vocabulary.expansion import expanded
from survey_lib.vocabulary.questionnaire import Questionnaire
from survey_lib.vocabulary.source import in_file_order
from survey_lib.vocabulary.validation import Names, validated
from survey_lib.vocabulary.waves import Wave
from survey_lib.vocabulary.yaml_files import read_yaml


@dataclass(frozen=True)
class Office:
    """The questionnaire and the areas of a parameters folder, and the waves that it can read, the
    latest first. Other files of the folder, and waves that are still being written, need not be
    sound."""

    folder: Path
    questionnaire: Questionnaire
    areas: Areas
    waves: list[Wave]

    def area(self, text: str) -> str | None:
        """The one area that an id, name or alias means; of several, the one in which a stratum can
        be told. None when none or several are left."""
        areas = self.areas
        found = [
            one.id
            for one in areas.areas.values()
            if plain(text) in {plain(word) for word in (one.id, one.name, *one.alias)}
        ]
        level = self.waves[0].strata_level if self.waves else None
        if len(found) > 1 and level is not None:
            found = [one for one in found if areas.at_level(one, level)] or found
        found = same_area(found, areas)
        return found[0] if len(found) == 1 else None


def read_office(folder: Path) -> Office:
    """
    Raises
    ------
    BadInput : every fault of the questionnaire and the areas.
    """
    source = read_yaml(folder / "questionnaire.yaml")
    written, left_out = validated(Questionnaire, source)
    if written is not None:
        check_questionnaire(written, source, Names(frozenset(left_out)))
    sources, areas, _ = read_areas(folder)
    faults = [fault for one in (source, *sources) for fault in in_file_order(one.faults)]
    if faults:
        raise BadInput(faults)
    assert written is not None and areas is not None  # each would have left a fault
    return Office(folder, expanded(written), areas, _waves(folder))


def _waves(folder: Path) -> list[Wave]:
    found = []
    for path in (folder / "waves").glob("*.yaml"):
        source = read_yaml(path)
        if isinstance(source.data, dict) and "pools" not in source.data:
            source.data["id"] = path.stem
            wave, _ = validated(Wave, source)
            if wave is not None and not source.faults:
                found.append(wave)
    return sorted(found, key=lambda wave: (wave.fieldwork, wave.id), reverse=True)
