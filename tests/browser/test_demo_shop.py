"""A real headless Chromium in the demo shop, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from aftercare.settings import ROOT
from tests.integration.stack import Stack

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "words.yml").read_text("utf-8")
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
ANSWER_MS = 20_000


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param)
    yield context.new_page()
    context.close()


def enter(page: Page, stack: Stack, name: str) -> None:
    page.goto(stack.url)
    button = page.get_by_role("button", name=name)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_label(WORDS["launcher"]).click()


def say(page: Page, text: str) -> None:
    rows = page.locator(".row.bot")
    before = rows.count()
    box = page.get_by_label(WORDS["input"])
    box.fill(text)
    box.press("Enter")
    expect(rows.nth(before)).to_be_visible(timeout=ANSWER_MS)


def last(page: Page) -> str:
    return page.locator(".row.bot").last.inner_text()


def confirm(page: Page, flow: dict[str, Any]) -> None:
    for text in flow["say"]:
        say(page, text)
    for words in flow["asked"]:
        assert words in last(page)
    before = page.locator(".row.bot").count()
    page.get_by_role("button", name=WORDS["confirm"]).click()
    expect(page.locator(".row.bot").nth(before)).to_be_visible(timeout=ANSWER_MS)
    assert flow["done"] in last(page)


def test_a_repair(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["two"])
    confirm(page, WORDS["repair"])


def test_an_exchange(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    confirm(page, WORDS["exchange"])


def test_a_question_about_a_parcel(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    say(page, WORDS["tracking"]["say"])
    assert WORDS["tracking"]["seen"] in last(page)


def test_a_refusal(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    for text in WORDS["refusal"]["say"]:
        say(page, text)
    assert WORDS["refusal"]["seen"] in last(page)


def test_who_has_said_nothing_yet_is_told_what_can_be_asked(
    page: Page, stack: Stack
) -> None:
    page.goto(stack.url)
    page.get_by_label(WORDS["launcher"]).click()
    hello = page.locator(".row.hello")
    expect(hello).to_be_visible(timeout=ANSWER_MS)
    hello.get_by_role("button", name=WORDS["tracking"]["ask"]).click()
    expect(page.locator(".row.bot")).to_be_visible(timeout=ANSWER_MS)
    expect(hello).to_have_count(0)
    page.reload()
    expect(page.locator(".row.customer")).to_be_visible(timeout=ANSWER_MS)
    expect(hello).to_have_count(0)


def test_a_reload_in_mid_form_loses_nothing(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    say(page, WORDS["exchange"]["say"][0])
    said = page.locator(".row.bot").count()
    page.reload()
    # The panel was open, so it is again.
    expect(page.locator(".row.bot").last).to_be_visible()
    expect(page.locator(".row.bot")).to_have_count(said)
    for text in WORDS["exchange"]["say"][1:]:
        say(page, text)
    assert WORDS["exchange"]["asked"][0] in last(page)


def test_enter_while_composing_does_not_send(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    box = page.get_by_label(WORDS["input"])
    box.fill(WORDS["composing"])
    box.dispatch_event("compositionstart")
    box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    box.dispatch_event("compositionend")
    assert box.input_value() == WORDS["composing"]
    assert page.locator(".row.customer").count() == 0
    page.wait_for_timeout(100)
    box.press("Enter")
    expect(page.locator(".row.bot").last).to_contain_text(WORDS["greeting"])


def test_words_the_server_refuses_are_given_back(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    box = page.get_by_label(WORDS["input"])
    for refused in ("/request_refund{}", WORDS["composing"] * 1_001):
        box.fill(refused)
        box.press("Enter")
        expect(page.get_by_role("status")).not_to_have_text("")
        expect(box).to_have_value(refused)
    assert page.locator(".row.customer").count() == 0


def test_a_second_tab_shows_what_was_said_in_the_first(
    browser: Browser, stack: Stack
) -> None:
    context = browser.new_context(viewport=PHONE)
    one, two = context.new_page(), context.new_page()
    enter(one, stack, WORDS["customers"]["three"])
    say(one, WORDS["composing"])
    enter(two, stack, WORDS["customers"]["three"])
    expect(two.locator(".row.bot")).to_have_count(1)
    say(one, WORDS["tracking"]["say"])
    mine = two.locator(".row.customer", has_text=WORDS["tracking"]["say"])
    expect(mine).to_be_visible(timeout=ANSWER_MS)
    context.close()


def test_markup_is_shown_as_text(page: Page, stack: Stack) -> None:
    enter(page, stack, WORDS["customers"]["one"])
    say(page, WORDS["hostile"])
    shown = page.locator(".row.customer .bubble").last
    expect(shown).to_have_text(WORDS["hostile"])
    assert page.evaluate("window.hacked") is None


def test_a_refund_and_the_picture_for_the_readme(
    browser: Browser, stack: Stack
) -> None:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    enter(page, stack, WORDS["customers"]["two"])
    confirm(page, WORDS["refund"])
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / "demo-shop.png")
    context.close()


def test_a_picture_of_the_damage_is_sent_and_shown(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    photo = tmp_path / "damage.png"
    Image.new("RGB", (80, 60), "red").save(photo)
    enter(page, stack, WORDS["customers"]["one"])
    page.get_by_label(WORDS["photo"]).set_input_files(photo)
    shown = page.locator(".row.customer img.picture")
    expect(shown).to_be_visible(timeout=ANSWER_MS)
    assert shown.evaluate("image => image.naturalWidth") == 80
    expect(page.locator(".row.bot").last).to_be_visible(timeout=ANSWER_MS)
