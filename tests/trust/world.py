"""Two customers and their things, for suites that keep them apart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases
from aftercare.services.access import Viewer
from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.drafts import Draft, prepare
from aftercare.services.knowledge.answers import note_use
from aftercare.store.desk import AttachmentRow
from aftercare.store.models import (
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import write

# What a name of each kind looks like when nothing bears it.
ABSENT = {
    "talk": "z" * 43,
    "order": "9900000000099999",
    "line": "9900000000099999-1",
    "case": "AS20200101999999",
    "nonce": "z" * 22,
    "file": "z" * 32,
    "parcel": "SFZ999999999999",
    "sku": "apart-9417-1",
    "use": "999999",
}


@dataclass(frozen=True, slots=True)
class Things:
    """One customer's things by kind, and words that only their rows hold."""

    customer: str
    names: dict[str, str]
    words: tuple[str, ...]


def make_things(engine: Engine, state: Path, tag: str, now: datetime) -> Things:
    """Make a customer with an order, a parcel, a case, a picture and a button.

    `tag` is four digits: everything that is theirs carries it.
    """
    customer = f"C-APART-{tag}"
    order, parcel = f"77{tag}0000000001"[:16], f"SF{tag}00000001"
    title, place = f"wool-{tag}-coat", f"depot-{tag}"
    line, sku = f"{order}-1", f"apart-{tag}-1"
    placed = now - timedelta(days=4)
    with write(engine) as session:
        session.add(
            CustomerRow(
                id=customer,
                name=f"name-{tag}",
                phone=f"1380000{tag}",
                created_at=placed,
            )
        )
        session.add(
            ProductRow(
                sku=sku,
                spu=f"apart-{tag}",
                title=title,
                variant=f"size-{tag}",
                category="clothing",
                price_fen=12_300,
                stock=5,
            )
        )
        session.flush()
        session.add(
            OrderRow(
                order_no=order,
                customer_id=customer,
                placed_at=placed,
                paid_at=placed,
                paid_fen=24_600,
                receiver_phone=f"139{tag}{tag[::-1]}",
                receiver_region=f"region-{tag}",
            )
        )
        session.flush()
        session.add(
            ShipmentRow(
                id=f"S{order}",
                order_no=order,
                carrier=f"carrier-{tag}",
                tracking_no=parcel,
                shipped_at=placed,
                delivered_at=now - timedelta(days=1),
            )
        )
        session.flush()
        session.add(
            CarrierEventRow(
                shipment_id=f"S{order}",
                at=now - timedelta(days=1),
                status="signed",
                place=place,
                text=f"signed-{tag}",
            )
        )
        for number in (1, 2):
            session.add(
                OrderLineRow(
                    id=f"{order}-{number}",
                    customer_id=customer,
                    order_no=order,
                    sku=sku,
                    paid_fen=12_300,
                    shipment_id=f"S{order}",
                )
            )
    talk = open_conversation(engine, customer)
    viewer = Viewer(talk, customer)
    secret = f"secret-{tag}"
    asked = receive(
        engine,
        conversation_id=talk,
        customer_id=customer,
        client_id="1",
        text=secret,
        now=now,
    )
    answer(
        engine,
        conversation_id=talk,
        to_seq=asked.seq,
        replies=[Reply(f"reply-{tag}")],
        now=now,
    )
    rules = load_rules()
    done = prepare(engine, viewer, Draft("refund", f"{order}-2", "dislike"), rules, now)
    case = cases.confirm(engine, viewer, done.nonce, rules, now)
    open_button = prepare(engine, viewer, Draft("refund", line, "dislike"), rules, now)
    file_id = secrets.token_urlsafe(24)
    with write(engine) as session:
        session.add(
            AttachmentRow(
                id=file_id,
                conversation_id=talk,
                name="picture.jpg",
                type="image/jpeg",
                size=9,
                by="customer",
                at=now,
            )
        )
    folder = state / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_id).write_bytes(b"\xff\xd8\xff" + secret.encode())
    names = {
        "talk": talk,
        "order": order,
        "line": line,
        "case": case.case_no,
        "nonce": open_button.nonce,
        "file": file_id,
        "parcel": parcel,
        "sku": sku,
        "use": str(note_use(engine, talk, asked.seq, "inform", None, now)),
    }
    words = (title, place, secret, f"reply-{tag}", f"name-{tag}", f"carrier-{tag}")
    return Things(customer, names, (*words, f"region-{tag}", f"139{tag}"))


@dataclass(frozen=True, slots=True)
class World:
    """Anna asks; Bob's things are another's."""

    engine: Engine
    anna: Things
    bob: Things

    def name(self, kind: str, whose: str) -> str:
        """Return the name of a thing: "own" (Anna's), "other" (Bob's) or "absent"."""
        if whose == "absent":
            return ABSENT[kind]
        return (self.anna if whose == "own" else self.bob).names[kind]

    def leaks(self, text: str, *, to: str | None) -> list[str]:
        """Return whose words a text holds that this customer must not read."""
        return [
            word
            for things in (self.anna, self.bob)
            if things.customer != to
            for word in things.words
            if word in text
        ]

    def blank(self, text: str) -> str:
        """Return a text in which names of things do not tell whose they are."""
        for kind, absent in ABSENT.items():
            if kind == "use":
                continue  # a small number: it stands in prices and dates too
            for things in (self.anna, self.bob):
                text = text.replace(things.names[kind], f"<{kind}>")
            text = text.replace(absent, f"<{kind}>")
        return text


def make_world(engine: Engine, state: Path) -> World:
    """Make Anna and Bob."""
    now = datetime.now(UTC)
    return World(
        engine,
        make_things(engine, state, "4711", now),
        make_things(engine, state, "8102", now),
    )
