"""The program ``trygg``: exit codes, messages without tracebacks, and the real road end to end."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
import typer
from conftest import ROOT, PreparedDemo, trygg

from survey_lib import cli, platforms
from survey_lib.cli.ending import plainly
from survey_lib.cli.options import output_folder
from survey_lib.faults import BadInput, Fault


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the project's parameters, so that the tree itself stays as it is."""
    folder = tmp_path_factory.mktemp("projekt å")
    shutil.copytree(ROOT / "parameters", folder / "parameters")
    return folder


@pytest.fixture(scope="module")
def answered(answered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the made-up answers."""
    return Path(shutil.copytree(answered, tmp_path_factory.mktemp("svar"), dirs_exist_ok=True))


def test_bad_input_is_a_message_on_stderr_and_exit_code_2(project: Path) -> None:
    before = files_in(project)
    done = trygg("reports", "sdn:angred", "sdn:lundbi", "--wave", "2O24", folder=project)
    assert done.returncode == cli.BAD_INPUT == 2
    assert done.stdout == ""
    assert done.stderr.count("do this:") == 3
    assert "did you mean sdn:angered?" in done.stderr
    assert "did you mean sdn:lundby?" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_in(project) == before


def test_debug_shows_where(project: Path) -> None:
    done = trygg("reports", "sdn:angred", "--debug", folder=project)
    assert done.returncode == cli.BAD_INPUT
    assert "Traceback" in done.stderr
    assert done.stderr.rstrip().endswith("did you mean sdn:angered?")


@pytest.mark.parametrize("command", ["reports", "prepare", "check", "demo", "export --key tryggve"])
def test_every_command_misses_its_parameters_in_the_same_words(
    command: str, tmp_path: Path
) -> None:
    done = trygg(*command.split(), "--parameters", "parametrar", folder=tmp_path)
    assert done.returncode == cli.BAD_INPUT, done.stderr
    assert "parametrar" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_in(tmp_path) == {}


def test_a_wrong_option_is_exit_code_2_too(tmp_path: Path) -> None:
    done = trygg("reports", "--vave", "2024", folder=tmp_path)
    assert done.returncode == 2
    assert "--wave" in done.stderr


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (BadInput(Fault("å.yaml", "line 3", "x", "y", "z")), 2, "å.yaml: line 3"),
        (ZeroDivisionError("division by zero"), 70, "ZeroDivisionError ("),
        (KeyboardInterrupt(), 130, "What was finished is kept"),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_how_a_command_ends(
    problem: BaseException,
    code: int,
    said: str,
    debug: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as caught, plainly(debug):
        raise problem
    assert caught.value.exit_code == code
    errors = capsys.readouterr().err
    assert said in errors
    traceback_wanted = debug and not isinstance(problem, KeyboardInterrupt)
    assert ("Traceback" in errors) == traceback_wanted
    assert ("--debug" in errors) == (code == 70 and not debug)


def test_reports_lie_beside_the_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also from a folder inside the project, and not in a project further out."""
    inner = tmp_path / "inner"
    for folder in (tmp_path / "reports", inner / "parameters", inner / "notebooks"):
        folder.mkdir(parents=True)
    monkeypatch.chdir(inner / "notebooks")
    assert output_folder(None).resolve() == inner / "reports"
    assert output_folder(Path("elsewhere")) == Path("elsewhere")
    monkeypatch.chdir(tmp_path)
    assert output_folder(None).resolve() == tmp_path / "reports"


def test_check_before_there_are_answers(project: Path) -> None:
    before = files_in(project)
    done = trygg("check", folder=project)
    assert done.returncode == 0
    assert done.stdout.count("not made yet from these parameters: `trygg demo` makes them") == 4
    assert files_in(project) == before


def test_check_says_what_is_there_and_writes_nothing(answered: Path) -> None:
    before = files_in(answered)
    done = trygg("check", folder=answered)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["2018:", "2020:", "2022:", "2024:"]
    one = trygg("check", "--wave", "2022", folder=answered)
    assert one.stdout.splitlines() == [lines[2]]
    assert files_in(answered) == before


def test_check_leaves_made_up_answers_of_older_parameters_alone(answered: Path) -> None:
    file = next((answered / "demo_data").glob("*2022.csv"))
    made = file.stat()
    os.utime(file, (0, 0))
    done = trygg("check", "--wave", "2022", folder=answered)
    assert "not made yet from these parameters" in done.stdout and file.stat().st_mtime == 0
    os.utime(file, (made.st_atime, made.st_mtime))


def test_check_tells_the_faults_of_all_waves(answered: Path, tmp_path: Path) -> None:
    """Two broken files, a message for each, one exit."""
    shutil.copytree(answered, tmp_path, dirs_exist_ok=True)
    (tmp_path / "demo_data" / "DEMO_2018.csv").write_bytes(b"")
    (tmp_path / "demo_data" / "DEMO_2022.csv").write_bytes(b"\x00\x01")
    done = trygg("check", folder=tmp_path)
    assert done.returncode == cli.BAD_INPUT
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["2020:", "2024:"]
    assert "demo_data/DEMO_2018.csv" in done.stderr
    assert "demo_data/DEMO_2022.csv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.evidence
@pytest.mark.xdist_group("demo")
def test_the_default_survey_end_to_end(prepared_demo: PreparedDemo, tmp_path: Path) -> None:
    """`make reports`: every area of the default level its own page; and published and made again in
    the Windows mode (spawned workers with warm kernels), with the same bytes. That answers give the
    same store again is in ``test_reproduce.py``."""
    from survey_lib.vocabulary import load_parameters

    project = prepared_demo.copy(tmp_path)
    parameters = load_parameters(project / "parameters")
    done = trygg("reports", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = project / "reports" / parameters.reports.wave
    areas = parameters.areas.of_level(parameters.reports.level)
    index = (folder / "index.html").read_text(encoding="utf-8")
    for area in areas:
        name = f"DEMO_{parameters.areas.slug(area)}.html"
        assert f'href="{name}"' in index
        page = (folder / name).read_text(encoding="utf-8")
        title = re.search(r"<title>(.*?)</title>", page, flags=re.DOTALL)
        assert title and parameters.areas.name(area) in title.group(1)
        assert "DEMO" in title.group(1)
    first = files_in(folder)
    assert str(project) not in "".join(
        content.decode() for name, content in first.items() if name.endswith((".html", ".ipynb"))
    )
    shutil.rmtree(folder)
    warm = {platforms.KERNELS: "warm"}  # as on Windows
    assert trygg("reports", "--workers", "1", folder=project, **warm).returncode == 0
    again = files_in(folder)
    assert again.keys() == first.keys()
    assert [name for name, content in again.items() if content != first[name]] == []
    done = trygg("export", "--key", "tryggve", folder=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "DEMO_tryggve.csv").read_bytes().startswith(b"\xef\xbb\xbf")
