"""Reports in storage: ``trygg reports --output s3://bucket/reports``, or whatever fsspec knows.

Reports are made in the project's own ``reports`` folder, and when a run is done the wave's folder
is copied as it is, published store included: each file whole or not at all, what was withdrawn here
removed there, the front page last. A machine that has no store of its own first fetches the one
that is there, so it can make reports without answers. ``.trygg`` lies outside the wave's folder,
and no file or folder whose name begins with a dot is copied.

Needs fsspec (``pip install survey-lib[cluster]`` brings it) and its driver (``s3fs`` for S3).
Addresses of servers, keys and the like are taken as fsspec does, from its own configuration
(``FSSPEC_S3_ENDPOINT_URL``, …).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey_lib.batch.plan import INDEX
from survey_lib.faults import BadInput, Fault
from survey_lib.files import replace_folder
from survey_lib.publish import FOLDER, MANIFEST

OPTION = "--output"


def is_storage(output: str) -> bool:
    """Whether an output is an address in storage rather than a folder."""
    return "://" in output


class Storage:
    """A place in storage that has answered.

    Raises
    ------
    BadInput : fsspec or its driver isn't installed, or the place can't be reached. The methods
        raise it when reading or writing fails; what had been copied is whole.
    """

    def __init__(self, address: str):
        self.address = address.rstrip("/")
        if "://" not in self.address:
            expected, action = "a place, as s3://bucket/reports", "say where after ://"
            raise BadInput(Fault(OPTION, address, "no place", expected, action))
        try:
            from fsspec.core import url_to_fs
        except ImportError as problem:
            raise self._fault("fsspec isn't installed", "survey-lib[cluster]") from problem
        try:
            self._system, self._root = url_to_fs(self.address)
        except ImportError as problem:  # its driver
            raise self._fault(str(problem), "its driver, as s3fs") from problem
        except ValueError as problem:
            raise self._fault(str(problem), "its driver, if it has one") from problem
        bucket = self._root.partition("/")[0]  # "" where addresses are paths
        with self._explained():
            if bucket and not self._system.exists(bucket):
                raise FileNotFoundError(f"there is no {bucket}")

    def fetch_store(self, wave: str, output: Path) -> None:
        """The wave's published store as it is there, when there is none here."""
        there, here = f"{self._root}/{wave}/{FOLDER}", output / wave / FOLDER
        with self._explained():
            if (here / MANIFEST).exists() or not self._system.exists(f"{there}/{MANIFEST}"):
                return
            contents = {
                path.rpartition("/")[2]: self._system.cat_file(path)
                for path in self._system.find(there)
            }
        with replace_folder(here) as aside:
            for name, content in contents.items():
                (aside / name).write_bytes(content)

    def put(self, wave: str, output: Path) -> None:
        """The wave's folder as it is here."""
        folder, root = output / wave, f"{self._root}/{wave}"
        names = sorted(_names(folder), key=lambda name: (name == INDEX, name))
        with self._explained():
            earlier = set()
            if self._system.exists(f"{root}/{FOLDER}/{MANIFEST}"):  # else not ours to clear up
                earlier = {path.partition(f"{root}/")[2] for path in self._system.find(root)}
            for name in names:
                self._put(folder / name, f"{root}/{name}")
            for name in earlier.difference(names):
                self._system.rm_file(f"{root}/{name}")

    def _put(self, source: Path, target: str) -> None:
        """One file, whole: it appears under its name when all of it is there."""
        self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
        with self._system.transaction, self._system.open(target, "wb") as file:
            file.write(source.read_bytes())

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            expected, action = "a place that can be written to", "check the address and the rights"
            found = str(problem) or type(problem).__name__
            raise BadInput(Fault(OPTION, self.address, found, expected, action)) from problem

    def _fault(self, found: str, install: str) -> BadInput:
        expected = "a place in storage that fsspec knows"
        return BadInput(Fault(OPTION, self.address, found, expected, f"install {install}"))


def _names(folder: Path) -> Iterator[str]:
    """The files to copy, by their place in the folder."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix()
