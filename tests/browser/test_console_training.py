"""Annotate, commit, promote, roll back, and try it as a guest, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from aftercare import model
from aftercare.services.assistant import models
from aftercare.services.assistant.loading import loaded, loader
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.rights import Role
from aftercare.services.trainset import open_branch
from aftercare.services.trainset.corrections import FILE
from tests.browser.test_console_people import LAPTOP, join, serious
from tests.integration.stack import Stack, Talk
from tests.integration.test_model_swap_e2e import prepared

SOURCE = Path(__file__).with_name("training.yml")
WORDS: dict[str, str] = yaml.safe_load(SOURCE.read_text("utf-8"))
# Loading a model takes seconds; on a busy machine many.
SLOW_MS = 90_000


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    yield context.new_page()
    context.close()


def in_use(page: Page, name: str) -> None:
    expect(page.locator("[data-test=in-use]")).to_contain_text(name, timeout=SLOW_MS)


def test_annotate_commit_promote_and_roll_back(page: Page, stack: Stack) -> None:
    join(page, stack, Role.ADMIN, "trainer")
    talk = Talk(stack, "C-DEMO-1")
    talk.say(WORDS["said"])
    # Judged by one key in the review.
    page.goto(f"{stack.url}/console/#/review/{talk.session_id}")
    expect(page.locator("meter").first).to_be_visible(timeout=SLOW_MS)
    with page.expect_response("**/annotations/*", timeout=SLOW_MS) as answer:
        page.keyboard.press("c")
    assert answer.value.ok, answer.value.text()
    assert answer.value.json()["verdict"] == "correct"
    # The key goes on to the next message or talk; a new document waits for neither.
    page.goto("about:blank")
    # Seen as a difference, and committed.
    page.goto(f"{stack.url}/console/#/training")
    page.locator("[data-test=corrections]").click()
    expect(page.locator(".diff")).to_contain_text(WORDS["shown"], timeout=SLOW_MS)
    assert "13812348000" not in page.locator(".diff").inner_text()
    assert serious(page) == []
    page.locator("[data-test=commit]").click()
    expect(page.locator(".history")).to_contain_text("nlu_inbox", timeout=SLOW_MS)
    branch = open_branch(stack.engine, stack.settings.project_dir)
    assert branch.kind == "git" and FILE in branch.files(branch.head())
    # A candidate is compared, promoted while the talk goes on, and rolled back.
    own = model.path_for(stack.settings).name.removesuffix(".tar.gz")
    prepared(stack, "candidate-browser")
    page.goto(f"{stack.url}/console/#/models")
    in_use(page, own)
    page.locator("[data-test=open-model]").first.click()
    expect(page.locator("[data-test=compare]")).to_be_visible()
    assert serious(page) == []
    try:
        page.locator("[data-test=promote]").first.click()
        page.get_by_role("button", name=WORDS["sure"]).click()
        in_use(page, "candidate-browser")
        assert loaded(stack.settings) == "candidate-browser"
        assert talk.say(WORDS["said"], 60)
        page.locator("[data-test=roll-back]").click()
        page.get_by_role("button", name=WORDS["sure"]).last.click()
        in_use(page, own)
    finally:
        if loaded(stack.settings) != own:
            load, now = loader(stack.settings), datetime.now(UTC)
            models.roll_back(stack.engine, stack.settings, SYSTEM, load, now)
    assert talk.say(WORDS["said"], 60)
    talk.close()


def test_a_colleague_tries_it_by_a_link(
    page: Page, browser: Browser, stack: Stack
) -> None:
    join(page, stack, Role.ADMIN, "sharer")
    page.goto(f"{stack.url}/console/#/models")
    page.get_by_label(WORDS["for_whom"]).fill("Gina")
    page.locator("[data-test=share]").click()
    link = page.locator("[data-test=share-link]").inner_text()
    context = browser.new_context()
    guest = context.new_page()
    guest.goto(link)
    box = guest.get_by_label(WORDS["input"])
    box.fill(WORDS["trial"])
    box.press("Enter")
    expect(guest.locator(".row.bot").first).to_be_visible(timeout=SLOW_MS)
    context.close()
    api = page.context.request
    found = {
        test: api.get(
            f"{stack.url}/api/review/conversations?q={WORDS['trial']}&test={test}"
        ).json()["items"]
        for test in ("true", "false")
    }
    assert [row["test"] for row in found["true"]] == [True]
    assert found["false"] == []
