"""What is stored is said before the first message is (PIPL art. 17), at the server."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import func, select

from aftercare.settings import ROOT
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read


def notices(visitor: Any) -> list[str]:
    said = visitor.of("bot_uttered")
    return [item["text"] for item in said if item["metadata"].get("notice")]


def stored(gate: Any, talk: str) -> int:
    query = select(func.count()).where(MessageRow.conversation_id == talk)
    with read(gate.engine) as session:
        return session.scalar(query) or 0


def test_a_client_of_another_maker_is_told_before_anything_is_stored(
    up: Any, visitor_of: Any
) -> None:
    async def scenario() -> None:
        one = visitor_of(up.url)
        await one.open(notice=False)
        await one.until(lambda: bool(notices(one)))
        assert len(notices(one)) == 1 and notices(one)[0]
        assert stored(up, one.session) == 0
        await one.say("hi")
        await one.until(lambda: len(one.texts()) == 2)
        await one.close()
        again = await visitor_of(up.url).open(one.session, notice=False)
        # An event after the handler: it would have been told by now.
        assert await again.history()
        assert notices(again) == []
        await again.close()

    asyncio.run(scenario())


def test_a_message_in_the_same_breath_comes_after_the_notice(
    up: Any, visitor_of: Any
) -> None:
    """The client does not wait for anything between its events."""

    async def scenario() -> None:
        one = visitor_of(up.url)
        await one.io.connect(up.url, transports=["websocket"])
        await one.io.emit("session_request", {"session_id": None})
        await one.io.emit("user_uttered", {"message": "hi"})
        await one.until(lambda: len(one.texts()) == 2)
        assert [one.texts()[0]] == notices(one)
        await one.close()

    asyncio.run(scenario())


def test_who_shows_it_itself_is_not_told_twice(up: Any, visitor_of: Any) -> None:
    async def scenario() -> None:
        one = await visitor_of(up.url).open()
        await one.say("hi")
        await one.until(lambda: bool(one.texts()))
        assert notices(one) == []
        await one.close()

    asyncio.run(scenario())


def test_our_widget_says_that_it_shows_it_and_does() -> None:
    widget = ROOT / "frontend" / "widget"
    assert "notice: true" in (widget / "session.ts").read_text("utf-8")
    assert "words.privacy" in (widget / "view.ts").read_text("utf-8")
