"""The whole system as the supervisor starts it, on free ports and a fresh shop."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import socketio

from aftercare import model
from aftercare.services.seed import seed_if_empty
from aftercare.settings import ROOT, Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.supervisor import Child, children

READY_S = 150
PART_GAP_S = 0.4
# Seconds: longer than the minute in which a limit counts.
PATIENCE = 90
SURVEY = '/rate_service{"survey"'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def project_in(folder: Path) -> Path:
    """Return a checkout of its own, so that no test commits to the developer's."""
    folder.mkdir(parents=True)
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copytree(ROOT / "tests" / "nlu", folder / "tests" / "nlu")
    for path in (ROOT / "tests").glob("test_*.yml"):
        shutil.copy(path, folder / "tests")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "the shop"]):
        command = ["git", "-C", str(folder), *who, *words]
        subprocess.run(command, check=True, env=clean)
    return folder


class Stack:
    """Three real processes and their database."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        settings.setdefault("project_dir", project_in(folder / "project"))
        self.settings = Settings(
            **settings,
            state_dir=folder,
            web_port=free_port(),
            rasa_port=free_port(),
            actions_port=free_port(),
        )
        self.url = f"http://127.0.0.1:{self.settings.web_port}"
        self.engine = make_engine(self.settings.database_url)
        upgrade(self.engine)
        seed_if_empty(self.engine, datetime.now(UTC))
        path = model.ensure(self.settings)
        self.parts: dict[str, Child] = {
            child.name: child for child in children(self.settings, str(path))
        }

    def start(self, *names: str) -> None:
        for name in names or self.parts:
            self.parts[name].start(self.settings)

    def kill(self, name: str) -> None:
        process = self.parts[name].process
        assert process is not None
        os.killpg(process.pid, 9)
        process.wait()

    def stop(self) -> None:
        for child in self.parts.values():
            child.stop()

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        raise TimeoutError(f"not ready: {self.settings.state_dir / 'log'}")

    def token(self, customer: str) -> str:
        answer = httpx.post(
            f"{self.url}/demo/login", json={"customer_id": customer}, trust_env=False
        )
        return str(answer.json()["token"])


class Talk:
    """One customer's socket; a turn is over when every message is answered."""

    def __init__(
        self, stack: Stack, customer: str | None, token: str | None = None
    ) -> None:
        """Connect; `token` stands for a customer where no `customer` is given."""
        self._client = socketio.SimpleClient()
        token = stack.token(customer) if customer else token
        auth = {"notice": True} | ({"token": token} if token else {})
        self._client.connect(
            stack.url, auth=auth, transports=["websocket"], wait_timeout=30
        )
        self.buttons: list[dict[str, str]] = []
        self.ask_for(None)

    def ask_for(self, session_id: str | None) -> None:
        """Ask for a conversation, a new one by None; keep the one that is given."""
        for _ in range(PATIENCE):
            self._client.emit("session_request", {"session_id": session_id})
            name, answer = self._next("session_confirm", "refused")
            if name == "session_confirm":
                self.session_id = str(answer)
                return
            # All tests come from one address, which may open so many in a minute.
            assert answer["reason"] == "too_many_messages", answer
            time.sleep(1)
        raise TimeoutError("no conversation is opened for this address")

    def history(self) -> list[dict[str, Any]]:
        """Return what the server says was said."""
        body = {"after_seq": 0}
        answer = self._client.call("history_request", body, timeout=10)
        return list(answer["messages"])

    def say(self, text: str, wait: float = 20) -> list[str]:
        """Send a text or payload and return what the bot said to it."""
        ack = self.send(text)
        assert ack["ok"], ack
        return self.hear(wait)

    def send(self, text: str, **more: Any) -> dict[str, Any]:
        body = {"message": text, "session_id": self.session_id, **more}
        answer: dict[str, Any] = self._client.call("user_uttered", body, timeout=10)
        return answer

    def press(self, title: str) -> list[str]:
        """Press the button with this title, or with these words in it."""
        shown = sorted(self.buttons, key=lambda b: b["title"] != title)
        payload = next(b["payload"] for b in shown if title in b["title"])
        return self.say(payload)

    def hear(self, wait: float = 20) -> list[str]:
        """Return the next answer; its parts come together, so a gap ends it."""
        said: list[str] = []
        end = time.monotonic() + wait
        while True:
            left = PART_GAP_S if said else end - time.monotonic()
            try:
                name, *rest = self._client.receive(timeout=left)
            except socketio.exceptions.TimeoutError:
                if said:
                    return said
                raise
            if name == "bot_uttered" and not _is_survey(rest[0]):
                said.append(rest[0]["text"])
                self.buttons = rest[0].get("quick_replies") or self.buttons

    def close(self) -> None:
        self._client.disconnect()

    def _next(self, *events: str) -> tuple[str, Any]:
        while True:
            name, *rest = self._client.receive(timeout=10)
            if name in events:
                return name, rest[0]


def _is_survey(message: dict[str, Any]) -> bool:
    """A survey comes of its own accord and is no answer to what was said."""
    replies = message.get("quick_replies") or []
    return any(reply["payload"].startswith(SURVEY) for reply in replies)


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Stack]:
    """Yield a stack that answers; stop it however the tests end."""
    stack = Stack(folder, **settings)
    try:
        stack.start()
        stack.wait_until_ready()
        yield stack
    finally:
        stack.stop()
