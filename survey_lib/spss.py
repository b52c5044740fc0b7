"""``trygg export --microdata``: a wave's cleaned answers as an SPSS file, for those who stay there.

A row per respondent, with weight, stratum and, where the wave has them, clusters: what an analysis
of a sample needs. Variables and values carry the questionnaire's words; 97 and 99 are declared
missing, 96 and 98 are answers (domain guide 3.3). No delivered id and no text of a respondent's own
is in it: ``respondent`` is a random token, new at each reading, and rows lie in its order.

It is microdata all the same. So it is readable by its owner only, never lies where reports do, and
is remembered in the private store, for ``trygg forget`` to take away.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from survey_lib import platforms
from survey_lib.answers.columns import AREA, LANGUAGE, MODE, PSU, RESPONDENT, STRATUM, WEEK, WEIGHT
from survey_lib.faults import BadInput, Fault
from survey_lib.files import ASIDE, make_folder, shown, write_bytes
from survey_lib.locking import only_run
from survey_lib.pipeline import PRIVATE, weigh_wave, write_demo
from survey_lib.presentation.phrases import DEMO
from survey_lib.publish import FOLDER, MANIFEST
from survey_lib.vocabulary import Parameters, Wave
from survey_lib.vocabulary.questionnaire import NO_ANSWER, NOT_APPLICABLE, Item
from survey_lib.weighting import WeightedSurvey

ENDING = ".sav"
LIST = "exported.json"  # in a wave's private folder
WORDS = {
    RESPONDENT: "Slumpmässig beteckning, ny vid varje läsning",
    "wave": "Undersökning",
    AREA: "Område",
    STRATUM: "Stratum",
    PSU: "Primär urvalsenhet",
    "sampling": "Urval",
    MODE: "Insamlingssätt",
    LANGUAGE: "Språk",
    WEEK: "Vecka",
    "same_answer": "Samma svar på alla rader i ett frågebatteri",
    WEIGHT: "Vikt",
}
LONGEST_LABEL = 250  # bytes of UTF-8; SPSS cuts off after 255


@dataclass(frozen=True)
class Exported:
    """A file that was written: where, and a digest of its bytes."""

    file: str
    digest: str

    @property
    def path(self) -> Path:
        return Path(self.file)

    def is_as_written(self) -> bool:
        """Whether it is still there with the bytes that it was given."""
        return self.path.is_file() and sha256(self.path.read_bytes()).hexdigest() == self.digest


def export_microdata(parameters: Parameters, wave: str, target: Path, output: Path) -> Path:
    """Write a wave's weighted microdata to ``target``. ``output`` is the ``reports`` folder.

    Raises
    ------
    BadInput : the name is no SPSS file's, it lies where reports are published, another file has it,
        or the wave can't be read and weighted.
    """
    private = output.parent / PRIVATE
    known = exported(parameters, parameters.waves, output)
    _check_place(target, output, [one.path for one in known])
    with only_run(private):
        write_demo(parameters, [wave])
        survey, _ = weigh_wave(parameters, wave)
        content = _sav(survey, parameters, private)
        list_file = private / parameters.folder.name / wave / LIST
        path = target.resolve()
        make_folder(list_file.parent)
        for folder in (private, list_file.parent.parent, list_file.parent):
            platforms.make_private(folder)
        digest = sha256(content).hexdigest()
        listed = [one for one in exported(parameters, [wave], output) if one.path != path]
        rows = [asdict(one) for one in [*listed, Exported(path.as_posix(), digest)]]
        # Listed before it is written: a file that isn't there is easier to bear than one unknown.
        write_bytes(list_file, json.dumps(rows, ensure_ascii=False).encode(), private=True)
        write_bytes(target, content, private=True)
    return target


def exported(parameters: Parameters, waves: Iterable[str], output: Path) -> list[Exported]:
    """The files that were written of some waves, wherever they are now."""
    store = output.parent / PRIVATE / parameters.folder.name
    files = [store / wave / LIST for wave in waves]
    return [
        Exported(**row)
        for file in files
        if file.is_file()
        for row in json.loads(file.read_text(encoding="utf-8"))
    ]


def _check_place(target: Path, output: Path, known: list[Path]) -> None:
    path = target.resolve()
    if path.suffix.lower() != ENDING:
        expected, action = f"a name that ends in {ENDING}", "give the file such a name"
        raise BadInput(Fault(shown(target), "", f"the ending {path.suffix!r}", expected, action))
    published = next((one for one in path.parents if _is_published(one, output)), None)
    if published is not None:
        found = f"a place in {shown(published)}, which is for what others may see"
        action = "choose a folder that only those may open who may see the answers"
        expected = "a folder outside it: the file holds a row per respondent"
        raise BadInput(Fault(shown(target), "", found, expected, action))
    if path.exists() and path not in known:
        found = "a file that this command has not written"
        expected = "a name that is free, or a file that it wrote before"
        raise BadInput(Fault(shown(target), "", found, expected, "give the file another name"))


def _is_published(folder: Path, output: Path) -> bool:
    """Whether a folder is one of reports: the one given, one so called, or a wave's."""
    return (
        folder == output.resolve()
        or folder.name.lower() == "reports"
        or (folder / FOLDER / MANIFEST).is_file()
    )


def _sav(survey: WeightedSurvey, parameters: Parameters, private: Path) -> bytes:
    """The file's bytes, by way of the private folder, since the library writes to a path only."""
    import pyreadstat

    frame = survey.frame.drop(columns="row").copy().assign(**{WEIGHT: survey.design.weights})
    frame = frame.sort_values(RESPONDENT, ignore_index=True)
    names = [str(name) for name in frame]
    texts = {one: frame[one].astype("str").fillna("") for one in names if _is_text(frame[one])}
    flags = {one: frame[one].astype("int8") for one in names if frame[one].dtype == bool}
    codes = [name for name in names if name in parameters.questionnaire.column_owner]
    with tempfile.TemporaryDirectory(prefix=ASIDE, dir=private) as folder:
        path = Path(folder) / f"microdata{ENDING}"
        pyreadstat.write_sav(
            frame.assign(**texts, **flags),
            path,
            file_label=_cut(f"{'DEMODATA – ' if survey.wave.demo else ''}{survey.wave.label}", 60),
            note=DEMO if survey.wave.demo else survey.wave.source,
            column_labels={name: _label(name, survey.wave, parameters) for name in names},
            variable_value_labels={
                name: labels for name in names if (labels := _values(name, survey, parameters))
            },
            missing_ranges={one: [NOT_APPLICABLE, NO_ANSWER] for one in codes if one not in texts},
            variable_measure={name: "scale" if name == WEIGHT else "nominal" for name in names},
            variable_format={WEIGHT: "F12.4"},
            row_compress=True,
        )
        return path.read_bytes()


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _label(column: str, wave: Wave, parameters: Parameters) -> str:
    """What a column is called: the question as asked, with the option of one with several ticks."""
    questionnaire = parameters.questionnaire
    owner = questionnaire.column_owner.get(column)
    if owner is None:
        return WORDS[column]
    text, variable = questionnaire.text(owner, wave), questionnaire.variable(owner)
    if isinstance(variable, Item) and variable.kind == "multiple":
        option = column.removeprefix(f"{owner}_")
        text = f"{(variable.options or {})[option]} | {text}"
    return _cut(text, LONGEST_LABEL)


def _values(column: str, survey: WeightedSurvey, parameters: Parameters) -> dict[Any, str]:
    """The words of a column's values, in questionnaire order; of ids, those that occur."""
    questionnaire, wave = parameters.questionnaire, survey.wave
    values = survey.frame.get(column)
    found: dict[Any, str] = {}
    if owner := questionnaire.column_owner.get(column):
        found |= questionnaire.codes(owner, wave)
    if values is None or values.dtype == bool:
        return {0: "Nej", 1: "Ja"} if column == "same_answer" else found
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return found
    names = {one: parameters.areas.name(one) for one in parameters.areas.areas}
    names |= {one.id: one.name for one in parameters.places.values()}
    names |= {str(code): label for code, label in found.items()}
    used = values.cat.remove_unused_categories().cat.categories.astype(str)
    return {one: names[one] for one in used if one in names}


def _cut(text: str, most: int) -> str:
    """A text of so many bytes at most, no letter cut in two."""
    return text.encode()[:most].decode(errors="ignore")
