"""The console in a real Chromium: the first account, an invitation, an ending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console import accounts
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.rights import Role
from aftercare.settings import ROOT
from tests.browser.places import seen_by
from tests.integration.stack import Stack

PASSWORD = "correct-horse-battery"
LAPTOP = {"width": 1366, "height": 768}
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP, bypass_csp=False)
    made = context.new_page()
    problems: list[str] = []
    made.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda error: problems.append(str(error)))
    yield made
    context.close()
    wrong = [x for x in problems if not re.search("status of (401|404|409)", x)]
    assert wrong == []


def invite(stack: Stack, role: Role, name: str | None = None) -> str:
    invited = accounts.Invited(role, name or role.value)
    token, _ = accounts.invite(stack.engine, SYSTEM, invited, datetime.now(UTC))
    return f"{stack.url}{accounts.link_path(token)}"


def join(
    page: Page, stack: Stack, role: Role, login: str, name: str | None = None
) -> None:
    page.goto(invite(stack, role, name))
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("nav.rail")).to_be_visible()
    expect(page).not_to_have_url(re.compile("invite"))


def sign_in(page: Page, stack: Stack, login: str, password: str = PASSWORD) -> None:
    page.goto(f"{stack.url}/console/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or worse on the page."""
    # Injected by the driver, so the page's own policy stays as it is.
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run()")
    return [
        f"{item['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


def test_a_wrong_password_is_refused_and_a_right_one_opens(
    page: Page, stack: Stack
) -> None:
    join(page, stack, Role.ADMIN, "boss")
    page.context.clear_cookies()
    page.reload()
    sign_in(page, stack, "boss", "wrong-password-here")
    expect(page.get_by_role("alert")).to_be_visible()
    assert serious(page) == []
    sign_in(page, stack, "boss")
    expect(page.locator("nav.rail a")).to_have_count(len(seen_by(Role.ADMIN)))


def test_each_role_sees_its_own_places_alone(page: Page, stack: Stack) -> None:
    join(page, stack, Role.VIEWER, "looker")
    expect(page.locator("nav.rail a")).to_have_count(len(seen_by(Role.VIEWER)))


def test_who_is_ended_is_out_at_once(page: Page, stack: Stack) -> None:
    join(page, stack, Role.AGENT, "leaver")
    everybody = [p for p in _people(stack) if p["login"] == "leaver"]
    accounts.change_account(
        stack.engine, SYSTEM, everybody[0]["id"], {"active": False}, datetime.now(UTC)
    )
    page.reload()
    expect(page.locator("input[name=password]")).to_be_visible()


def test_people_page_is_usable_and_fits_a_laptop(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    join(page, stack, Role.ADMIN, "boss2")
    page.goto(f"{stack.url}/console/#/people")
    expect(page.locator("[data-person=boss2]")).to_contain_text("boss2")
    assert serious(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= LAPTOP["width"]
    page.screenshot(path=stack.settings.state_dir / "console-people.png")


def _people(stack: Stack) -> list[dict[str, object]]:
    from aftercare.services.console.people import everybody

    return everybody(stack.engine)
