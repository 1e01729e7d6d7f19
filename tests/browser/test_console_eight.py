"""An agent with eight chats, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from aftercare.services.console import takeover
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Role
from aftercare.services.conversations import open_conversation, receive
from aftercare.store.console import AccountRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

PATIENCE_MS = 30_000
EIGHT = 8


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    yield context.new_page()
    context.close()


def holding(stack: Stack, login: str) -> list[str]:
    """Have an agent hold eight chats; the customer of the sixth has waited longest."""
    with read(stack.engine) as session:
        row = session.scalars(select(AccountRow).filter_by(login=login)).one()
        actor = Actor(row.id, row.login, row.name, row.role)
    talks, now = [], datetime.now(UTC)
    for number in range(EIGHT):
        talk = open_conversation(stack.engine, None)
        takeover.take(stack.engine, actor, talk, now - timedelta(minutes=10))
        talks.append(talk)
        waited = timedelta(minutes=5) if number == 5 else timedelta(seconds=40 - number)
        say(stack, talk, f"question {number}", now - waited)
    return talks


def say(stack: Stack, talk: str, text: str, at: datetime) -> None:
    receive(
        stack.engine,
        conversation_id=talk,
        customer_id=None,
        client_id=text.replace(" ", "-"),
        text=text,
        now=at,
    )


def test_eight_chats_by_keys_keep_their_drafts_and_their_order(
    page: Page, month: Stack
) -> None:
    join(page, month, Role.AGENT, "eight")
    talks = holding(month, "eight")
    page.goto(f"{month.url}/console/#/inbox")
    page.reload()
    rows = page.locator("button.row")
    expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("n")
    expect(rows).to_have_count(EIGHT, timeout=PATIENCE_MS)
    # Who has waited over three minutes is first, and looks it.
    expect(rows.first).to_contain_text("question 5")
    expect(rows.first).to_have_class("row alert")
    page.keyboard.press("3")
    shown = page.locator(".msg.customer").last
    expect(shown).to_contain_text("question 1")
    # Enter writes; a number is a letter then.
    page.keyboard.press("Enter")
    box = page.locator("#composer-text textarea")
    expect(box).to_be_focused()
    page.keyboard.type("draft 3")
    # On to the next while writing; each chat keeps its own, and a note stays one.
    page.keyboard.press("Alt+ArrowDown")
    expect(shown).to_contain_text("question 2")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.locator("[data-tab=note]").click()
    box.fill("only for us")
    page.keyboard.press("Alt+ArrowUp")
    expect(box).to_have_value("draft 3")
    expect(page.locator("[data-tab=reply]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Alt+4")
    expect(box).to_have_value("only for us")
    expect(page.locator("[data-tab=note]")).to_have_attribute("aria-selected", "true")
    box.fill("")
    # Out of the box, and to who waits longest.
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(shown).to_contain_text("question 5")
    page.keyboard.press("r")
    page.keyboard.type("/")
    offers = page.locator("[data-test=offer]")
    expect(offers.first).to_have_attribute("aria-current", "true")
    second = offers.nth(1)
    page.keyboard.press("ArrowDown")
    expect(second).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    expect(box).not_to_have_value("/")
    page.keyboard.press("Enter")
    expect(page.locator(".msg.agent")).to_have_count(1, timeout=PATIENCE_MS)
    with read(month.engine) as session:
        said = session.scalars(select(MessageRow).filter_by(sender="agent")).all()
        assert [x.conversation_id for x in said].count(talks[5]) == 1
        assert not [x for x in said if x.conversation_id in talks[:5]]


def test_another_customers_word_is_counted_where_it_was_said(
    page: Page, month: Stack
) -> None:
    join(page, month, Role.AGENT, "eight-more")
    talks = holding(month, "eight-more")
    page.goto(f"{month.url}/console/#/inbox/{talks[0]}")
    page.reload()
    page.locator("[data-tab=mine]").click()
    rows = page.locator("button.row")
    expect(rows).to_have_count(EIGHT, timeout=PATIENCE_MS)
    read_one = page.locator("button.row.active .unread")
    expect(read_one).to_have_count(0, timeout=PATIENCE_MS)
    say(month, talks[3], "question 3 again", datetime.now(UTC))
    page.reload()
    page.locator("[data-tab=mine]").click()
    other = rows.filter(has_text="question 3 again").locator(".unread")
    expect(other).to_have_text("2", timeout=PATIENCE_MS)


def test_what_was_written_as_a_note_is_no_answer_once_the_chat_is_taken(
    page: Page, month: Stack
) -> None:
    join(page, month, Role.AGENT, "eight-note")
    talk = open_conversation(month.engine, None)
    say(month, talk, "question of all", datetime.now(UTC))
    page.goto(f"{month.url}/console/#/inbox/{talk}")
    box = page.locator("#composer-text textarea")
    box.fill("he shouts", timeout=PATIENCE_MS)
    page.locator("[data-test=take]").click()
    expect(page.locator("[data-test=give-back]")).to_be_visible(timeout=PATIENCE_MS)
    box.press("Enter")
    expect(page.locator(".msg.note")).to_contain_text("he shouts")
    expect(page.locator(".msg.agent")).to_have_count(0)
