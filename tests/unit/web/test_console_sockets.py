"""A socket of the console lives no longer than the session it was opened by."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import socketio
from sqlalchemy import delete, update

from aftercare.services.console import accounts, sessions
from aftercare.services.console.rights import Role
from aftercare.store.console import ConsoleSessionRow
from aftercare.store.unit_of_work import write
from aftercare.web.app import create_app
from tests.unit.web.test_console_live import CONSOLE, PASSWORD, Agent


class Second(Agent):
    """Another browser of a person there is already."""

    def __init__(self, gate: Any, first: Agent) -> None:
        super().__init__(gate, f"{first.login}-spare")
        self.login = first.login


def test_who_signs_out_hears_nothing_more(up: Any, visitor_of: Any) -> None:
    async def talk() -> None:
        here = await Agent(up, "li").open()
        there = await Second(up, here).open()
        assert (await here.http.delete("/session")).status_code == 204
        await here.until(lambda: here.of("signed_out") and not here.io.connected)
        before = len(here.events)
        visitor = await visitor_of(up.url).open()
        await visitor.say("hello")
        await there.until(lambda: there.of("conversation"))
        assert len(here.events) == before and there.io.connected
        for person in (visitor, here, there):
            await person.close()

    asyncio.run(talk())


def test_a_new_password_closes_the_thiefs_socket(up: Any) -> None:
    async def talk() -> None:
        own = await Agent(up, "li").open()
        thief = await Second(up, own).open()
        body = {"old": PASSWORD, "new": "another horse 2"}
        assert (await own.do("/session/password", body)).status_code == 204
        await thief.until(lambda: thief.of("signed_out") and not thief.io.connected)
        assert own.io.connected and not own.of("signed_out")
        for person in (own, thief):
            await person.close()

    asyncio.run(talk())


@pytest.mark.parametrize("how", ["ended elsewhere", "too old", "idle"])
def test_a_session_that_ends_takes_its_socket_along(up: Any, how: str) -> None:
    """Nobody tells this process of it: another one ended it, or the clock did."""
    past = datetime.now(UTC) - timedelta(days=1)
    ends: dict[str, Any] = {
        "ended elsewhere": delete(ConsoleSessionRow),
        "too old": update(ConsoleSessionRow).values(expires_at=past),
        "idle": update(ConsoleSessionRow).values(seen_at=past),
    }

    async def talk() -> None:
        agent = await Agent(up, "li").open()
        with write(up.engine) as session:
            session.execute(ends[how])
        await agent.until(lambda: agent.of("signed_out") and not agent.io.connected)
        await agent.close()

    asyncio.run(talk())


def test_behind_https_only_the_host_cookie_opens_a_socket(
    settings: Any, serving: Any, port: int, gate: Any
) -> None:
    """A page of a neighbouring host can plant the plain name, but not this one."""
    now = datetime.now(UTC)
    accounts.add(gate.engine, "li", "li", PASSWORD, Role.AGENT, now)
    token = sessions.sign_in(gate.engine, "li", PASSWORD, "", "", now).token
    settings.env = "production"

    async def connected(name: str) -> bool:
        client = socketio.AsyncClient(reconnection=False)
        try:
            await client.connect(
                f"http://127.0.0.1:{port}",
                headers={"Cookie": f"{name}={token}"},
                namespaces=[CONSOLE],
                transports=["websocket"],
            )
        except socketio.exceptions.ConnectionError:
            return False
        finally:
            await client.disconnect()
        return True

    with serving(create_app(settings), port):
        assert asyncio.run(connected("__Host-aftercare_console"))
        assert not asyncio.run(connected("aftercare_console"))
