"""A customer and an agent in two browsers: files, signs of life, and bad networks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from aftercare.services.console.rights import Role
from tests.browser.test_console_people import LAPTOP, join
from tests.browser.test_demo_shop import DESK, WORDS, enter
from tests.integration.stack import Stack

FOLDER = Path(__file__).parent
DESK_WORDS: dict[str, Any] = yaml.safe_load((FOLDER / "desk.yml").read_text("utf-8"))
PATIENCE_MS = 60_000
SEED = 20261126
ROUNDS = 12


@pytest.fixture
def contexts(browser: Browser) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    made = (browser.new_context(viewport=DESK), browser.new_context(viewport=LAPTOP))
    yield made
    for context in made:
        context.close()


def together(
    stack: Stack, customer: Page, agent: Page, login: str, name: str
) -> tuple[Any, Any]:
    """Have an agent take a customer's chat; return the boxes both write in."""
    enter(customer, stack, WORDS["customers"][name])
    box = customer.get_by_label(WORDS["input"])
    box.fill(DESK_WORDS["ask_human"])
    box.press("Enter")
    expect(customer.locator(".row.bot").last).to_be_visible(timeout=PATIENCE_MS)
    join(agent, stack, Role.AGENT, login)
    # The guest the page opened with before has a talk of its own.
    talk = customer.evaluate("localStorage['aftercare:' + sessionStorage.customer]")
    agent.goto(f"{stack.url}/console/#/inbox/{talk}")
    agent.locator("[data-test=take]").click(timeout=PATIENCE_MS)
    expect(agent.locator("[data-test=give-back]")).to_be_visible(timeout=PATIENCE_MS)
    return box, agent.get_by_label(DESK_WORDS["text"])


def test_files_go_both_ways_and_each_sees_the_other_type_and_read(
    contexts: tuple[BrowserContext, BrowserContext], stack: Stack, tmp_path: Path
) -> None:
    customer, agent = (context.new_page() for context in contexts)
    box, answer = together(stack, customer, agent, "fay", "one")
    photo, proof = tmp_path / "damage.png", tmp_path / "label.png"
    Image.new("RGB", (80, 60), "red").save(photo)
    Image.new("RGB", (90, 50), "green").save(proof)
    # The customer's photo is seen by the agent, and known to be read.
    customer.get_by_label(WORDS["photo"]).set_input_files(photo)
    seen = agent.locator(".msg.customer img")
    expect(seen).to_be_visible(timeout=PATIENCE_MS)
    assert seen.evaluate("image => image.decode().then(() => image.naturalWidth)") == 80
    expect(customer.locator(".row.customer .read")).to_be_visible(timeout=PATIENCE_MS)
    # The agent's file is seen by the customer.
    agent.locator("[data-test=file]").set_input_files(proof)
    expect(agent.locator("[data-test=attached]")).to_be_visible(timeout=PATIENCE_MS)
    agent.locator("[data-test=send]").click()
    got = customer.locator(".row.agent img.picture, .row.agent a").first
    expect(got).to_be_visible(timeout=PATIENCE_MS)
    width = "image => image.decode().then(() => image.naturalWidth)"
    assert customer.locator(".row.agent img.picture").evaluate(width) == 90
    # Each sees that the other writes, and until where the other has read.
    answer.press_sequentially("abc")
    expect(customer.locator(".typing")).not_to_have_text("", timeout=PATIENCE_MS)
    box.press_sequentially("xyz")
    agent_log = agent.get_by_role("log")
    expect(agent_log).to_contain_text(DESK_WORDS["typing"], timeout=PATIENCE_MS)
    answer.press("Enter")
    expect(customer.locator(".row.agent").last).to_contain_text("abc")
    read = agent.locator(".msg.agent [data-test=read]").last
    expect(read).to_have_text(DESK_WORDS["read"], timeout=PATIENCE_MS)
    box.press("Enter")
    expect(agent.locator(".msg.customer").last).to_contain_text("xyz")
    expect(customer.locator(".row.customer").last.locator(".read")).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_networks_that_break_at_random_lose_and_double_nothing(
    contexts: tuple[BrowserContext, BrowserContext], stack: Stack
) -> None:
    customer, agent = (context.new_page() for context in contexts)
    box, answer = together(stack, customer, agent, "ray", "two")
    chance = random.Random(SEED)
    asked, told = [], []
    for number in range(ROUNDS):
        for context in contexts:
            context.set_offline(chance.random() < 0.5)
        asked.append(f"asked-{number:02}")
        box.fill(asked[-1])
        box.press("Enter")
        # The one who answers is told when sending fails, and sends again.
        contexts[1].set_offline(False)
        told.append(f"told-{number:02}")
        answer.fill(told[-1])
        answer.press("Enter")
        expect(answer).to_have_value("", timeout=PATIENCE_MS)
        contexts[1].set_offline(chance.random() < 0.5)
    for context in contexts:
        context.set_offline(False)
    for page, row, texts in (
        (agent, ".msg.customer", asked),
        (agent, ".msg.agent", told),
        (customer, ".row.customer", asked),
        (customer, ".row.agent", told),
    ):
        expect(page.locator(row).last).to_contain_text(texts[-1], timeout=PATIENCE_MS)
        shown = page.locator(row)
        for text in texts:
            expect(shown.filter(has_text=text)).to_have_count(1, timeout=PATIENCE_MS)
        order = [t for t in "\n".join(shown.all_inner_texts()).split() if t in texts]
        assert order == texts
