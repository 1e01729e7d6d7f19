"""The first day: a chat decided beside it, people steered, the record read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from aftercare.services.console.audit import SYSTEM, record
from aftercare.services.console.rights import Role
from aftercare.store.unit_of_work import write
from tests.browser.places import handed_over
from tests.browser.test_console_people import LAPTOP, join, sign_in
from tests.browser.test_demo_shop import WORDS
from tests.integration.stack import Stack, Talk

PATIENCE_MS = 60_000
# Above what an agent may give alone.
DEAR = "321.50"


@pytest.fixture
def agent(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script("localStorage['console-language'] = 'en'")
    yield context.new_page()
    context.close()


@pytest.fixture
def boss(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script("localStorage['console-language'] = 'en'")
    yield context.new_page()
    context.close()


def choose(page: Page, field: str, label: str) -> None:
    page.locator(f"[data-test={field}]").click()
    page.locator(".n-base-select-option", has_text=label).first.click()


def test_what_is_owed_is_typed_judged_by_its_reason_and_allowed_by_a_second(
    agent: Page, boss: Page, month: Stack
) -> None:
    join(agent, month, Role.AGENT, "first-ann")
    agent.goto(f"{month.url}/console/#/inbox/{handed_over(month)}")
    expect(agent.locator("[data-test=day]").first).to_be_visible(timeout=PATIENCE_MS)
    expect(agent.locator("[data-test=event]").last).to_contain_text("Handed over")
    # The log stands at its end, whatever appeared around it.
    agent.wait_for_timeout(1_500)
    gap = "e => e.scrollHeight - e.scrollTop - e.clientHeight"
    assert agent.get_by_role("log").evaluate(gap) < 2
    phone = agent.locator("[data-test=open-case]").nth(4)
    phone.click(timeout=PATIENCE_MS)
    sheet = agent.get_by_role("dialog")
    choose(agent, "case-kind", "Exchange")
    expect(sheet.locator("[data-test=verdict]")).to_contain_text("refused")
    expect(sheet.locator("[data-test=case-submit]")).to_be_disabled()
    choose(agent, "case-reason", "defect")
    expect(sheet.locator("[data-test=case-submit]")).to_be_enabled()
    choose(agent, "case-kind", "Compensation")
    # Typed as one types: the focus stays in the dialog, and no blur is needed.
    sheet.locator(".n-input-number input").click()
    agent.keyboard.type(DEAR)
    expect(sheet.locator("[data-test=over-limit]")).to_be_visible()
    sheet.locator("textarea").click()
    agent.keyboard.type("typed in a dialog")
    expect(sheet.locator("textarea")).to_have_value("typed in a dialog")
    sheet.locator("[data-test=case-submit]").click()
    pending = agent.locator("[data-test=pending]")
    expect(pending).to_contain_text(DEAR, timeout=PATIENCE_MS)
    join(boss, month, Role.SUPERVISOR, "first-bob")
    boss.goto(f"{month.url}/console/#/inbox/{handed_over(month)}")
    boss.locator("[data-test=second-approve]").click(timeout=PATIENCE_MS)
    expect(agent.locator(".side")).to_contain_text(
        f"refunded ¥{DEAR}", timeout=PATIENCE_MS
    )


def test_who_signs_out_leaves_no_draft_to_the_next(agent: Page, month: Stack) -> None:
    join(agent, month, Role.AGENT, "first-cat")
    talk = f"{month.url}/console/#/inbox/{handed_over(month)}"
    agent.goto(talk)
    box = agent.locator(".composer textarea")
    box.fill("a note of Cat's")
    # Kept while one stays, however one goes about.
    agent.goto(f"{month.url}/console/#/cases")
    agent.goto(talk)
    expect(box).to_have_value("a note of Cat's", timeout=PATIENCE_MS)
    agent.locator("nav.rail button").last.click()
    agent.get_by_text("Sign out", exact=True).click()
    expect(agent.locator("input[name=password]")).to_be_visible()
    join(agent, month, Role.AGENT, "first-dan")
    agent.goto(talk)
    expect(box).to_have_value("", timeout=PATIENCE_MS)


def test_an_admin_steers_who_gets_which_chats_and_lets_people_back_in(
    boss: Page, agent: Page, month: Stack
) -> None:
    join(agent, month, Role.AGENT, "first-eli", "Eli")
    join(boss, month, Role.ADMIN, "first-fay")
    boss.goto(f"{month.url}/console/#/people")
    row = boss.locator("[data-person=first-eli]")
    row.locator("[data-test=edit-person]").click(timeout=PATIENCE_MS)
    choose(boss, "skills", "Repair")
    boss.keyboard.press("Tab")
    cap = boss.locator("[data-test=cap] input")
    cap.fill("3")
    boss.locator("[data-test=save-person]").click()
    expect(row.locator("[data-test=skills-of]")).to_have_text("Repair")
    expect(row).to_contain_text("0 / 3")
    # A link to the wrong address is taken back; another sets a password anew.
    boss.locator("main form input").first.fill("Nobody")
    boss.locator("main form button[type=submit]").click()
    wrong = boss.locator("[data-test=invite-link]").inner_text()
    boss.locator("[data-test=withdraw]").first.click()
    boss.get_by_role("button", name="OK").or_(
        boss.get_by_role("button", name="Confirm")
    ).last.click()
    expect(boss.get_by_text("Nobody")).to_have_count(0)
    row.locator("[data-test=edit-person]").click()
    boss.locator("[data-test=password-link]").click()
    expect(boss.locator("[data-test=invite-link]")).not_to_have_text(wrong)
    agent.context.clear_cookies()
    agent.goto(wrong)
    agent.reload()
    expect(agent.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    agent.goto(boss.locator("[data-test=invite-link]").inner_text())
    agent.reload()
    agent.locator("input[name=password]").fill("a-quite-new-one-2")
    agent.locator("button[type=submit]").click()
    expect(agent.locator("input[name=login]")).to_be_enabled(timeout=PATIENCE_MS)
    sign_in(agent, month, "first-eli", "a-quite-new-one-2")
    expect(agent.locator("nav.rail")).to_be_visible(timeout=PATIENCE_MS)


def test_the_record_is_told_in_words_and_leads_to_what_was_done(
    boss: Page, month: Stack
) -> None:
    with write(month.engine) as session:
        now = datetime.now(UTC)
        limits = {"agent": 20_000, "admin": None}
        record(session, SYSTEM, "settings.change", now, "limit_fen", value=limits)
        record(session, SYSTEM, "reveal", now, handed_over(month), field="phone")
    join(boss, month, Role.ADMIN, "first-gil")
    boss.goto(f"{month.url}/console/#/audit")
    told = boss.locator("[data-test=told]")
    expect(told.first).to_be_visible(timeout=PATIENCE_MS)
    said = told.all_inner_texts()
    assert "Agent ¥200.00, Admin none" in said
    assert not [item for item in said if re.search(r"[{}\[\]\"]|[a-z]_[a-z]", item)]
    boss.locator("main tbody a").first.click()
    expect(boss).to_have_url(re.compile(handed_over(month)))


def test_one_reply_says_tags_and_ends_a_chat(
    boss: Page, agent: Page, month: Stack
) -> None:
    join(boss, month, Role.SUPERVISOR, "first-hal")
    boss.goto(f"{month.url}/console/#/settings")
    boss.locator("[data-test=new-canned]").click(timeout=PATIENCE_MS)
    boss.locator("input[name=short]").fill("zz")
    boss.get_by_label("Text", exact=True).fill("that was all, {customer}")
    choose(boss, "macro-end", "close the chat")
    boss.locator("[data-test=save-canned]").click()
    expect(boss.locator("[data-test=canned]")).to_contain_text("→ close the chat")
    # A talk of its own: what it ends is no other test's.
    talk = Talk(month, "C-DEMO-3")
    talk.say(WORDS["composing"])
    join(agent, month, Role.AGENT, "first-ida")
    agent.goto(f"{month.url}/console/#/inbox/{talk.session_id}")
    agent.locator("[data-test=take]").click(timeout=PATIENCE_MS)
    expect(agent.locator("[data-test=give-back]")).to_be_visible(timeout=PATIENCE_MS)
    box = agent.locator(".composer textarea")
    box.click()
    agent.keyboard.type("/zz")
    expect(agent.locator("[data-test=offer]")).to_contain_text("that was all")
    agent.keyboard.press("Enter")
    expect(agent.locator("[data-test=macro]")).to_contain_text("close the chat")
    agent.keyboard.press("Enter")
    expect(agent.locator(".msg.agent").last).to_contain_text("that was all")
    expect(agent.locator("[data-test=event]").last).to_contain_text("ended the chat")
    expect(agent.locator("[data-test=macro]")).to_be_hidden()
    talk.close()
