"""Every word of every page can be read, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.ink import faint
from tests.browser.places import PLACES, handed_over
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

PATIENCE_MS = 30_000
# What the kit paints its tags with: plain, and at least three signals.
PAINTED = """() => [...document.querySelectorAll('.n-tag')].map((tag) =>
  getComputedStyle(tag).getPropertyValue('--n-text-color').trim())"""
KINDS = 4


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP, color_scheme=request.param)
    yield context.new_page()
    context.close()


def opened(page: Page, stack: Stack, place: str) -> None:
    talk = f"/{handed_over(stack)}" if place in ("inbox", "review") else ""
    page.goto(f"{stack.url}/console/#/{place}{talk}")
    if talk:
        expect(page.locator(".msg.customer").first).to_be_visible(timeout=PATIENCE_MS)
    # What a page asks for comes after its first frame.
    page.wait_for_timeout(600)
    page.wait_for_load_state("networkidle")


def test_no_word_of_any_page_is_faint(page: Page, month: Stack) -> None:
    form = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    join(page, month, Role.ADMIN, f"reader-{'dark' if form else 'light'}")
    expect(page.locator("html")).to_have_attribute(
        "data-form", "dark" if form else "light"
    )
    found, painted = [], set()
    for place in PLACES:
        opened(page, month, place)
        found += [f"{place}: {item}" for item in faint(page)]
        painted |= set(page.evaluate(PAINTED))
    assert found == []
    # A page without tags shows nothing of how tags are painted.
    assert len(painted) >= KINDS, painted
