"""Figures, exports, webhooks, guests' links and files."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import Engine

from aftercare.services.console import (
    assignment,
    composer,
    dashboards,
    export,
    funnels,
    takeover,
    webhooks,
)
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import ask_for_human
from aftercare.services.files import find_file

People = Callable[..., Any]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def understood(intent: str, action: str) -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": 0.9},
        "actions": [{"name": action}],
    }


def test_figures_of_a_day(
    shop: Engine, now: datetime, talks: Any, actor_of: Callable[..., Actor]
) -> None:
    li = actor_of("li")
    bot = talks.make("a", now=now)
    talks.reply(bot, 1, "ok", now, understood("refund", "action_default_fallback"))
    for wait_s, reply_s in ((30, 60), (90, 400)):
        talk = talks.make("b", now=now)
        ask_for_human(shop, talk)
        assignment.notice(shop, talk, now)
        takeover.take(shop, li, talk, now + timedelta(seconds=wait_s))
        composer.send(
            shop,
            li,
            talk,
            client_id="1",
            text="hello",
            now=now + timedelta(seconds=reply_s),
        )
    day = now.date()
    found = dashboards.dashboards(shop, day, day, "hour", now)
    assert found["volume"] == [
        {"at": f"{day}T12:00", "customer": 3, "bot": 1, "agent": 2, "conversations": 3}
    ]
    assert found["waiting"][0]["median_s"] == 60
    assert found["reply"]["rate"] == 0.5
    assert found["reply"]["first_median_s"] == 230
    assert (found["resolved"]["bot"], found["resolved"]["human"]) == (1, 2)
    assert found["handover"] == [{"trigger": "asked", "count": 2}]
    assert found["fallback"] == {"count": 1, "of": 1, "rate": 1.0}
    assert found["agents"][0] | {"id": 0} == {
        "id": 0,
        "name": "li",
        "chats": 2,
        "replies": 2,
        "within_target": 1,
        "first_median_s": 230,
    }


def test_the_hours_of_the_night_do_not_count(
    shop: Engine, now: datetime, talks: Any, actor_of: Callable[..., Actor]
) -> None:
    li, night = actor_of("li"), now + timedelta(hours=11, minutes=30)
    talk = talks.make("b", now=night)
    takeover.take(shop, li, talk, night)
    composer.send(shop, li, talk, client_id="1", text="x", now=night)
    found = dashboards.dashboards(shop, now.date(), now.date(), "day", now)
    assert found["reply"]["count"] == 0


def test_a_funnel_counts_steps_in_their_order(
    shop: Engine, now: datetime, talks: Any
) -> None:
    for actions in (("ask", "done"), ("done", "ask"), ("ask", "stop")):
        talk = talks.make(*"ab", now=now)
        for seq, action in enumerate(actions, 1):
            talks.reply(talk, seq, "ok", now, understood("x", action))
    steps = ["action:ask", "action:done"]
    day = now.date()
    counts = [s["count"] for s in funnels.funnel(shop, steps, [], day, day)]
    assert counts == [3, 1]
    without = funnels.funnel(shop, steps, ["action:stop"], day, day)
    assert [step["count"] for step in without] == [2, 1]


@pytest.mark.parametrize(
    "start",
    [*"=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", " =", "\u3000=", "\xa0@", "\v=", "\0+"],
)
def test_no_cell_is_a_formula(start: str) -> None:
    found = export.safe(f"{start}1+1")
    assert found.startswith("'") and found.endswith("1+1")
    assert export.safe(-3) == -3


def test_what_no_workbook_can_hold_is_left_out() -> None:
    every = "".join(map(chr, range(32))) + "\ufffe"
    book = export.as_xlsx(iter([["a", export.safe(f"x{every}y")]]))
    rows = [list(row) for row in load_workbook(io.BytesIO(book)).active.values]
    assert rows[0][0] == "a" and rows[0][1].startswith("x")


def test_exports_hold_one_row_per_conversation(person_of: People, talks: Any) -> None:
    boss = person_of("supervisor")
    talk = talks.make("hello", now=datetime.now(UTC))
    boss.http.put(f"/conversations/{talk}/tags", json={"tags": ["=HYPERLINK(1)"]})
    text = boss.http.get("/export/conversations.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["conversation"] for row in rows] == [export.safe(talk)]
    assert rows[0]["tags"] == "'=HYPERLINK(1)"
    book = load_workbook(
        io.BytesIO(boss.http.get("/export/conversations.xlsx").content)
    )
    sheet = [list(row) for row in book["conversations"].values]
    assert len(sheet) == 2 and "'=HYPERLINK(1)" in sheet[1]


def test_a_webhook_is_signed_told_once_and_tried_again(
    shop: Engine, now: datetime, talks: Any, actor_of: Callable[..., Actor]
) -> None:
    hook = webhooks.add(
        shop,
        actor_of("boss", "admin"),
        "https://shop.test/x",
        ["handover.requested"],
        now,
    )
    talk = talks.make("hello", now=now)
    ask_for_human(shop, talk)
    assignment.notice(shop, talk, now)
    got: list[httpx.Request] = []
    codes = [500, 200]

    def shop_answers(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(codes.pop(0))

    http = httpx.Client(transport=httpx.MockTransport(shop_answers))
    assert webhooks.collect(shop, now) == 1
    assert webhooks.collect(shop, now) == 0
    assert webhooks.deliver(shop, http, now) == 0
    assert webhooks.deliver(shop, http, now) == 0
    later = now + timedelta(minutes=1)
    assert webhooks.deliver(shop, http, later) == 1
    assert webhooks.deliver(shop, http, later + timedelta(days=1)) == 0
    assert len(got) == 2
    assert json.loads(got[1].content)["data"]["conversation_id"] == talk
    stamp, proof = got[1].headers["x-aftercare-signature"].split(",")
    signed = stamp.removeprefix("t=").encode() + b"." + got[1].content
    expected = hmac.new(hook["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert proof == f"v1={expected}"


def test_guests_talks_are_kept_apart(person_of: People, console: FastAPI) -> None:
    boss = person_of("supervisor")
    made = boss.post("/share", {"name": "colleague", "days": 1})
    token = made["link"].rpartition("=")[2]
    guest = TestClient(console)
    opened = guest.post(f"/share/{token}/session").json()["session_id"]
    assert boss.get(f"/conversations/{opened}")["test"] is True
    assert boss.get("/share")["items"][0]["uses"] == 1
    offered = guest.get(f"/share/{token}/models").json()["items"]
    assert [item["in_use"] for item in offered] == [True]
    assert opened.startswith("trial-")
    wanted = guest.post(f"/share/{token}/session", json={"model": "../../x"})
    assert wanted.status_code == 404
    mine = guest.post(f"/share/{token}/session", json={"model": offered[0]["name"]})
    assert boss.get(f"/conversations/{mine.json()['session_id']}")["model"] is None
    boss.http.delete(f"/share/{made['id']}")
    assert guest.get(f"/share/{token}/models").status_code == 410
    assert guest.post(f"/share/{token}/session").status_code == 410
    assert guest.post("/share/nothing/session").status_code == 404


def test_files_are_known_by_their_content(
    person_of: People, talks: Any, shop: Engine, settings: Any
) -> None:
    agent = person_of("agent")
    wrong = agent.http.post("/attachments", files={"file": ("a.png", b"<svg>")})
    assert wrong.status_code == 422
    sent = agent.http.post("/attachments", files={"file": ("../../a.txt", PNG)}).json()
    assert (sent["type"], sent["name"]) == ("image/png", "a.txt")
    found = find_file(shop, settings.state_dir, sent["id"])
    assert found and found.path.read_bytes() == PNG
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    agent.post(f"{path}/take", {})
    body = {"client_id": "1", "text": "", "attachment_id": sent["id"]}
    assert agent.post(f"{path}/messages", body)["image"] == sent["url"]
