"""The notebooks as an analyst has them: stored clean, linted, and run from top to bottom."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from nbformat import reads
from nbformat.v4 import new_notebook
from ruamel.yaml import YAML
from village import with_own_notebooks

from survey_lib.rendering.exporter import render

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def hook() -> list[str]:
    """The command that takes results out at every commit."""
    config = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = {one["id"]: one for repo in config["repos"] for one in repo["hooks"]}
    found = hooks["nbstripout"]
    assert re.search(found["files"], "notebooks/0_start.ipynb")
    return [sys.executable, *shlex.split(found["entry"])[1:]]


def test_the_notebooks_stand_in_reading_order() -> None:
    assert [path.stem[0] for path in NOTEBOOKS] == list("012345")


def test_what_is_committed_is_what_the_hook_leaves_of_a_run_notebook(tmp_path: Path) -> None:
    """JupyterLab writes results, counts and its own Python into a notebook; nothing of that stays,
    and nothing else goes: not a cell's id, not its tags."""
    for path in NOTEBOOKS:
        run = read(path)
        for cell in run["cells"]:
            if cell["cell_type"] == "code":
                text = {"output_type": "stream", "name": "stdout", "text": ["12 %\n"]}
                cell |= {"execution_count": 3, "outputs": [text]}
                cell["metadata"] |= {"execution": {"iopub.status.busy": "2024-01-01T00:00:00Z"}}
        run["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
        (tmp_path / path.name).write_text(json.dumps(run), encoding="utf-8")
    copies = [str(tmp_path / path.name) for path in NOTEBOOKS]
    subprocess.run([*hook(), *copies], check=True)
    for path in NOTEBOOKS:
        copy = (tmp_path / path.name).read_text(encoding="utf-8")
        assert copy == path.read_text(encoding="utf-8"), path.name


def test_cell_ids_are_names_that_stay() -> None:
    for path in NOTEBOOKS:
        for cell in read(path)["cells"]:
            assert re.fullmatch(r"[a-z][a-z-]{2,30}", cell["id"]), f"{path.name}: {cell['id']}"


def test_notebooks_are_linted_and_formatted(tmp_path: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", "--quiet"]
    lint = [*ruff, "check", "--config", str(ROOT / "pyproject.toml")]
    form = [*ruff, "format", "--check", "--config", str(ROOT / "pyproject.toml")]
    for command in (lint, form):
        assert subprocess.run([*command, str(ROOT / "notebooks")], check=False).returncode == 0
    worse = read(NOTEBOOKS[0])
    worse["cells"][1]["source"] = ["import os\n", "x = undefined\n", "y =  [ 1]"]
    (tmp_path / "worse.ipynb").write_text(json.dumps(worse), encoding="utf-8")
    for command in (lint, form):
        quiet = {"capture_output": True, "encoding": "utf-8", "check": False}
        assert subprocess.run([*command, str(tmp_path)], **quiet).returncode == 1


def test_no_report_is_made_of_0_start() -> None:
    from survey_lib.batch.pages import kinds

    made = {kind.notebook for kind in kinds()}
    assert {path.name for path in NOTEBOOKS} - made == {"0_start.ipynb"}


# -- run as in JupyterLab --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    with_own_notebooks(folder)
    return folder


def run_all(project: Path, *sources: dict) -> list[dict]:
    """The cells of notebooks run one after another in a plain kernel that stands in notebooks/, as
    JupyterLab starts one; the first error ends it."""
    from nbclient import NotebookClient

    cells: list[Any] = []
    for source in sources:
        reset = {"cell_type": "code", "id": f"reset-{len(cells)}", "source": "%reset -f"}
        empty = {"metadata": {}, "outputs": [], "execution_count": None}
        cells += [reset | empty, *(c for c in source["cells"] if c["cell_type"] == "code")]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = reads(json.dumps(sources[0] | {"cells": cells}), 4)
    where = {"metadata": {"path": str(project / "notebooks")}}
    return NotebookClient(notebook, timeout=300, resources=where).execute()["cells"]


def shown(cell: dict) -> str:
    return "".join(one["data"].get("text/html", "") for one in cell["outputs"] if "data" in one)


def test_every_notebook_runs_from_top_to_bottom_in_a_plain_kernel(project: Path) -> None:
    sources = [read(path) for path in sorted((project / "notebooks").glob("*.ipynb"))]
    other = json.loads(json.dumps(sources[2]).replace("del:norr", "by:x"))
    before = sorted(project.rglob("notebooks/*"))
    cells = run_all(project, *sources, other)
    assert sorted(project.rglob("notebooks/*")) == before
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] in ("display_data", "execute_result"), output
        if re.search(r"^(show\(|svar\.|\w+$)", cell["source"], re.MULTILINE):
            assert "<style>" in shown(cell) or "<h1>" in shown(cell) or "names" in cell["source"]
    headings = [shown(cell) for cell in cells if cell["source"] == "show(report.heading)"]
    assert "<h1>Norr</h1>" in headings[0] and "<h1>Byn</h1>" in headings[1]
    own = [cell for cell in cells if cell["source"].startswith(("svar.shares", "svar.crosstab"))]
    assert len(own) == 3 and all(shown(cell).count("ARBETSMATERIAL") >= 4 for cell in own)
    everything = json.dumps(cells, ensure_ascii=False)
    assert "R1000" not in everything and "Hemlig" not in everything
    render(new_notebook(cells=cells), title="Allt")  # with no warning, which is an error here
