"""JupyterLab in a real browser: open a notebook, run all, change the area, run all again.

The server has a configuration of its own, so a person's is neither used nor changed.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from test_notebooks import hook
from village import with_own_notebooks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.evidence, pytest.mark.xdist_group("jupyterlab")]

SETTINGS = {  # every cell is drawn, and nothing is fetched from elsewhere
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
WAIT = 120_000  # milliseconds that a busy machine may need
RESULT = ".jp-OutputArea-output[data-mime-type='text/html']"
ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab") / "project"
    with_own_notebooks(folder)
    return folder


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[str]:
    """The address of a JupyterLab on the project, with its token; {} is a file."""
    own = project.parent / "jupyter"
    for name, text in SETTINGS.items():
        extension, _, plugin = name.partition("/")
        folder = own / "settings" / "@jupyterlab" / extension
        folder.mkdir(parents=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(text, encoding="utf-8")
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, log = secrets.token_hex(16), own / "log"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    with log.open("wb") as file:
        running = subprocess.Popen(
            command, cwd=project, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api?token={token}", running, log)
        yield address + "/lab/tree/notebooks/{}?reset&token=" + token  # no other notebook open
    finally:
        running.terminate()
        running.wait(30)


def _wait_for(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(WAIT // 500):
        assert running.poll() is None, log.read_text(encoding="utf-8")
        try:
            urlopen(address).close()
            return
        except URLError:
            time.sleep(0.5)
    raise AssertionError("JupyterLab didn't start")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    opened.set_default_timeout(WAIT)
    yield opened
    opened.close()


def run_all(page: Page) -> None:
    """*Run > Run All Cells* once the kernel is there, until all has run; no cell may fail."""
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        """() => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
                .map(one => one.textContent);
            return prompts.length > 3 && prompts.every(text => /\\[\\d+\\]/.test(text));
        }"""
    )
    assert page.locator(ERROR).count() == 0


def test_a_report_is_run_and_run_again_for_another_area(
    server: str, page: Page, project: Path
) -> None:
    notebook = project / "notebooks" / "2_stadsdel.ipynb"
    stored = notebook.read_text(encoding="utf-8")
    page.goto(server.format(notebook.name))
    page.locator(".jp-CodeCell").first.wait_for()
    run_all(page)
    results = page.locator(RESULT)
    assert results.locator("h1").all_inner_texts() == ["Norr"]
    assert results.locator("table").count() > 2
    numbers = page.locator("div.table td.number").first
    assert numbers.evaluate("one => getComputedStyle(one).textAlign") == "right"
    spoken = page.locator("div.table .unseen")  # for screen readers, beside ".."
    assert not spoken.count() or spoken.first.bounding_box()["width"] <= 1  # type: ignore[index]

    cell = page.locator(".jp-CodeCell").first.locator(".cm-content")
    changed = cell.inner_text().replace("del:norr", "by:x")
    cell.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(changed)
    run_all(page)
    assert results.locator("h1").all_inner_texts() == ["Byn"]

    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+S")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    subprocess.run([*hook(), str(notebook)], check=True)
    assert notebook.read_text(encoding="utf-8") == stored.replace("del:norr", "by:x")


def test_own_questions_are_answered_and_marked(server: str, page: Page) -> None:
    page.goto(server.format("0_start.ipynb"))
    page.locator(".jp-CodeCell").first.wait_for()
    run_all(page)
    own = page.locator(RESULT, has_text="egna bearbetningar av svaren")
    assert own.count() == 8  # the road's steps before the report, and three questions
    assert own.locator("figure img").count() == 3
    for caption in own.locator("figcaption, caption").all_text_contents():
        assert "ARBETSMATERIAL" in caption
