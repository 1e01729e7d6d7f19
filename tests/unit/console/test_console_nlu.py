"""What the messages worth a look show, and what may be said of them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.domain import trace
from aftercare.services.conversations import Reply, answer
from aftercare.store.messages import MessageRow
from aftercare.store.review import AnnotationRow
from aftercare.store.unit_of_work import read, write
from tests.unit.console.test_console_review import understood

People = Callable[..., Any]
FALLBACK = "nlu_fallback"


def lost(talks: Any, words: dict[str, Any], now: datetime) -> int:
    """Have a message that was not understood; return the talk's first message."""
    talk = talks.make(words["slow"], now=now)
    seen = understood(FALLBACK, 0.4)
    seen["intent_ranking"].append({"name": "urge", "confidence": 0.3})
    talks.reply(talk, 1, "?", now, seen)
    with read(talks.engine) as session:
        row = session.query(MessageRow).filter_by(conversation_id=talk, seq=1).one()
        return row.id


def test_that_nothing_was_understood_is_never_an_intent(
    person_of: People, talks: Any, words: dict[str, Any], shop: Engine, now: datetime
) -> None:
    message = lost(talks, words, now)
    annotator = person_of("annotator")
    mark = [{"entity": "product", "start": 0, "end": 1}]
    for body in (
        {"verdict": "correct"},
        {"verdict": "corrected", "intent": FALLBACK},
        {"verdict": "corrected", "intent": FALLBACK, "entities": mark},
    ):
        said = annotator.http.put(f"/annotations/{message}", json=body)
        assert (said.status_code, said.json()["reason"]) == (422, "not_an_intent")
        many = body | {"message_ids": [message]}
        many.pop("entities", None)
        said = annotator.post("/nlu/bulk", many, 422)
        assert said["reason"] == "not_an_intent"
    with read(shop) as session:
        assert session.query(AnnotationRow).count() == 0
    # One word said of all that are alike: what was understood otherwise is corrected.
    one = {"message_ids": [message], "verdict": "correct", "intent": "urge"}
    assert annotator.post("/nlu/bulk", one) == {"changed": 1}
    found = annotator.get("/nlu/corrections")["items"]
    assert [(x["verdict"], x["intent"]) for x in found] == [("corrected", "urge")]
    # What it was can be said, and so can that it is for nobody, or odd.
    for body in (
        {"verdict": "corrected", "intent": "urge", "entities": mark},
        {"verdict": "out_of_scope"},
        {"verdict": "ignore", "flag": True},
    ):
        said = annotator.http.put(f"/annotations/{message}", json=body)
        assert said.status_code == 200, said.text


def test_what_was_stored_as_not_understood_is_not_exported(
    person_of: People, talks: Any, words: dict[str, Any], shop: Engine, now: datetime
) -> None:
    message = lost(talks, words, now)
    with write(shop) as session:
        # As earlier versions took it.
        old = AnnotationRow(
            message_id=message,
            verdict="correct",
            intent=FALLBACK,
            flag=False,
            note="",
            author="old",
            at=now,
        )
        session.add(old)
    assert FALLBACK not in person_of("annotator").http.get("/nlu/export.yml").text


def test_the_answer_to_a_message_is_the_one_that_was_given_to_it(
    person_of: People, talks: Any, words: dict[str, Any], now: datetime
) -> None:
    """Two messages in a row: the answers come after both."""
    # Its traces are this test's alone.
    copy_context().run(_two_in_a_row, talks, words, now)
    groups = person_of("annotator").get("/nlu/inbox")["groups"]
    found = {group["text"]: group["answer"] for group in groups}
    assert found == {words["slow"]: "answer 0", words["surely"]: "answer 1"}


def _two_in_a_row(talks: Any, words: dict[str, Any], now: datetime) -> None:
    talk = talks.make(now=now)
    traces, seqs = [], []
    for text in (words["slow"], words["surely"]):
        traces.append(trace.begin())
        seqs.append(talks.say(talk, text, now))
    for number, (of, seq) in enumerate(zip(traces, seqs, strict=True)):
        trace.join(of)
        answer(
            talks.engine,
            conversation_id=talk,
            to_seq=seq,
            replies=[Reply(f"answer {number}"), Reply("more")],
            now=now,
            understanding=understood("urge", 0.3 + number / 10),
        )
