"""No typed text becomes an intent: at the front door, in the channel, in Rasa."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare import model
from aftercare.domain.conversation import check_text
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.history import issued_payloads
from aftercare.settings import ROOT, Settings
from aftercare.web.gateway import ALWAYS
from tests.trust.injections import texts
from tests.trust.profile import size

SCRIPT = Path(__file__).with_name("injection_script.py")


def let_in(count: int) -> list[str]:
    """Return what the front door makes of the texts it does not refuse."""
    found = []
    for text in texts(count):
        try:
            stored = check_text(text, frozenset(ALWAYS))
        except AftercareError as error:
            assert error.reason in (
                Reason.PAYLOAD_NOT_ISSUED,
                Reason.MESSAGE_EMPTY,
                Reason.MESSAGE_TOO_LONG,
            )
        else:
            if stored not in ALWAYS:
                found.append(stored)
    return found


def test_no_text_passes_the_door_as_a_payload() -> None:
    passed = let_in(size("INJECTIONS", 2_000, 100_000))
    assert passed
    assert [text for text in passed if text.lstrip().startswith("/")] == []


def test_no_text_reaches_the_real_rasa_as_an_intent(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    trained = str(model.ensure(settings))
    chosen = let_in(size("INJECTIONS_RASA", 100, 100_000))
    done = subprocess.run(
        [str(model.rasa_python()), "-W", "ignore", str(SCRIPT), trained],
        cwd=ROOT,
        env=model.rasa_env(settings),
        input=json.dumps(chosen),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["noticed"] is True
    assert found["wrong"] == []


def test_anothers_button_is_no_button_here(shop: Engine, now: Any) -> None:
    payload = '/affirm{"nonce":"AAAAAAAAAAAAAAAAAAAAAA"}'
    talks = [open_conversation(shop, name) for name in ("C-DEMO-1", "C-DEMO-2")]
    asked = receive(
        shop,
        conversation_id=talks[0],
        customer_id="C-DEMO-1",
        client_id="1",
        text="x",
        now=now,
    )
    shown = Reply("", {"quick_replies": [{"title": "t", "payload": payload}]})
    answer(shop, conversation_id=talks[0], to_seq=asked.seq, replies=[shown], now=now)
    own, other = (issued_payloads(shop, talk) for talk in talks)
    assert check_text(payload, frozenset(own)) == payload
    try:
        check_text(payload, frozenset(other))
    except AftercareError as error:
        assert error.reason is Reason.PAYLOAD_NOT_ISSUED
    else:
        raise AssertionError("let in")


def test_the_plan_of_a_message_never_begins_with_a_slash() -> None:
    from rasa_channel.clauses import plan

    read: list[str] = []

    async def credulous(text: str) -> dict[str, Any]:
        read.append(text)
        return {"intent": {"name": "track_logistics", "confidence": 1.0}}

    for text in let_in(500):
        for in_form in (True, False):
            found = asyncio.run(plan(text, credulous, in_form=in_form))
            kept = [*found.now, *(item["text"] for item in found.later)]
            assert all(not item.lstrip().startswith("/") for item in kept), text
    assert read
