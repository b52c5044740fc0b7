"""Files and folders written whole or not at all, and found by name from any working folder.

Everything the project writes goes through here: it is written aside in the target's own folder,
flushed to the disk, and moved over the target in one step, so that a reader, a crash or a power cut
never meets half a file. A target that can't be written is one :class:`~survey_lib.faults.BadInput`.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey_lib import platforms
from survey_lib.faults import BadInput, Fault

ASIDE = ".unfinished-"  # how the name of a file or folder not yet moved into place begins


def shown(path: Path) -> str:
    """A path as a message shows it: relative to the working folder where possible, with ``/``."""
    absolute = Path(os.path.abspath(path))
    try:
        return absolute.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return absolute.as_posix()


def write_bytes(target: Path, content: bytes, private: bool = False) -> None:
    """Replace ``target`` by ``content`` in one step; missing parent folders are made. ``private``:
    only its owner can read it, from the first byte on.

    Raises
    ------
    BadInput : the target can't be written (open in Excel, no permission, disk full). What stood
        there before is untouched and nothing is left beside it.
    """
    with explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = _aside(target)
        try:
            with aside.open("xb") as file:
                if private:
                    platforms.make_private(aside)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists() and not private:
                shutil.copymode(target, aside)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)
        platforms.sync_folder(target.parent)


def write_text(target: Path, content: str) -> None:
    """As :func:`write_bytes`, in UTF-8 with line ends as they are in ``content``."""
    write_bytes(target, content.encode("utf-8"))


def remove_file(target: Path) -> None:
    """Take a file away; nothing when it isn't there.

    Raises
    ------
    BadInput : it can't be removed.
    """
    with explained(target):
        target.unlink(missing_ok=True)


def clear_unfinished(folder: Path) -> None:
    """Take away what a run that was killed had not yet moved into place, here and in folders below.
    Only for who has the folder alone (:func:`survey_lib.locking.only_run`).

    Raises
    ------
    BadInput : it can't be removed.
    """
    with explained(folder):
        for path in list(folder.rglob(f"{ASIDE}*")):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; nothing when it is there.

    Raises
    ------
    BadInput : it can't be made.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)


def check_folder(folder: Path) -> None:
    """Find out before long work, and without writing, what would keep a folder from being filled.

    Raises
    ------
    BadInput : it, or the nearest folder above that exists, is a file or may not be written to.
    """
    place = Path(os.path.abspath(folder))
    there = next(one for one in (place, *place.parents) if one.exists())
    with explained(there):
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(there, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill with files; when the block ends well it becomes ``target``.

    A folder that stood there is replaced whole: nothing of it remains. When the block fails, or the
    old folder can't be moved away, the old one stays as it was and the new one is removed.

    Raises
    ------
    BadInput : as :func:`write_bytes`.
    """
    with explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = _aside(target)
        aside.mkdir()
    replaced = aside.with_name(f"{aside.name}-old")
    try:
        with explained(target):
            yield aside
            for path in aside.iterdir():
                platforms.sync_file(path)
            if target.exists():
                shutil.copymode(target, aside)
                os.replace(target, replaced)
            try:
                os.replace(aside, target)
            except OSError:
                if replaced.exists():
                    os.replace(replaced, target)
                raise
            platforms.sync_folder(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def find_upwards(folder: str | Path, start: Path | None = None) -> Path:
    """The folder (or file) of that relative name in ``start`` or the nearest folder above it.

    A notebook opened from ``notebooks/`` or from a report's own folder so finds ``parameters`` of
    the project. ``start`` is the working folder when left out. A name found nowhere, or an absolute
    path, comes back as it is, for the reader's own message about a missing folder.
    """
    wanted = Path(folder)
    here = (Path.cwd() if start is None else start).resolve()
    for above in (here, *here.parents):
        if (above / wanted).exists():
            return above / wanted
    return wanted


def came_along(folder: str) -> Path:
    """A folder that came with this program: inside it where it was installed from a wheel, beside
    it in a checkout."""
    inside = Path(__file__).parent / "along" / folder
    return inside if inside.is_dir() else Path(__file__).parents[1] / folder


def find_or_beside(folder: str | Path, other: Path) -> Path:
    """As :func:`find_upwards`; a folder that isn't there yet is one beside ``other``, wherever the
    notebook that asks for it stands."""
    found = find_upwards(folder)
    return found if found.exists() else other.resolve().parent / folder


def name_from(start: Path, folder: Path) -> str:
    """The shortest name by which :func:`find_upwards` finds ``folder`` from ``start``.

    ``parameters`` rather than a path of this machine, so that an executed notebook can be moved
    with its project. A folder that is not beside ``start`` or above it gets a ``..`` path, and one
    on another drive its absolute path.
    """
    start, folder = start.resolve(), folder.resolve()
    for above in folder.parents:
        if start.is_relative_to(above):
            name = folder.relative_to(above)
            if find_upwards(name, start).resolve() == folder:
                return name.as_posix()
    try:
        return Path(os.path.relpath(folder, start)).as_posix()
    except ValueError:
        return folder.as_posix()


def _aside(target: Path) -> Path:
    """A name beside the target that nothing else uses."""
    return target.with_name(f"{ASIDE}{secrets.token_hex(6)}")


@contextmanager
def explained(target: Path) -> Iterator[None]:
    """Turn the system's error about a target into the project's one message.

    Raises
    ------
    BadInput : for every ``OSError``.
    """
    try:
        yield
    except OSError as error:
        found, action = _reason(error)
        fault = Fault(shown(target), "", found, "a place that can be written to", action)
        raise BadInput(fault) from error


def _reason(error: OSError) -> tuple[str, str]:
    if platforms.held_open(error):
        return (
            "it is open in another program, or may not be changed",
            "close it in Excel (or the program that shows it) and run the same command again",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full", "make room and run the same command again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            "no permission to write here",
            "close it if another program has it open, or choose another folder",
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return "a file in the place of a folder", "choose another folder, or rename that file"
    return error.strerror or type(error).__name__, "choose another folder"
