"""Gallring: every trace of a wave's answers that this program made is removed.

What goes: the private store (weighted microdata, unprotected estimates, who was in which published
cell, what files are searched for), that of the pooled waves that the wave is part of, what a run
that died left unfinished there, the made-up file of a demo wave, and the SPSS files that were
written of the wave (:mod:`survey_lib.spss`), where they lie as they were written. What stays: the
delivered file, which is not ours to remove, an SPSS file that somebody has changed, and what was
published, which can still be opened and made into reports. Without the record of who was in it, a
later publication with other respondents is refused (:mod:`survey_lib.frozen`), and files are
searched only for what can be known of anybody.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from survey_lib.faults import BadInput, Fault
from survey_lib.files import ASIDE, remove_file, shown
from survey_lib.locking import only_run
from survey_lib.pipeline import PRIVATE
from survey_lib.spss import Exported, exported
from survey_lib.vocabulary import Parameters


def forget(parameters: Parameters, wave: str, output: Path) -> list[Path]:
    """Remove the traces of a wave, or of all waves that a pooled one pools.

    Returns
    -------
    The files and folders that were there and are no more.

    Raises
    ------
    BadInput : something can't be removed, or a run is using it.
    """
    parts = set(parameters.waves[wave].parts)
    touched = _touched(parameters, wave)
    taken_out = [one for one in written_out(parameters, wave, output) if one.is_as_written()]
    private = output.parent / PRIVATE
    store = private / parameters.folder.name
    if private.is_dir():
        with only_run(private):
            found = [store / name for name in touched if (store / name).exists()]
            found += sorted(store.glob(f"{ASIDE}*"))
            for path in found:
                _remove(path)
            if store.is_dir() and not any(store.iterdir()):
                store.rmdir()
    else:
        found = []
    for one in taken_out:
        remove_file(one.path)
        found.append(one.path)
    for part in sorted(parts):
        file = parameters.folder / parameters.waves[part].file.path
        if parameters.waves[part].demo:
            beside = sorted(file.parent.glob(f"{ASIDE}*"))
            for path in [one for one in (file, *beside) if one.exists()]:
                remove_file(path)
                found.append(path)
    return found


def written_out(parameters: Parameters, wave: str, output: Path) -> list[Exported]:
    """The SPSS files that hold a wave's answers, as far as the private store knows."""
    return exported(parameters, _touched(parameters, wave), output)


def _touched(parameters: Parameters, wave: str) -> list[str]:
    """The wave, and all that share answers with it."""
    parts = set(parameters.waves[wave].parts)
    return [name for name, one in parameters.waves.items() if parts & {name, *one.parts}]


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as problem:
        found = f"it can't be removed ({problem.strerror})"
        action = "close the program that has it open, and run the same command again"
        raise BadInput(Fault(shown(path), "", found, "nothing left", action)) from problem
