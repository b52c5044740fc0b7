"""``trygg reproduce``: a finished page made again from what it says that it was made from.

Everything happens in a temporary folder that is laid out as the page's project was. Where the
wave's published store lies beside the page just as it was, the page is made from that; otherwise
the wave is prepared again from its answers.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib import inputs
from survey_lib.batch.made import read_record
from survey_lib.batch.pages import WAVE_PAGES, area_of, kind_of
from survey_lib.batch.plan import dated, notebook_file
from survey_lib.batch.progress import Reporter
from survey_lib.batch.reports import make_reports
from survey_lib.export.beside import pdf_name
from survey_lib.faults import BadInput, Fault
from survey_lib.files import shown
from survey_lib.publish import FOLDER, Published, open_published
from survey_lib.rendering.page import MADE_FROM
from survey_lib.selection import Selection, select
from survey_lib.vocabulary import load_parameters

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters

SHOWN = 16  # digits of a fingerprint in a message


@dataclass(frozen=True)
class Reproduction:
    """What came of it.

    Attributes
    ----------
    files : each file of the page -> where it differs, "" when it is the same to the last byte.
    reason : why there is no page to compare, in words.
    """

    files: Mapping[str, str]
    reason: str = ""

    @property
    def identical(self) -> bool:
        return not self.reason and bool(self.files) and not any(self.files.values())


def told_by(page: Path) -> dict[str, Any]:
    """What a page says that it was made from (:meth:`survey_lib.batch.plan.Plan.inputs`).

    Raises
    ------
    BadInput : there is no such file, or it is no page of these reports.
    """
    from bs4 import BeautifulSoup

    try:
        head = page.read_text(encoding="utf-8").partition("<body")[0]
        element = BeautifulSoup(head, "html.parser").find("meta", attrs={"name": MADE_FROM})
        told: dict[str, Any] = json.loads(str(element["content"])) if element else {}
        told["wave"], told["page"], told["compare_with"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        missing = isinstance(problem, FileNotFoundError)
        found = "no such file" if missing else "a file that doesn't tell what it was made from"
        expected = "a page that `trygg reports` has made"
        action = "give the path of a report, as reports/2024/name.html"
        raise BadInput(Fault(shown(page), "", found, expected, action)) from problem
    return told


def differences(told: Mapping[str, Any], parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    """What is not as it was when the page was made: what it is, then, and here.

    Raises
    ------
    BadInput : the page's wave or area is unknown to the parameters.
    """
    area = "".join(_selection(told, parameters).areas) or parameters.areas.whole
    source = _notebook(told, parameters)
    here = {
        "versions": inputs.versions((*inputs.LIBRARIES, *inputs.PAGE_LIBRARIES)),
        "code": inputs.code_of_pages(),
        "parameters": inputs.digest_of_files(inputs.files_of_numbers(parameters)),
        "words": inputs.words_for(parameters, area),
        "notebook": inputs.digest_of_file(source) if told.get("notebook") else "",
        "answers": {
            wave: inputs.answers(parameters, wave) if wave in parameters.waves else None
            for wave in told.get("answers", {})
        },
    }
    for name, now in here.items():
        was = told.get(name)
        if isinstance(now, dict):
            was = was or {}
            for one in sorted(was.keys() | now.keys()):
                if was.get(one) != now.get(one):
                    label = one if name == "versions" else f"{name} {one}"
                    yield label, _short(was.get(one)), _short(now.get(one))
        elif was != now:
            yield name, _short(was), _short(now)


def reproduce(page: Path, parameters: Parameters, reporter: Reporter) -> Reproduction:
    """Make a page again in a temporary folder, with all that lies beside it, and compare.

    Raises
    ------
    BadInput : it can't be made here: the answers are gone and the published store has changed, or
        a notebook or a browser is missing.
    """
    told = told_by(page)
    chosen = _selection(told, parameters)
    with (
        tempfile.TemporaryDirectory(prefix="trygg-", ignore_cleanup_errors=True) as folder,
        dated(told.get("date", "")),
    ):
        copy, output = _laid_out(told, parameters, Path(folder))
        store = output / chosen.wave / FOLDER
        published = _published(told, parameters, page.parent / FOLDER, store)
        outcomes = make_reports(
            copy,
            chosen,
            output=output,
            workers=1,
            only=told["page"],
            reporter=reporter,
            pdf=(page.parent / pdf_name(page.stem)).is_file(),
            prepare=lambda *_: published,
        )
        (outcome,) = (one for one in outcomes if one.key == told["page"])
        made = output / chosen.wave
        record = read_record(made, page.stem)
        if outcome.state == "failed" or record is None:
            return Reproduction({}, outcome.reason or f"no page is called {page.stem}")
        return Reproduction(
            {name: _where(page.parent / name, made / name) for name in sorted(record.files)}
        )


def _selection(told: Mapping[str, Any], parameters: Parameters) -> Selection:
    """What to ask for: the page's area alone, or none for a page about the wave."""
    key = told["page"]
    areas = [area_of(key, parameters.areas) or key] if key not in WAVE_PAGES else []
    chosen = select(
        parameters, wave=told["wave"], compare_with=told["compare_with"] or "", areas=areas
    )
    return replace(chosen, areas=areas)


def _notebook(told: Mapping[str, Any], parameters: Parameters) -> Path:
    return notebook_file(kind_of(told["page"], parameters.areas).notebook, parameters.folder)


def _laid_out(
    told: Mapping[str, Any], parameters: Parameters, root: Path
) -> tuple[Parameters, Path]:
    """The parameters and notebooks copied, and the folder for reports, under the names by which the
    page's notebook found them. Answers aren't copied."""
    names = {**{"parameters": "parameters", "reports": "reports"}, **told.get("folders", {})}
    inside = {
        kind: name if not Path(name).is_absolute() and ".." not in Path(name).parts else kind
        for kind, name in names.items()
    }
    folder = root / inside["parameters"]
    for name, path in inputs.parameter_files(parameters).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (root / "notebooks").mkdir()
    source = _notebook(told, parameters)
    shutil.copyfile(source, root / "notebooks" / source.name)
    return load_parameters(folder), root / inside["reports"]


def _published(
    told: Mapping[str, Any], parameters: Parameters, beside: Path, store: Path
) -> Published:
    """The published store that the page was made from, put where it is looked for."""
    there = inputs.digest_of_files({path.name: path for path in beside.glob("*")})
    if there == told.get("tables"):
        shutil.copytree(beside, store)
        return open_published(store)
    from survey_lib.pipeline import prepare

    return prepare(parameters, told["wave"], told["compare_with"] or None, store.parent.parent)


def _where(then: Path, now: Path) -> str:
    """Where two files differ first: the line of a text, the byte of anything else; "" nowhere."""
    if not then.is_file():
        return "not beside the page"
    one, two = then.read_bytes(), now.read_bytes()
    if one == two:
        return ""
    place = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), None)
    at = min(len(one), len(two)) if place is None else place
    if b"\0" in one:
        return f"from byte {at + 1} of {len(one)}"
    lines = one[:at].split(b"\n")
    return f"from line {len(lines)}, character {len(lines[-1]) + 1}"


def _short(value: Any) -> str:
    if value in (None, ""):
        return "not there"
    return str(value)[:SHOWN]
