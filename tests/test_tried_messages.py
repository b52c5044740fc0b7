"""What notes which messages are tried knows where they are, and when one was made."""

from __future__ import annotations

from pathlib import Path

import pytest
import tried_messages
from tried_messages import sites, untried

from survey_lib.selection import _unknown

CODE = """
def tell(delivered):
    raise delivered.fault(
        "", "x", "y", "z"
    )

def other(found):
    found.append(Fault("a", "", "b", "c", "d"))
"""


def test_a_site_is_tried_when_a_fault_came_through_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE, encoding="utf-8")
    assert [site[:2] for site in sites(tmp_path)] == [("a.py", 3), ("a.py", 8)]
    assert untried([], tmp_path) == ["a.py: tell (line 3)", "a.py: other (line 8)"]
    assert untried([("a.py", 4), ("b.py", 8)], tmp_path) == ["a.py: other (line 8)"]
    assert untried([("a.py", 3), ("a.py", 8)], tmp_path) == []


def test_making_a_fault_is_noted_where_it_was_worded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried_messages, "_made", set())  # what other tests made stays noted
    before = untried(tried_messages._made)
    assert _unknown("wave", "x", ["y"])
    gone = set(before) - set(untried(tried_messages._made))
    assert [one.partition(" (")[0] for one in gone] == ["selection.py: _unknown"]


def test_a_message_left_untried_makes_a_whole_run_fail(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suite of one test tries none of this library's messages."""
    pytester.makepyfile(test_a="def test_a(): pass")
    settings = "[pytest]\ntestpaths = .\naddopts = -m 'not evidence'\nmarkers = evidence: x\n"
    pytester.makefile(".ini", pytest=settings)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    done = pytester.runpytest_subprocess("-p", "tried_messages", "--numprocesses=1")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines("FAILED: no test makes the message of survey_lib/locking.py: _busy*")


def test_every_message_has_its_parts() -> None:
    """Where a fault is worded in the open, no part but the place is empty."""
    import ast

    for path in sorted(tried_messages.LIBRARY.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Fault":
                starred = any(isinstance(one, ast.Starred) for one in call.args)
                assert starred or len(call.args) == 5, f"{path.name}:{call.lineno}"
                empty = [n for n, one in enumerate(call.args) if getattr(one, "value", None) == ""]
                assert set(empty) <= {1}, f"{path.name}:{call.lineno}"
