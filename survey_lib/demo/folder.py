"""``trygg demo FOLDER``: the made-up survey laid out where there is no checkout of this project.

What came with the program is copied, to be changed at will: the parameters, as a pattern for one's
own, and the notebooks of the reports.
"""

from __future__ import annotations

from pathlib import Path

from survey_lib.faults import BadInput, Fault
from survey_lib.files import came_along, make_folder, shown, write_bytes

LAID_OUT = ("parameters", "notebooks")


def lay_out(folder: Path) -> list[Path]:
    """Copy parameters and notebooks into ``folder``, and give theirs.

    Raises
    ------
    BadInput : there is something of these names already, or it can't be written.
    """
    targets = [folder / name for name in LAID_OUT]
    there = [target for target in targets if target.exists()]
    if there:
        action = "give another folder; for answers to the parameters here: trygg demo, nothing more"
        expected = "a folder that is new or has none of its own"
        raise BadInput(
            [Fault(shown(one), "", "it is there already", expected, action) for one in there]
        )
    for name, target in zip(LAID_OUT, targets, strict=True):
        source = came_along(name)
        make_folder(target)
        for file in sorted(one for one in source.rglob("*") if one.is_file()):
            inside = file.relative_to(source)
            if not any(part.startswith(".") for part in inside.parts):
                write_bytes(target / inside, file.read_bytes())
    return targets
