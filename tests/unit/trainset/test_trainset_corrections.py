"""From judged messages to examples: authors kept, personal data masked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.console import nlu
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.trainset import Branch, corrections
from aftercare.services.trainset.corrections import SOURCE
from aftercare.services.trainset.edits import commit
from aftercare.store.messages import MessageRow
from aftercare.store.review import AnnotationRow
from aftercare.store.unit_of_work import write
from tests.unit.trainset.conftest import WORDS

DORA = Actor(1, "dora", "Dora", "annotator")


@pytest.fixture
def said(shop: Engine, now: datetime) -> Any:
    """Say something as a customer; the message's number comes back."""
    count = iter(range(1_000))

    def say(text: str, at: datetime = now) -> int:
        talk = open_conversation(shop, "C-DEMO-1")
        receive(
            shop,
            conversation_id=talk,
            customer_id="C-DEMO-1",
            client_id=f"c-{next(count)}",
            text=text,
            now=at,
        )
        with write(shop) as session:
            rows = session.query(MessageRow).filter_by(conversation_id=talk)
            return int(max(row.id for row in rows))

    return say


def judge(shop: Engine, message: int, intent: str, now: datetime, **more: Any) -> None:
    nlu.annotate(shop, DORA, [message], now, verdict="corrected", intent=intent, **more)


def store(shop: Engine, branch: Branch, now: datetime) -> str:
    head = branch.head()
    change, _ = corrections.corrected(shop, branch, head)
    return commit(shop, branch, DORA, change, head, "learn", "nlu_inbox", now)


def test_a_correction_becomes_a_masked_example_with_its_author(
    branch: Branch, shop: Engine, now: datetime, said: Any
) -> None:
    text = WORDS["talk"]
    at = text.index(WORDS["product"])
    mark = {"entity": "product", "start": at, "end": at + len(WORDS["product"])}
    number = said(text)
    judge(shop, number, "request_refund", now, entities=[mark])
    assert corrections.pending(shop, branch, branch.head()) == 1
    made = store(shop, branch, now)
    written = branch.read(corrections.FILE, made)
    assert "13812348000" not in written and WORDS["name"] not in written
    (section,) = yaml.safe_load(written)["nlu"]
    (example,) = section["examples"]
    assert section["intent"] == "request_refund"
    assert f"[{WORDS['product']}](product)" in example["text"]
    assert example["metadata"]["author"] == "dora"
    assert SOURCE.fullmatch(example["metadata"]["source"])
    assert corrections.pending(shop, branch, made) == 0
    (told,) = branch.log(5)
    assert (told.author, told.source) == ("Dora", "nlu_inbox")


def test_no_planted_number_is_ever_written(
    branch: Branch, shop: Engine, now: datetime, said: Any
) -> None:
    phones = [
        f"1{3 + n % 7}{(104_729 * (n + 1_011) + 17) % 10**9:09d}" for n in range(20)
    ]
    for minute, phone in enumerate(phones):
        for pattern in WORDS["planted"]:
            at = now + timedelta(minutes=minute)
            judge(shop, said(pattern.format(phone), at), "request_refund", now)
    made = store(shop, branch, now)
    written = branch.read(corrections.FILE, made)
    assert [phone for phone in phones if phone in written] == []
    assert written.count("text:") >= len(WORDS["planted"])


def test_a_judgement_taken_back_takes_its_example_along(
    branch: Branch, shop: Engine, now: datetime, said: Any
) -> None:
    one, two = said(WORDS["refund"]), said(WORDS["hello"])
    judge(shop, one, "request_refund", now)
    judge(shop, two, "greet", now)
    first = store(shop, branch, now)
    assert WORDS["refund"] in branch.read(corrections.FILE, first)
    nlu.undo(shop, DORA, one, now)
    second = store(shop, branch, now)
    left = branch.read(corrections.FILE, second)
    assert WORDS["refund"] not in left and WORDS["hello"] in left


def test_a_deleted_conversation_keeps_its_masked_example(
    branch: Branch, shop: Engine, now: datetime, said: Any
) -> None:
    number = said(WORDS["refund"])
    judge(shop, number, "request_refund", now)
    store(shop, branch, now)
    with write(shop) as session:
        session.query(AnnotationRow).delete()
        session.query(MessageRow).filter_by(id=number).delete()
    # SQLite gives the next message the number of the deleted one.
    later = said(WORDS["hello"], now + timedelta(minutes=1))
    judge(shop, later, "greet", now)
    made = store(shop, branch, now)
    assert WORDS["refund"] in branch.read(corrections.FILE, made)


def test_what_another_file_teaches_otherwise_is_left_out_and_named(
    branch: Branch, shop: Engine, now: datetime, said: Any
) -> None:
    judge(shop, said(WORDS["known"]), "greet", now)
    change, left_out = corrections.corrected(shop, branch, branch.head())
    assert change.files == {}
    assert left_out == [f"{WORDS['known']}: request_refund, greet"]
    assert corrections.pending(shop, branch, branch.head()) == 0
