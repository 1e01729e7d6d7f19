"""Health, counters, the demo shop's sign-in, and what leaves in headers."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from aftercare.services.conversations import Message
from aftercare.settings import Settings
from aftercare.web.app import create_app
from aftercare.web.dialect import safe_text


@pytest.fixture
def client(shop_file: Path, tmp_path: Path) -> TestClient:
    shutil.copy(shop_file, tmp_path / "demo.db")
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    settings = Settings(state_dir=tmp_path, database_url=url, rasa_port=9)
    return TestClient(create_app(settings))


def test_alive_is_not_the_same_as_ready(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is True
    assert answer.json()["rasa"] is False


def test_a_demo_customer_signs_in_and_sees_own_orders_only(client: TestClient) -> None:
    people = client.get("/demo/customers").json()
    assert [p["id"] for p in people] == ["C-DEMO-1", "C-DEMO-2", "C-DEMO-3"]
    seen: list[set[str]] = []
    for person in people:
        token = client.post("/demo/login", json={"customer_id": person["id"]}).json()
        headers = {"authorization": f"Bearer {token['token']}"}
        orders = client.get("/demo/orders", headers=headers).json()
        seen.append({order["order_no"] for order in orders})
    assert all(seen) and not seen[0] & seen[1] and not seen[1] & seen[2]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 404),
        (b'{"customer_id": []}', 404),
        (b'{"customer_id": {"a": 1}}', 404),
        (b'{"customer_id": "C-0001"}', 404),
    ],
)
def test_nobody_else_signs_in(client: TestClient, body: bytes, status: int) -> None:
    assert client.post("/demo/login", content=body).status_code == status


def test_orders_need_a_token(client: TestClient) -> None:
    assert client.get("/demo/orders").status_code == 401


def test_there_is_no_demo_in_production(tmp_path: Path) -> None:
    settings = Settings(
        env="production",
        state_dir=tmp_path,
        shop_jwt_secret="s" * 40,
        internal_secret="i" * 40,
    )
    client = TestClient(create_app(settings))
    assert client.get("/demo/customers").status_code == 404
    assert client.post("/demo/login", json={}).status_code in (404, 405)


def test_pages_may_not_be_framed_or_run_foreign_code(client: TestClient) -> None:
    headers = client.get("/api/docs").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_counters_hold_no_text_and_no_id(up: Any, visitor_of: Any) -> None:
    async def scenario() -> str:
        one = await visitor_of(up.url).open()
        await one.say("13800001111")
        await one.say("x" * 1001, "c1")
        await one.until(lambda: bool(one.texts()))
        await one.close()
        return str(one.session)

    session = asyncio.run(scenario())
    text = httpx.get(f"{up.url}/metrics", trust_env=False).text
    assert 'aftercare_events_total{event="received",reason=""} 1' in text
    assert 'event="refused",reason="message_too_long"} 1' in text
    assert "aftercare_turn_seconds_count 1" in text
    assert session not in text and "13800001111" not in text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[x](javascript:alert(1))", "[x] (javascript:alert(1))"),
        ("[x]( JaVa&#115;cript:a)", "[x] ( JaVa&#115;cript:a)"),
        ("[x]: data:text/html,1", "[x] : data:text/html,1"),
        ("<javascript:alert(1)>", "< javascript:alert(1)>"),
        ("[x](https://a.example/b)", "[x](https://a.example/b)"),
        ("1 < 2 and [3]", "1 < 2 and [3]"),
    ],
)
def test_no_link_of_a_reply_runs_code(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_a_card_travels_under_metadata(now: Any) -> None:
    from aftercare.web.dialect import as_bot_uttered, as_history

    card = {"card": "tracking", "events": []}
    message = Message(3, "bot", "hi", now, {"card": card})
    assert as_bot_uttered(message) == [
        {"text": "hi", "metadata": {"seq": 3, "sender": "bot", "card": card}}
    ]
    assert as_history(message)["card"] == card
