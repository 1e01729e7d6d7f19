"""Known customers on a real database: lists, routing, campaigns, and a refusal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.policy_rules import load_rules
from aftercare.services.access import Viewer
from aftercare.services.consents import Purpose, set_consent
from aftercare.services.console import assignment
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.customer import panel
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.customers import campaigns, view
from aftercare.services.customers.profiles import make_profiles
from aftercare.services.recommend import suggest
from aftercare.services.recommend.data import purchases
from aftercare.services.rights.forget import forget_customer
from aftercare.services.transfer import Trigger, transfer
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.customers import CampaignMemberRow, ProfileRow
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import OrderLineRow, OrderRow
from aftercare.store.unit_of_work import read, write
from analytics.customers import lift
from tests.conftest import NOW

DAY = timedelta(days=1)
one_kind = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


def band(shop: Engine, name: str) -> list[str]:
    with read(shop) as session:
        return list(
            session.scalars(
                select(ProfileRow.customer_id)
                .where(ProfileRow.band == name)
                .order_by(ProfileRow.customer_id)
            )
        )


def ask_for_a_person(shop: Engine, customer: str | None, now: datetime) -> str:
    talk = open_conversation(shop, customer)
    receive(
        shop,
        conversation_id=talk,
        customer_id=customer,
        client_id=f"c-{talk}",
        text="?",
        now=now,
    )
    transfer(shop, talk, Trigger.ASKED, now)
    return talk


def test_profiles_say_what_each_is_worth_and_why(shop: Engine) -> None:
    made = make_profiles(shop, NOW)
    assert made["customers"] == 303 and made["high"] > 5
    assert make_profiles(shop, NOW) == made
    found = view.listed(shop, band="high")
    assert len(found["items"]) == min(50, made["high"])
    worth = [item["expected_fen"] for item in found["items"]]
    assert worth == sorted(worth, reverse=True)
    first = view.profile(shop, found["items"][0]["id"], NOW)
    assert first["segment"] and first["why"]["m"] >= 4
    assert len(first["orders"]) == 10 and first["preferences"]["categories"]
    assert "*" in first["name"] and "****" in first["phone"]


def test_who_is_on_a_list_is_answered_first_but_not_for_ever(shop: Engine) -> None:
    make_profiles(shop, NOW)
    dear = band(shop, "high")[0]
    plain = next(c for c in band(shop, "none") if c.startswith("C0"))
    usual = ask_for_a_person(shop, plain, NOW)
    late = ask_for_a_person(shop, None, NOW - timedelta(minutes=4))
    valued = ask_for_a_person(shop, dear, NOW + timedelta(seconds=5))
    with write(shop) as session:
        row = AccountRow(
            login="one",
            name="one",
            password_hash="-",
            role="agent",
            presence="online",
            skills=[],
            languages=["zh"],
            created_at=NOW,
        )
        session.add(row)
    now = NOW + timedelta(seconds=10)
    steps = assignment.assign_waiting(shop, now)
    # Beyond the alert comes first, then value, then the rest.
    assert [s.conversation_id for s in steps] == [late, valued, usual]


@one_kind
def test_danger_stays_above_value(shop: Engine) -> None:
    make_profiles(shop, NOW)
    talk = ask_for_a_person(shop, band(shop, "high")[0], NOW)
    transfer(shop, talk, Trigger.SAFETY, NOW)
    with read(shop) as session:
        row = session.get(HandoverRow, talk)
        assert row is not None and row.priority == 2


def repaired(shop: Engine, count: int, at: datetime) -> list[str]:
    """Let so many customers have a repair that ended at a moment."""
    with write(shop) as session:
        lines = {
            line.customer_id: line
            for line in session.scalars(
                select(OrderLineRow).where(OrderLineRow.customer_id.like("C00%"))
            )
        }
        chosen = sorted(lines)[:count]
        for name in chosen:
            case_no = f"R-{name}"
            session.add(
                CaseRow(
                    case_no=case_no,
                    idempotency_key=case_no,
                    customer_id=name,
                    line_id=lines[name].id,
                    kind=CaseKind.REPAIR,
                    state=CaseState.DONE,
                    reason="defect",
                    freight="shop",
                    rule="warranty",
                    basis="-",
                    opened_at=at - 5 * DAY,
                )
            )
            session.flush()
            session.add(
                CaseEventRow(
                    case_no=case_no,
                    at=at,
                    actor="test",
                    rule="-",
                    before=CaseState.SENT_BACK,
                    after=CaseState.DONE,
                )
            )
    for name in chosen:
        open_conversation(shop, name)
        set_consent(shop, name, Purpose.MARKETING, at, given=True, source="chat")
    return chosen


def campaign(shop: Engine, **more: Any) -> int:
    fields = {
        "name": "case",
        "kind": "accessory",
        "text": "hello",
        "after_days": 3,
        "control_share": 0.4,
        "outcome_days": 30,
    }
    made = campaigns.add(shop, SYSTEM, fields | more, NOW)
    campaigns.switch(shop, SYSTEM, made["id"], "running", NOW)
    return int(made["id"])


def members(shop: Engine, number: int) -> dict[str, str]:
    with read(shop) as session:
        rows = session.execute(
            select(CampaignMemberRow.customer_id, CampaignMemberRow.arm).where(
                CampaignMemberRow.campaign_id == number
            )
        )
        return dict(tuple(row) for row in rows)


def told(shop: Engine) -> int:
    with read(shop) as session:
        return len(
            session.scalars(select(MessageRow).where(MessageRow.text == "hello")).all()
        )


def test_a_campaign_from_start_to_measured_lift(shop: Engine) -> None:
    people = repaired(shop, 40, NOW - 3 * DAY)
    refuser, profiled_no = people[0], people[1]
    set_consent(shop, refuser, Purpose.MARKETING, NOW, given=False, source="chat")
    no = Purpose.PERSONALISED
    set_consent(shop, profiled_no, no, NOW, given=False, source="chat")
    number = campaign(shop)
    night = NOW + timedelta(hours=11)  # 23 h on the customers' clock
    assert campaigns.run(shop, night) == [] and members(shop, number) == {}
    steps = campaigns.run(shop, NOW)
    drawn = members(shop, number)
    assert set(drawn) == set(people[2:])
    treated = [name for name, arm in drawn.items() if arm == "treated"]
    assert len(steps) == told(shop) == len(treated) and 10 < len(treated) < 35
    assert campaigns.run(shop, NOW) == []  # nobody is told twice
    # Every one of the told buys again, and one of those held back.
    held = sorted(set(drawn) - set(treated))
    with write(shop) as session:
        for n, name in enumerate([*treated, held[0]]):
            session.add(
                OrderRow(
                    order_no=f"NEW{n}",
                    customer_id=name,
                    placed_at=NOW + 5 * DAY,
                    paid_at=NOW + 5 * DAY,
                    paid_fen=2_900,
                    receiver_phone="-",
                    receiver_region="-",
                )
            )
    assert campaigns.settle(shop, NOW + 29 * DAY) == 0
    assert campaigns.settle(shop, NOW + 31 * DAY) == len(drawn)
    found = campaigns.listed(shop, NOW + 31 * DAY)[0]["result"]
    assert found["treated"]["value"] == 1 and found["control"]["count"] == len(held)
    assert found["sure"] and 0 < found["low"] < found["difference"] < found["high"]
    assert found["fen_each"]["treated"] == 2_900


@one_kind
def test_the_cap_holds_over_all_campaigns(shop: Engine) -> None:
    repaired(shop, 6, NOW - 3 * DAY)
    for _ in range(4):
        campaign(shop, control_share=0.05)
    campaigns.run(shop, NOW)
    with read(shop) as session:
        rows = session.scalars(
            select(CampaignMemberRow.customer_id).where(
                CampaignMemberRow.arm == "treated"
            )
        ).all()
    assert max(rows.count(name) for name in set(rows)) == 2


@one_kind
def test_who_is_being_served_is_not_disturbed(shop: Engine) -> None:
    people = repaired(shop, 2, NOW - 3 * DAY)
    talk = ask_for_a_person(shop, people[0], NOW)
    number = campaign(shop, control_share=0.05)
    campaigns.run(shop, NOW)
    with read(shop) as session:
        said = session.scalars(
            select(MessageRow.sender).where(MessageRow.conversation_id == talk)
        ).all()
    assert "bot" not in said
    assert people[1] in members(shop, number)


def test_a_refusal_counts_everywhere_at_once(shop: Engine) -> None:
    make_profiles(shop, NOW)
    name = band(shop, "high")[0]
    assert view.profile(shop, name, NOW)["segment"]
    talk = ask_for_a_person(shop, name, NOW)
    with read(shop) as session:
        assert session.get_one(HandoverRow, talk).priority == 1
    view.set_consent(shop, SYSTEM, name, Purpose.PERSONALISED, NOW, given=False)
    # No profile, no list, no place before others, no learning, no likeness.
    found = view.profile(shop, name, NOW)
    assert found["segment"] is None and found["preferences"] is None
    assert name not in band(shop, "high")
    again = ask_for_a_person(shop, name, NOW + DAY)
    with read(shop) as session:
        assert session.get_one(HandoverRow, again).priority == 0
        assert name not in set(purchases(session)["user"])
    basis = {s.basis for s in suggest(shop, Viewer("t", name), NOW)}
    assert basis <= {"popular"}
    assert panel(shop, again, load_rules(), NOW)["value"] is None
    make_profiles(shop, NOW + DAY)
    assert view.profile(shop, name, NOW)["segment"] is None


@one_kind
def test_who_is_forgotten_leaves_no_profile(shop: Engine, tmp_path: Any) -> None:
    make_profiles(shop, NOW)
    view.set_tags(shop, SYSTEM, "C00007", ["vip"], NOW)
    assert view.listed(shop, tag="vip")["items"][0]["id"] == "C00007"
    forget_customer(shop, tmp_path, "C00007")
    assert view.listed(shop, tag="vip")["items"] == []
    with read(shop) as session:
        assert session.get(ProfileRow, "C00007") is None


@pytest.mark.parametrize(
    ("hits", "of", "other", "other_of", "low", "high"),
    # Newcombe 1998, table II, rows (a) and (c), method 10.
    [(56, 70, 48, 80, 0.0524, 0.3339), (6, 7, 2, 7, 0.0582, 0.8062)],
)
def test_the_interval_is_newcombes(
    hits: int, of: int, other: int, other_of: int, low: float, high: float
) -> None:
    found = lift(hits, of, other, other_of)
    assert found.low == pytest.approx(low, abs=5e-4)
    assert found.high == pytest.approx(high, abs=5e-4)
