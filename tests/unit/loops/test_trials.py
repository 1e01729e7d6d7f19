"""The wording of surveys is tried, learned from answers, judged, and shown."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.services import surveys
from aftercare.services.consents import Purpose, set_consent
from aftercare.services.training import run, serving
from aftercare.services.training.registry import find
from aftercare.services.trials.draw import draw, policy_of
from aftercare.services.trials.surveys import settle
from aftercare.services.trials.types import SURVEY_WORDS
from aftercare.services.trials.view import measured
from aftercare.store.learning import ChoiceRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import CustomerRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

DAY = timedelta(days=1)
CONTEXT = {"case": 1.0, "visit": 0.0, "evening": 0.0, "mood": 0.2, "length": 0.5}
ITEM = find("survey_words")


@pytest.fixture(autouse=True)
def nothing_held() -> None:
    serving.forget()


def waiting(shop: Engine, name: str, now: datetime, customer: str | None) -> None:
    """A service that ended, whose survey is due."""
    with write(shop) as session:
        if customer and session.get(CustomerRow, customer) is None:
            session.add(CustomerRow(id=customer, name="-", phone=name, created_at=now))
            session.flush()
        session.add(ConversationRow(id=name, customer_id=customer, owner=Owner.BOT))
        session.flush()
        session.add(
            SurveyRow(
                subject_kind="handover",
                subject=name,
                conversation_id=name,
                customer_id=customer,
                state="waiting",
                due_at=now,
                token=f"token-{name}",
                reasons=[],
            )
        )


def choices(shop: Engine) -> dict[str, ChoiceRow]:
    with read(shop) as session:
        return {row.subject: row for row in session.scalars(select(ChoiceRow))}


def answered(shop: Engine, name: str, at: datetime) -> None:
    with write(shop) as session:
        row = session.scalars(select(SurveyRow).where(SurveyRow.subject == name)).one()
        row.state, row.score, row.answered_at = "answered", 2, at


def test_each_survey_keeps_its_draw_and_gets_its_reward(
    shop: Engine, now: datetime
) -> None:
    for name, customer in (("a", "T1"), ("b", "T2"), ("c", None), ("d", "T4")):
        waiting(shop, name, now, customer)
    set_consent(shop, "T4", Purpose.PERSONALISED, now, given=False, source="chat")
    for name in "abcd":
        assert surveys.ask_on_visit(shop, name, now) is not None
    found = choices(shop)
    assert set(found) == {"token-a", "token-b", "token-c", "token-d"}
    assert set(found["token-a"].context) == set(SURVEY_WORDS.features)
    # Guests and those who want nothing personal: an even draw, nothing kept.
    assert found["token-c"].context == found["token-d"].context == {}
    assert all(row.propensity == pytest.approx(1 / 3) for row in found.values())

    answered(shop, "a", now + DAY)
    assert settle(shop, now + DAY) == 1
    assert settle(shop, now + DAY) == 0
    answered(shop, "b", now + 5 * DAY)
    assert settle(shop, now + 5 * DAY) == 3
    rewards = {name: row.reward for name, row in choices(shop).items()}
    assert rewards == {"token-a": 1, "token-b": 0, "token-c": 0, "token-d": 0}


def plant(shop: Engine, count: int, now: datetime) -> None:
    """Draws in which the short wording wins on cases, the long one elsewhere."""
    rng = np.random.default_rng(5)
    with write(shop) as session:
        session.add(ConversationRow(id="planted", customer_id=None, owner=Owner.BOT))
        session.flush()
        for n in range(count):
            arm = SURVEY_WORDS.arms[int(rng.integers(3))]
            case = float(rng.integers(2))
            chance = 0.7 if arm == ("short" if case else "purpose") else 0.2
            session.add(
                ChoiceRow(
                    trial=SURVEY_WORDS.name,
                    arm=arm,
                    propensity=1 / 3,
                    context=CONTEXT | {"case": case},
                    conversation_id="planted",
                    subject=f"p{n}",
                    at=now - DAY,
                    reward=float(rng.random() < chance),
                    reward_at=now,
                )
            )


def test_the_night_learns_a_policy_and_the_next_survey_follows_it(
    shop: Engine, now: datetime
) -> None:
    assert ITEM is not None
    plant(shop, 100, now)
    assert run.train_one(shop, ITEM, now)["state"] == "too_few"
    assert measured(shop)[0]["policy"] is None
    with write(shop) as session:
        for table in (ChoiceRow, ConversationRow):
            session.query(table).delete()
    plant(shop, 600, now)
    told = run.train_one(shop, ITEM, now)
    assert told["state"] == "live", told
    assert told["metrics"]["gain"] > 0.1
    serving.forget()
    policy = policy_of(shop, SURVEY_WORDS)
    assert policy is not None
    case = [[CONTEXT[name] for name in SURVEY_WORDS.features]]
    shares = policy.probabilities(case)[0]
    assert SURVEY_WORDS.arms[int(shares.argmax())] == "short"
    assert shares.min() >= SURVEY_WORDS.floor
    with write(shop) as session:
        for n in range(60):
            draw(
                session,
                policy,
                SURVEY_WORDS,
                subject=f"new{n}",
                conversation_id="planted",
                context=CONTEXT,
                now=now,
            )
    drawn = [row for name, row in choices(shop).items() if name.startswith("new")]
    assert sum(row.arm == "short" for row in drawn) > 35
    assert all(
        row.propensity == shares[SURVEY_WORDS.arms.index(row.arm)] for row in drawn
    )

    shown = measured(shop)[0]
    assert shown["policy"]["version"] == 1 and shown["waiting"] == 60
    assert sum(arm["drawn"] for arm in shown["arms"]) == 660
    worth = {arm["arm"]: arm["value"] for arm in shown["arms"]}
    assert worth["short"]["low"] < 0.45 < worth["short"]["high"]


def test_a_policy_no_better_than_an_even_draw_is_not_used(
    shop: Engine, now: datetime
) -> None:
    assert ITEM is not None
    assert not ITEM.good(-0.01, None)
    assert ITEM.good(0.02, None)


def test_a_broken_policy_leaves_the_even_draw(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aftercare.services.trials.draw.current", lambda *_: None)
    waiting(shop, "x", now, "T9")
    assert surveys.ask_on_visit(shop, "x", now) is not None
    assert choices(shop)["token-x"].propensity == pytest.approx(1 / 3)
