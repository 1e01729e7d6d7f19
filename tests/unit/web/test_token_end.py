"""A customer's socket ends with the token that opened it; a guest's does not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

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
