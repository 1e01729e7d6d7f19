"""A size that runs small: seen, named, told to the shop, and offered another first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, select, update

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError
from aftercare.services.access import Viewer
from aftercare.services.console.audit import SYSTEM
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.orders import recent_lines
from aftercare.services.returns import exchange, figures, notes
from aftercare.store.cases import CaseRow
from aftercare.store.learning import ChoiceRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read, write
from analytics.returns import named_causes, rank_causes
from tests.conftest import NOW

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)
DAY = timedelta(days=1)
one_kind = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


def case(line: str, customer: str, **more: Any) -> CaseRow:
    number = f"B-{line}"
    plain: dict[str, Any] = {
        "kind": CaseKind.RETURN_REFUND,
        "state": CaseState.APPROVED,
        "reason": "size",
        "opened_at": NOW - 5 * DAY,
    }
    return CaseRow(
        case_no=number,
        idempotency_key=number,
        customer_id=customer,
        line_id=line,
        freight="buyer",
        rule="-",
        basis="-",
        **(plain | more),
    )


def send_back(shop: Engine, spu: str, share: float, words: list[str]) -> int:
    """Send back a share of what was sold of an article; return how many."""
    with read(shop) as session:
        rows = session.execute(
            select(OrderLineRow.id, OrderLineRow.customer_id)
            .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(
                ProductRow.spu == spu,
                OrderRow.placed_at >= NOW - 150 * DAY,
                OrderRow.placed_at <= NOW - 12 * DAY,
                OrderLineRow.is_gift.is_(False),
            )
            .order_by(OrderLineRow.id)
        ).all()
    chosen = rows[: round(share * len(rows))]
    reason = "dislike" if words is WORDS["fine"] else "size"
    with write(shop) as session:
        for n, (line, customer) in enumerate(chosen):
            text = words[n % len(words)]
            session.add(case(line, customer, reason=reason, detail=text))
    return len(chosen)


def test_a_size_that_runs_small_becomes_a_note_with_its_share(shop: Engine) -> None:
    small = send_back(shop, "P-RUN", 0.5, WORDS["small"])
    for spu in ("P-BOOT", "P-TEE", "P-COAT", "P-DRESS", "P-FAN", "P-EAR"):
        send_back(shop, spu, 0.08, WORDS["fine"])
    made = notes.make_notes(shop, NOW)
    assert made["new"] == made["notes"] > 0
    assert notes.make_notes(shop, NOW)["new"] == 0
    found = {(n["spu"], n["kind"], n["code"]): n for n in notes.listed(shop)}
    note = found["P-RUN", "cause", "size_small"]
    assert (note["count"], note["of"], note["share"]) == (small, small, 1.0)
    assert note["low"] < note["share"] <= note["high"] and note["elsewhere"] == 0
    assert ("P-RUN", "rate", "product") in found
    assert {spu for spu, _, _ in found} == {"P-RUN"}
    behind = notes.why(shop, note["id"], NOW)
    assert len(behind["cases"]) == min(small, 20) and behind["words"]
    # Acted upon, it stays quiet until goods bought later come back again.
    notes.decide(shop, SYSTEM, note["id"], "done", NOW)
    notes.make_notes(shop, NOW + DAY)
    assert note["id"] not in {n["id"] for n in notes.listed(shop)}
    with write(shop) as session:
        line = session.scalars(
            select(CaseRow.line_id).where(CaseRow.reason == "size").limit(1)
        ).one()
        order_no = session.get_one(OrderLineRow, line).order_no
        later = update(OrderRow).where(OrderRow.order_no == order_no)
        session.execute(later.values(placed_at=NOW + 2 * DAY))
    notes.make_notes(shop, NOW + 20 * DAY)
    assert note["id"] in {n["id"] for n in notes.listed(shop)}


@one_kind
def test_rates_say_how_sure_they_are(shop: Engine) -> None:
    send_back(shop, "P-RUN", 0.5, WORDS["small"])
    found = figures.figures(shop, NOW)
    assert set(found["by"]) == set(figures.DIMENSIONS)
    first = found["by"]["product"][0]
    assert first["key"] == "P-RUN" and first["high"]
    assert first["low95"] < first["rate"] < first["high95"]
    assert all(row["sold"] >= figures.FEWEST for row in found["by"]["size"])
    assert found["reasons"][0]["reasons"][0]["reason"] == "size"


@one_kind
def test_nothing_sent_back_makes_no_note(shop: Engine) -> None:
    assert notes.make_notes(shop, NOW) == {"returns": 0, "notes": 0}
    assert figures.figures(shop, NOW)["returned"] == 0
    with pytest.raises(AftercareError):
        notes.why(shop, 1, NOW)
    with pytest.raises(AftercareError):
        notes.decide(shop, SYSTEM, 1, "done", NOW)


@one_kind
def test_a_note_keeps_nobodys_number(shop: Engine) -> None:
    send_back(shop, "P-RUN", 0.5, [WORDS["phone"]])
    send_back(shop, "P-FAN", 0.1, WORDS["fine"])
    notes.make_notes(shop, NOW)
    note = next(n for n in notes.listed(shop) if n["kind"] == "cause")
    assert "13812345678" not in str(notes.why(shop, note["id"], NOW))
    assert "1381" not in str(note)


@one_kind
def test_what_is_said_in_the_talk_counts_too(shop: Engine) -> None:
    send_back(shop, "P-RUN", 0.5, [""])
    send_back(shop, "P-FAN", 0.2, WORDS["fine"])
    with read(shop) as session:
        cases = session.execute(
            select(CaseRow.case_no, CaseRow.customer_id).where(CaseRow.detail == "")
        ).all()
    for number, customer in cases:
        talk = open_conversation(shop, customer)
        receive(
            shop,
            conversation_id=talk,
            customer_id=customer,
            client_id=number,
            text=WORDS["small"][1],
            now=NOW,
        )
        with write(shop) as session:
            session.get_one(CaseRow, number).conversation_id = talk
    notes.make_notes(shop, NOW)
    assert "size_small" in {note["code"] for note in notes.listed(shop)}


def line_of(shop: Engine, customer: str, spu: str) -> Any:
    viewer = Viewer("talk", customer)
    return next(x for x in recent_lines(shop, viewer, 50) if x.spu == spu)


def test_an_exchange_is_offered_to_some_and_measured(shop: Engine) -> None:
    with read(shop) as session:
        owners = session.scalars(
            select(OrderLineRow.customer_id)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(ProductRow.spu == "P-RUN", OrderLineRow.customer_id.like("C0%"))
            .distinct()
        ).all()
    drawn: dict[str, tuple[str, bool]] = {}
    for name in sorted(owners)[:50]:
        line = line_of(shop, name, "P-RUN")
        viewer = Viewer(open_conversation(shop, name), name)
        found = exchange.offer_before_refund(shop, viewer, line, "size", NOW)
        again = exchange.offer_before_refund(shop, viewer, line, "size", NOW + DAY)
        assert found == again
        assert all(offer.spu == "P-RUN" for offer in found)
        drawn[line.line_id] = (name, bool(found))
    offered = [line for line, (_, shown) in drawn.items() if shown]
    held = [line for line, (_, shown) in drawn.items() if not shown]
    assert 0.5 < len(offered) / len(drawn) < 0.9
    # Of those held back all take the money, of the others one in four does.
    with write(shop) as session:
        for line in held + offered[::4]:
            session.add(case(line, drawn[line][0], opened_at=NOW + DAY))
    assert exchange.settle(shop, NOW + 13 * DAY) == 0
    assert exchange.settle(shop, NOW + 15 * DAY) == len(drawn)
    result = exchange.measured(shop)
    assert result["control"]["value"] == 0 and result["treated"]["value"] > 0.7
    assert result["sure"] and result["low"] > 0.3


@one_kind
def test_a_fault_is_not_answered_with_another_size(shop: Engine) -> None:
    line = line_of(shop, "C-DEMO-1", "P-RUN")
    viewer = Viewer("talk", "C-DEMO-1")
    assert exchange.offer_before_refund(shop, viewer, line, "defect", NOW) == []
    with read(shop) as session:
        assert session.scalars(select(ChoiceRow)).all() == []


def test_causes_are_heard_in_what_was_said() -> None:
    for text in WORDS["small"]:
        assert named_causes(text) == {"size_small"}, text
    for text in WORDS["fine"]:
        assert named_causes(text) == frozenset(), text
    assert named_causes(WORDS["denied"]) == frozenset()
    assert named_causes(WORDS["colour"]) == {"colour"}


def test_what_all_goods_share_is_no_note_about_one() -> None:
    texts = [WORDS["small"][0]] * 60
    ranked = rank_causes(texts, ["a"] * 30 + ["b"] * 30)
    assert [cause.sure for cause in ranked] == [False, False]
