"""Who gets in, and what is refused at the door."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
import socketio

from aftercare.services.conversations import open_conversation

NOW = datetime.now(UTC)
CLAIMS = {
    "iss": "shop",
    "aud": "aftercare",
    "sub": "anna",
    "iat": NOW,
    "exp": NOW + timedelta(hours=1),
}


def signed(key: str, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {k: v for k, v in (CLAIMS | changes).items() if v is not None}
    return jwt.encode(claims, key, algorithm=algorithm)


def unsigned() -> str:
    parts = [{"alg": "none", "typ": "JWT"}, {**CLAIMS, "iat": 1, "exp": 2**33}]
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()) for p in parts]
    return b".".join(part.rstrip(b"=") for part in coded).decode() + "."


BAD = {
    "alg none": lambda key: unsigned(),
    "expired": lambda key: signed(key, exp=NOW - timedelta(hours=1)),
    "valid for years": lambda key: signed(key, exp=NOW + timedelta(days=3650)),
    "a day and a bit": lambda key: signed(key, exp=NOW + timedelta(hours=24.1)),
    "issued tomorrow": lambda key: signed(
        key, iat=NOW + timedelta(days=1), exp=NOW + timedelta(days=1, hours=1)
    ),
    "an expiry of no number": lambda key: signed(key, exp="2099"),
    "an infinite expiry": lambda key: signed(key, exp=float("inf")),
    "several audiences, ours not": lambda key: signed(key, aud=["actions", "x"]),
    "a key of its own choice": lambda key: jwt.encode(
        CLAIMS, "a" * 40, headers={"kid": "../../dev/null", "jku": "http://evil"}
    ),
    "a subject that is a number": lambda key: signed(key, sub=7),
    "another audience": lambda key: signed(key, aud="actions"),
    "another issuer": lambda key: signed(key, iss="gateway"),
    "no expiry": lambda key: signed(key, exp=None),
    "no subject": lambda key: signed(key, sub=None),
    "empty subject": lambda key: signed(key, sub=" "),
    "another key": lambda key: signed("z" * 40),
    "another algorithm": lambda key: signed(key * 2, algorithm="HS512"),
    "no token at all": lambda key: "x.y.z",
    "an object": lambda key: {"sub": "anna"},
}


@pytest.mark.parametrize("case", BAD)
def test_a_token_the_shop_did_not_sign_for_us_is_refused(
    gate: Any, visitor_of: Any, case: str
) -> None:
    token = BAD[case](gate.settings.shop_jwt_secret)
    one = visitor_of(gate.url)
    with pytest.raises(socketio.exceptions.ConnectionError):
        asyncio.run(one.open(token=token))
    assert one.of("connect_error") == [{"message": "unauthorised"}]
    assert one.of("session_confirm") == []


def test_a_foreign_session_is_replaced_by_an_own_one(
    gate: Any, visitor_of: Any
) -> None:
    key = gate.settings.shop_jwt_secret
    guests = open_conversation(gate.engine, None)
    annas = open_conversation(gate.engine, "anna")
    tokens = {"anna": signed(key), "bob": signed(key, sub="bob"), "guest": None}
    cases = [
        ("bob", annas, False),
        ("guest", annas, False),
        ("anna", guests, False),
        ("anna", annas, True),
        ("guest", guests, True),
        ("guest", "no-such-session", False),
        ("guest", "x" * 5000, False),
        ("guest", {"$ne": 1}, False),
    ]

    async def scenario() -> list[bool]:
        kept = []
        for who, asked, _ in cases:
            one = await visitor_of(gate.url).open(asked, tokens[who])
            assert len(one.session) >= 43
            kept.append(one.session == asked)
            await one.close()
        return kept

    assert asyncio.run(scenario()) == [own for *_, own in cases]


def test_nobody_speaks_into_or_hears_another_conversation(
    up: Any, visitor_of: Any
) -> None:
    async def scenario() -> tuple[dict[str, Any], list[str]]:
        one = await visitor_of(up.url).open()
        two = await visitor_of(up.url).open(one.session, signed(SHOP(up)))
        assert two.session != one.session
        two.session = one.session
        refused = await two.say("hi", "c1")
        await one.say("secret")
        await one.until(lambda: bool(one.texts()))
        await one.close()
        await two.close()
        return refused, list(two.texts())

    refused, heard = asyncio.run(scenario())
    assert refused["reason"] == "not_found"
    assert heard == []


def SHOP(gate: Any) -> str:
    return str(gate.settings.shop_jwt_secret)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x" * 1001, "message_too_long"),
        ("x" * 200_000, "message_too_long"),
        ("\ufdfa" * 900, "message_too_long"),
        (" \n\u200b", "message_empty"),
        (None, "malformed"),
        ({"a": 1}, "malformed"),
        (["x"] * 10, "malformed"),
        ("a\0b", "malformed"),
    ],
)
def test_what_cannot_be_a_message_is_refused_with_a_reason(
    up: Any, visitor_of: Any, text: Any, reason: str
) -> None:
    async def scenario() -> dict[str, Any]:
        one = await visitor_of(up.url).open()
        answer: dict[str, Any] = await one.say(text, "c1")
        assert (await one.say("still here", "c2"))["ok"]
        await one.close()
        return answer

    answer = asyncio.run(scenario())
    assert (answer["ok"], answer["reason"]) == (False, reason)
    assert answer["message"]


def test_a_widget_that_reads_no_acknowledgement_is_told_in_the_chat(
    up: Any, visitor_of: Any
) -> None:
    async def scenario() -> Any:
        one = await visitor_of(up.url).open()
        await one.io.emit("user_uttered", {"message": "x" * 1001})
        await one.until(lambda: bool(one.texts()))
        await one.close()
        return one

    one = asyncio.run(scenario())
    assert one.of("refused")[0]["reason"] == "message_too_long"
    assert one.texts() == [one.of("refused")[0]["message"]]


def test_a_frame_too_big_to_read_ends_the_connection(up: Any, visitor_of: Any) -> None:
    async def scenario() -> None:
        one = await visitor_of(up.url).open()
        await one.io.emit("user_uttered", {"message": "x" * 2_000_000})
        await one.until(lambda: not one.io.connected)
        two = await visitor_of(up.url).open()
        assert (await two.say("hi"))["ok"]
        await two.until(lambda: bool(two.texts()))
        await two.close()

    asyncio.run(scenario())
    assert len(up.rasa.asked) == 1


def test_a_flood_is_refused_and_what_was_taken_is_answered(
    up: Any, visitor_of: Any
) -> None:
    async def scenario() -> tuple[list[Any], list[str]]:
        one = await visitor_of(up.url).open()
        acks = [await one.say(str(n), f"c{n}") for n in range(60)]
        taken = sum(ack["ok"] for ack in acks)
        await one.until(lambda: len(one.texts()) == taken)
        await one.close()
        return acks, list(one.texts())

    acks, texts = asyncio.run(scenario())
    assert {ack.get("reason") for ack in acks} == {None, "too_many_messages"}
    assert acks[0]["ok"] and not acks[-1]["ok"]
    assert texts == [f"re: {n}" for n, ack in enumerate(acks) if ack["ok"]]


def test_before_a_session_nothing_is_taken(up: Any, visitor_of: Any) -> None:
    async def scenario() -> dict[str, Any]:
        one = visitor_of(up.url)
        await one.io.connect(up.url, transports=["websocket"])
        answer: dict[str, Any] = await one.say("hi", "c1")
        assert await one.history() == []
        await one.close()
        return answer

    assert asyncio.run(scenario())["reason"] == "not_found"


@pytest.mark.parametrize(
    ("origin", "fine"),
    [
        ("http://evil.example", False),
        ("https://shop.example", True),
        ("https://shop.example.evil.example", False),
        ("null", False),
        (None, True),
    ],
)
def test_only_listed_pages_and_our_own_may_connect(
    settings: Any, rasa: Any, serving: Any, port: int, origin: Any, fine: bool
) -> None:
    from aftercare.web.app import create_app

    settings.allowed_origins = ["https://shop.example"]
    url = f"http://127.0.0.1:{port}"
    with serving(create_app(settings), port):
        asked = f"{url}/socket.io/?EIO=4&transport=polling"
        headers = {} if origin is None else {"origin": origin}
        own = httpx.get(asked, headers={"origin": url}, trust_env=False)
        answer = httpx.get(asked, headers=headers, trust_env=False)
    assert own.status_code == 200
    assert answer.status_code == (200 if fine else 400)


def test_an_old_client_is_refused_with_a_reason(gate: Any) -> None:
    asked = f"{gate.url}/socket.io/?EIO=3&transport=polling"
    answer = httpx.get(asked, trust_env=False)
    assert answer.status_code == 400
    assert "unsupported version" in answer.text
