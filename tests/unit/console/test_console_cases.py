"""Cases decided by people: once, within limits, with a second person above."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare.store.desk import CaseActionRow
from aftercare.store.models import RefundRow
from aftercare.store.unit_of_work import read

People = Callable[..., Any]
UNSHIPPED = "8800000000010005-1"
# A phone past its seven days: exchanged for a fault alone.
OPENED = "8800000000010003-1"


def refunds(engine: Engine) -> tuple[int, int]:
    with read(engine) as session:
        found = session.execute(
            select(func.count(), func.coalesce(func.sum(RefundRow.amount_fen), 0))
        ).one()
        return found[0], found[1]


def compensation(talk: str, amount: int, key: str) -> dict[str, Any]:
    return {
        "conversation_id": talk,
        "kind": "compensate",
        "reason": "other",
        "amount_fen": amount,
        "idempotency_key": key,
    }


def test_within_the_limit_an_agent_decides_alone_and_once(
    person_of: People, talks: Any, shop: Engine
) -> None:
    agent = person_of("agent")
    talk = talks.make("hello", now=datetime.now(UTC))
    path, body = f"/lines/{UNSHIPPED}/cases", compensation(talk, 1_000, "key-00001")

    def click(_: int) -> Any:
        return agent.http.post(path, json=body).json()

    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(click, range(6)))
    assert {item["outcome"] for item in seen} == {"done"}
    assert len({item["case"]["case_no"] for item in seen}) == 1
    assert refunds(shop) == (1, 1_000)
    said = agent.get(f"/conversations/{talk}/messages")["messages"]
    assert [item["sender"] for item in said] == ["customer", "system"]
    assert "10.00" in said[-1]["text"]
    case = agent.get(f"/cases/{seen[0]['case']['case_no']}")
    assert [item["after"] for item in case["history"]] == ["approved", "done"]


def test_above_the_limit_a_second_person_decides(
    person_of: People, talks: Any, shop: Engine
) -> None:
    agent, boss = person_of("agent"), person_of("supervisor")
    admin = person_of("admin")
    admin.http.put(
        "/settings", json={"limit_fen": {"agent": 500, "supervisor": 20_000}}
    )
    talk = talks.make("hello", now=datetime.now(UTC))
    body = compensation(talk, 1_000, "key-00002")
    asked = agent.post(f"/lines/{UNSHIPPED}/cases", body)
    assert asked["outcome"] == "second_person_needed"
    assert refunds(shop) == (0, 0)
    approval = f"/approvals/{asked['approval']['id']}"
    assert agent.http.post(approval, json={"approve": True}).status_code == 403
    assert boss.get("/approvals")["items"][0]["by"]["name"] == "the-agent"
    case = f"/cases/{asked['case']['case_no']}/actions"
    other = {"action": "refuse", "idempotency_key": "key-00003"}
    assert agent.http.post(case, json=other).json()["reason"] == "changed_meanwhile"
    done = boss.post(approval, {"approve": True})
    assert done["case"]["state"] == "done"
    assert refunds(shop) == (1, 1_000)
    again = boss.http.post(approval, json={"approve": True})
    assert again.json()["reason"] == "changed_meanwhile"


def test_nobody_is_their_own_second_person(
    person_of: People, talks: Any, shop: Engine
) -> None:
    boss = person_of("supervisor")
    person_of("admin").http.put("/settings", json={"limit_fen": {"supervisor": 1}})
    talk = talks.make("hello", now=datetime.now(UTC))
    body = compensation(talk, 100, "key-00004")
    asked = boss.post(f"/lines/{UNSHIPPED}/cases", body)
    own = boss.http.post(
        f"/approvals/{asked['approval']['id']}", json={"approve": True}
    )
    assert (own.status_code, refunds(shop)) == (403, (0, 0))
    declined = boss.http.post(
        f"/approvals/{asked['approval']['id']}", json={"approve": False}
    )
    assert declined.status_code == 403


def test_a_second_person_allows_no_more_than_they_could_alone(
    person_of: People, talks: Any, shop: Engine
) -> None:
    agent, boss = person_of("agent"), person_of("supervisor")
    limits = {"limit_fen": {"agent": 99, "supervisor": 99, "admin": None}}
    admin = person_of("admin")
    admin.http.put("/settings", json=limits)
    talk = talks.make("hello", now=datetime.now(UTC))
    asked = agent.post(f"/lines/{UNSHIPPED}/cases", compensation(talk, 100, "key-0009"))
    # One fen above what either of them may do alone.
    assert asked["outcome"] == "second_person_needed"
    path = f"/approvals/{asked['approval']['id']}"
    over = boss.http.post(path, json={"approve": True})
    assert (over.status_code, over.json()["reason"]) == (403, "forbidden")
    assert refunds(shop) == (0, 0)
    assert admin.post(path, {"approve": True})["outcome"] == "done"
    assert refunds(shop) == (1, 100)


def test_a_key_cannot_be_used_for_something_else(
    person_of: People, talks: Any, shop: Engine
) -> None:
    agent = person_of("agent")
    talk = talks.make("hello", now=datetime.now(UTC))
    body = compensation(talk, 1_000, "key-00005")
    made = agent.post(f"/lines/{UNSHIPPED}/cases", body)
    action = {"action": "refuse", "idempotency_key": "key-00005"}
    reused = agent.http.post(f"/cases/{made['case']['case_no']}/actions", json=action)
    assert reused.json()["reason"] == "idempotency_key_reused"


def test_a_key_is_its_makers_alone(person_of: People, talks: Any, shop: Engine) -> None:
    """A colleague's answer is not given to who happens to send the same key."""
    agent, boss = person_of("agent"), person_of("supervisor")
    talk = talks.make("hello", now=datetime.now(UTC))
    made = agent.post(f"/lines/{UNSHIPPED}/cases", compensation(talk, 100, "key-0010"))
    path = f"/cases/{made['case']['case_no']}/actions"
    with read(shop) as session:
        row = session.scalars(select(CaseActionRow)).one()
        action = {"action": row.action, "idempotency_key": row.idempotency_key}
    own = agent.post(path, action)
    assert own["outcome"] == "done"
    others = boss.http.post(path, json=action)
    assert (others.status_code, others.json()["reason"]) == (
        409,
        "idempotency_key_reused",
    )
    assert refunds(shop) == (1, 100)


def test_the_rules_hold_for_agents_and_another_customer_is_out_of_reach(
    person_of: People, talks: Any
) -> None:
    agent = person_of("agent")
    talk = talks.make("hello", now=datetime.now(UTC))
    body = compensation(talk, 10**9, "key-00006")
    assert agent.http.post(f"/lines/{UNSHIPPED}/cases", json=body).status_code == 409
    stranger = talks.make("hello", customer="C-DEMO-2", now=datetime.now(UTC))
    body = compensation(stranger, 100, "key-00007")
    assert agent.http.post(f"/lines/{UNSHIPPED}/cases", json=body).status_code == 404


def test_the_panel_shows_orders_verdicts_and_cases(
    person_of: People, talks: Any
) -> None:
    agent = person_of("agent")
    talk = talks.make("hello", now=datetime.now(UTC))
    agent.post(f"/lines/{UNSHIPPED}/cases", compensation(talk, 100, "key-00008"))
    panel = agent.get(f"/conversations/{talk}/customer")
    assert "****" in panel["customer"]["phone"]
    lines = [line for order in panel["orders"] for line in order["lines"]]
    unshipped = next(line for line in lines if line["line_id"] == UNSHIPPED)
    verdicts = {item["request"]: item for item in unshipped["verdicts"]}
    assert verdicts["refund"]["allowed"] and verdicts["refund"]["basis"]
    assert verdicts["refund"]["amount_fen"] == 29_900 - 100
    assert panel["cases"][0]["refunded_fen"] == 100
    assert any(order["parcels"] for order in panel["orders"])
    second = talks.make("again", now=datetime.now(UTC))
    earlier = agent.get(f"/conversations/{second}/talks")["items"]
    assert [item["id"] for item in earlier] == [talk]


def test_the_verdict_follows_the_reason_and_the_line_is_the_customers(
    person_of: People, talks: Any
) -> None:
    agent = person_of("agent")
    wish = {"conversation_id": talks.make("hello", now=datetime.now(UTC))}
    path, wish["kind"] = f"/lines/{OPENED}/verdict", "exchange"
    unsaid = agent.get(path, **wish)
    assert (unsaid["allowed"], unsaid["request"]) == (False, "exchange")
    defect = agent.get(path, **wish, reason="defect")
    assert defect["allowed"] and defect["rule"] != unsaid["rule"]
    wish["conversation_id"] = talks.make(
        "hello", customer="C-DEMO-2", now=datetime.now(UTC)
    )
    assert agent.http.get(path, params=wish).status_code == 404
