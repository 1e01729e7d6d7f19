"""Pictures of every page with a month of the demo shop, for the README.

Run with AFTERCARE_PICTURES=1 set: pytest tests/browser/test_console_pictures.py
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from aftercare.services.console.rights import Role
from aftercare.settings import ROOT
from tests.browser.demo import Month
from tests.browser.places import PLACES
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

FOLDER = ROOT / "docs" / "img"
# What a page shows when it has loaded; the others show it at once.
LOADED = {"reports": ".tiles", "review": "button.row", "cases": ".tabs"}
PATIENCE_MS = 60_000

pytestmark = pytest.mark.skipif(
    not os.environ.get("AFTERCARE_PICTURES"),
    reason="pictures are made on demand: AFTERCARE_PICTURES=1",
)


def shoot(page: Page, url: str) -> list[str]:
    """Take a picture of each page and return the names of those that failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for place in PLACES:
        more = "/demo-talk-00050" if place in ("inbox", "review") else ""
        page.goto(f"{url}/console/#/{place}{more}")
        if place in LOADED:
            page.locator(LOADED[place]).first.wait_for(timeout=PATIENCE_MS)
        page.wait_for_timeout(2_500)
        page.screenshot(path=FOLDER / f"console-{place}.png")
    return errors


def test_every_page_has_its_picture(browser: Browser, stack: Stack) -> None:
    Month(stack.engine, datetime.now(UTC)).write()
    context = browser.new_context(viewport=LAPTOP)
    page = context.new_page()
    join(page, stack, Role.ADMIN, "painter")
    assert shoot(page, stack.url) == []
    context.close()
    for place in PLACES:
        assert (FOLDER / f"console-{place}.png").stat().st_size > 10_000
