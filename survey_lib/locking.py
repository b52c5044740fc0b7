"""One run at a time in a folder.

The system keeps the lock, not the file: it ends with the process that holds it, however that ends,
so that a run that was killed is no obstacle to the next. The file beside it only tells who holds
it, and is gone when the run ends by itself.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from survey_lib import platforms
from survey_lib.faults import BadInput, Fault
from survey_lib.files import explained, shown

LOCK = ".lock"
_held: set[Path] = set()  # by this process: what it calls itself may go in again


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder while the block lasts; it is made when it isn't there, and
    taken away again when it stays empty.

    Raises
    ------
    BadInput : another run is in it, or it can't be written to.
    """
    place = Path(os.path.abspath(folder))
    if place in _held:
        yield
        return
    new = [one for one in (place, *place.parents) if not one.exists()]
    with explained(folder):
        place.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(place / LOCK)
    try:
        if descriptor is None:
            raise BadInput(_busy(folder))
        _held.add(place)
        yield
    finally:
        if descriptor is not None:
            _held.discard(place)
            platforms.release(descriptor, place / LOCK)
        with suppress(OSError):  # of those that were made, what is empty
            for one in new:
                one.rmdir()


def _locked(file: Path) -> int | None:
    """The lock file, open and locked, with this process's name in it; None when another has it."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        if not platforms.lock(descriptor):
            os.close(descriptor)
            return None
        if platforms.is_still(descriptor, file):
            break
        os.close(descriptor)  # its holder took the file away in between
    told = f"process {os.getpid()} on {platform.node()}, since {datetime.now():%Y-%m-%d %H:%M}\n"
    os.ftruncate(descriptor, 0)
    os.write(descriptor, told.encode())
    return descriptor


def _busy(folder: Path) -> Fault:
    holder = ""
    with suppress(OSError, UnicodeDecodeError):
        holder = (folder / LOCK).read_text(encoding="utf-8").strip()
    return Fault(
        shown(folder),
        "",
        f"another run is working here ({holder or 'unknown who'})",
        "one run at a time in a folder",
        "wait until it has finished, or give another folder with --output",
    )
