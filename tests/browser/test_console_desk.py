"""An agent's first day in a real Chromium: answer, approve, correct."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.places import PLACES
from tests.browser.test_console_people import LAPTOP, join, serious
from tests.integration.stack import Stack, Talk

SOURCE = Path(__file__).with_name("desk.yml")
WORDS: dict[str, str] = yaml.safe_load(SOURCE.read_text("utf-8"))
HOSTILE = (
    "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"
)


@pytest.fixture
def agents(browser: Browser, stack: Stack) -> Iterator[tuple[Page, Page]]:
    contexts = [browser.new_context(viewport=LAPTOP) for _ in range(2)]
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def waiting(stack: Stack, customer: str) -> Talk:
    talk = Talk(stack, customer)
    talk.say(WORDS["ask_human"])
    return talk


def open_chat(page: Page, stack: Stack, talk: Talk) -> None:
    page.goto(f"{stack.url}/console/#/inbox/{talk.session_id}")
    expect(page.locator(".msg.customer").first).to_be_visible()


def test_two_agents_click_and_one_answers_the_customer(
    agents: tuple[Page, Page], stack: Stack
) -> None:
    first, second = agents
    join(first, stack, Role.AGENT, "anna")
    join(second, stack, Role.AGENT, "bert")
    talk = waiting(stack, "C-DEMO-3")
    for page in agents:
        open_chat(page, stack, talk)
    expect(first.locator("[data-test=take]")).to_be_visible()
    for page in agents:
        # Not a patient click: the other one's may have taken the button away.
        page.evaluate("document.querySelector('[data-test=take]')?.click()")
    first.wait_for_timeout(1500)
    owners = [
        page for page in agents if page.locator("[data-test=give-back]").is_visible()
    ]
    assert len(owners) == 1
    owner = owners[0]
    owner.get_by_label(WORDS["text"]).fill(WORDS["reply"])
    owner.locator("[data-test=send]").click()
    expect(owner.locator(".msg.agent")).to_contain_text(WORDS["reply"])
    assert talk.hear()[-1] == WORDS["reply"]
    # The bot is silent while a person answers.
    talk.send(HOSTILE)
    expect(owner.locator(".msg.customer").last).to_contain_text("onerror")
    assert owner.title() != "hit" and "hit" not in second.title()
    owner.locator("[data-test=give-back]").click()
    expect(owner.locator("[data-test=give-back]")).to_be_hidden()
    talk.hear()  # that a person has left, and the answer to what waited
    assert WORDS["freight"] in "\n".join(talk.say(WORDS["ask_freight"]))
    talk.close()


def test_a_refund_is_approved_once_from_the_chat(
    agents: tuple[Page, Page], stack: Stack
) -> None:
    page = agents[0]
    join(page, stack, Role.SUPERVISOR, "carl")
    talk = Talk(stack, "C-DEMO-2")
    talk.say(WORDS["refund_fridge"])
    talk.press(WORDS["confirm"])
    page.goto(f"{stack.url}/console/#/cases")
    approve = page.locator("[data-test=case-approve]").first
    expect(approve).to_be_visible()
    before = page.locator("[data-test=case-approve]").count()
    approve.click()
    page.get_by_role("button", name=WORDS["sure"]).click()
    expect(page.locator("[data-test=case-approve]")).to_have_count(before - 1)
    talk.close()


def test_what_was_understood_is_shown_and_corrected_by_keyboard(
    agents: tuple[Page, Page], stack: Stack
) -> None:
    page = agents[0]
    join(page, stack, Role.ANNOTATOR, "dora")
    talk = Talk(stack, "C-DEMO-2")
    talk.say(WORDS["ask_freight"])
    page.goto(f"{stack.url}/console/#/review/{talk.session_id}")
    page.reload()
    # The first list indexes, which loads the model of moods.
    expect(page.locator("button.row.active")).to_be_visible(timeout=15_000)
    expect(page.locator("meter").first).to_be_visible()
    page.keyboard.press("c")
    judged = page.locator(".msg.customer")
    expect(judged).to_contain_text(WORDS["correct"], timeout=20_000)
    assert serious(page) == []
    page.screenshot(path=stack.settings.state_dir / "console-review.png")
    talk.close()


@pytest.mark.parametrize("place", PLACES)
def test_every_page_opens_without_an_error_and_fits(
    agents: tuple[Page, Page], stack: Stack, place: str
) -> None:
    page = agents[0]
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "response",
        lambda r: errors.append(f"{r.status} {r.url}") if r.status >= 400 else None,
    )
    join(page, stack, Role.ADMIN, f"boss-{place}")
    errors.clear()
    page.goto(f"{stack.url}/console/#/{place}")
    page.wait_for_timeout(1200)
    assert errors == []
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= LAPTOP["width"]
    tall = page.evaluate("document.querySelector('.rail').clientHeight")
    assert tall == LAPTOP["height"]
    page.screenshot(path=stack.settings.state_dir / f"page-{place}.png")
    # A window so low that every region scrolls, however few rows it holds.
    page.set_viewport_size({"width": LAPTOP["width"], "height": 320})
    assert serious(page) == []
