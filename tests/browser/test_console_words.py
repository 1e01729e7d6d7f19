"""The console speaks one language at a time: no codes, no other language's labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.places import handed_over
from tests.browser.test_console_people import LAPTOP, join
from tests.integration.stack import Stack

PATIENCE_MS = 30_000
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def english(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script("localStorage['console-language'] = 'en'")
    yield context
    context.close()


@pytest.fixture
def chinese(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=LAPTOP)
    yield context
    context.close()


def waiting_chat(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/console/#/inbox/{handed_over(stack)}")
    expect(page.locator("[data-test=handover]")).to_be_visible(timeout=PATIENCE_MS)


def test_a_hand_over_is_told_in_words(
    english: BrowserContext, chinese: BrowserContext, month: Stack
) -> None:
    for context, login, mood in (
        (english, "words-en", "anger (strength 79%), before: worry"),
        (chinese, "words-zh", None),
    ):
        page = context.new_page()
        join(page, month, Role.AGENT, login)
        waiting_chat(page, month)
        card = page.locator("[data-test=handover]")
        felt = card.locator("[data-slot=mood] dd")
        expect(felt).to_contain_text(mood or "79%")
        told = card.inner_text()
        # Neither JSON, nor a code, nor what the assistant keeps for itself.
        assert not re.search(r"[{}\"]|[a-z]+_[a-z]+|nonce|misses", told), told
        labels = " ".join(card.locator("summary, dt").all_inner_texts())
        assert bool(CHINESE.search(labels)) is (context is chinese), labels
        said = card.locator("[data-test=said]").inner_text()
        assert said.startswith("Said last:") is (context is english)


def test_a_refusal_is_worded_in_the_consoles_language(
    english: BrowserContext, month: Stack
) -> None:
    page = english.new_page()
    page.goto(f"{month.url}/console/")
    page.locator("input[name=login]").fill("nobody")
    page.locator("input[name=password]").fill("wrong-password-here")
    page.locator("button[type=submit]").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("password")
    assert not CHINESE.search(alert.inner_text())


def test_the_menu_holds_its_english_words_on_a_laptop(
    english: BrowserContext, month: Stack
) -> None:
    page = english.new_page()
    join(page, month, Role.ADMIN, "words-menu")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.rail, .rail a')]
          .filter((item) => item.scrollWidth > item.clientWidth
            || item.scrollHeight > item.clientHeight + 1)
          .map((item) => item.className + item.textContent)"""
    )
    assert cut == []


def test_a_test_out_of_a_talk_is_a_dialog_with_a_name(
    english: BrowserContext, month: Stack
) -> None:
    page = english.new_page()
    join(page, month, Role.ADMIN, "words-dialog")
    page.goto(f"{month.url}/console/#/review")
    page.locator("button.row").first.click(timeout=PATIENCE_MS)
    page.locator("[data-test=make-test]").click(timeout=PATIENCE_MS)
    dialog = page.get_by_role("dialog", name=re.compile("test", re.IGNORECASE))
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_who_goes_away_in_one_tab_is_away_in_the_other(
    english: BrowserContext, month: Stack
) -> None:
    first, second = english.new_page(), english.new_page()
    join(first, month, Role.AGENT, "words-away")
    for page in (first, second):
        page.goto(f"{month.url}/console/#/inbox")
        expect(page.locator("[data-test=away]")).to_be_visible(timeout=PATIENCE_MS)
    # The socket of a page is open when the page shows its list.
    first.wait_for_timeout(1_000)
    first.locator("[data-test=go-online]").click()
    for page in (first, second):
        expect(page.locator("[data-test=away]")).to_be_hidden()


def test_a_case_names_its_rule_and_law_in_the_consoles_language(
    chinese: BrowserContext, month: Stack
) -> None:
    page = chinese.new_page()
    join(page, month, Role.ADMIN, "words-rules")
    waiting_chat(page, month)
    page.locator("[data-test=basis]").first.click(timeout=PATIENCE_MS)
    told = page.locator("[data-test=verdicts]").inner_text()
    assert not re.search(r"[a-z]+_[a-z]+| art\. |merchant", told), told
    page.goto(f"{month.url}/console/#/audit")
    rows = page.locator("main tbody tr")
    expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
    did = page.locator("main tbody td:nth-child(3)").all_inner_texts()
    assert [item for item in did if not CHINESE.search(item)] == []


@pytest.mark.parametrize("place", ["inbox", "alerts", "quality", "risk", "cases"])
def test_no_list_scrolls_sideways_on_a_small_laptop(
    english: BrowserContext, month: Stack, place: str
) -> None:
    page = english.new_page()
    join(page, month, Role.ADMIN, f"words-small-{place}")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{month.url}/console/#/{place}")
    page.wait_for_timeout(1_000)
    # Rows that the month holds none of are drawn as the page would draw them.
    wide = page.evaluate(
        """() => {
          const main = document.querySelector('main');
          const row = document.createElement('div');
          row.className = 'row';
          (main.querySelector('.pad, .scroll') ?? main).append(row);
          return [main, ...main.querySelectorAll('.tabs, .desk > *')]
            .filter((item) => item.scrollWidth > item.clientWidth + 1)
            .map((item) => item.className);
        }"""
    )
    assert wide == []
