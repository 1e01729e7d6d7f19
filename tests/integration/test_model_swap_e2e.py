"""A model is promoted and rolled back while a customer talks: no turn is lost."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import select

from aftercare import model
from aftercare.domain.errors import AftercareError
from aftercare.services.assistant import models
from aftercare.services.assistant.loading import loaded, loader
from aftercare.services.assistant.serving import folder_of
from aftercare.services.console import share
from aftercare.services.console.audit import SYSTEM
from aftercare.store.assistant import RasaModelRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write
from tests.integration.stack import Stack, Talk

WORDS = yaml.safe_load(
    (Path(__file__).parents[1] / "browser" / "desk.yml").read_text("utf-8")
)


def prepared(stack: Stack, name: str) -> int:
    """A judged candidate: the shipped model under another name."""
    path = folder_of(stack.settings) / f"{name}.tar.gz"
    path.parent.mkdir(exist_ok=True)
    shutil.copy(model.path_for(stack.settings), path)
    print_of = model.fingerprint()
    row = RasaModelRow(
        name=name,
        fingerprint=print_of,
        base=print_of,
        data_version="prepared",
        config="",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
        made_by="test",
        made_at=datetime.now(UTC),
        took_s=0.0,
        metrics={
            "current": {"n": 1, "accuracy": 0.9, "macro_f1": 0.9, "entity_f1": 0.9},
            "candidate": {"n": 1, "accuracy": 1.0, "macro_f1": 1.0, "entity_f1": 1.0},
            "heldout": [],
            "stories": None,
            "replay": {"n": 0, "changed": 0},
        },
    )
    with write(stack.engine) as session:
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def candidate(stack: Stack) -> Iterator[int]:
    """A candidate, and whatever was promoted rolled back in the end."""
    yield prepared(stack, "candidate-swap")
    load = loader(stack.settings)
    while loaded(stack.settings) != model.path_for(stack.settings).name[:-7]:
        models.roll_back(stack.engine, stack.settings, SYSTEM, load, datetime.now(UTC))


def test_a_talk_goes_on_through_promotion_and_roll_back(
    stack: Stack, candidate: int
) -> None:
    talk = Talk(stack, "C-DEMO-2")
    talk.say(WORDS["refund_fridge"])  # a form is open when the model changes
    answers: list[str] = []
    ended = threading.Event()

    def chat() -> None:
        other = Talk(stack, None)
        while not ended.is_set():
            answers.append("\n".join(other.say(WORDS["ask_freight"], 60)))
        other.close()

    chatting = threading.Thread(target=chat)
    chatting.start()
    load, now = loader(stack.settings), datetime.now(UTC)
    try:
        models.promote(stack.engine, stack.settings, SYSTEM, candidate, load, now)
        assert loaded(stack.settings) == "candidate-swap"
        # The form is where it was, in the new model.
        said = talk.press(WORDS["confirm"])
        assert said
        back = models.roll_back(stack.engine, stack.settings, SYSTEM, load, now)
        assert loaded(stack.settings) == back
    finally:
        ended.set()
        chatting.join(90)
    assert answers and all(WORDS["freight"] in told for told in answers)
    assert WORDS["freight"] in "\n".join(talk.say(WORDS["ask_freight"], 60))
    talk.close()


def test_what_is_no_model_changes_nothing(stack: Stack, tmp_path: Path) -> None:
    before = loaded(stack.settings)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not a model")
    with pytest.raises(AftercareError, match="not_loaded"):
        loader(stack.settings)(broken)
    assert loaded(stack.settings) == before
    url = f"{stack.settings.rasa_url}/webhooks/aftercare/model"
    body = {"path": str(broken), "sha256": "0" * 64}
    assert httpx.put(url, json=body, trust_env=False).status_code == 401
    secret = {"authorization": f"Bearer {stack.settings.internal_secret}"}
    answer = httpx.put(url, json=body, headers=secret, trust_env=False)
    assert (answer.status_code, answer.json()["reason"]) == (409, "another_file")


def test_a_guest_tries_a_candidate_while_customers_keep_their_model(
    stack: Stack,
) -> None:
    prepared(stack, "candidate-trial")
    now = datetime.now(UTC)
    made = share.add(stack.engine, SYSTEM, "colleague", 1, now)
    token = made["link"].rpartition("=")[2]
    url = f"{stack.url}/api/share/{token}"
    offered = httpx.get(f"{url}/models", trust_env=False).json()["items"]
    assert offered[0]["in_use"] and "candidate-trial" in [x["name"] for x in offered]
    wrong = httpx.post(f"{url}/session", json={"model": "no-model"}, trust_env=False)
    assert wrong.status_code == 404
    answers = {}
    for wanted in ("candidate-trial", None):
        opened = httpx.post(f"{url}/session", json={"model": wanted}, trust_env=False)
        guest = Talk(stack, None)
        guest.ask_for(opened.json()["session_id"])
        assert guest.session_id == opened.json()["session_id"]
        answers[wanted] = guest.say(WORDS["ask_freight"], 90)
        guest.close()
        with read(stack.engine) as session:
            said = session.scalars(
                select(MessageRow.understanding).where(
                    MessageRow.conversation_id == guest.session_id,
                    MessageRow.sender == "customer",
                )
            ).one()
        assert said is not None and said.get("model") == wanted
    assert WORDS["freight"] in "\n".join(answers["candidate-trial"])
    assert loaded(stack.settings) == model.path_for(stack.settings).name[:-7]
