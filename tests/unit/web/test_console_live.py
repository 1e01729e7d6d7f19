"""A customer and two agents at once, on real sockets: who hears what, and when."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import socketio

from aftercare.services.console import accounts
from aftercare.services.console.rights import Role

PASSWORD = "correct horse 1"
CONSOLE = "/console"
WAIT_S = 20


class Agent:
    """A browser of the console: its HTTP session and its socket."""

    def __init__(self, gate: Any, login: str, role: str = "agent") -> None:
        now = datetime.now(UTC)
        self.id = accounts.add(gate.engine, login, login, PASSWORD, Role(role), now)
        self.url = gate.url
        self.http = httpx.AsyncClient(base_url=f"{gate.url}/api", trust_env=False)
        self.io = socketio.AsyncClient(reconnection=False)
        self.events: list[tuple[str, Any]] = []
        self.login = login
        for name in ("conversation", "message", "signed_out", "counts", "typing"):
            self.io.on(name, self._keep(name), namespace=CONSOLE)

    def _keep(self, name: str) -> Any:
        async def keep(data: Any) -> None:
            self.events.append((name, data))

        return keep

    async def open(self) -> Agent:
        body = {"login": self.login, "password": PASSWORD}
        signed = await self.http.post("/session", json=body)
        self.http.headers["X-CSRF-Token"] = signed.json()["csrf"]
        cookie = f"aftercare_console={signed.cookies['aftercare_console']}"
        await self.io.connect(
            self.url,
            headers={"Cookie": cookie},
            namespaces=[CONSOLE],
            transports=["websocket"],
        )
        return self

    async def do(self, path: str, body: Any = None) -> httpx.Response:
        return await self.http.post(path, json=body or {})

    async def watch(self, talk: str) -> None:
        data = {"conversation_id": talk}
        found = await self.io.call("watch", data, namespace=CONSOLE, timeout=WAIT_S)
        assert found == {"ok": True}

    def of(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    def messages(self) -> dict[int, str]:
        return {
            item["message"]["seq"]: item["message"]["sender"]
            for item in self.of("message")
        }

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self.io.disconnect()
        await self.http.aclose()


def test_two_agents_and_a_customer(up: Any, visitor_of: Any) -> None:
    async def talk() -> None:
        visitor = await visitor_of(up.url).open()
        li, wang = [await Agent(up, name).open() for name in ("li", "wang")]
        path = f"/conversations/{visitor.session}"
        await visitor.say("hello")
        await visitor.until(lambda: "re: hello" in visitor.texts())
        await li.watch(visitor.session)
        answers = await asyncio.gather(li.do(f"{path}/take"), wang.do(f"{path}/take"))
        codes = [answer.status_code for answer in answers]
        assert sorted(codes) == [200, 409]
        winner, loser = (li, wang) if codes[0] == 200 else (wang, li)
        await visitor.until(lambda: visitor.of("state")[-1]["owner"] == "human")
        await wang.watch(visitor.session)
        asked = len(up.rasa.asked)
        await visitor.say("are you there")
        await winner.until(lambda: "customer" in winner.messages().values())
        body = {"client_id": "1", "text": "I am"}
        assert (await loser.do(f"{path}/messages", body)).status_code == 409
        assert (await winner.do(f"{path}/messages", body)).status_code == 200
        await visitor.until(lambda: "I am" in visitor.texts())
        line = next(i for i in visitor.of("bot_uttered") if i.get("text") == "I am")
        assert line["metadata"]["sender"] == "agent"
        await loser.until(lambda: "agent" in loser.messages().values())
        assert len(up.rasa.asked) == asked
        await visitor.say("one more")
        assert (await winner.do(f"{path}/give_back")).status_code == 200
        await visitor.until(lambda: "re: one more" in visitor.texts())
        assert visitor.of("state")[-1]["owner"] == "bot"
        history = [item["seq"] for item in await visitor.history()]
        assert history == list(range(1, len(history) + 1))
        rows = [row for row in loser.of("conversation") if row["id"] == visitor.session]
        assert {"human", "bot"} <= {row["owner"] for row in rows}
        for person in (visitor, li, wang):
            await person.close()

    asyncio.run(talk())


def test_who_is_disabled_loses_the_socket_at_once(up: Any) -> None:
    async def talk() -> None:
        boss = await Agent(up, "boss", "admin").open()
        agent = await Agent(up, "li").open()
        patch = {"active": False}
        done = await boss.http.patch(f"/people/{agent.id}", json=patch)
        assert done.status_code == 200
        await agent.until(lambda: agent.of("signed_out") and not agent.io.connected)
        assert (await agent.http.get("/session")).status_code == 401
        await boss.close()
        await agent.close()

    asyncio.run(talk())


def test_nobody_listens_without_a_session(gate: Any) -> None:
    async def talk() -> None:
        stranger = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await stranger.connect(gate.url, namespaces=[CONSOLE])
        await stranger.disconnect()

    asyncio.run(talk())
