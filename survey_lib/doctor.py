"""``trygg doctor``: what this machine lacks for each job, in plain words.

It answers where nothing else does, so it stands on Python's own library alone: what is asked for is
read from this package's metadata (``pyproject.toml`` as it was installed), and whether the packages
can be loaded is tried in another Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from survey_lib import platforms
from survey_lib.faults import BadInput
from survey_lib.files import check_folder, find_upwards, shown

NAME = "survey-lib"
SOME_MISSING = 1
OLDEST_PYTHON = ">=3.11"  # where the package isn't installed and can't tell itself
MODULES = {"beautifulsoup4": "bs4", "python-docx": "docx", "ruamel-yaml": "ruamel.yaml"}
EXTRAS = {  # what is lost without one
    "map": "maps of real borders",
    "cluster": "reports on many machines (--cluster)",
    "pick": "a list to choose an area from in a notebook",
}
SMALLEST_ROOM = 200  # megabytes; the demo survey with all its reports takes less
TRIED_SECONDS = 300  # the first time after an installation, with a virus scanner, takes long
LETTERS = "åäöÅÄÖ"
TRY = """
import importlib, json, sys
told = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as problem:
        told[name] = f"{type(problem).__name__}: {problem}"
kernel = ""
try:
    from jupyter_client.kernelspec import KernelSpecManager
    kernel = KernelSpecManager().get_kernel_spec("python3").argv[0]
except BaseException as problem:
    told["the kernel of notebooks"] = f"{type(problem).__name__}: {problem}"
print(json.dumps([told, kernel]))
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``action`` is empty when all is well; ``needed`` says whether reports
    can't be made without it."""

    what: str
    found: str
    action: str = ""
    needed: bool = True

    def __str__(self) -> str:
        state = "ok" if not self.action else "WRONG" if self.needed else "without"
        told = f"{state:8} {self.what}: {self.found}"
        return f"{told}\n         do this: {self.action}" if self.action else told


@dataclass(frozen=True)
class Asked:
    """A package that is asked for, and the extra that asks for it ("" for all)."""

    name: str
    least: str  # ">=3.1"
    extra: str

    @property
    def module(self) -> str:
        return MODULES.get(self.name, self.name.replace("-", "_"))

    @property
    def mending(self) -> str:
        return f'{_python()} -m pip install "{self.name}{self.least}"'


def examine(parameters: Path, output: Path) -> Iterator[Finding]:
    """Everything that is looked at, one by one. ``output`` is the ``reports`` folder."""
    yield _of_python()
    asked = _asked()
    if not asked:
        action = f"go to the project's folder and run: {_python()} -m pip install -e ."
        yield Finding(NAME, "not installed, only its files are here", action)
    failing, kernel = _tried(asked)
    yield from _packages(asked, failing)
    yield from _kernel(failing, kernel)
    yield from _folders(output)
    yield from _letters()
    yield _browser()
    yield _survey(parameters)
    yield from _filters()


def report(parameters: Path, output: Path) -> int:
    """Print what is found; the exit code."""
    wrong = 0
    for finding in examine(parameters, output):
        print(finding, flush=True)
        wrong += bool(finding.action and finding.needed)
    print(f"\n{wrong} to mend before reports can be made" if wrong else "\nready to make reports")
    return SOME_MISSING if wrong else 0


def main() -> None:
    """The same for where the command line's own package is missing."""
    platforms.utf8_console()
    parameters = find_upwards("parameters")
    sys.exit(report(parameters, parameters.parent / "reports"))


def _of_python() -> Finding:
    try:
        least = str(metadata.metadata(NAME).json.get("requires_python") or OLDEST_PYTHON)
    except metadata.PackageNotFoundError:
        least = OLDEST_PYTHON
    here = ".".join(map(str, sys.version_info[:3]))
    if _enough(here, least):
        return Finding("Python", f"{here}, {sys.executable}")
    return Finding("Python", f"{here}, where {least} is asked for", "install a newer Python")


def _asked() -> list[Asked]:
    """What the installed package asks for; nothing when it isn't installed."""
    try:
        lines = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        requirement, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", marker)
        name = re.match(r"[\w.-]+", requirement.strip())
        assert name, "a requirement begins with a name"
        least = requirement.strip()[name.end() :].strip(" ()")
        plain = re.sub(r"[-_.]+", "-", name[0]).lower()
        found.append(Asked(plain, least, extra[1] if extra else ""))
    return found


def _tried(asked: list[Asked]) -> tuple[dict[str, str], str]:
    """Why modules can't be loaded, and the Python that notebooks run in."""
    names = [one.module for one in asked if _version(one.name)]
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRY, *names],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TRIED_SECONDS,
            check=False,
        )
        failing, kernel = json.loads(done.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as problem:
        return {"loading them all": f"Python stopped or took too long ({problem})"}, ""
    return failing, kernel


def _packages(asked: list[Asked], failing: dict[str, str]) -> Iterator[Finding]:
    well = 0
    for one in asked:
        version = _version(one.name)
        what = f"package {one.name}"
        if one.extra:
            lost = EXTRAS.get(one.extra, f"what the extra {one.extra} gives")
            what = f"{lost}, package {one.name}"
        if not version:
            yield Finding(what, "not installed", one.mending, not one.extra)
        elif not _enough(version, one.least):
            found = f"{version}, where {one.least} is asked for"
            yield Finding(what, found, one.mending, not one.extra)
        elif one.module in failing:
            found = f"{version}, which can't be loaded ({failing[one.module]})"
            action = f"{_python()} -m pip install --force-reinstall {one.name}"
            yield Finding(what, found, action, not one.extra)
        else:
            well += 1
    if well:
        yield Finding("packages", f"{well} of {len(asked)} there and new enough")
    if "loading them all" in failing:
        action = "install everything again in a new environment (README, Install)"
        yield Finding("packages", failing["loading them all"], action)


def _kernel(failing: dict[str, str], kernel: str) -> Iterator[Finding]:
    what = "notebooks in JupyterLab"
    if reason := failing.get("the kernel of notebooks"):
        action = f"{_python()} -m ipykernel install --sys-prefix"
        yield Finding(what, f"they have no kernel ({reason})", action)
    elif kernel:
        path = Path(kernel)
        if path.is_absolute() and not (path.exists() and path.samefile(sys.executable)):
            action = "jupyter kernelspec remove python3, so that the one of this Python is found"
            yield Finding(what, f"their kernel is another Python, {kernel}", action)
        else:
            yield Finding(what, "they run in this Python")


def _folders(output: Path) -> Iterator[Finding]:
    private = output.parent / ".trygg"
    for what, folder in {
        "folder for reports": output,
        "folder for what is nobody's to see": private,
        "folder for temporary files": Path(tempfile.gettempdir()),
    }.items():
        try:
            check_folder(folder)
        except BadInput as problem:
            fault = problem.faults[0]
            yield Finding(what, f"{fault.file}: {fault.found}", fault.action)
        else:
            yield Finding(what, f"{shown(folder)} can be written to")
    there = next(one for one in (output.absolute(), *output.absolute().parents) if one.exists())
    room = shutil.disk_usage(there).free // 10**6
    if room < SMALLEST_ROOM:
        action = "make room, or choose another folder with --output"
        yield Finding("room on the disk", f"{room} MB, where {SMALLEST_ROOM} are needed", action)


def _letters() -> Iterator[Finding]:
    """Whether file names and the console can hold Swedish letters."""
    action = "set the environment variable PYTHONUTF8 to 1"
    encoding = sys.getfilesystemencoding()
    if _holds(LETTERS, encoding):
        yield Finding("letters", f"å, ä and ö in names of files ({encoding})")
    else:
        yield Finding("letters", f"names of files hold no å, ä and ö ({encoding})", action)
    console = getattr(sys.stdout, "encoding", None) or encoding
    if not _holds(LETTERS, console):
        yield Finding("console", f"it shows ? for å, ä and ö ({console})", action, needed=False)


def _browser() -> Finding:
    what = "PDF of reports (--pdf)"
    if found := next(platforms.browsers(), None):
        return Finding(what, f"by {found}")
    action = f"install one of {', '.join(platforms.BROWSERS)}"
    return Finding(what, "no browser that can print it", action, needed=False)


def _survey(parameters: Path) -> Finding:
    if parameters.is_dir():
        return Finding("a survey here", f"the parameters in {shown(parameters)}")
    action = "go to a survey's folder, or make one to try: trygg demo FOLDER"
    return Finding("a survey here", f"no folder {shown(parameters)}", action, needed=False)


def _filters() -> Iterator[Finding]:
    """Whether git takes results out of notebooks, where the folder says that it should."""
    attributes, git = find_upwards(".gitattributes"), shutil.which("git")
    if not attributes.is_file() or not git:
        return
    text = attributes.read_text(encoding="utf-8", errors="replace")
    for name in dict.fromkeys(re.findall(r"^[^#\n]*\bfilter=([\w-]+)", text, re.MULTILINE)):
        asked = [git, "config", "--get", f"filter.{name}.clean"]
        found = subprocess.run(
            asked, cwd=attributes.parent, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
        what = "committing notebooks without results"
        if found.returncode == 0:
            yield Finding(what, f"git's filter {name}")
        else:
            action = f"{_python()} -m {name} --install"
            yield Finding(what, f"git doesn't know the filter {name}", action, needed=False)


def _holds(letters: str, encoding: str) -> bool:
    try:
        letters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _version(name: str) -> str:
    """The installed version of a package, "" when there is none."""
    try:
        return metadata.version(name) or ""
    except metadata.PackageNotFoundError:
        return ""


def _enough(version: str, least: str) -> bool:
    """Whether a version is as new as ">=3.1" asks; nothing else is ever asked of one."""

    def numbers(text: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", text)]

    wanted = re.search(r">=\s*([\d.]+)", least)
    return wanted is None or numbers(version)[:4] >= numbers(wanted[1])


def _python() -> str:
    """How to call this Python where people type."""
    return f'"{sys.executable}"' if " " in sys.executable else sys.executable or os.defpath
