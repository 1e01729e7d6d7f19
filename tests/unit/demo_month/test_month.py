"""The invented month: enough of everything, inside its days, with right sums."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from aftercare.demo_month.fill import counted, judge
from aftercare.demo_month.words import scripts
from aftercare.demo_month.world import PREFIX
from aftercare.domain.calendar import shop_day
from aftercare.domain.conversation import Owner
from aftercare.services.alerts import desk as alerts
from aftercare.services.alerts.watch import watch
from aftercare.services.console import dashboards, nlu
from aftercare.services.quality import review as readings
from aftercare.services.risk import desk as risk
from aftercare.store.cases import CaseEventRow, CaseRow, ConfirmationRow
from aftercare.store.console import AccountRow
from aftercare.store.customers import CampaignMemberRow
from aftercare.store.desk import CaseActionRow, DeskEventRow, NoteRow
from aftercare.store.knowledge import ArticleRow, ArticleUseRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import (
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    RefundRow,
)
from aftercare.store.quality import FindingRow, TalkCheckRow
from aftercare.store.review import AnnotationRow, MessageIndexRow
from aftercare.store.risk import RiskNoteRow
from aftercare.store.surveys import FollowUpRow, SurveyRow
from aftercare.store.unit_of_work import read, write
from tests.conftest import NOW

MONTH = timedelta(days=30)
DATED: tuple[Any, ...] = (
    MessageRow.at,
    MessageRow.answered_at,
    ConversationRow.created_at,
    CaseRow.opened_at,
    CaseEventRow.at,
    ConfirmationRow.used_at,
    RefundRow.at,
    CaseActionRow.decided_at,
    DeskEventRow.at,
    NoteRow.at,
    SurveyRow.asked_at,
    SurveyRow.answered_at,
    FollowUpRow.closed_at,
    ArticleUseRow.at,
    FindingRow.at,
    TalkCheckRow.at,
    AnnotationRow.at,
    CampaignMemberRow.at,
)


def tally(engine: Engine, column: Any) -> dict[Any, int]:
    with read(engine) as session:
        rows = session.execute(select(column, func.count()).group_by(column))
        return {value: count for value, count in rows}


def test_it_is_a_month_of_talks_of_every_kind(month: Engine) -> None:
    found = counted(month)
    assert 250 <= found.talks <= 290
    assert found.messages > 6 * found.talks
    assert found.cases >= 80
    assert found.ratings >= 50
    owners = tally(month, ConversationRow.owner)
    assert owners[Owner.WAITING] == 3
    assert owners[Owner.HUMAN] == 3
    heard = tally(month, MessageIndexRow.intent)
    asked = {turn.intent for script in scripts().values() for turn in script.turns}
    assert asked - {""} <= set(heard)


@pytest.mark.parametrize("column", DATED, ids=str)
def test_nothing_is_dated_outside_the_month(month: Engine, column: Any) -> None:
    with read(month) as session:
        first, last = session.execute(select(func.min(column), func.max(column))).one()
    assert NOW - MONTH <= first <= last <= NOW


def test_every_talk_says_how_it_was_understood(month: Engine) -> None:
    with read(month) as session:
        rows = session.scalars(
            select(MessageRow).where(
                MessageRow.sender == "customer", MessageRow.understanding.is_not(None)
            )
        ).all()
    read_by_bot = [row for row in rows if "survey" not in (row.understanding or {})]
    assert len(read_by_bot) > 400
    for row in read_by_bot:
        seen = row.understanding or {}
        ranked = [item["confidence"] for item in seen["intent_ranking"]]
        assert ranked == sorted(ranked, reverse=True), row.text
        assert sum(ranked) <= 1.0001
        assert seen["intent"] == seen["intent_ranking"][0]
        for item in seen["entities"]:
            if not row.text.startswith("/"):
                assert row.text[item["start"] : item["end"]] == item["value"]


def test_no_more_is_refunded_than_was_paid_and_each_refund_has_its_case(
    month: Engine,
) -> None:
    with read(month) as session:
        lines = {row.id: row for row in session.scalars(select(OrderLineRow))}
        refunds = session.scalars(select(RefundRow)).all()
        cases = {row.case_no: row for row in session.scalars(select(CaseRow))}
    assert len(refunds) >= 25
    paid: dict[str, int] = {}
    for refund in refunds:
        paid[refund.line_id] = paid.get(refund.line_id, 0) + refund.amount_fen
        case = cases[refund.case_no or ""]
        assert (case.line_id, case.amount_fen) == (refund.line_id, refund.amount_fen)
        assert case.state == "done"
    for line in lines.values():
        assert line.refunded_fen == paid.get(line.id, 0) <= line.paid_fen


def test_the_customers_made_by_hand_are_left_as_they_are(month: Engine) -> None:
    owners = tally(month, ConversationRow.customer_id)
    owners |= tally(month, CaseRow.customer_id)
    assert not [name for name in owners if name and name.startswith("C-DEMO")]


def test_the_pages_for_people_have_something_to_decide_and_to_look_back_on(
    month: Engine,
) -> None:
    states = tally(month, CaseRow.state)
    assert states["open"] >= 2
    assert {"awaiting_goods", "done", "refused"} <= set(states)
    assert {"approved", "done"} <= set(tally(month, CaseActionRow.state))
    rules = tally(month, FindingRow.rule)
    assert {"late_reply", "rude", "promise_without_row"} <= set(rules)
    assert {"confirmed"} <= set(tally(month, FindingRow.state))
    assert {True, False} <= set(tally(month, TalkCheckRow.faulty))
    assert readings.to_review(month)
    assert {"done"} <= set(tally(month, FollowUpRow.state))
    assert {"correct", "corrected"} <= set(tally(month, AnnotationRow.verdict))
    assert nlu.inbox(month, 20)["groups"]
    watch(month, NOW)  # as the night's jobs do afterwards
    assert [row for row in alerts.listed(month) if row["subject"] == "P-RUN"]
    assert alerts.listed(month, closed=True)
    assert {"treated", "control"} <= set(tally(month, CampaignMemberRow.arm))
    assert tally(month, ArticleRow.source)["gap"] >= 2


def test_nobody_of_the_invented_people_is_there_to_be_given_customers(
    month: Engine,
) -> None:
    with read(month) as session:
        people = session.scalars(select(AccountRow)).all()
    assert {person.role for person in people} == {"supervisor", "agent", "annotator"}
    assert "online" not in {person.presence for person in people}


def test_the_ids_of_the_talks_cannot_be_guessed(month: Engine) -> None:
    with read(month) as session:
        ids = session.scalars(select(ConversationRow.id)).all()
    secrets = {name.removeprefix(PREFIX)[4:] for name in ids}
    assert len(secrets) == len(ids)
    assert min(map(len, secrets)) == 43


def test_the_law_s_days_and_a_standing_carrier_are_there_to_be_seen(
    month: Engine,
) -> None:
    watch(month, NOW)
    found = {row["kind"]: row for row in alerts.listed(month)}
    closed = {row["kind"] for row in alerts.listed(month, closed=True)}
    assert {"refund_overdue", "refund_due"} <= found.keys() | closed
    stalled = found["carrier_stall"]
    assert stalled["figures"]["seen"] >= 5
    day = shop_day(NOW)
    told = dashboards.dashboards(month, day, day, "day", NOW)["cases"]
    assert told["overdue"] >= 2
    with read(month) as session:
        last = session.scalar(select(func.max(CarrierEventRow.at)))
    assert last is not None and last <= NOW


def test_some_notes_of_the_risk_desk_are_judged(month: Engine) -> None:
    with write(month) as session:
        who = session.scalars(select(CustomerRow.id).limit(6)).all()
        for place, name in enumerate(who):
            session.add(
                RiskNoteRow(
                    customer_id=name,
                    state="open",
                    score=0.99 - place / 100,
                    basis="peers",
                    reasons=[],
                    figures={},
                    at=NOW,
                    note="",
                )
            )
    judge(month, NOW)
    told = risk.costs(month)
    assert told["bad"] >= 1 and told["fine"] >= 1
    assert 0 < told["false_alarms"]["value"] < 1
    assert risk.listed(month), "some are left to be judged"
