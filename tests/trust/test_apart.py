"""Customers apart: every door × every identity × own, another's and no thing.

The doors are read from the code (`doors.py`). Another's thing and a thing that does
not exist get the same answer, word by word; the full profile compares the times too
and guesses 100,000 names.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import socketio
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import Engine, select

from aftercare.services.conversations import open_conversation
from aftercare.settings import ROOT, Settings
from aftercare.store.models import Base
from aftercare.store.unit_of_work import read
from aftercare.web.app import create_app
from tests.trust.doors import DECLARED, all_actions, http_doors, socket_doors
from tests.trust.identities import (
    GENUINE,
    IDENTITIES,
    shop_token_of,
    turn_token_of,
)
from tests.trust.profile import SOAK
from tests.trust.serving import connected, serving, wait_for
from tests.trust.world import World

WHOSE = ("own", "other", "absent")
SECRET = "a" * 40
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
STORES = ["sqlite", "postgresql"] if SOAK else ["sqlite"]
pytestmark = pytest.mark.parametrize("shop", STORES, indirect=True)


@pytest.fixture
def app(settings: Settings) -> socketio.ASGIApp:
    return create_app(settings)


@pytest.fixture
def customers(world: World) -> dict[str, str]:
    return {"anna": world.anna.customer, "bob": world.bob.customer}


def test_no_door_is_without_an_entry(app: socketio.ASGIApp) -> None:
    undeclared = [door for door, kind in http_doors(app).items() if not kind]
    assert undeclared == []
    assert set(DECLARED["http"]) <= set(http_doors(app))
    assert socket_doors(app) == DECLARED["socket"]
    assert set(DOMAIN["slots"]) <= set(DECLARED["slots"])
    named = re.compile(r"given\.get\(\"(\w+)\"|given\[\"(\w+)\"\]")
    read_ = {
        one or two
        for path in (ROOT / "actions").glob("*.py")
        for one, two in named.findall(path.read_text(encoding="utf-8"))
    }
    assert read_ <= set(DECLARED["given"]) | set(DECLARED["plain"])


def filled(path: str, world: World, whose: str) -> str:
    """Return a path with its parameters naming things of this kind."""
    kinds = {"talk_id": "talk", "case_no": "case", "line_id": "line", "file_id": "file"}

    def name(found: re.Match[str]) -> str:
        kind = kinds.get(found[1])
        return world.name(kind, whose) if kind else "1"

    return re.sub(r"\{(\w+)\}", name, path)


def shown(answer: httpx.Response, world: World) -> tuple[int, str]:
    """Return what a visitor can tell from an answer."""
    # A page's nonce is another one in every answer, whoever asks.
    text = re.sub(r'nonce="[\w-]+"', 'nonce=""', answer.text)
    return answer.status_code, world.blank(text)


def test_every_route_keeps_customers_apart(
    app: socketio.ASGIApp, world: World, customers: dict[str, str]
) -> None:
    wrong, cells = asyncio.run(_try_every_route(app, world, customers))
    assert not wrong, (len(wrong), wrong[:2])
    assert cells == 3 * len(IDENTITIES) * sum(
        not door.startswith("MOUNT") for door in http_doors(app)
    )


async def _try_every_route(
    app: socketio.ASGIApp, world: World, customers: dict[str, str]
) -> tuple[list[Any], int]:
    wrong: list[Any] = []
    cells = 0
    inside = httpx.ASGITransport(app.other_asgi_app, client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=inside, base_url="http://shop") as web:
        for door, kind in http_doors(app).items():
            method, _, path = door.partition(" ")
            if method == "MOUNT":
                continue
            for who in IDENTITIES:
                token = shop_token_of(who, customers, SECRET)
                web.cookies.clear()
                headers = {"x-client-id": "1"}
                if token:
                    headers["authorization"] = f"Bearer {token}"
                    headers["cookie"] = f"aftercare_console={token}"
                seen = {}
                for whose in WHOSE:
                    cells += 1
                    answer = await web.request(
                        method,
                        filled(path, world, whose),
                        headers=headers | {"x-session": world.name("talk", whose)},
                        content=b"{}" if method != "GET" else None,
                    )
                    seen[whose] = shown(answer, world)
                    wrong += _judged(door, kind, who, whose, seen[whose], world)
                if kind != "key" and seen["other"] != seen["absent"] and who != "bob":
                    wrong.append((door, who, seen))
    return wrong, cells


def _judged(
    door: str, kind: str, who: str, whose: str, seen: tuple[int, str], world: World
) -> list[Any]:
    status, text = seen
    customers = {"anna": world.anna.customer, "bob": world.bob.customer}
    if kind == "key":
        return []
    found: list[Any] = []
    if leaked := world.leaks(text, to=customers.get(who)):
        found.append((door, who, whose, leaked))
    if kind == "staff" and status != 401:
        found.append((door, who, whose, status))
    if kind == "token" and (status == 200) is not (who in customers):
        found.append((door, who, whose, status))
    if kind == "session":
        mine = (who, whose) in (("anna", "own"), ("bob", "other"))
        # Its own conversation is let through to be told that this is no picture.
        if status != (415 if mine else 404):
            found.append((door, who, whose, seen))
    return found


def test_every_socket_event_keeps_customers_apart(
    app: socketio.ASGIApp, world: World, customers: dict[str, str]
) -> None:
    wrong: list[Any] = []
    with serving(app) as url:
        for who in IDENTITIES:
            token = shop_token_of(who, customers, SECRET)
            if who not in GENUINE:
                with pytest.raises(socketio.exceptions.ConnectionError):
                    connected(url, token)
                continue
            seen = {whose: _speak(url, token, world, whose) for whose in WHOSE}
            mine = {"anna": "own", "bob": "other"}.get(who)
            for whose, found in seen.items():
                if found["kept"] is not (whose == mine):
                    wrong.append((who, whose, found))
                if world.leaks(str(found), to=customers.get(who)):
                    wrong.append((who, whose, found))
            if mine != "other" and seen["other"] != seen["absent"]:
                wrong.append((who, seen))
        for who in IDENTITIES:
            cookie = shop_token_of(who, customers, SECRET) or "x"
            with pytest.raises(socketio.exceptions.ConnectionError):
                connected(
                    url,
                    namespace="/console",
                    headers={"Cookie": f"aftercare_console={cookie}"},
                )
    assert not wrong, (len(wrong), wrong[:2])


def _speak(url: str, token: str | None, world: World, whose: str) -> dict[str, Any]:
    """Return everything a visitor learns who asks for a conversation by its name."""
    asked = world.name("talk", whose)
    one = connected(url, token)
    try:
        body = {"session_id": asked, "message": "hello", "client_id": "2"}
        before = one.call("user_uttered", body, timeout=20)
        for event, more in (("typing", {"on": True}), ("read", {"seq": 9})):
            one.emit(event, {"session_id": asked} | more)
        old = one.call("history_request", body | {"after_seq": 0}, timeout=20)
        one.emit("session_request", {"session_id": asked})
        given = wait_for(one, "session_confirm")
        kept = given == asked
        said = one.call("history_request", {"session_id": asked}, timeout=20)
        if not kept:
            # In a conversation of one's own, with the name of the wanted one.
            inside = one.call("user_uttered", body, timeout=20)
        else:
            inside = {}
    finally:
        one.disconnect()
    return {
        "before": before,
        "old": old,
        "kept": kept,
        "said": said if not kept else said["messages"][:2],
        "inside": inside,
    }


def tracker_of(
    intent: str, text: str, talk: str, slots: dict[str, Any], token: str
) -> Tracker:
    """Return the tracker Rasa would send for one turn."""
    found = re.findall(r"\d{16}", text)
    entities = [{"entity": "order_number", "value": value} for value in found]
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "entities": entities,
        "metadata": {"turn_token": token, "seq": 1},
    }
    events = [{"event": "user", "text": text, "parse_data": message}]
    return Tracker(talk, slots, message, events, False, None, {}, "action_listen")


def played(action: Any, tracker: Tracker) -> tuple[str, str]:
    """Return what an action says and does."""
    said = CollectingDispatcher()
    events = asyncio.run(action.run(said, tracker, {}))
    return _told(said.messages), _told(events)


def _told(value: Any) -> str:
    # Traces, nonces and uses are new each time; how sure the mood is depends on
    # the very digits that were typed.
    text = re.sub(
        r'"nonce":\s*"[\w-]{10,}"', '"nonce":"?"', str(value).replace("\\", "")
    )
    text = re.sub(r"'confirmed', 'value': '[\w-]+'", "'confirmed'", text)
    text = re.sub(r'("use":\s*")\d+', r"\1?", text)
    text = re.sub(r"'nonce', 'value': '[\w-]{20,24}'", "'nonce'", text)
    text = re.sub(r"'strength': [\d.]+", "'strength'", text)
    return re.sub(r"\b[0-9a-f]{8}\b", "<trace>", text)


def _apart(one: tuple[str, str], two: tuple[str, str]) -> str:
    """Return the first place where two answers differ."""
    first, second = " ".join(one), " ".join(two)
    same = len(os.path.commonprefix((first, second)))
    at = slice(max(0, same - 60), same + 80)
    return f"{first[at]!r} | {second[at]!r}"


def rows_of(engine: Engine, customer: str) -> list[str]:
    """Return everything that is stored of a customer's orders and cases."""
    found = []
    with read(engine) as session:
        for table in Base.metadata.sorted_tables:
            if "customer_id" in table.c and table.name != "consent":
                query = select(table).where(table.c.customer_id == customer)
                found += [str(row) for row in session.execute(query)]
    return sorted(found)


def turns_of(world: World, whose: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield ways to name a thing: in words, by a button, in a slot."""
    name: Callable[[str], str] = lambda kind: world.name(kind, whose)  # noqa: E731
    kinds = {key: kind for key, kind in DECLARED["slots"].items() if kind}
    slots = {key: name(kind) for key, kind in kinds.items()} | DECLARED["plain"]
    slots |= {key: [slots[key]] for key in ("offered", "narrowed")}
    words = DECLARED["say"].format(
        order=name("order"), parcel=name("parcel"), tail=DECLARED["tail"]
    )
    yield "inform", words, {}
    yield "inform", words, slots | {"requested_slot": "line"}
    named = {key: name(kind) for key, kind in DECLARED["given"].items()}
    # All at once; each alone in the full profile.
    for one in [named, *({key: value} for key, value in named.items() if SOAK)]:
        given = one | DECLARED["plain"]
        inside = ", ".join(f'"{k}": "{v}"' for k, v in given.items())
        if SOAK:
            yield "inform", f"/inform{{{inside}}}", {}
        yield "inform", f"/inform{{{inside}}}", {"requested_slot": "line"}
    yield "affirm", "ok", slots | {"requested_slot": None}


# A turn token is made by the gateway, so none is unsigned.
TURN_IDENTITIES = tuple(who for who in IDENTITIES if who != "unsigned")


@pytest.mark.parametrize("who", TURN_IDENTITIES)
def test_every_action_keeps_customers_apart(
    who: str, settings: Settings, world: World, customers: dict[str, str]
) -> None:
    before = {name: rows_of(world.engine, name) for name in customers.values()}
    wrong: list[Any] = []
    for name, action in all_actions().items():
        told: dict[str, list[Any]] = {}
        for whose in WHOSE[1:] if who != "bob" else ("own", "absent"):
            told[whose] = []
            talk = open_conversation(world.engine, customers.get(who))
            for intent, text, slots in turns_of(world, whose):
                key = settings.internal_secret
                token = turn_token_of(who, talk, customers, key) or ""
                tracker = tracker_of(intent, text, talk, slots, token)
                said, done = played(action, tracker)
                told[whose].append((world.blank(said), world.blank(done)))
                if leaked := world.leaks(said + done, to=customers.get(who)):
                    wrong.append((name, whose, text, leaked))
        first, second = told.values()
        wrong += [
            (name, turn[:2], _apart(one, two))
            for turn, one, two in zip(
                turns_of(world, "other"), first, second, strict=True
            )
            if one != two
        ]
    assert not wrong, (len(wrong), wrong[:2])
    for customer, rows in before.items():
        if customer != customers.get(who):
            assert rows_of(world.engine, customer) == rows
