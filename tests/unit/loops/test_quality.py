"""Every talk is checked: live where it cannot wait, wholly when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sklearn.metrics import roc_auc_score
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor
from aftercare.services.quality import check, desk, review, scorecard
from aftercare.services.quality.check import check_ended, check_live
from aftercare.services.quality.facts import TalkFacts, talk_facts
from aftercare.services.quality.transfers import transfers
from aftercare.store.desk import DeskEventRow
from aftercare.store.quality import TalkCheckRow
from aftercare.store.unit_of_work import read, write
from analytics.compliance.review import ReviewModel
from analytics.compliance.sampling import estimated_share, pick
from benchmarks.compliance import talks
from tests.unit.loops.conftest import talk

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PROMISE = next(t for t in talks() if t.label == "promise_without_row").said
CLEAN = next(t for t in talks() if not t.label and not t.facts.rows).said
PHONE = "13812345678"


def test_a_promise_is_seen_live_disputed_and_decided(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    li, boss = person("li", "agent"), person("boss")
    name = talk(
        shop,
        "promised",
        [
            ("customer", PROMISE[0].text, now),
            ("agent", f"{PROMISE[1].text} {PHONE}", now + MINUTE),
        ],
        owner=Owner.CLOSED,
        agent=li,
    )
    assert check_live(shop, now + 2 * MINUTE) == 1
    assert check_live(shop, now + 2 * MINUTE) == 0
    assert check_ended(shop, now + HOUR) == {"talks": 1, "findings": 0}
    assert check_ended(shop, now + HOUR) == {"talks": 0, "findings": 0}
    mine = desk.listed(shop, account_id=li.account_id)
    assert [(f["rule"], f["live"], f["person"]) for f in mine] == [
        ("promise_without_row", True, "li")
    ]
    assert PHONE not in mine[0]["sentence"] + mine[0]["words"] and mine[0]["basis"]
    with pytest.raises(AftercareError) as strange:
        desk.dispute(shop, boss, mine[0]["id"], "why", now)
    assert strange.value.reason is Reason.NOT_FOUND
    desk.dispute(shop, li, mine[0]["id"], "it was done by phone", now)
    with pytest.raises(AftercareError):
        desk.decide(shop, li, mine[0]["id"], holds=False, note="", now=now)
    before = checked(shop, name).score
    desk.decide(shop, boss, mine[0]["id"], holds=False, note="seen", now=now)
    assert (before, checked(shop, name).score) == (70, 100)
    told = desk.summary(shop, now - DAY, now + DAY)
    assert (told["precision"], told["decided"], told["agents"]) == (0.0, 1, [])


def test_a_look_reads_only_what_came_or_waited_too_long_since_the_last(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = next(t for t in talks() if t.label.startswith("handover_owed")).said
    talk(shop, "silent", [("customer", CLEAN[0].text, now)])
    talk(shop, "owed", [(s.speaker, s.text, now) for s in owed[:1]])
    late = [(s.speaker, s.text, now + 4 * MINUTE) for s in PROMISE]
    talk(shop, "promised", late)
    read_ones: list[set[str]] = []

    def noted(session: Session, ids: Sequence[str]) -> dict[str, TalkFacts]:
        read_ones.append(set(ids))
        return talk_facts(session, ids)

    monkeypatch.setattr(check, "talk_facts", noted)
    seen = {}
    for step in range(60):
        moment = now + step * timedelta(seconds=10)
        seen[step] = check_live(shop, moment, moment - timedelta(seconds=10))
    # After three minutes the silence, after four the promise, after five the debt.
    assert [step for step, new in seen.items() if new] == [19, 24, 31]
    looked = {name: sum(name in ids for ids in read_ones) for name in read_ones[0]}
    assert looked == {"silent": 15, "owed": 15}


def test_no_running_talk_is_left_out(shop: Engine, now: datetime) -> None:
    for number in range(check.BATCH + 1):
        talk(shop, f"t{number}", [(s.speaker, s.text, now) for s in PROMISE])
    assert check_live(shop, now + MINUTE) == check.BATCH + 1


def checked(shop: Engine, name: str) -> TalkCheckRow:
    with read(shop) as session:
        return session.get_one(TalkCheckRow, name)


def test_silence_and_a_missed_transfer_are_seen_and_reported(
    shop: Engine, now: datetime
) -> None:
    owed = next(t for t in talks() if t.label.startswith("handover_owed")).said
    talk(shop, "owed", [(s.speaker, s.text, now) for s in owed])
    talk(shop, "silent", [("customer", CLEAN[0].text, now)])
    talk(
        shop,
        "closed",
        [("customer", CLEAN[0].text, now), ("system", "-", now + MINUTE)],
        owner=Owner.CLOSED,
    )
    with write(shop) as session:
        for kind, at in (("asked", 0), ("lease_expired", 2), ("closed", 60)):
            session.add(
                DeskEventRow(
                    conversation_id="closed",
                    at=now + timedelta(seconds=at),
                    kind=kind,
                    actor="-",
                    detail={"trigger": "safety"} if kind == "asked" else None,
                )
            )
    assert check_live(shop, now + 2 * MINUTE) == 0
    check_live(shop, now + 8 * MINUTE)
    check_ended(shop, now + HOUR)
    rules = {(f["conversation_id"], f["rule"].split(".")[0]) for f in desk.listed(shop)}
    assert {("owed", "handover_owed"), ("silent", "late_reply")} <= rules
    # Who was told goodbye within the three minutes did not wait.
    assert not any(name == "closed" for name, _ in rules)
    told = transfers(shop, now - DAY, now + DAY)
    by = {item["trigger"]: item for item in told["triggers"]}
    assert by["safety"]["made"] == 1 and by["no_answer"]["missed"] >= 1
    assert told["reverse"] == {"again": 0, "forgotten": 1, "never_taken": 1}


def test_the_shop_sets_what_a_rule_costs(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    boss = person("boss")
    scorecard.change(shop, boss, {"promise_without_row": 80}, now)
    talk(shop, "p", [(s.speaker, s.text, now) for s in PROMISE], owner=Owner.CLOSED)
    check_ended(shop, now + HOUR)
    assert checked(shop, "p").score == 20
    for wrong in ({"nothing": 1}, {"rude": 101}):
        with pytest.raises(AftercareError):
            scorecard.change(shop, boss, wrong, now)


def test_people_read_the_risky_and_some_by_lot(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    boss = person("boss")
    for n in range(40):
        said = PROMISE if n < 5 else CLEAN
        talk(
            shop, f"t{n}", [(s.speaker, s.text, now) for s in said], owner=Owner.CLOSED
        )
    check_ended(shop, now + HOUR)
    assert review.pick_talks(shop, now + HOUR, 10)["picked"] == 10
    assert review.pick_talks(shop, now + HOUR, 0)["picked"] == 0
    waiting = review.to_review(shop)
    risky = {t["conversation_id"] for t in waiting if t["why"] == "risk"}
    assert len(waiting) == 10 and {f"t{n}" for n in range(5)} <= risky
    for item in waiting:
        name = item["conversation_id"]
        review.judge(shop, boss, name, faulty=int(name[1:]) < 5, note="", now=now)
    found = review.yields(shop, now - DAY)
    assert found["risk"]["faulty"] == 5 and found["lot"]["faulty"] == 0
    assert found["estimated"] == pytest.approx(5 / 40, abs=0.02)
    with pytest.raises(AftercareError):
        review.judge(shop, boss, "nobody", faulty=True, note="", now=now)


def test_verdicts_teach_what_no_rule_knows() -> None:
    items = talks()
    labels = [bool(t.label) for t in items]
    texts = [t.said[1].text for t in items]
    model = ReviewModel().fit(texts[::2], labels[::2])
    # Half of the clean talks were written to look faulty: far from easy.
    assert roc_auc_score(labels[1::2], model.risk(texts[1::2])) > 0.55
    assert len(pick(model.risk(texts[1::2]).tolist(), 20)) == 20
    assert estimated_share([], []) is None
    with pytest.raises(ValueError):
        ReviewModel().fit(texts[:3], labels[:3])
