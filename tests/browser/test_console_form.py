"""The console's form: dark, English, and what tells an agent where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.places import PLACES
from tests.browser.test_console_people import LAPTOP, join, serious
from tests.integration.stack import Stack, Talk

SOURCE = Path(__file__).with_name("form.yml")
WORDS: dict[str, str] = yaml.safe_load(SOURCE.read_text("utf-8"))
HANZI = re.compile("[\u4e00-\u9fff]+")


@pytest.fixture
def dark(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP, color_scheme="dark")
    yield context.new_page()
    context.close()


@pytest.fixture
def light(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP, color_scheme="light")
    yield context.new_page()
    context.close()


def form(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.form"))


def menu(page: Page, title: str) -> None:
    page.locator("nav.rail button").last.click()
    page.get_by_text(title, exact=True).click()


def test_the_dark_follows_the_computer_until_one_is_chosen(
    dark: Page, stack: Stack
) -> None:
    join(dark, stack, Role.AGENT, "form-nora")
    assert form(dark) == "dark"
    dark.emulate_media(color_scheme="light")
    expect(dark.locator("html")).to_have_attribute("data-form", "light")
    menu(dark, WORDS["dark"])
    expect(dark.locator("html")).to_have_attribute("data-form", "dark")
    dark.reload()
    expect(dark.locator("nav.rail")).to_be_visible()
    assert form(dark) == "dark"


def test_every_page_can_be_read_in_the_dark(dark: Page, stack: Stack) -> None:
    join(dark, stack, Role.ADMIN, "form-night")
    found = []
    for place in PLACES:
        dark.goto(f"{stack.url}/console/#/{place}")
        dark.wait_for_timeout(900)
        found += [f"{place}: {fault}" for fault in serious(dark)]
    assert found == []


def test_in_english_no_label_and_no_date_is_chinese(light: Page, stack: Stack) -> None:
    join(light, stack, Role.ADMIN, "form-eve", "Eve")
    menu(light, WORDS["english"])
    expect(light.locator("html")).to_have_attribute("lang", "en")
    light.goto(f"{stack.url}/console/#/audit")
    light.reload()
    expect(light.locator("html")).to_have_attribute("lang", "en")
    row = light.locator("main table tbody tr").first
    expect(row).to_be_visible()
    assert not HANZI.search(row.inner_text())
    for place in ("people", "settings", "alerts"):
        light.goto(f"{stack.url}/console/#/{place}")
        light.wait_for_timeout(600)
        heading = light.locator("main h1").first.inner_text()
        assert heading and not HANZI.search(heading)


def test_who_is_away_is_told_and_comes_online_by_one_button(
    light: Page, stack: Stack
) -> None:
    join(light, stack, Role.AGENT, "form-olga")
    light.goto(f"{stack.url}/console/#/inbox")
    expect(light.locator("[data-test=away]")).to_be_visible()
    light.locator("[data-test=go-online]").click()
    expect(light.locator("[data-test=away]")).to_be_hidden()
    light.reload()
    expect(light.locator("nav.rail")).to_be_visible()
    expect(light.locator("[data-test=away]")).to_be_hidden()
    # Away again, so that no chat of another test is given to who has gone.
    light.locator(".rail .n-select").click()
    light.locator(".n-base-select-option", has_text=WORDS["offline"]).click()
    expect(light.locator("[data-test=away]")).to_be_visible()


def test_an_invitation_is_a_whole_link(light: Page, stack: Stack) -> None:
    join(light, stack, Role.ADMIN, "form-chief")
    light.goto(f"{stack.url}/console/#/people")
    light.locator("main form input").first.fill("Eve")
    light.locator("main form button[type=submit]").click()
    link = light.locator("[data-test=invite-link]").inner_text()
    assert link.startswith(f"{stack.url}/console/")
    light.context.grant_permissions(["clipboard-read", "clipboard-write"])
    light.locator("[data-test=copy-link]").click()
    light.wait_for_timeout(300)
    assert light.evaluate("navigator.clipboard.readText()") == link


def test_what_the_bot_answered_is_seen_beside_what_it_understood(
    light: Page, stack: Stack
) -> None:
    talk = Talk(stack, "C-DEMO-3")
    talk.say(WORDS["unclear"])
    join(light, stack, Role.ADMIN, "form-vera")
    light.goto(f"{stack.url}/console/#/nlu")
    group = light.locator("article", has_text=WORDS["unclear"])
    expect(group.locator("[data-test=answer]")).to_contain_text(WORDS["not_sure"])
    expect(group.locator("button", has_text=WORDS["no_intent"])).to_have_count(0)
    talk.close()
