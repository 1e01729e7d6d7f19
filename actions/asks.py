"""The questions of the form."""

from __future__ import annotations

import json
from typing import Any

from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.speech import Button, Speaker, texts, yuan
from actions.turn import Turn
from actions.wish import chosen_line, draft_of, human, own_lines, refuse, rule_text
from aftercare.domain.policy import Decision
from aftercare.services.drafts import prepare
from aftercare.services.orders import LineView, variants


def inform(**given: str) -> str:
    """Return the payload of a button that answers a question."""
    return "/inform" + json.dumps(given, separators=(",", ":"))


class AskOrderNo(ServiceAction):
    """Ask a guest for the order number."""

    action_name = "action_ask_case_form_order_no"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Ask."""
        speaker.say("ask_order_no")
        return []


class AskPhoneTail(ServiceAction):
    """Ask a guest for the last four digits of the phone."""

    action_name = "action_ask_case_form_phone_tail"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Ask."""
        speaker.say("ask_phone_tail")
        return []


class AskKind(ServiceAction):
    """Ask what should be done."""

    action_name = "action_ask_case_form_case_kind"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer refund, exchange and repair."""
        kinds = ("refund", "exchange", "repair")
        speaker.say(
            "ask_kind",
            [(speaker.label("kind", kind), inform(case_kind=kind)) for kind in kinds],
        )
        return []


class AskLine(ServiceAction):
    """Show the customer's recent goods."""

    action_name = "action_ask_case_form_line"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Show them as a card; third-party widgets get buttons."""
        lines = own_lines(turn)
        if not lines:
            speaker.say("no_lines", [human(speaker)])
            return slots(offered=[])
        speaker.tell(
            speaker_text("ask_line"),
            [(_title(line), inform(line=line.line_id)) for line in lines[:6]],
            card=line_card(speaker, lines[:6]),
        )
        return slots(offered=[line.line_id for line in lines[:6]])


class AskReason(ServiceAction):
    """Ask why."""

    action_name = "action_ask_case_form_reason"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer the reasons."""
        line = chosen_line(turn, turn.slot("line"))
        reasons = ("dislike", "size", "defect", "damaged", "wrong_item", "missing")
        speaker.say(
            "ask_reason",
            [(speaker.label("reason", code), inform(reason=code)) for code in reasons],
            title=line.title if line else "",
            kind=speaker.label("kind", turn.slot("case_kind") or ""),
        )
        return []


class AskDetail(ServiceAction):
    """Ask what is wrong."""

    action_name = "action_ask_case_form_detail"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Ask for a short description."""
        speaker.say("ask_detail")
        return []


class AskTarget(ServiceAction):
    """Ask what to send instead."""

    action_name = "action_ask_case_form_target"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer what is in stock of the same article."""
        line = chosen_line(turn, turn.slot("line"))
        items = variants(shop_engine(), line) if line else []
        if not items:
            speaker.say("no_target", [human(speaker)])
            return []
        speaker.say(
            "ask_target", [(item.variant, inform(target=item.sku)) for item in items]
        )
        return []


class AskConfirmed(ServiceAction):
    """Repeat everything and hand out the one-time button."""

    action_name = "action_ask_case_form_confirmed"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Store what would be confirmed, then show it."""
        line = chosen_line(turn, turn.slot("line"))
        if line is None:
            speaker.say("not_found", [human(speaker)])
            return []
        draft = draft_of(turn.slots)
        asked = prepare(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
        if not asked.decision.allowed:
            return refuse(turn, speaker, draft, line, asked.decision)
        buttons: list[Button] = [
            (
                speaker.label("button", "confirm"),
                "/affirm" + json.dumps({"nonce": asked.nonce}, separators=(",", ":")),
            ),
            (speaker.label("button", "other_item"), inform(other="1")),
            (speaker.label("button", "cancel"), "/stop"),
        ]
        speaker.say("preview", buttons, **_facts(turn, speaker, line, asked.decision))
        return slots(nonce=asked.nonce)


def speaker_text(key: str) -> str:
    """Return a text without facts."""
    return str(texts()["say"][key])


def line_card(speaker: Speaker, lines: list[LineView]) -> dict[str, Any]:
    """Return the order lines as a card for our own widget."""
    return {
        "card": "order_lines",
        "items": [
            {
                "order_no": line.order_no,
                "line_id": line.line_id,
                "title": line.title,
                "variant": line.variant,
                "quantity": line.quantity,
                "paid_text": yuan(line.paid_fen),
                "image": line.image,
                "status_text": speaker.label("fulfilment", line.fulfilment),
                "payload": inform(line=line.line_id),
            }
            for line in lines
        ],
    }


def _title(line: LineView) -> str:
    return f"{line.title} {line.variant}"


def _facts(
    turn: Turn, speaker: Speaker, line: LineView, decision: Decision
) -> dict[str, object]:
    amount = target = ""
    if decision.amount_fen:
        back = line.fulfilment == "delivered" and turn.slot("case_kind") == "refund"
        amount = speaker_text("preview_amount").format(
            amount=yuan(decision.amount_fen),
            days=speaker_text("days_return" if back else "days_now"),
        )
    if turn.slot("target"):
        wanted = [
            item.variant
            for item in variants(shop_engine(), line)
            if item.sku == turn.slot("target")
        ]
        target = speaker_text("preview_target").format(target="".join(wanted))
    return {
        "title": line.title,
        "variant": line.variant,
        "order_no": line.order_no,
        "kind": speaker.label("kind", turn.slot("case_kind") or ""),
        "reason": speaker.label("reason", turn.slot("reason") or "other"),
        "target": target,
        "amount": amount,
        "rule": rule_text(speaker, decision),
        "freight": speaker.label("freight", decision.freight),
        "gift": speaker_text("preview_gift") if decision.gift_back else "",
        "who": speaker_text("who_human" if decision.needs_human else "who_process"),
    }
