"""Another customer's order, asked for in every way of the real system: no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import func, select

from aftercare.store.cases import CaseRow
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import read
from tests.integration.stack import Stack, Talk

ME, OTHER = "C-DEMO-1", "C-DEMO-2"
WAYS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "conversations" / "another.yml").read_text("utf-8")
)


@pytest.fixture
def me(stack: Stack) -> Iterator[Talk]:
    """A signed-in customer who owns none of what is asked for."""
    talk = Talk(stack, ME)
    yield talk
    talk.close()


def facts_of(stack: Stack, customer: str) -> set[str]:
    """Return all that the shop's own tables say of one customer's orders."""
    orders = select(OrderRow).where(OrderRow.customer_id == customer)
    with read(stack.engine) as session:
        who = session.get_one(CustomerRow, customer)
        found = {who.name, who.phone}
        numbers = [order.order_no for order in session.scalars(orders)]
        lines = session.scalars(
            select(OrderLineRow).where(OrderLineRow.order_no.in_(numbers))
        ).all()
        for line in lines:
            product = session.get_one(ProductRow, line.sku)
            # The name alone too: an answer may say it without its brand.
            found |= {product.title, *product.title.split()}
        parcels = [line.shipment_id for line in lines if line.shipment_id]
        for parcel in session.scalars(
            select(ShipmentRow).where(ShipmentRow.id.in_(parcels))
        ):
            found.add(parcel.tracking_no)
        return found | set(numbers)


@pytest.fixture(scope="module")
def foreign(stack: Stack) -> set[str]:
    """What would be a trace: the other's facts that are not also one's own."""
    return facts_of(stack, OTHER) - facts_of(stack, ME)


Check = Callable[..., None]


@pytest.fixture(scope="module")
def assert_no_trace(foreign: set[str]) -> Check:
    def check(said: object, way: str = "") -> None:
        # What was asked for may be said back to who typed it.
        words = foreign | set(WAYS["never"])
        found = [word for word in words if word in str(said) and word not in way]
        assert not found, (way, said)

    return check


@pytest.mark.parametrize("way", WAYS["typed"])
def test_by_words(me: Talk, way: str, assert_no_trace: Check) -> None:
    assert_no_trace(me.say(way), way)
    assert_no_trace(me.buttons, way)


def test_the_names_looked_for_are_what_the_owner_sees(
    stack: Stack, foreign: set[str]
) -> None:
    """Were the words wrong, no test here could fail."""
    assert len(foreign) >= 20
    owner = Talk(stack, OTHER)
    said = "".join(owner.say(WAYS["own_first"][0]))
    owner.close()
    assert sum(word in said for word in foreign) >= 3, said


def test_by_words_after_an_order_of_ones_own(me: Talk, assert_no_trace: Check) -> None:
    assert_no_trace(me.say(WAYS["own_first"][0]))
    way = WAYS["typed"][1]
    assert_no_trace(me.say(way), way)


@pytest.mark.parametrize("way", WAYS["injected"])
def test_by_an_entity_or_a_slot(me: Talk, way: str, assert_no_trace: Check) -> None:
    ack = me.send(way)
    assert not ack["ok"]
    assert_no_trace(ack)


def test_by_a_button_that_was_the_others(stack: Stack, me: Talk) -> None:
    owner = Talk(stack, OTHER)
    for text in WAYS["others"]:
        owner.say(text)
    payloads = [button["payload"] for button in owner.buttons]
    assert any(payload.startswith("/affirm") for payload in payloads), owner.history()
    before = cases(stack)
    for payload in payloads:
        if '"' in payload:  # a choice that names nobody's thing is everybody's
            assert me.send(payload)["reason"] == "payload_not_issued"
    owner.close()
    assert cases(stack) == before


def test_by_the_others_session_id(
    stack: Stack, me: Talk, assert_no_trace: Check
) -> None:
    owner = Talk(stack, OTHER)
    owner.say(WAYS["own_first"][0])
    ack = me.send(WAYS["own_first"][0], session_id=owner.session_id)
    assert (ack["ok"], ack["reason"]) == (False, "not_found")
    for thief in (Talk(stack, ME), Talk(stack, None)):
        thief.ask_for(owner.session_id)
        assert thief.session_id != owner.session_id
        assert_no_trace(thief.history())
        thief.close()
    owner.close()


def test_by_a_token_nobody_signed(stack: Stack) -> None:
    head, _, sign = stack.token(ME).split(".")
    _, body, _ = stack.token(OTHER).split(".")
    with pytest.raises(Exception, match="."):
        Talk(stack, None, f"{head}.{body}.{sign}")


def test_by_a_guests_proof_that_is_wrong(stack: Stack, assert_no_trace: Check) -> None:
    guest = Talk(stack, None)
    for text in WAYS["guest"]:
        assert_no_trace(guest.say(text), text)
    for tail in WAYS["guest_tails"]:
        assert_no_trace(guest.say(tail))
    assert_no_trace(guest.say(WAYS["guest_after"]))
    guest.close()


def test_by_the_address_of_the_orders(stack: Stack, assert_no_trace: Check) -> None:
    asked = {"customer_id": OTHER, "order_no": "8800000000020004"}
    headers = {"authorization": f"Bearer {stack.token(ME)}"}
    url = f"{stack.url}/demo/orders"
    mine = httpx.get(url, headers=headers, params=asked, trust_env=False)
    assert {item["order_no"] for item in mine.json()} & facts_of(stack, ME)
    assert_no_trace(mine.json())
    nobody = httpx.get(url, params=asked, trust_env=False)
    assert nobody.status_code == 401
    assert_no_trace(nobody.text)


def test_by_the_address_of_the_page(stack: Stack) -> None:
    """The page is the same for everybody, whatever its address asks for."""
    headers = {"authorization": f"Bearer {stack.token(ME)}"}
    asked = {"customer_id": OTHER, "order": "8800000000020004"}
    page = httpx.get(stack.url, headers=headers, params=asked, trust_env=False)
    assert page.text == httpx.get(stack.url, trust_env=False).text


def cases(stack: Stack) -> int:
    with read(stack.engine) as session:
        return session.scalar(select(func.count()).select_from(CaseRow)) or 0
