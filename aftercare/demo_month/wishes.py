"""What customers want done, asked of the rules and confirmed by the real button."""

from __future__ import annotations

import json

from sqlalchemy import select

from aftercare.demo_month import cases
from aftercare.demo_month.clock import Story
from aftercare.demo_month.understood import pressed
from aftercare.demo_month.voice import answered, passes, said
from aftercare.demo_month.words import house, line
from aftercare.demo_month.world import Talk
from aftercare.domain.cases import CaseState
from aftercare.services.access import Viewer
from aftercare.services.cases import CaseView, confirm
from aftercare.services.conversations import Reply
from aftercare.services.drafts import Draft, prepare
from aftercare.services.orders import recent_lines
from aftercare.services.returns.exchange import offer_before_refund, show_once
from aftercare.store.models import OrderLineRow, ProductRow
from aftercare.store.unit_of_work import read

TAKES_OFFER = 0.35
MOST_LINES = 50


def asked(talk: Talk) -> Reply:
    """Put the wish of the script to the rules; return the preview, or why not."""
    draft = _draft(talk)
    found = prepare(talk.world.engine, viewer(talk), draft, talk.world.rules, talk.at)
    facts = talk.facts() | {"kind": house()["kinds"][draft.kind]}
    talk.nonce = found.nonce
    if not found.nonce:
        talk.refused = True
        return Reply(line("refused", **facts))
    amount = found.decision.amount_fen
    facts["amount"] = yuan(amount)
    text = line("preview_money" if amount else "preview", **facts)
    button = {
        "content_type": "text",
        "title": house()["confirm"],
        "payload": _payload(found.nonce),
    }
    return Reply(text, {"quick_replies": [button]})


def press(talk: Talk) -> Story:
    """Press the button of the preview, if there is one, and let the case run on."""
    if not talk.nonce:
        return
    message = said(talk, _payload(talk.nonce), house()["confirm"])
    passes(talk, 1, 3)
    world = talk.world
    case = confirm(world.engine, viewer(talk), talk.nonce, world.rules, talk.at)
    talk.case_no = case.case_no
    seen = pressed("affirm", {"nonce": talk.nonce}, house()["confirmed_actions"])
    answered(talk, message, [Reply(_told(case))], seen)
    world.clock.begin(talk.at, cases.follow(talk, case))
    passes(talk, 5, 40)
    yield talk.at


def viewer(talk: Talk) -> Viewer:
    """Return whose talk this is, as the gateway would sign it."""
    return Viewer(talk.id, talk.customer_id)


def yuan(fen: int) -> str:
    """Return an amount as it is shown."""
    return f"{fen // 100}.{fen % 100:02d}"


def _draft(talk: Talk) -> Draft:
    """Return what the script wishes; some take the exchange they are offered first."""
    wish, piece = talk.visit.script.wish, talk.visit.piece
    assert piece is not None  # a script with a wish is about something bought
    kind, reason = wish["kind"], wish["reason"]
    target = _target(talk, piece.line_id) if kind == "exchange" else None
    if kind == "refund" and talk.visit.script.bought == "delivered":
        offered = _offered(talk, piece.line_id, reason)
        if offered and talk.random.random() < TAKES_OFFER:
            kind, target = "exchange", offered
    return Draft(kind, piece.line_id, reason, wish.get("detail", ""), target)


def _offered(talk: Talk, line_id: str, reason: str) -> str | None:
    """Return what the shop offers instead of money, None where nothing."""
    engine, who = talk.world.engine, viewer(talk)
    lines = recent_lines(engine, who, MOST_LINES)
    mine = next((line for line in lines if line.line_id == line_id), None)
    if mine is None:
        return None
    found = offer_before_refund(engine, who, mine, reason, talk.at)
    if not found:
        return None
    show_once(engine, line_id)
    return found[0].sku


def _told(case: CaseView) -> str:
    facts = {"case": case.case_no, "amount": yuan(case.refunded_fen)}
    if case.refunded_fen:
        return line("done_refund", **facts)
    waits = case.state is CaseState.OPEN
    return line("done_review" if waits else "done_goods", **facts)


def _payload(nonce: str) -> str:
    return "/affirm" + json.dumps({"nonce": nonce}, separators=(",", ":"))


def _target(talk: Talk, line_id: str) -> str | None:
    """Return another variant of the same article, as an exchange is for."""
    with read(talk.world.engine) as session:
        mine = session.get_one(OrderLineRow, line_id).sku
        spu = session.get_one(ProductRow, mine).spu
        others = session.scalars(
            select(ProductRow.sku)
            .where(ProductRow.spu == spu, ProductRow.stock > 0, ProductRow.sku != mine)
            .order_by(ProductRow.sku)
        ).all()
    return talk.random.choice(others) if others else mine
