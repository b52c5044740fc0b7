"""One notebook run by papermill with its parameters visible, cleaned of this machine, and rendered.

Runs in a worker process. The kernel works in the folder where the executed notebook will lie, so
that what was run is what a person who opens it there can run again. Nothing is written here: page
and notebook go back as text. papermill saves once per run instead of twice per cell, has one import
less, and finds a kernel that is loaded already (:mod:`.kernels`).
"""

from __future__ import annotations

import logging
import re
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_lib.batch.errors import OURS, frames, told
from survey_lib.export import beside, sheets
from survey_lib.export.pictures import taken
from survey_lib.export.workbook import workbook
from survey_lib.faults import BadInput

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from survey_lib.rendering.page import Page

MEMORY = "memory:executed.ipynb"  # where papermill "saves" the executed notebook
INJECTED = "injected-parameters"
ERROR_BANNER = "papermill-error-cell-tag"
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object in memory, in its plain-text form


@dataclass(frozen=True)
class Job:
    """A notebook to run and the page to make of it.

    Attributes
    ----------
    key, name : what it is for: an area's id and name, or a word for a page about the whole wave.
    stem : of the two files' names.
    notebook, parameters : the source, and values that it declares (already checked).
    folder : where the executed notebook will lie; the kernel starts there.
    page : what stands around the notebook's shown results.
    browser : the program that prints the page as PDF; "" for no PDF.
    """

    key: str
    name: str
    stem: str
    notebook: Path
    parameters: dict[str, Any]
    folder: Path
    page: Page
    browser: str = ""


@dataclass(frozen=True)
class Run:
    """What came of a job. ``error`` is None when all went well; ``page`` is None when it didn't.
    ``pictures`` are the charts' files for slides: content by name; ``workbook`` the file with all
    tables and ``pdf`` the page printed, each empty when there is none; ``unprinted`` says why there
    is no PDF where one was wanted; ``differs`` where the files say something else than the store:
    file, place and what is wrong (:mod:`.held`)."""

    page: str | None
    notebook: str
    error: str | None
    seconds: float
    pictures: dict[str, bytes] = field(default_factory=dict)
    workbook: bytes = b""
    pdf: bytes = b""
    unprinted: str = ""
    differs: tuple[tuple[str, str, str], ...] = ()

    def files(self, job: Job) -> dict[str, bytes]:
        """All files that come of the notebook, by their place in the wave's folder."""
        pictures = beside.pictures_name(job.stem)
        content = {f"{job.folder.name}/{job.stem}.ipynb": self.notebook.encode("utf-8")}
        if self.page is not None:
            content |= {
                beside.page_name(job.stem): self.page.encode("utf-8"),
                beside.workbook_name(job.stem): self.workbook,
                beside.pdf_name(job.stem): self.pdf,
                **{f"{pictures}/{name}": drawn for name, drawn in self.pictures.items()},
            }
        return {name: bytes_ for name, bytes_ in content.items() if bytes_}


def run(job: Job) -> Run:
    """Run the notebook and make its page. A cell that fails is an answer, not an exception."""
    return run_with_tables(job)[0]


def run_with_tables(job: Job) -> tuple[Run, list[Any]]:
    """The same, and all that its workbook was made of."""
    begun = time.monotonic()
    notebook, error = _execute(job)
    if error is None and not _heard(notebook):
        notebook, error = _execute(job)
    tidy(notebook, job.folder)
    pictures = taken(notebook, job.stem)
    cover, tables = sheets.taken(notebook)
    page, book, printed, unprinted = None, b"", b"", ""
    if error is None:
        from survey_lib.rendering.exporter import render

        page = render(notebook, **vars(job.page))
        book = workbook(cover, tables)
        if job.browser:
            printed, unprinted = _printed(page, job.browser)
    from nbformat import writes

    seconds = time.monotonic() - begun
    text = writes(notebook) + "\n"
    made = Run(page, text, error, seconds, pictures, book, printed, unprinted)
    return made, sheets.told(cover, tables)


def _printed(page: str, browser: str) -> tuple[bytes, str]:
    """The page as PDF, or why there is none."""
    from survey_lib.rendering.pdf import pdf

    try:
        return pdf(page, browser), ""
    except BadInput as problem:
        return b"", str(problem)


def _execute(job: Job) -> tuple[NotebookNode, str | None]:
    """The executed notebook, and the error of the cell where it stopped."""
    papermill, saved = _papermill()
    from survey_lib.batch.kernels import kernel

    saved.clear()
    try:
        with kernel(job.folder, job.parameters) as loaded:
            notebook = papermill.execute_notebook(
                _read(job.notebook),
                MEMORY,
                job.parameters,
                kernel_name="python3",
                language="python",
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                progress_bar=False,
                **loaded,
            )
    except papermill.PapermillExecutionError as problem:
        if not saved:
            raise
        from nbformat import reads

        error = told(problem.ename, problem.evalue, "\n".join(problem.traceback))
        return reads(saved[-1], as_version=4), error
    return notebook, None


def _heard(notebook: NotebookNode) -> bool:
    """Whether every cell's number came: it is what a kernel says first of a cell, and is missing
    where its messages were not listened to yet."""
    ran = [one for one in notebook.cells if one.cell_type == "code" and one.source.strip()]
    return all(cell.execution_count for cell in ran)


@cache
def _read(notebook: Path) -> NotebookNode:
    from nbformat import read

    return read(notebook, as_version=4)


@cache
def _papermill() -> tuple[Any, list[str]]:
    """papermill, and the list that it saves to.

    ``rfc3987_syntax`` is blocked first: jsonschema would import it to check international web
    addresses, which no notebook format has, at the price of two seconds. papermill keeps the
    executed notebook of a failed run to itself but saves it (papermill pull request 873), so it
    saves into a list.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill
    from papermill.iorw import papermill_io

    saved: list[str] = []

    class Memory:
        def write(self, buffer: str, path: str) -> None:
            saved.append(buffer)

        def pretty_path(self, path: str) -> str:
            return path

    papermill_io.register(MEMORY, Memory())
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # errors come back as answers
    return papermill, saved


def tidy(notebook: NotebookNode, folder: Path) -> None:
    """Take out what differs from run to run or tells of this machine: times, paths, addresses in
    memory, random ids, papermill's banners, and what cells wrote to stderr; and of an error all
    that may hold a value (:mod:`.errors`). ``folder`` is where the kernel worked."""
    notebook.metadata.pop("papermill", None)
    notebook.cells = [
        cell for cell in notebook.cells if ERROR_BANNER not in cell.metadata.get("tags", [])
    ]
    for cell in notebook.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if INJECTED in cell.metadata.get("tags", []):
            cell.id = INJECTED
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
            for output in cell.outputs:
                plain = output.get("data", {}).get("text/plain")
                if plain is not None:
                    output.data["text/plain"] = ADDRESS.sub("", plain)
                if output.output_type == "error":
                    ours, where = output.ename == OURS, frames("\n".join(output.traceback))
                    output.evalue = without_paths(output.evalue, folder) if ours else ""
                    last = f"{output.ename}: {output.evalue}" if ours else output.ename
                    output.traceback = [*where, last]


def without_paths(text: str, folder: Path) -> str:
    """An error text in which this machine's folders are cut off its paths, however they are
    written. ``folder`` is ``<output>/<wave>/notebooks``, where the kernel worked."""
    own = [folder, *folder.parents[:3], Path(__file__).parents[2], Path.home(), Path.cwd()]
    folders = {one for one in map(str, own) if one != Path(one).anchor}
    folders |= {sys.prefix, sys.base_prefix}
    written = {form for one in folders for form in (one, repr(one)[1:-1], Path(one).as_posix())}
    for one in sorted(written, key=len, reverse=True):
        text = re.sub(re.escape(one) + r"[\\/]*", "", text)
    return text
