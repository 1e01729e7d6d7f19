"""Every bar opens the conversations behind it, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.demo import Month
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

PATIENCE_MS = 60_000


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    yield context.new_page()
    context.close()


def behind(page: Page) -> tuple[dict[str, list[str]], int]:
    """Return the filter the review was opened with, and how many it found."""
    expect(page).to_have_url(re.compile("#/review\\?"), timeout=PATIENCE_MS)
    expect(page.locator("button.row").first).to_be_visible(timeout=PATIENCE_MS)
    found = re.search(r"\d+", page.get_by_role("status").first.inner_text())
    assert found
    return parse_qs(page.url.partition("?")[2]), int(found[0])


def test_a_bar_and_a_step_of_the_funnel_open_their_conversations(
    page: Page, stack: Stack
) -> None:
    Month(stack.engine, datetime.now(UTC)).write()
    join(page, stack, Role.SUPERVISOR, "vera")
    page.goto(f"{stack.url}/console/#/reports")
    chart = page.locator("figure", has=page.locator("canvas")).first
    expect(chart).to_be_visible(timeout=PATIENCE_MS)
    # The last day's row of the chart's own table says how many talks it stands for.
    chart.locator("summary").click()
    day = chart.locator("tbody th button").last
    wanted = day.inner_text()[:10]
    api = page.context.request
    figures = api.get(
        f"{stack.url}/api/dashboards?from={wanted}&to={wanted}&bucket=day"
    ).json()
    day.click()
    query, count = behind(page)
    assert query["from"] == query["to"] == [wanted]
    assert count == figures["volume"][0]["conversations"]
    # A bar itself, by the mouse: the families' chart.
    page.goto(f"{stack.url}/console/#/reports")
    families = page.locator("[data-test=families] .chart")
    families.scroll_into_view_if_needed(timeout=PATIENCE_MS)
    box = families.bounding_box()
    assert box
    for part in range(2, 39):
        page.mouse.click(box["x"] + box["width"] * part / 40, box["y"] + 205)
        if "/review" in page.url:
            break
    query, count = behind(page)
    assert query["family"] and count > 0
    # The funnel's first step.
    page.goto(f"{stack.url}/console/#/reports")
    step = page.locator("form .n-base-selection").first
    step.scroll_into_view_if_needed(timeout=PATIENCE_MS)
    step.click()
    page.locator(".n-base-select-option").first.click()
    page.keyboard.press("Escape")
    page.locator("[data-test=funnel]").click()
    funnel = page.locator("section figure").last
    funnel.locator("summary").click()
    told = int(funnel.locator("tbody td").first.inner_text())
    funnel.locator("tbody th button").first.click()
    query, count = behind(page)
    assert query["intent"] and count == told > 0
