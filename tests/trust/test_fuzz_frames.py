"""Socket frames made at random: the gateway answers the next customer all the same."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.messages import MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.unit_of_work import read
from aftercare.web import limits
from aftercare.web.app import create_app
from tests.trust.profile import size
from tests.trust.serving import connected, serving, wait_for

FRAMES = size("FRAMES", 800, 1_000_000)
# So many frames go over one connection, if it is not cut off before.
PER_SOCKET = 50
HANG_S = 30
EVENTS = ("user_uttered", "session_request", "history_request", "typing", "read")
EVENTS += ("connect", "disconnect", "nobody", "desk", "watch", "take", "__class__")
NAMES = ("message", "session_id", "client_id", "after_seq", "seq", "on", "token", "_x")
SIGNS = "ab/{}\"'\\\u200b\uff0f\0 \u202e\u9000\u6b3e\U0001f600"
PAYLOADS = ("/request_refund", '/affirm{"nonce":"x"}', "/restart", "EXTERNAL: x")
SPACES = ("", "/", "/desk,", "/console,", "/desk", "/nobody,", "/../,")
PIECES = ("0", "1", "2", "3", "4", "5", "6", "40", "41", "42", "43", "44", "45", "46")
BLANKS = ("", "null", "[]", "{}", '"', "[", "\\", "\0", "😀", "\ud7ff", "NaN", "1e999")


def value(pick: random.Random, deep: int = 0) -> Any:
    """Return any JSON value, odd ones more often than plain ones."""
    kind = pick.randrange(11 if deep < 4 else 7)
    plain: list[Any] = [
        None,
        pick.choice((True, False)),
        pick.choice((0, -1, 2**31, 2**63, -(2**70), 1e308, 0.1)),
        "".join(pick.choices(SIGNS, k=pick.randrange(30))),
        pick.choice(PAYLOADS),
        "x" * pick.choice((0, 1, 1_000, 1_001, 20_000)),
        pick.choice(NAMES),
    ]
    if kind < 7:
        return plain[kind]
    if kind < 9:
        return [value(pick, deep + 1) for _ in range(pick.randrange(4))]
    return {pick.choice(NAMES): value(pick, deep + 1) for _ in range(pick.randrange(5))}


def frame(pick: random.Random, session: str) -> str | bytes:
    """Return one frame: a broken one, or an event with something odd in it."""
    kind = pick.random()
    if kind < 0.1:
        return pick.randbytes(pick.randrange(1, 200))
    if kind < 0.25:
        return pick.choice(PIECES) + pick.choice(SPACES) + pick.choice(BLANKS)
    body = [pick.choice(EVENTS), *(value(pick) for _ in range(pick.randrange(3)))]
    if kind < 0.6:
        body = [pick.choice(EVENTS), {name: value(pick) for name in NAMES}]
        if pick.random() < 0.5:
            body[1]["session_id"] = session
    text = json.dumps(body, ensure_ascii=pick.random() < 0.5)
    if kind > 0.9:
        cut = pick.randrange(len(text))
        text = text[:cut] + pick.choice(BLANKS) + text[cut + pick.randrange(3) :]
    number = pick.choice(("", "", "7", "99999999999999999999"))
    head = pick.choice(("42", "42", "42", "43", "451-"))
    return head + pick.choice(SPACES) + number + text


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # One address sends everything: its limit would end the fuzzing, not the frames.
    for name in ("may_connect", "may_open", "may_speak"):
        monkeypatch.setattr(limits.Limits, name, lambda *_: True)
    settings = Settings(
        state_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'frames.db'}",
        rasa_port=9,
    )
    upgrade(make_engine(settings.database_url))
    with serving(create_app(settings)) as found:
        yield found


async def attack(url: str, pick: random.Random, count: int) -> int:
    """Send frames over as many connections as it takes; return how many went out."""
    address = url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    sent = 0
    while sent < count:
        async with connect(address, proxy=None, max_size=None) as raw:
            try:
                session = await opened(raw)
                for _ in range(min(PER_SOCKET, count - sent)):
                    await raw.send(frame(pick, session))
                    sent += 1
                # A frame may have ended the session: whoever comes next is answered.
                await raw.send("2")
            except ConnectionClosed:
                sent += 1  # a frame that the server hung up on
    return sent


async def opened(raw: ClientConnection) -> str:
    """Greet as a widget does; a server that hangs for long fails the test."""
    async with asyncio.timeout(HANG_S):
        await raw.recv()
        await raw.send("40")
        await raw.send('42["session_request",null]')
        while True:
            said = str(await raw.recv())
            if said.startswith('42["session_confirm"'):
                return str(json.loads(said[2:])[1])


def ours(record: logging.LogRecord) -> bool:
    """Return whether an error came out of our own code."""
    if not record.exc_info or record.exc_info[2] is None:
        return record.name.startswith("aftercare") and record.levelno >= logging.ERROR
    frames = traceback.extract_tb(record.exc_info[2])
    return any("/aftercare/" in one.filename for one in frames)


def test_random_frames_harm_nobody_else(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pick = random.Random(20261126)
    asyncio.run(attack(url, pick, FRAMES // 10))
    before = psutil.Process().memory_info().rss
    sent = asyncio.run(attack(url, pick, FRAMES))
    assert sent >= FRAMES
    grown = psutil.Process().memory_info().rss / before
    assert grown < 1.5, f"memory grew {grown:.2f} times"
    # What cannot be read the library logs; no handler of ours may fail.
    wrong = [one for one in caplog.records if ours(one)]
    assert [(one.getMessage(), one.exc_text, one.exc_info) for one in wrong] == []
    client = connected(url)
    client.emit("session_request", {"session_id": None})
    session = wait_for(client, "session_confirm")
    sending = {"message": "hello", "session_id": session, "client_id": "c1"}
    assert client.call("user_uttered", sending, timeout=20)["ok"]
    client.disconnect()
    with read(make_engine(f"sqlite:///{tmp_path / 'frames.db'}")) as session_:
        texts = session_.scalar(
            select(func.count()).where(MessageRow.text.startswith("/request_refund"))
        )
    assert texts == 0
