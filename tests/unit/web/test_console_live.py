"""A customer and two agents at once, on real sockets: who hears what, and when."""

from __future__ import annotations

import asyncio
import io
import threading
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import socketio
from PIL import Image

from aftercare.services.console import accounts, inbox
from aftercare.services.console.rights import Role

PASSWORD = "correct horse 1"
CONSOLE = "/console"
WAIT_S = 60


class Agent:
    """A browser of the console: its HTTP session and its socket."""

    def __init__(self, gate: Any, login: str, role: str = "agent") -> None:
        now = datetime.now(UTC)
        self.id = accounts.add(gate.engine, login, login, PASSWORD, Role(role), now)
        self.url = gate.url
        self.http = httpx.AsyncClient(
            base_url=f"{gate.url}/api", trust_env=False, timeout=WAIT_S
        )
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
            wait_timeout=WAIT_S,
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

        def owners() -> list[str]:
            rows = loser.of("conversation")
            return [row["owner"] for row in rows if row["id"] == visitor.session]

        # The console hears of it beside the customer, not before.
        await loser.until(lambda: "human" in owners() and owners()[-1] == "bot")
        for person in (visitor, li, wang):
            await person.close()

    asyncio.run(talk())


def test_a_picture_reaches_the_agent_who_answers(up: Any, visitor_of: Any) -> None:
    """No bot answers it, so nothing but its coming tells of it."""

    async def talk() -> None:
        visitor = await visitor_of(up.url).open()
        li = await Agent(up, "li").open()
        assert (
            await li.do(f"/conversations/{visitor.session}/take")
        ).status_code == 200
        await visitor.until(lambda: visitor.of("state")[-1]["owner"] == "human")
        await li.watch(visitor.session)
        drawn = io.BytesIO()
        Image.new("RGB", (80, 60), "red").save(drawn, "PNG")
        headers = {"x-session": visitor.session, "x-client-id": "p1"}
        url = f"{up.url}/upload"
        async with httpx.AsyncClient(trust_env=False, timeout=WAIT_S) as browser:
            sent = await browser.post(url, content=drawn.getvalue(), headers=headers)
        await li.until(lambda: sent.json()["seq"] in li.messages())
        shown = [item["message"] for item in li.of("message")][-1]
        assert (shown["sender"], shown["image"]) == ("customer", sent.json()["image"])
        for person in (visitor, li):
            await person.close()

    asyncio.run(talk())


def test_the_newest_is_told_last_and_once(
    up: Any, visitor_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading for the first change takes long; the others come meanwhile."""
    read, held = inbox.row, threading.Event()
    reads: list[str] = []

    def slow(engine: Any, talk_id: str, now: datetime) -> dict[str, Any]:
        found = read(engine, talk_id, now)
        reads.append(talk_id)
        if len(reads) == 1:
            held.wait(WAIT_S)
        return found

    async def talk() -> None:
        visitor = await visitor_of(up.url).open()
        li = await Agent(up, "li").open()
        monkeypatch.setattr(inbox, "row", slow)
        texts = [f"text {number}" for number in range(5)]
        for text in texts:
            await visitor.say(text)
        await visitor.until(lambda: len(visitor.texts()) == len(texts))
        held.set()
        await li.until(lambda: _count(li) == 2 * len(texts))
        # The slow one, and one for all that changed meanwhile or since.
        assert len(reads) < len(texts)
        await visitor.close()
        await li.close()

    asyncio.run(talk())


def _count(agent: Agent) -> int:
    rows = agent.of("conversation")
    return int(rows[-1]["messages"]) if rows else 0


def test_a_watcher_is_sent_every_message_from_then_on(up: Any, visitor_of: Any) -> None:
    async def talk() -> None:
        visitor = await visitor_of(up.url).open()
        await visitor.say("before")
        await visitor.until(lambda: "re: before" in visitor.texts())
        li = await Agent(up, "li").open()
        await li.watch(visitor.session)
        assert li.messages() == {}
        await asyncio.gather(*(visitor.say(text) for text in "abc"))
        await li.until(lambda: set(li.messages()) == set(range(3, 9)))
        await visitor.close()
        await li.close()

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
