"""A review session by keyboard alone, and a colleague mentioned in a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.test_console_people import LAPTOP, join, serious
from tests.integration.stack import Stack, Talk

SOURCE = Path(__file__).with_name("desk.yml")
WORDS: dict[str, str] = yaml.safe_load(SOURCE.read_text("utf-8"))
PATIENCE_MS = 30_000


@pytest.fixture
def pages(browser: Browser, stack: Stack) -> Iterator[tuple[Page, Page]]:
    contexts = [browser.new_context(viewport=LAPTOP) for _ in range(2)]
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def test_a_review_by_keyboard_alone_judges_flags_marks_and_undoes(
    pages: tuple[Page, Page], stack: Stack
) -> None:
    page = pages[0]
    join(page, stack, Role.ANNOTATOR, "kai")
    # Another talk to be reviewed stands in the list, where a key too far would go.
    other = Talk(stack, "C-DEMO-1")
    other.say(WORDS["ask_freight"])
    talk = Talk(stack, "C-DEMO-2")
    talk.say(WORDS["ask_freight"])
    page.goto(f"{stack.url}/console/#/review/{talk.session_id}")
    page.reload()
    expect(page.locator("button.row.active")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("meter").first).to_be_visible(timeout=PATIENCE_MS)
    judged = page.locator(".msg.customer .n-tag--closable").first
    # While somebody types, keys are letters.
    page.keyboard.press("/")
    page.keyboard.type("c")
    expect(page.locator("#review-search input")).to_have_value("c")
    page.keyboard.press("Backspace")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    expect(page.locator("button.row.active")).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("button.row").count() > 1
    page.keyboard.press("o")
    expect(judged).to_contain_text(WORDS["out_of_scope"], timeout=PATIENCE_MS)
    # The last message is judged, and the talk stays open until it is marked.
    assert page.url.endswith(talk.session_id)
    page.keyboard.press("u")
    expect(judged).to_be_hidden(timeout=PATIENCE_MS)
    page.keyboard.press("f")
    expect(page.locator("[data-test=flag]")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    # What was said of the undoing fades away, and is pale while it does.
    expect(page.locator(".n-message__content")).to_have_count(0, timeout=PATIENCE_MS)
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    # Marked by a key, the next talk opens; taken back, this one does again.
    page.keyboard.press("r")
    expect(page).not_to_have_url(re.compile(talk.session_id), timeout=PATIENCE_MS)
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(talk.session_id), timeout=PATIENCE_MS)
    other.close()
    talk.close()


def test_a_mentioned_colleague_is_told_and_opens_the_talk(
    pages: tuple[Page, Page], stack: Stack
) -> None:
    writer, reader = pages
    join(writer, stack, Role.AGENT, "nora", "nora")
    join(reader, stack, Role.AGENT, "otto", "otto")
    talk = Talk(stack, "C-DEMO-3")
    talk.say(WORDS["ask_human"])
    writer.goto(f"{stack.url}/console/#/inbox/{talk.session_id}")
    box = writer.get_by_label(WORDS["text"])
    expect(box).to_be_visible(timeout=PATIENCE_MS)
    box.fill("@ott")
    writer.locator("[data-test=mention]").first.click()
    box.press("Enter")
    expect(writer.locator(".msg.note")).to_contain_text("@otto", timeout=PATIENCE_MS)
    told = reader.locator("[data-test=mentioned]")
    expect(told).to_be_visible(timeout=PATIENCE_MS)
    told.click()
    expect(reader.locator(".msg.note")).to_contain_text("@otto", timeout=PATIENCE_MS)
    expect(told).to_be_hidden()
    talk.close()
