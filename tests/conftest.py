"""What all tests share: the project's root, and no window on the screen when something draws."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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


def pytest_configure() -> None:
    """A run in the background of a shell ignores Ctrl-C, and so would all programs that tests
    start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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


def fork_workers(patch: pytest.MonkeyPatch) -> None:
    """Workers are copies of this process, where one can be copied: there at once, with all that is
    loaded. How they begin otherwise is tried by the tests that run a program or a notebook."""
    from survey_lib import platforms

    if platforms.can_fork():
        patch.setattr(platforms, "start_method", lambda *_: "fork")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of this test are copies of its process."""
    fork_workers(monkeypatch)


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


Made = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A named folder that the first of this run's processes to ask for it makes, while the others
    wait. Not to be written in: take a copy."""
    from survey_lib import platforms

    here = tmp_path_factory.getbasetemp()
    here = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        with open(here / f"{name}.lock", "wb") as file:
            while not platforms.lock(file.fileno()):
                time.sleep(0.2)
            if not (here / name).exists():
                make(here / f"{name}.begun")
                (here / f"{name}.begun").rename(here / name)
        return here / name

    return folder


@pytest.fixture(scope="session")
def answered(made_once: Made) -> Path:
    """The embedded default with its made-up answers, by ``trygg demo``."""

    def make(folder: Path) -> None:
        shutil.copytree(ROOT / "parameters", folder / "parameters")
        done = trygg("demo", folder=folder)
        assert done.returncode == 0, done.stderr
        waves = re.findall(r"made: \S*DEMO_(\d+)", done.stdout)
        assert waves == ["2018", "2020", "2022", "2024"]

    return made_once("svar å", make)


def copy_answers(answered: Path, folder: Path) -> None:
    """The made-up answers beside other parameters, as if they had been made from these."""
    there = folder / "demo_data"
    shutil.copytree(answered / "demo_data", there, copy_function=shutil.copyfile)


@pytest.fixture(scope="session")
def few_tables(answered: Path, made_once: Made) -> PreparedDemo:
    """The same survey with few tables, two waves of it prepared: so much of it as can be made each
    time."""
    return PreparedDemo(made_once("få tabeller", partial(_prepare_few, answered)), 0)


FEW = ("problems", "safety", "exposure_person")
RANKED = ("prob_nedskrapning_stort", "prob_hot_vald_stort")


def _prepare_few(answered: Path, folder: Path) -> None:
    from survey_lib import pipeline
    from survey_lib.vocabulary import load_parameters

    given = folder / "parameters"
    for name in ("parameters", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("waves/2022_2024.yaml", "promises.yaml", "goals.yaml", "covariates.csv"):
        (given / name).unlink()
    for name in ("partners", "keys"):
        shutil.rmtree(given / name)
    path = given / "tables.yaml"
    head, _, tables = path.read_text(encoding="utf-8").partition("\ntables:\n")
    parts = re.split(r"(?m)^(?=  [a-z_]+:$)", tables.partition("\nmodelled:")[0])
    kept = [part for part in parts if part.startswith(tuple(f"  {name}:" for name in FEW))]
    kept[0] = re.sub(r"(?s)indicators: \[.*?\]", f"indicators: [{', '.join(RANKED)}]", kept[0])
    text = "\n".join([head, "tables:", *kept])
    text = re.sub(
        r"groups: \[kon, alder_rapport, .+\]", "groups: [kon, alder_rapport, kon_alder]", text
    )
    path.write_bytes(re.sub(r"(?m)^effects: .*$", "effects: {kon: 2}", text).encode())
    copy_answers(answered, folder)
    parameters = load_parameters(given)
    with pytest.MonkeyPatch.context() as patch:
        fork_workers(patch)
        for wave, before in (("2022", None), ("2024", "2022")):
            pipeline.prepare(parameters, wave, before, folder / "reports")
