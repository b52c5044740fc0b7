"""A real browser, and what axe-core says of a page in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge", "microsoft-edge")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
OF_WIDTH = ["target-size", "scrollable-region-focusable"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Needs Chromium (Debian's package, or any that playwright finds). Without one the tests are
    skipped with that reason, but never where ``CI=true``."""
    from playwright.sync_api import Error, sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except Error as problem:
            if os.environ.get("CI") == "true":
                pytest.fail(f"no Chromium to test the pages in: {problem.message}")
            pytest.skip(f"needs Chromium, which is not here: {problem.message.splitlines()[0]}")
        yield started
        started.close()


def check_accessibility(page: Page, only: Sequence[str] = ()) -> None:
    """No violation of WCAG 2.0, 2.1 and 2.2, A and AA, or of best practice; or of some rules
    ``only``, for a page that has been checked at another width or in other colours."""
    from axe_playwright_python.sync_playwright import Axe

    run = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": RULES}
    result = Axe().run(page, options={"runOnly": run, "resultTypes": ["violations"]})
    assert result.violations_count == 0, result.generate_report()
    assert len(result.response["passes"]) > (0 if only else 15)  # the checker did look
