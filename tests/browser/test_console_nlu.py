"""The messages worth a look, judged by keys: only what is shown can be chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, func, select

from aftercare.services.console.rights import Role
from aftercare.store.messages import MessageRow
from aftercare.store.review import AnnotationRow
from aftercare.store.unit_of_work import read, write
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

PATIENCE_MS = 30_000
LOST = "nlu_fallback"


@pytest.fixture
def page(browser: Browser, month: Stack) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    yield context.new_page()
    context.close()
    with write(month.engine) as session:
        session.execute(delete(AnnotationRow))


def judged(month: Stack) -> list[str | None]:
    with read(month.engine) as session:
        return list(session.scalars(select(AnnotationRow.intent)))


def test_keys_choose_only_what_is_shown_and_never_that_nothing_was_understood(
    page: Page, month: Stack
) -> None:
    join(page, month, Role.ANNOTATOR, "nlu-keys")
    page.goto(f"{month.url}/console/#/nlu")
    first = page.locator("article").first
    expect(first).to_be_visible(timeout=PATIENCE_MS)
    # Where nothing was understood, no intent stands out.
    chosen = page.locator("button.n-button--primary-type")
    lost = page.locator("article", has_not=chosen)
    lost.first.click()
    text = lost.first.locator("b").first.inner_text()
    shown = lost.first.locator("button", has_text="%").count()
    assert shown == 5
    for key in ("6", "9", "c"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    expect(page.locator(".n-message")).to_be_visible()
    assert judged(month) == []
    expect(page.locator("article", has_text=text).first).to_be_visible()
    page.keyboard.press("5")
    expect(page.locator("[data-test=judged]")).to_be_visible(timeout=PATIENCE_MS)
    assert set(judged(month)) == {"greet"}


def test_the_review_offers_no_correct_where_nothing_was_understood(
    page: Page, month: Stack
) -> None:
    with read(month.engine) as session:
        name = func.json_extract(MessageRow.understanding, "$.intent.name")
        query = select(MessageRow.conversation_id).where(name == LOST)
        talk = session.scalars(query.order_by(MessageRow.id.desc())).first()
    join(page, month, Role.ANNOTATOR, "nlu-reviewer")
    page.goto(f"{month.url}/console/#/review/{talk}")
    expect(page.locator("meter").first).to_be_visible(timeout=PATIENCE_MS)
    picked = page.locator(".msg.picked")
    expect(picked.locator("[data-test=correct]")).to_have_count(0)
    page.keyboard.press("c")
    expect(page.locator(".n-message")).to_be_visible()
    assert judged(month) == []
