"""A notebook's declared parameters, and one run of it: what goes in comes out, and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from small_survey import AREA_CELL, SHOW, write_notebook

from survey_lib.batch import execution
from survey_lib.batch.execution import Job, run
from survey_lib.batch.notebook_parameters import checked_values, declared_parameters
from survey_lib.faults import BadInput
from survey_lib.rendering.page import Page


def a_job(folder: Path, *cells: str, **values: Any) -> Job:
    notebook = write_notebook(folder / "t.ipynb", AREA_CELL, *cells)
    return Job("sdn:a", "Ås", "sdn_a", notebook, values, folder, Page("Ås"))


# -- parameters of a notebook -------------------------------------------------------------------


def test_ids_and_dates_reach_the_notebook_as_they_are(tmp_path: Path) -> None:
    """papermill would make 114 of ``0114`` given as text, and break on a date before any cell."""
    cell = "code: str = ''\nday: str = ''\nname: str = ''\nn: int = 0\nids: list[str] = []"
    show = "import json\nprint(json.dumps([code, day, name, n, ids]))"
    notebook = write_notebook(tmp_path / "t.ipynb", cell, show)
    given_values = {
        "code": "0114",
        "day": date(2024, 10, 1),
        "name": 'Östra "Å"\\',
        "n": 7,
        "ids": ("012", "1e3"),
    }
    values = checked_values(given_values, declared_parameters(notebook), notebook)
    done = run(Job("k", "K", "k", notebook, values, tmp_path, Page("K")))
    assert done.error is None
    (printed,) = json.loads(done.notebook)["cells"][-1]["outputs"]
    back = json.loads("".join(printed["text"]))
    assert back == ["0114", "2024-10-01", 'Östra "Å"\\', 7, ["012", "1e3"]]


@given(st.text())
def test_papermill_writes_any_checked_text_as_it_is(text: str) -> None:
    from papermill.translators import PythonTranslator

    values = checked_values({"x": text}, declared("x: str = ''"), Path("t.ipynb"))
    assert ast.literal_eval(PythonTranslator.translate(values["x"])) == text


def declared(cell: str) -> dict:
    from survey_lib.batch.notebook_parameters import _declared

    return _declared(cell, "t.ipynb")


def test_every_wrong_parameter_is_told_at_once_with_the_nearest_name() -> None:
    known = declared(
        "wave: str = ''\narea: str = ''\nn: int = 0\nshare: float = 0.5\nq: bool = True"
    )
    with pytest.raises(BadInput) as caught:
        wrong = {"wav": "2024", "area": 114, "n": True, "share": "0,5", "q": 1}
        checked_values(wrong, known, Path("t.ipynb"))
    faults = {fault.place: fault for fault in caught.value.faults}
    assert list(faults) == [f"parameter {name}" for name in wrong]
    assert faults["parameter wav"].action == "did you mean wave?"
    assert faults["parameter area"].expected == "a value of type str"
    assert "114" in faults["parameter area"].found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("wave = '2024'", "wave = '2024'"),  # no type
        ("wave: str", "wave: str"),  # no default
        ("wave: date = '2024'", "wave: date = '2024'"),  # a type that papermill can't repeat
        ("n: int = '7'", "n: int = '7'"),  # default of another type
        ("import os", "import os"),
        ("wave: str = os.getcwd()", "wave: str = os.getcwd()"),
        ("wave: str = ", "not Python"),
    ],
)
def test_a_parameters_cell_is_typed_lines_with_plain_defaults(cell: str, found: str) -> None:
    with pytest.raises(BadInput) as caught:
        declared(f"area: str = ''\n{cell}")
    (fault,) = caught.value.faults
    assert fault.place == "cell parameters, line 2"
    assert fault.found == found


def test_a_notebook_without_one_parameters_cell_is_refused(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "t.ipynb", "x: int = 1")
    twice = json.loads(path.read_text(encoding="utf-8"))
    twice["cells"] *= 2
    for cells, found in ((twice["cells"], "2 cells"), ([], "0 cells")):
        path.write_text(json.dumps(twice | {"cells": cells}), encoding="utf-8")
        with pytest.raises(BadInput, match=found):
            declared_parameters(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="not readable"):
        declared_parameters(path)
    with pytest.raises(BadInput, match="no such file"):
        declared_parameters(tmp_path / "no.ipynb")


# -- one run ------------------------------------------------------------------------------------


def test_a_run_gives_page_and_notebook_without_traces_of_this_machine(tmp_path: Path) -> None:
    warn = "import warnings; warnings.warn('hej')"
    plain = "class Shown:\n    def _repr_html_(self): return '<p>x</p>'\nShown()"
    job = a_job(tmp_path, warn, plain, SHOW, area="sdn:ö", wave="0114")
    first, second = run(job), run(job)
    assert first.error is None
    assert "<p>Här är sdn:ö, våg 0114.</p>" in str(first.page)
    assert (first.page, first.notebook) == (second.page, second.notebook)
    notebook = json.loads(first.notebook)
    assert [cell["id"] for cell in notebook["cells"]][1] == "injected-parameters"
    assert "papermill" not in first.notebook
    assert "<__main__.Shown>" in first.notebook
    assert "hej" not in first.notebook.replace("warn('hej')", "")
    for path in (tmp_path, ROOT, Path(sys.prefix)):
        assert str(path) not in first.notebook


def test_a_run_starts_in_its_folder_and_leaves_this_process_where_it_was(tmp_path: Path) -> None:
    here = Path.cwd()
    show = "import os, sys\nprint(os.path.samefile('.', os.path.dirname('t.ipynb') or '.'))"
    done = run(a_job(tmp_path, f"{show}\nprint(os.path.exists('t.ipynb'))"))
    assert '"True\\n",\n      "True\\n"' in done.notebook
    assert Path.cwd() == here


def test_a_failing_cell_is_an_answer_with_the_notebook_that_shows_it(tmp_path: Path) -> None:
    done = run(a_job(tmp_path, "import nbformat", "nbformat.reads('{', 4)", SHOW))
    assert done.page is None
    assert done.error == "NotJSONError (Cell In[3], line 1)"
    notebook = json.loads(done.notebook)
    assert [len(cell["outputs"]) for cell in notebook["cells"]] == [0, 0, 1, 0]
    assert notebook["cells"][2]["outputs"][0]["output_type"] == "error"
    for path in (sys.prefix, sys.base_prefix, str(tmp_path), str(Path.home())):
        assert path not in done.notebook
    assert "papermill" not in done.notebook


def test_a_notebook_whose_first_cell_was_not_heard_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, runs = execution._execute, []

    def missing(job: Job) -> Any:
        notebook, error = execute(job)
        runs.append(job.key)
        if len(runs) == 1:
            notebook.cells[0].execution_count = None
        return notebook, error

    monkeypatch.setattr(execution, "_execute", missing)
    done = run(a_job(tmp_path, SHOW))
    cells = json.loads(done.notebook)["cells"]
    assert len(runs) == 2 and [cell["execution_count"] for cell in cells] == [1, 2]
    run(a_job(tmp_path, SHOW))
    assert len(runs) == 3


def test_a_kernel_that_dies_says_its_last_words(tmp_path: Path) -> None:
    words = "import os, sys; print('sista ordet', file=sys.__stderr__, flush=True); os._exit(3)"
    with pytest.raises(RuntimeError, match="Kernel died") as caught:
        run(a_job(tmp_path, words))
    assert "sista ordet" in str(caught.value)
    assert "encryption" not in str(caught.value)


def test_the_kernel_is_this_python_whatever_kernels_a_person_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "jupyter" / "kernels" / "python3"
    mine.mkdir(parents=True)
    wrong = {"argv": ["no-such-python"], "display_name": "Mine", "language": "python"}
    (mine / "kernel.json").write_text(json.dumps(wrong), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    done = run(a_job(tmp_path, f"import sys; print(sys.executable == {sys.executable!r})"))
    assert "True" in done.notebook


def test_papermill_comes_without_the_useless_import() -> None:
    code = (
        "import sys; from survey_lib.batch.execution import _papermill; _papermill();"
        "print(sys.modules['rfc3987_syntax'], 'lark' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == ["None", "False"]
