"""A customer's socket ends with the token that opened it; a guest's does not."""

from __future__ import annotations

import asyncio
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from rasa_sdk import Tracker

from actions.turn import read_turn
from tests.unit.web.test_gateway_doors import signed


def test_a_socket_does_not_outlive_its_token(up: Any, visitor_of: Any) -> None:
    async def scenario() -> None:
        now = datetime.now(UTC)
        key = up.settings.shop_jwt_secret
        # Whole seconds: a token's times have no others.
        soon = signed(key, iat=now, exp=now + timedelta(seconds=10))
        later = signed(key, iat=now, exp=now + timedelta(hours=1))
        short = visitor_of(up.url)
        said: list[Any] = []

        async def told(data: Any) -> None:
            said.append(data)

        short.io.on("signed_out", told)
        await short.open(token=soon)
        long = await visitor_of(up.url).open(short.session, token=later)
        guest = await visitor_of(up.url).open()
        assert long.session == short.session
        assert (await long.say("hello"))["ok"]
        await short.until(lambda: not short.io.connected)
        assert said == [{"reason": "unauthorised"}]
        for other in (long, guest):
            assert other.io.connected and (await other.say("still here"))["ok"]
        # The conversation stays the customer's own, for whoever signs in again.
        again = await visitor_of(up.url).open(short.session, token=later)
        assert again.session == short.session
        for one in (long, guest, again):
            await one.close()

    asyncio.run(scenario())


def test_a_turn_says_where_from_by_a_keyed_hash_alone(up: Any, visitor_of: Any) -> None:
    """Tries at orders are counted by it; nobody behind the gateway learns more."""

    async def scenario() -> None:
        for _ in range(2):
            guest = await visitor_of(up.url).open()
            await guest.say("hello")
            await guest.until(lambda guest=guest: "re: hello" in guest.texts())
            await guest.close()

    asyncio.run(scenario())
    secret = up.settings.internal_secret
    claims = [
        jwt.decode(body["turn_token"], secret, ["HS256"], audience="actions")
        for body in up.rasa.asked
    ]
    expected = hmac.new(secret.encode(), b"127.0.0.1", "sha256").hexdigest()
    assert [claim["net"] for claim in claims] == [expected] * 2
    assert "127.0.0.1" not in str(claims)
    latest = {
        "text": "hello",
        "metadata": {"turn_token": up.rasa.asked[0]["turn_token"]},
    }
    tracker = Tracker(claims[0]["sub"], {}, latest, [], False, None, {}, "")
    assert read_turn(tracker, secret).viewer.network == expected
