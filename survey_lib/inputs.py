"""What numbers and reports are made from, each part as one fingerprint (SHA-256).

The same fingerprints give the same bytes, so they decide what is made again and what isn't, and a
report tells them so that exactly it can be asked for again. Four parts: the delivered answers, the
parameters, this library's code, and the libraries under it. What stands behind the door (numbers)
depends on less than what a reader sees (pages): another chart or another word makes no number
anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey_lib.vocabulary import Parameters

SETTLED = "TRYGG_PREPARED"  # set to anything: a batch has looked at all inputs, open its store
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "pyarrow")  # that can change a number
PAGE_LIBRARIES = (  # that can change a page or a file beside it
    "matplotlib",
    "pillow",
    "ipykernel",
    "ipython",
    "papermill",
    "nbconvert",
    "nbformat",
    "jinja2",
    "beautifulsoup4",
    "openpyxl",
    "python-docx",
    "pikepdf",
)
# files and folders that change no number
NO_NUMBERS = ("reports.yaml", "goals.yaml", "external.csv", "tiles.csv", "partners", "keys")
OF_MANY_WAVES = ("promises.yaml", "demo.yaml")  # that change no estimate of a single wave
AFTER_THE_DOOR = (
    "batch",
    "cli",
    "doctor.py",
    "export",
    "presentation",
    "rendering",
    "report",
    "spss.py",
    "workbench",
)
CODE = (".py", ".css", ".j2", ".json")


def versions(libraries: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """The version of this library, of Python and of others."""
    told = {"survey-lib": version("survey-lib"), "Python": platform.python_version()}
    return told | {name: version(name) for name in libraries}


def digest(of: Any) -> str:
    """The fingerprint of plain values, as JSON would write them."""
    return digest_of_bytes(json.dumps(of, sort_keys=True).encode())


def digest_of_bytes(content: bytes) -> str:
    """The fingerprint of what a file holds."""
    return hashlib.sha256(content).hexdigest()


def digest_of_files(files: Mapping[str, Path]) -> str:
    """One fingerprint of files under the names that they are known by."""
    return digest({name: digest_of_file(files[name]) for name in sorted(files)})


def digest_of_file(path: Path) -> str:
    """The fingerprint of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_of_numbers() -> str:
    """This library's code up to the door. Read once: a running program is what it was loaded as."""
    folder = Path(__file__).parent
    files = {name: path for name, path in _code(folder) if name.split("/")[0] not in AFTER_THE_DOOR}
    return digest_of_files(files)


@cache
def code_of_pages() -> str:
    """All of this library's code, templates and styles."""
    return digest_of_files(dict(_code(Path(__file__).parent)))


def _code(folder: Path) -> Iterable[tuple[str, Path]]:
    paths = (path for path in folder.rglob("*") if path.suffix in CODE)
    return ((path.relative_to(folder).as_posix(), path) for path in paths)


def parameter_files(parameters: Parameters) -> dict[str, Path]:
    """All parameter files by their place in the folder, the map of borders too; no answers."""
    folder, borders = parameters.folder, parameters.areas.map
    paths = [*parameters.files]
    if borders is not None:
        file = folder / borders.file
        paths += file.parent.glob(f"{file.stem}.*")  # some formats are several files
    return {Path(os.path.relpath(path, folder)).as_posix(): path for path in paths}


def files_of_numbers(parameters: Parameters) -> dict[str, Path]:
    """The parameter files that a wave's published numbers can depend on."""
    files = parameter_files(parameters)
    return {name: path for name, path in files.items() if name.split("/")[0] not in NO_NUMBERS}


def files_of_estimates(parameters: Parameters, wave: str) -> dict[str, Path]:
    """The parameter files that the estimates of one wave can depend on: of waves only its own and
    those that it pools, and nothing else that :func:`alone` takes away."""
    own = {f"waves/{one}.yaml" for one in (wave, *parameters.waves[wave].pools)}
    files = files_of_numbers(parameters)
    left_out = {name for name in files if name.startswith("waves/")} - own
    return {n: path for n, path in files.items() if n not in left_out | set(OF_MANY_WAVES)}


def alone(parameters: Parameters, wave: str) -> Parameters:
    """The parameters without what :func:`files_of_estimates` leaves out, so that nothing computed
    from these depends on it; of the tables, what the wave asked."""
    own = {wave, *parameters.waves[wave].pools}
    waves = {name: one for name, one in parameters.waves.items() if name in own}
    tables = parameters.tables_of(parameters.waves[wave])
    return replace(
        parameters, waves=waves, tables=tables, promises={}, external=[], tiles={}, demo=None
    )


def words_for(parameters: Parameters, area: str) -> str:
    """What a page about an area can take from the parameters: all of them, but of ``reports.yaml``
    not what it says of other areas."""
    reports = parameters.reports
    own = reports.model_copy(update={"areas": {area: reports.for_area(area)}})
    told = own.model_dump(mode="json", exclude={"default", "limits"})
    files = parameter_files(parameters)
    others = {name: path for name, path in files.items() if name != "reports.yaml"}
    return digest([digest_of_files(others), told])


def answers(parameters: Parameters, wave: str) -> str | None:
    """The fingerprint of a wave's delivered file; of a pooled wave, of those that it pools. None
    when a file isn't there.

    Raises
    ------
    OSError : it is there and can't be read.
    """
    spec = parameters.waves[wave]
    if spec.pools:
        parts = [answers(parameters, part) for part in spec.pools]
        return None if None in parts else digest(parts)
    data = parameters.folder / spec.file.path
    return digest_of_file(data) if data.is_file() else None
