"""The exporter as Jupyter finds it: by name on the command line, and in JupyterLab's menu."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pages
from bs4 import BeautifulSoup
from nbconvert.exporters import get_export_names, get_exporter
from nbformat import write

from survey_lib.rendering.exporter import ReportExporter


def test_jupyter_finds_the_exporter_and_lists_it() -> None:
    assert "trygg" in get_export_names()
    assert get_exporter("trygg") is ReportExporter
    # JupyterLab's menu has the exporters that say how they are called there, and what they make
    assert ReportExporter.export_from_notebook == "Report (survey_lib)"
    assert ReportExporter().output_mimetype == "text/html"


def test_the_command_makes_the_same_kind_of_page_without_code(tmp_path: Path) -> None:
    notebook = pages.notebook()
    notebook.metadata["title"] = "Ås"
    write(notebook, tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "trygg", "a.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "html.parser")
    assert soup.html["lang"] == "sv"
    assert soup.h1.get_text() == "Ås"
    assert len(soup("table")) == len(BeautifulSoup(pages.report(), "html.parser")("table"))
    for hidden in ("hemlig", "utskrift", "spår", "show(", "<script"):
        assert hidden not in text
