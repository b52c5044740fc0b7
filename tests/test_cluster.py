"""The batch on a cluster: real Dask workers on this machine, small jobs.

Workers that die, join and leave are in ``test_evidence_cluster.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from test_batch import files_in, make, states, survey  # noqa: F401 - a fixture
from typer.testing import CliRunner

from survey_lib import inputs
from survey_lib.batch import cluster, cluster_worker
from survey_lib.batch.execution import Job, Run
from survey_lib.cli import app
from survey_lib.export.beside import WAVE_PAGE
from survey_lib.faults import BadInput
from survey_lib.rendering.page import Page
from survey_lib.vocabulary import Parameters, load_parameters
from survey_lib.workers import NO_LIMITS, Died, start

IDENTITY = "R-0001-7731"  # of a made-up respondent


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two workers."""
    with cluster._local(2) as made:
        yield made.scheduler_address


def test_a_cluster_makes_the_same_files_as_this_computer(
    survey: Any,  # noqa: F811
    tmp_path: Path,
    address: str,
) -> None:
    def all_bytes() -> dict[str, bytes]:
        folder = tmp_path / "reports"
        return {name: (folder / name).read_bytes() for name in files_in(folder)}

    make(survey, workers=1)
    here = all_bytes()
    shutil.rmtree(tmp_path / "reports")
    outcomes, log = make(survey, cluster_at=address)
    assert set(states(outcomes).values()) == {"ready", "no_survey"}
    assert all_bytes() == here
    assert {line[6:] for line in log.splitlines()[1:]} == {"By", "Ås", "Underlag"}


def look_around(job: Job) -> Run:
    """Everything that a worker could open: the files around the job, by their content. One area's
    job takes its process with it, the page about the wave fails."""
    if job.key == "sdn:a":
        os._exit(9)
    if job.key == WAVE_PAGE:
        raise KeyError(job.key)
    top = next(path for path in job.folder.parents if path.name.startswith("trygg-"))
    seen = {p.relative_to(top).as_posix(): p.read_bytes() for p in top.rglob("*") if p.is_file()}
    found = json.dumps({name: content.decode("latin-1") for name, content in seen.items()})
    return Run(found, "{}\n", None, 0.1)


def test_workers_get_the_store_and_the_parameters_but_nobody_s_answers(
    survey: Any,  # noqa: F811
    tmp_path: Path,
    address: str,
) -> None:
    """And what goes wrong with one area is in its place, as without a cluster."""
    places = {
        "parameters/areas.csv": "id;name",
        "parameters/old_answers.csv": IDENTITY,  # lies there, but isn't a parameter
        "reports/2/published/indicators.parquet": "shares",
        "reports/2/DEMO_sdn_a.html": "an earlier report",
        "data/answers.csv": IDENTITY,
        ".trygg/parameters/2/estimates/microdata.parquet": IDENTITY,
    }
    for name, content in places.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    survey.files = (tmp_path / "parameters/areas.csv",)
    outcomes, log = make(survey, cluster_at=address, work=look_around)
    ends = {WAVE_PAGE: "failed", "sdn:a": "failed", "sdn:b": "ready", "sdn:o": "no_survey"}
    assert states(outcomes) == ends
    assert "KeyError" in log and "slutkod 9" in log
    found = json.loads((tmp_path / "reports/2/DEMO_sdn_b.html").read_text(encoding="utf-8"))
    assert found.keys() == {
        "notebooks/1_underlag.ipynb",
        "notebooks/2_stadsdel.ipynb",
        "parameters/areas.csv",
        "reports/2/published/indicators.parquet",
    }
    assert IDENTITY not in json.dumps(found)


def test_what_travels_of_a_real_survey(root: Path, tmp_path: Path) -> None:
    """All that was read as parameters, and no answers that happen to lie among them."""
    folder = tmp_path / "parameters"
    shutil.copytree(root / "parameters", folder)
    (folder / "2024_answers.csv").write_text(IDENTITY, encoding="utf-8")
    (folder / "population" / "README.txt").write_text(IDENTITY, encoding="utf-8")
    published = tmp_path / "reports" / "2024" / "published"
    published.mkdir(parents=True)
    (published / "manifest.json").write_text("{}", encoding="utf-8")
    loaded: Parameters = load_parameters(folder)
    names = {p.relative_to(tmp_path).as_posix() for p in cluster.luggage(loaded, published)}
    assert "reports/2024/published/manifest.json" in names
    for needed in (
        "questionnaire.yaml",
        "waves/2024.yaml",
        "areas.csv",
        "population/2025_totalt.csv",
    ):
        assert f"parameters/{needed}" in names
    assert not [name for name in names if "README" in name or "answers" in name]
    delivered = {(folder / wave.file.path).resolve() for wave in loaded.delivered.values()}
    assert not delivered & {path.resolve() for path in cluster.luggage(loaded, published)}


def test_with_the_travelling_files_alone_parameters_load(root: Path, tmp_path: Path) -> None:
    loaded = load_parameters(root / "parameters")
    for path in cluster.luggage(loaded, tmp_path / "none"):
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    there = load_parameters(tmp_path / "parameters")
    for name, value in vars(loaded).items():
        if name in ("questionnaire", "areas", "waves", "tables", "reports", "promises", "tiles"):
            assert getattr(there, name) == value, name


def test_nothing_is_left_on_the_workers(address: str) -> None:
    from distributed import Client

    def left(dask_worker: Any) -> list[str]:
        places = [str(path) for path in Path(dask_worker.local_directory).glob("trygg-*")]
        return places + [name for name in dask_worker.plugins if name.startswith("trygg-")]

    with Client(address) as client:
        assert set(map(tuple, client.run(left).values())) == {()}


def never(job: Job) -> None:
    time.sleep(600)


def test_a_process_that_is_just_being_started_ends_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Ctrl-C comes at once: nobody waits for what it would have made."""
    begun = threading.Event()

    def slowly(*given: Any) -> Any:
        begun.set()
        time.sleep(0.5)
        return start(*given)

    monkeypatch.setattr(cluster_worker, "start", slowly)
    place = cluster_worker.Place("trygg-1", tmp_path, {}, never, NO_LIMITS)
    place.setup(MagicMock(local_directory=str(tmp_path)))
    folder = tmp_path / "reports" / "1" / "notebooks"
    page = Page(title="Ås", survey="", publisher="Byn")
    job = Job("sdn:a", "Ås", "sdn_a", tmp_path / "a.ipynb", {}, folder, page)

    def ask() -> None:
        with suppress(OSError):  # its pipe may be closed under its hands
            place.do(job)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert begun.wait(10)
    place.teardown(MagicMock())
    asking.join(10)
    assert not asking.is_alive()
    assert place.do(job) == Died(None)


def test_workers_of_other_versions_are_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "version", lambda name: "0.1")
    with (
        pytest.raises(BadInput, match=r"worker tcp://.* has .*pandas [\d.]+, not 0\.1"),
        cluster.reach(address, 2),
    ):
        raise AssertionError


def test_without_dask_or_a_cluster_nothing_is_begun(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1)
    asked = ["reports", "--parameters", str(root / "parameters"), "--output", str(tmp_path / "r")]
    result = CliRunner().invoke(app, [*asked, "--cluster", "tcp://127.0.0.1:9"])
    assert result.exit_code == 2, result.output
    assert "nobody answers at tcp://127.0.0.1:9" in result.stderr
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = CliRunner().invoke(app, [*asked, "--cluster", "local"])
    assert result.exit_code == 2, result.output
    assert "pip install survey-lib[cluster]" in result.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("fails", "told"),
    [("wait_for_workers", "tcp://a:1 has no workers"), ("run", "workers that can't run this surv")],
)
def test_a_cluster_that_can_do_nothing_is_told(
    fails: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = MagicMock()
    client.return_value.__enter__.return_value = client
    getattr(client, fails).side_effect = TimeoutError("x")
    monkeypatch.setattr("distributed.Client", client)
    with pytest.raises(BadInput, match=told), cluster.reach("tcp://a:1", 2):
        raise AssertionError


@pytest.mark.parametrize("lost", ["register_plugin", "nthreads", "submit"])
def test_a_cluster_that_goes_is_told(lost: str, tmp_path: Path) -> None:
    """Whatever finds out first, and though nothing can be tidied away there."""
    client = MagicMock(status="running")
    for call in (lost, "unregister_worker_plugin"):
        getattr(client, call).side_effect = ConnectionResetError
    notebook = tmp_path / "2_stadsdel.ipynb"
    notebook.touch()
    page = Page(title="Ås", survey="", publisher="Byn")
    jobs = [Job("a", "a", "a", notebook, {}, tmp_path / "notebooks", page)]
    with pytest.raises(BadInput, match="start the cluster and run the same command again"):
        list(cluster.results(client, [], jobs, str))
