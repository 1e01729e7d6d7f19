"""From the end of a service to a score, a follow-up and its outcome."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts, surveys
from aftercare.services.access import Viewer
from aftercare.services.console import takeover, webhooks
from aftercare.services.console.audit import Actor
from aftercare.services.console.options import options
from aftercare.services.conversations import (
    Message,
    Reply,
    answer,
    open_conversation,
    receive,
)
from aftercare.services.drafts import Draft
from aftercare.services.history import issued_payloads
from aftercare.services.surveys import followups, guess
from aftercare.services.surveys.figures import figures
from aftercare.services.surveys.words import pressed
from aftercare.services.training.pack import pack, unpack
from aftercare.services.training.satisfaction import train
from aftercare.services.training.trainable import TooFewError
from aftercare.store.console import AccountRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.surveys import FollowUpRow, SurveyRow
from aftercare.store.unit_of_work import read, write

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)
ANNA = "C-DEMO-1"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def agent(shop: Engine, now: datetime) -> Actor:
    with write(shop) as session:
        row = AccountRow(
            login="li",
            name="Li",
            password_hash="-",
            role="supervisor",
            skills=[],
            languages=["zh"],
            created_at=now,
        )
        session.add(row)
        session.flush()
        return Actor(row.id, "li", "Li", "supervisor")


def says(
    shop: Engine, talk: str, text: str, at: datetime, who: str | None = ANNA
) -> Message:
    return receive(
        shop,
        conversation_id=talk,
        customer_id=who,
        client_id=str(abs(hash((at, text)))),
        text=text,
        now=at,
    )


def served(shop: Engine, agent: Actor, at: datetime, who: str | None = ANNA) -> str:
    """A talk that a person led and ended."""
    talk = open_conversation(shop, who)
    seq = says(shop, talk, WORDS["complaint"], at, who).seq
    answer(shop, conversation_id=talk, to_seq=seq, replies=[Reply("-")], now=at)
    takeover.take(shop, agent, talk, at)
    reason = options(shop).close_reasons[0]
    takeover.close(shop, agent, talk, at + MINUTE, reason=reason)
    return talk


def press(shop: Engine, talk: str, at: datetime, **holds: str) -> list[Reply]:
    """Press the button that holds these, as the gateway lets it through."""
    payload = next(
        found
        for found in issued_payloads(shop, talk)
        if holds.items() <= (pressed(found) or {}).items()
    )
    message = says(shop, talk, payload, at)
    replies = surveys.answer_here(shop, talk, message, at)
    assert replies is not None
    answer(shop, conversation_id=talk, to_seq=message.seq, replies=replies, now=at)
    return replies


def rows(shop: Engine) -> list[SurveyRow]:
    with read(shop) as session:
        return list(session.scalars(select(SurveyRow).order_by(SurveyRow.id)))


def test_a_low_score_becomes_a_follow_up_with_an_outcome(
    shop: Engine, now: datetime, agent: Actor
) -> None:
    hook = webhooks.add(shop, agent, "https://shop.test", ["satisfaction.low"], now)
    talk = served(shop, agent, now)
    later = now + 3 * MINUTE
    assert surveys.plan(shop, later) == 1
    assert surveys.plan(shop, later) == 0
    said = [m for step in surveys.ask_due(shop, later) for m in step.said]
    assert len(said) == 1 and len((said[0].payload or {})["quick_replies"]) == 6
    assert surveys.ask_due(shop, later) == []

    press(shop, talk, later, score="1")
    press(shop, talk, later + MINUTE, reason="slow")
    press(shop, talk, later + MINUTE, comment="yes")
    words = says(shop, talk, WORDS["comment"], later + 2 * MINUTE)
    assert surveys.answer_here(shop, talk, words, later + 2 * MINUTE)
    again = press(shop, talk, later + 3 * MINUTE, score="5")
    assert again[0].payload is None

    row = rows(shop)[0]
    assert (row.state, row.score, row.reasons) == ("answered", 1, ["slow"])
    task = followups.listed(shop, later)[0]
    assert (task["score"], task["comment"]) == (1, WORDS["comment"])
    assert task["due_at"] == later + timedelta(hours=24) and not task["late"]
    assert followups.listed(shop, later + 2 * DAY)[0]["late"]
    assert webhooks.collect(shop, later + MINUTE) == 1 and hook["id"]

    followups.take(shop, agent, task["id"], later)
    with pytest.raises(AftercareError) as rival:
        other = Actor(None, "x", "x", "supervisor")
        followups.take(shop, other, task["id"], later)
    assert rival.value.reason is Reason.ALREADY_TAKEN
    followups.close(shop, agent, task["id"], "called_back", "", later + DAY)
    assert followups.listed(shop, later) == []
    done = followups.listed(shop, later, done=True)[0]
    assert (done["outcome"], done["person"]) == ("called_back", "Li")


def test_nobody_is_asked_twice_in_a_month_or_after_a_no(
    shop: Engine, now: datetime, agent: Actor
) -> None:
    talk = served(shop, agent, now)
    surveys.plan(shop, now + 3 * MINUTE)
    surveys.ask_due(shop, now + 3 * MINUTE)
    served(shop, agent, now + DAY)
    surveys.plan(shop, now + DAY + 3 * MINUTE)
    assert surveys.ask_due(shop, now + DAY + 3 * MINUTE) == []
    assert [row.why for row in rows(shop)] == [None, "asked_lately"]
    press(shop, talk, now + DAY, stop="yes")
    served(shop, agent, now + 60 * DAY)
    surveys.plan(shop, now + 60 * DAY + 3 * MINUTE)
    assert surveys.ask_due(shop, now + 60 * DAY + 3 * MINUTE) == []
    assert [row.why for row in rows(shop)] == [None, "asked_lately", "refused"]
    assert [row.state for row in rows(shop)][0] == "declined"


def test_who_has_left_is_asked_on_the_next_visit(
    shop: Engine, now: datetime, agent: Actor
) -> None:
    served(shop, agent, now)
    cold = now + timedelta(hours=5)
    surveys.plan(shop, cold)
    assert surveys.ask_due(shop, cold) == []
    fresh = open_conversation(shop, ANNA)
    stranger = open_conversation(shop, "C-DEMO-2")
    guest = open_conversation(shop, None)
    assert surveys.ask_on_visit(shop, stranger, cold) is None
    assert surveys.ask_on_visit(shop, guest, cold) is None
    step = surveys.ask_on_visit(shop, fresh, cold)
    assert step is not None and step.conversation_id == fresh
    assert surveys.ask_on_visit(shop, fresh, cold) is None
    press(shop, fresh, cold + MINUTE, score="4")
    assert rows(shop)[0].score == 4


def test_an_old_service_is_not_asked_about(
    shop: Engine, now: datetime, agent: Actor
) -> None:
    talk = served(shop, agent, now)
    surveys.plan(shop, now + DAY)
    assert surveys.ask_on_visit(shop, talk, now + 20 * DAY) is None
    assert rows(shop)[0].state == "expired"


def test_a_closed_case_is_asked_about_and_a_cancelled_one_is_not(
    shop: Engine, now: datetime
) -> None:
    talk = open_conversation(shop, ANNA)
    viewer, rules = Viewer(talk, ANNA), load_rules()
    seq = says(shop, talk, WORDS["complaint"], now).seq
    unshipped, shoes = "8800000000010005-1", "8800000000010001-1"
    for line in (unshipped, shoes):
        draft = Draft("refund", line, "dislike", "")
        asked = drafts.prepare(shop, viewer, draft, rules, now)
        case = cases.confirm(shop, viewer, asked.nonce, rules, now)
    cases.cancel(shop, viewer, case.case_no, now)
    later = now + 3 * MINUTE
    assert surveys.plan(shop, later) == 1
    # The customer waits for an answer: a question now would be rude.
    assert surveys.ask_due(shop, later) == []
    answer(shop, conversation_id=talk, to_seq=seq, replies=[Reply("-")], now=later)
    assert len(surveys.ask_due(shop, later)) == 1
    assert rows(shop)[0].subject_kind == "case"


def test_a_button_of_another_talk_counts_for_nothing(
    shop: Engine, now: datetime, agent: Actor
) -> None:
    talk = served(shop, agent, now)
    surveys.plan(shop, now + 3 * MINUTE)
    surveys.ask_due(shop, now + 3 * MINUTE)
    payload = next(p for p in issued_payloads(shop, talk) if "score" in p)
    other = open_conversation(shop, "C-DEMO-2")
    message = says(shop, other, payload, now + DAY, "C-DEMO-2")
    assert surveys.answer_here(shop, other, message, now + DAY) is None
    plain = says(shop, talk, WORDS["complaint"], now + DAY)
    assert surveys.answer_here(shop, talk, plain, now + DAY) is None
    assert rows(shop)[0].score is None


def plant(shop: Engine, count: int, now: datetime) -> list[int]:
    """Services whose score hangs on what was said; every second is silent.

    Returns what the silent would have said.
    """
    rng = np.random.default_rng(7)
    unsaid: list[int] = []
    with write(shop) as session:
        for n in range(count):
            talk = f"planted-{n}"
            score = int(rng.integers(1, 6))
            session.add(ConversationRow(id=talk, customer_id=None, owner=Owner.BOT))
            session.flush()
            text = "bad slow " * (6 - score) + "good thanks " * score
            session.add(
                MessageRow(
                    conversation_id=talk, seq=1, sender="customer", text=text, at=now
                )
            )
            answered = n % 2 == 0
            unsaid += [] if answered else [score]
            session.add(
                SurveyRow(
                    subject_kind="handover",
                    subject=f"p{n}",
                    conversation_id=talk,
                    state="answered" if answered else "asked",
                    due_at=now,
                    token=f"t{n}",
                    asked_at=now,
                    answered_at=now if answered else None,
                    score=score if answered else None,
                    reasons=[],
                )
            )
    return unsaid


def test_the_silent_are_guessed_with_an_error_and_the_bias_is_told(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(shop, 20, now)
    with pytest.raises(TooFewError):
        train(shop, now)
    assert guess.guess_silent(shop, now)["model"] == "none"
    with write(shop) as session:
        for table in (SurveyRow, MessageRow, ConversationRow):
            session.query(table).delete()
    unsaid = plant(shop, 100, now)
    made = train(shop, now)
    assert made.metrics["rmse"] < 0.7 * made.metrics["rmse_mean"]
    monkeypatch.setattr(guess, "current", lambda *_: unpack(pack(made.model)))
    assert guess.guess_silent(shop, now)["guessed"] == 50
    found = figures(shop, now - DAY, now + DAY)
    assert (found["asked"], found["answered"]) == (100, 50)
    silent = found["silent"]
    assert silent["count"] == 50 and 0 < silent["error_mean"] < 0.3
    assert silent["mean"] == pytest.approx(np.mean(unsaid), abs=0.2)
    gap = found["mean"] - np.mean(unsaid)
    assert silent["bias"] == pytest.approx(gap / 2, abs=0.1)
    with read(shop) as session:
        assert session.scalar(select(FollowUpRow.id)) is None
