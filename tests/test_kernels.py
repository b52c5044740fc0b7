"""Kernels that are loaded once: like new for every notebook, forked or warm, and gone in time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from small_survey import write_notebook

from survey_lib import platforms, workers
from survey_lib.batch.execution import Job, Run, run
from survey_lib.batch.reports import LOADED
from survey_lib.rendering.page import Page

FORKED = pytest.param(
    "forked", marks=pytest.mark.skipif(not platforms.can_fork(), reason="no kernels are forked")
)
EITHER = pytest.mark.parametrize("way", [FORKED, "warm"], indirect=True)

LEAVE = """
import decimal, locale, logging, os, random, sys, warnings
import matplotlib, numpy as np, pandas as pd
import matplotlib.pyplot as plt
from IPython import get_ipython
name = 'left behind'
get_ipython().ast_node_interactivity = 'all'
matplotlib.rcParams['font.size'] = 31
matplotlib.rcParams['timezone'] = 'Asia/Tokyo'
plt.ioff()
get_ipython().run_line_magic('config', "InlineBackend.figure_formats = ['svg']")
random.seed(1); np.random.seed(1)
np.seterr(all='ignore'); np.set_printoptions(precision=2)
pd.set_option('display.max_rows', 3)
os.environ['LEFT'] = '1'; os.environ.pop('IPYTHONDIR', None); os.chdir('/')
sys.path.insert(0, '/left')
warnings.simplefilter('error')
logging.disable(logging.CRITICAL); logging.getLogger().setLevel(1)
decimal.getcontext().prec = 3
get_ipython().events.register('post_run_cell', print)
sys.stdout.write('')
"""
LOOK = """
import decimal, json, locale, logging, os, random, sys, warnings
import matplotlib, numpy as np, pandas as pd
import matplotlib.pyplot as plt
print(json.dumps([
    'name' in globals(), {k: str(v) for k, v in matplotlib.rcParams.items()},
    plt.get_fignums(), plt.isinteractive(), np.geterr(), np.get_printoptions(),
    pd.get_option('display.max_rows'), sorted(set(os.environ) - {'JPY_PARENT_PID'}),
    os.path.samefile('.', folder), '/left' in sys.path,
    any(f[0] == 'error' for f in warnings.filters), logging.root.level,
    logging.root.manager.disable,
    decimal.getcontext().prec, len(get_ipython().events.callbacks['post_run_cell']), len(Out),
    get_ipython().ast_node_interactivity,
], default=str, sort_keys=True))
print(random.random(), np.random.random())
print(os.getpid())
"""
STARTED = """
import psutil
server = psutil.Process().parent()
print([one.cmdline() == psutil.Process().cmdline() for one in (server, server.parent())])
"""
FIGURES = "import matplotlib.pyplot as plt\nplt.plot([1, n])\nplt.show()\nplt.plot([2, n]);"


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes kernels be forked or warm, in this process and the workers that it starts."""
    monkeypatch.setenv(platforms.KERNELS, request.param)
    return str(request.param)


def a_job(folder: Path, name: str, *cells: str, **values: Any) -> Job:
    cell = "folder: str = ''\nn: int = 0"
    notebook = write_notebook(folder / f"{name}.ipynb", cell, *cells)
    values = {"folder": str(folder), "n": 3} | values
    return Job(name, name, name, notebook, values, folder, Page(name))


def printed(done: Any) -> list[str]:
    assert isinstance(done, Run), done
    assert done.error is None, done.error
    cells = json.loads(done.notebook)["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream").split("\n")


@pytest.fixture(scope="module", params=[FORKED, "warm"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one worker has made of many notebooks, by their names."""
    folder = tmp_path_factory.mktemp(request.param)
    dies = "import os, sys\nprint('sista ordet', file=sys.__stderr__, flush=True)\nos._exit(3)"
    jobs = [
        a_job(folder, "a", LOOK, STARTED),
        a_job(folder, "leave", LEAVE),
        a_job(folder, "b", LOOK),
        a_job(folder, "fail", LEAVE, "1 / 0"),
        a_job(folder, "c", LOOK),
        a_job(folder, "dies", LEAVE, dies),
        a_job(folder, "d", LOOK),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(platforms.KERNELS, request.param)
        made = workers.results(jobs, run, 1, loaded=LOADED)
        return {job.key: result for job, result in made}


def test_nothing_of_a_notebook_is_there_in_the_next(done: dict[str, Any]) -> None:
    assert done["leave"].error is None
    assert done["fail"].error.startswith("ZeroDivisionError")
    found = [printed(done[key]) for key in "abcd"]
    assert [json.loads(one[0]) == json.loads(found[0][0]) for one in found] == [True] * 4
    assert len({one[1] for one in found}) == 4  # random numbers of their own


def test_a_forked_kernel_and_its_worker_are_copies_of_one_process(
    done: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """Loaded once for all: nothing says so when they load by themselves, but that it takes long."""
    forked = request.node.callspec.params["done"] == "forked"
    assert printed(done["a"])[3] == str([forked, forked])


def test_a_warm_kernel_runs_one_notebook_after_the_other_until_it_dies(
    done: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    process = {key: printed(done[key])[2] for key in "abcd"}
    assert process["d"] not in (process["a"], process["b"], process["c"])
    warm = request.node.callspec.params["done"] == "warm"
    assert len({process[key] for key in "abc"}) == (1 if warm else 3)


def test_after_a_kernel_that_dies_the_next_report_is_made(done: dict[str, Any]) -> None:
    assert isinstance(done["dies"], workers.Failed)
    assert "Kernel died" in done["dies"].error and "sista ordet" in done["dies"].error
    assert printed(done["d"])


@EITHER
def test_every_figure_of_a_cell_is_shown(way: str, tmp_path: Path) -> None:
    """Loaded before the kernel's own set-up, matplotlib would show none and say nothing."""
    svg = "%config InlineBackend.figure_formats = ['svg']"
    for k, cells in enumerate([(FIGURES,), (svg, FIGURES), (FIGURES,)]):
        job = a_job(tmp_path, f"f{k}", *cells, "raise KeyError('before a page is made')", n=k)
        cells_run = json.loads(run(job).notebook)["cells"]
        shown = [sorted(o["data"]) for c in cells_run for o in c.get("outputs", []) if "data" in o]
        kind = "image/svg+xml" if k == 1 else "image/png"
        assert shown == [[kind, "text/plain"]] * 2


@pytest.mark.skipif(not platforms.can_fork(), reason="no kernels are forked")
def test_forked_and_warm_kernels_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = ["n", "print(n)\nn * 2", FIGURES.replace("plt.show()", ""), "undefined"]
    found = {}
    for way in ("forked", "warm"):
        monkeypatch.setenv(platforms.KERNELS, way)
        found[way] = [run(a_job(tmp_path, "n", *cells, n=k)) for k in (1, 2)]
    for forked, warm in zip(*found.values(), strict=True):
        assert forked.notebook == warm.notebook
        assert forked.error == warm.error
        assert "NameError" in str(forked.error)


PROGRAM = """
import sys
from pathlib import Path
from survey_lib.batch.execution import Job, run
from survey_lib.rendering.page import Page
folder = Path.cwd()
run(Job("k", "K", "k", folder / "t.ipynb", {}, folder, Page("K")))
"""


@EITHER
@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_a_kernel_ends_when_its_program_is_killed(way: str, tmp_path: Path) -> None:
    wait = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    write_notebook(tmp_path / "t.ipynb", "n: int = 0", wait)
    program = subprocess.Popen([sys.executable, "-c", textwrap.dedent(PROGRAM)], cwd=tmp_path)
    told, end = tmp_path / "pid", time.monotonic() + 60
    while not (told.is_file() and told.read_text(encoding="utf-8")) and time.monotonic() < end:
        time.sleep(0.1)
    kernel = int(told.read_text(encoding="utf-8"))
    assert alive(kernel)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    end = time.monotonic() + 15
    while alive(kernel) and time.monotonic() < end:
        time.sleep(0.1)
    assert not alive(kernel)


def alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.mark.skipif(not platforms.can_fork(), reason="no kernels are forked")
def test_the_server_has_one_thread_when_it_copies_itself() -> None:
    """Counted by the system, since libraries start threads that Python doesn't know of. That of
    jemalloc, which comes with pyarrow, prepares for copies and starts anew in them by itself."""
    code = (
        "from pathlib import Path; import survey_lib.batch.loaded;"
        "from survey_lib.batch import kernel_server as k; k.expect({'parameters': 'parameters'});"
        "names = [p.read_text('utf-8') for p in Path('/proc/self/task').glob('*/comm')];"
        "print(len([name for name in names if not name.startswith('jemalloc')]))"
    )
    here = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=here
    )
    assert done.stdout.split() == ["1"]
