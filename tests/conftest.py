"""What all tests share: the project's root, and no window on the screen when something draws."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from survey_lib.demo import Population
    from survey_lib.vocabulary import Parameters

# Read when numpy and matplotlib are first loaded, so set before any test module is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
# What is an error here is one in every process that a test starts.
os.environ["PYTHONPATH"] = str(Path(__file__).parent / "strict")

# A busy machine is no fault of the code: examples have no time limit of their own.
settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")

pytest_plugins = ["pytester", "accessibility", "tried_messages"]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def parameters() -> Parameters:
    """The embedded default."""
    from survey_lib.vocabulary import load_parameters

    return load_parameters(ROOT / "parameters")


@pytest.fixture(scope="session")
def population(parameters: Parameters) -> Population:
    """The made-up population behind the embedded default, whose true answers are known."""
    from survey_lib.demo import make_population

    return make_population(parameters)


def trygg(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "survey_lib.cli", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@dataclass(frozen=True)
class PreparedDemo:
    """A project with the embedded default as it is, prepared; ``seconds`` of CPU that this took
    from nothing, those of worker processes included."""

    folder: Path
    seconds: float

    def copy(self, folder: Path) -> Path:
        """A project of a test's own."""
        return Path(shutil.copytree(self.folder, folder, dirs_exist_ok=True))


@pytest.fixture(scope="session")
def prepared_demo(pytestconfig: pytest.Config) -> PreparedDemo:
    """Takes minutes, so it is kept beside pytest's cache; ``trygg prepare`` makes anew what isn't
    made from the parameters and the code as they are. For tests of one process only
    (``xdist_group("demo")`` in evidence)."""
    folder = Path(pytestconfig.cache.mkdir("projekt å"))
    took = folder / "seconds.txt"
    from_nothing = not took.is_file()  # also where a run was killed
    for name in (".trygg", "reports") if from_nothing else ():
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("parameters", "notebooks"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(ROOT / name, folder / name)
    begun = os.times()
    done = trygg("prepare", folder=folder)
    assert done.returncode == 0, done.stderr
    if from_nothing:
        took.write_text(str(sum(os.times()[2:4]) - sum(begun[2:4])), encoding="utf-8")
    return PreparedDemo(folder, float(took.read_text(encoding="utf-8")))
