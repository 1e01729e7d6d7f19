"""Hostile texts in every field, read in every view of a real browser: none runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from aftercare.services.console import accounts
from aftercare.services.console.rights import Role
from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.web.app import create_app
from tests.browser.hostile.payloads import payloads
from tests.browser.hostile.planting import OWNER, furnish, plant, undecided
from tests.browser.hostile.reading import Watch
from tests.browser.places import PLACES
from tests.integration.stack import project_in
from tests.trust.profile import size
from tests.trust.serving import serving

PASSWORD = "correct-horse-battery"
# Each round plants every field anew, so that each field holds other texts.
ROUNDS = size("XSS", 1, 12)
STEP = 29
# A first page of a busy machine; no bound of the product.
PATIENCE_MS = 60_000
# These show no text of people's: figures, files of the project, covered names.
WORDLESS = {
    "account",
    "risk",
    "planning",
    "reports",
    "training",
    "returns",
    "nlu",
    "models",
    "alerts",
}
TABS = "main [role=tab]:enabled"
PRESS = "([tabs, n]) => document.querySelectorAll(tabs)[n]?.click()"


@dataclass
class Shop:
    """Where the shop is, and the talk in which every payload is said once."""

    url: str
    engine: Engine
    talk: str


@pytest.fixture(scope="module")
def shop(shop_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copy(shop_file, folder / "aftercare.db")
    settings = Settings(
        state_dir=folder, project_dir=project_in(folder / "project"), rasa_port=9
    )
    settings.database_url = f"sqlite:///{folder / 'aftercare.db'}"
    engine = make_engine(settings.database_url)
    talk = furnish(engine, datetime.now(UTC))
    with serving(create_app(settings)) as url:
        yield Shop(url, engine, talk)
    engine.dispose()


def enter(page: Page, shop: Shop, login: str) -> None:
    accounts.add(shop.engine, login, login, PASSWORD, Role.ADMIN, datetime.now(UTC))
    page.goto(f"{shop.url}/console/")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("nav.rail")).to_be_visible(timeout=PATIENCE_MS)


def walk(page: Page, shop: Shop, watch: Watch) -> None:
    """Open every place of the console, every tab of it, and the talk of all texts."""
    more = {"customers": f"/{OWNER}"}
    views = [*PLACES, f"inbox/{shop.talk}", f"review/{shop.talk}", "account"]
    for view in views:
        page.goto(f"{shop.url}/console/#/{view}{more.get(view, '')}")
        watch.settle(page)
        for chart in page.locator(".chart canvas").all()[:2]:
            chart.hover()  # what a chart says of a point is made then
        watch.look(page, view)
        for tab in range(page.locator(TABS).count()):
            # By script: what a tab shows may take the others away.
            page.evaluate(PRESS, [TABS, tab])
            watch.settle(page)
            watch.look(page, view)


def chat(page: Page, shop: Shop, watch: Watch) -> None:
    """Read the same talk in the customer's widget."""
    page.goto(shop.url)
    key = json.dumps(f"aftercare:{OWNER}")
    page.evaluate(f"localStorage.setItem({key}, {json.dumps(shop.talk)})")
    page.locator("#customers button").first.click()
    expect(page.locator(".privacy")).to_be_attached(timeout=PATIENCE_MS)
    watch.settle(page)
    watch.look(page, "widget")


def test_every_field_of_text_is_planted_or_a_code() -> None:
    assert undecided() == []
    assert len(payloads()) >= 300


def test_the_payloads_run_where_a_page_is_careless(browser: Browser) -> None:
    watch = Watch()
    context = browser.new_context()
    page = watch.over(context)
    fires = [one for one in payloads() if one.fires]
    page.goto("about:blank")
    for one in fires:
        page.evaluate("(t) => { document.body.innerHTML = t }", one.text)
        page.wait_for_timeout(60)
        page.evaluate("document.body.replaceChildren()")
    page.wait_for_timeout(300)
    ran = {int(number) for number in watch.ran}
    assert len(ran) > len(fires) * 0.7, sorted({x.number for x in fires} - ran)
    context.close()


def test_no_text_runs_in_any_view(browser: Browser, shop: Shop) -> None:
    watch = Watch()
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = watch.over(context)
    for number in range(ROUNDS):
        plant(shop.engine, shop.talk, number * STEP)
        if number == 0:
            enter(page, shop, "reader")
        walk(page, shop, watch)
        chat(page, shop, watch)
    context.close()
    assert (watch.ran, watch.dialogs) == ([], [])
    assert watch.foreign == []
    # An address that begins with "//" is one of the web: its picture is not loaded.
    assert [one for one in watch.refused if " img-src http" not in one] == []
    assert watch.errors == []
    silent = {view for view, marks in watch.read.items() if not marks}
    assert silent <= WORDLESS, silent
    for view in (f"inbox/{shop.talk}", f"review/{shop.talk}", "widget"):
        assert len(watch.read[view]) > 50, view
