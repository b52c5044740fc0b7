"""Ways to do harm to a folder that works: each gives a function of the folder."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
from small_survey import write_notebook

PERSON = 7  # the row in which harm is done
SECRETS = ("R-4711-ANNA", "Hemlig", "0701234567", "Annas hus")  # its id, free text and place
WAVE, POPULATION = "parameters/waves/2024.yaml", "parameters/population/2025_alder_kon.csv"
DATA = "data/svar_2024.csv"

Harm = Callable[[Path], None]


def gone(name: str) -> Harm:
    def harm(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return harm


def put(name: str, content: bytes) -> Harm:
    return lambda folder: write(folder / name, content)


def text(name: str, old: str, new: str) -> Harm:
    """Replace a text that must be there, once."""

    def harm(folder: Path) -> None:
        before = (folder / name).read_bytes()
        assert before.count(old.encode()) >= 1, f"{old!r} is not in {name}"
        (folder / name).write_bytes(before.replace(old.encode(), new.encode(), 1))

    return harm


def recoded(name: str, encoding: str) -> Harm:
    def harm(folder: Path) -> None:
        written = (folder / name).read_text(encoding="utf-8-sig")
        (folder / name).write_bytes(written.encode(encoding, errors="replace"))

    return harm


def also(*harms: Harm) -> Harm:
    def harm(folder: Path) -> None:
        for one in harms:
            one(folder)

    return harm


def cell(column: str, value: str, row: int = PERSON) -> Harm:
    def change(answers: pd.DataFrame) -> pd.DataFrame:
        answers.loc[row - 1, column] = value
        return answers

    return answers(change)


def answers(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Harm:
    """Change the delivered frame and deliver it again."""

    def harm(folder: Path) -> None:
        frame = pd.read_csv(folder / DATA, sep=";", dtype=str, encoding="utf-8-sig")
        deliver(change(frame), folder / DATA)

    return harm


def line(row: int, change: Callable[[bytes], bytes]) -> Harm:
    """Change one row of the delivered file as it stands, the header being row 0."""

    def harm(folder: Path) -> None:
        lines = (folder / DATA).read_bytes().split(b"\r\n")
        lines[row] = change(lines[row])
        (folder / DATA).write_bytes(b"\r\n".join(lines))

    return harm


def delivered_as(name: str, keep: float = 1.0, change: bytes | None = None) -> Harm:
    """Deliver the answers in another format, of which only a part arrives."""

    def harm(folder: Path) -> None:
        content = _in_format(name, (folder / DATA).read_bytes())
        write(folder / "data" / name, content[: int(len(content) * keep)])
        wave = (folder / WAVE).read_text(encoding="utf-8")
        before = 'file: {path: ../data/svar_2024.csv, encoding: utf-8, separator: ";"}'
        assert before in wave
        wave = wave.replace(before, f"file: {{path: ../data/{name}}}")
        (folder / WAVE).write_bytes(wave.encode())

    return harm


@cache
def _in_format(name: str, content: bytes) -> bytes:
    frame = pd.read_csv(io.BytesIO(content), sep=";", dtype=str, encoding="utf-8-sig")
    out = io.BytesIO()
    if name.endswith(".parquet"):
        frame.to_parquet(out)
    elif name.endswith(".xlsx"):
        frame.head(40).to_excel(out, index=False)
    elif name.endswith(".zip"):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("svar_2024.csv", content)
    else:
        import pyreadstat

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            pyreadstat.write_sav(frame.fillna(""), str(path))
            return path.read_bytes()
    return out.getvalue()


def deliver(frame: pd.DataFrame, path: Path) -> None:
    content = frame.to_csv(sep=";", index=False, lineterminator="\r\n").encode("utf-8-sig")
    write(path, content)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def weighted(*values: str) -> Harm:
    """Weights come with the file; the given ones stand from :data:`PERSON` on."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame["vikt"] = "1.25"
        frame.loc[PERSON - 1 : PERSON - 2 + len(values), "vikt"] = values
        return frame

    def harm(folder: Path) -> None:
        path = folder / WAVE
        before, _, after = path.read_text(encoding="utf-8").partition("weighting:\n")
        after = after[after.index("# What to do with") :]
        path.write_bytes(f"{before}weighting: {{delivered: vikt}}\n\n{after}".encode())

    return also(answers(change), harm)


def two_persons(frame: pd.DataFrame) -> pd.DataFrame:
    """The person once more at the end, with other answers."""
    again = frame.loc[[PERSON - 1]].assign(prob_moped="3", kon="Man")
    return pd.concat([frame, again], ignore_index=True)


def margins_gone(folder: Path) -> None:
    path = folder / WAVE
    before, _, after = path.read_text(encoding="utf-8").partition("  margins:\n")
    path.write_bytes((before + after[after.index("  collapse_below") :]).encode())


def nothing(folder: Path) -> None:
    """What is wrong is what is asked for."""


def notebook(cell: str) -> Harm:
    """The office has its own report notebook, with this parameters cell."""

    def harm(folder: Path) -> None:
        write_notebook(folder / "notebooks" / "2_stadsdel.ipynb", cell)

    return harm


def no_old_men(frame: pd.DataFrame) -> pd.DataFrame:
    old = (frame["kon"] == "Man") & (frame["alder"].astype(float) > 74)
    return frame[~(old & (frame["delomrade_id"] == "sdn:centrum"))]


STOP = text(WAVE, "unknown_code: no_answer", "unknown_code: stop")
