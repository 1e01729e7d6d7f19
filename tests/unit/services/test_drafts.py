"""What the engine is told about a line: problems, repairs, gifts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.decisions import Freight
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts
from aftercare.services.access import Viewer
from aftercare.services.drafts import Draft
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import write

RULES = load_rules()
ANNA = Viewer("talk-1", "C-DEMO-1")
SHOES = "8800000000010001-1"


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("missing", "refund_only_review"),
        ("wrong_item", "not_as_ordered_return"),
        ("damaged", "not_as_ordered_return"),
        ("defect", "quality_return"),
        ("dislike", "no_reason_return"),
    ],
)
def test_each_reason_is_judged_by_its_own_rule(
    shop: Engine, now: datetime, reason: str, rule: str
) -> None:
    draft = Draft("refund", SHOES, reason)
    assert drafts.judge(shop, ANNA, draft, RULES, now).rule == rule


def test_what_never_came_is_refunded_by_a_person_and_not_sent_back(
    shop: Engine, now: datetime
) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", SHOES, "missing"), RULES, now)
    view = cases.confirm(shop, ANNA, asked.nonce, RULES, now)
    assert (view.kind, view.state) == (CaseKind.REFUND_ONLY, CaseState.OPEN)
    assert view.needs_human and view.refunded_fen == 0


def repair(shop: Engine, opened: datetime, closed: datetime | None) -> None:
    with write(shop) as session:
        session.add(
            CaseRow(
                case_no="R1",
                idempotency_key="repair:R1",
                customer_id="C-DEMO-1",
                line_id=SHOES,
                kind=CaseKind.REPAIR,
                state=CaseState.DONE if closed else CaseState.IN_REPAIR,
                reason="defect",
                freight=Freight.SELLER,
                rule="warranty",
                basis="b",
                opened_at=opened,
            )
        )
        session.flush()
        if closed:
            session.add(
                CaseEventRow(
                    case_no="R1",
                    at=closed,
                    actor="agent",
                    rule="warranty",
                    before=CaseState.SENT_BACK,
                    after=CaseState.DONE,
                )
            )


@pytest.mark.parametrize(("days", "rule"), [(30, "quality"), (31, "repair_over_time")])
def test_a_repair_of_over_thirty_days_opens_an_exchange(
    shop: Engine, now: datetime, days: int, rule: str
) -> None:
    repair(shop, now - timedelta(days=days), None)
    found = drafts.judge(shop, ANNA, Draft("exchange", SHOES, "defect"), RULES, now)
    assert found.rule.startswith(rule)


def test_days_in_repair_lengthen_the_terms(shop: Engine, now: datetime) -> None:
    draft = Draft("refund", SHOES, "defect")
    before = drafts.judge(shop, ANNA, draft, RULES, now).deadline
    repair(shop, now - timedelta(days=9, hours=2), now)
    after = drafts.judge(shop, ANNA, draft, RULES, now).deadline
    assert before and after and after >= before + timedelta(days=8)


def test_a_gift_comes_back_with_what_it_came_with(shop: Engine, now: datetime) -> None:
    draft = Draft("refund", SHOES, "dislike")
    before = drafts.judge(shop, ANNA, draft, RULES, now)
    with Session(shop) as session, session.begin():
        line = session.scalars(select(OrderLineRow).where(OrderLineRow.id == SHOES))
        bought = line.one()
        session.add(
            OrderLineRow(
                id="gift-1",
                customer_id=bought.customer_id,
                order_no=bought.order_no,
                sku=bought.sku,
                paid_fen=0,
                is_gift=True,
            )
        )
    after = drafts.judge(shop, ANNA, draft, RULES, now)
    assert (before.gift_back, after.gift_back) == (False, True)
