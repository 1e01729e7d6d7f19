"""The questions of the form."""

from __future__ import annotations

import json
from typing import Any

from actions.base import Events, ServiceAction, slots
from actions.kinds import grantable
from actions.speech import Button, Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.wish import OFFERED_KINDS, chosen_line, human, own_lines
from aftercare.domain.orders import Fulfilment
from aftercare.services.orders import LineView

LISTED = 6
# Before the goods are there, nothing can be wrong with them.
BEFORE_DELIVERY = ("dislike", "other")
REASONS = ("dislike", "size", "defect", "damaged", "wrong_item", "missing", "other")
DIGITAL = ("dislike", "defect", "other")
FAULTS = ("defect", "damaged", "wrong_item", "missing")


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
        """Offer what the rules allow for the thing, where it is known."""
        line = chosen_line(turn, turn.slot("line"))
        kinds = grantable(turn, turn.slot("line"), turn.slot("reason"))
        kinds = kinds or list(OFFERED_KINDS)
        speaker.say(
            "ask_kind_of" if line else "ask_kind",
            [
                *((speaker.label("kind", x), inform(case_kind=x)) for x in kinds),
                *([human(speaker)] if _missed(turn) else []),
            ],
            title=line.title if line else "",
        )
        return []


class AskLine(ServiceAction):
    """Show the customer's recent goods, or those a message may have meant."""

    action_name = "action_ask_case_form_line"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Show them as a card; third-party widgets get buttons."""
        gifts = turn.slot("case_kind") == "reship"
        lines = own_lines(turn, gifts=gifts)
        # What was called off is no thing to choose, unless there is no other.
        lines = [x for x in lines if not x.is_called_off] or lines
        if not lines:
            speaker.say("no_lines", [human(speaker)])
            return slots(offered=[])
        narrowed = turn.slots.get("narrowed") or []
        shown = [x for x in lines if x.line_id in narrowed] or lines
        few = len(shown) < len(lines)
        key = "ask_which" if few else "ask_line"
        about_service = turn.slot("case_kind") == "complaint"
        if about_service:
            key = "ask_line_complaint"
        shown = shown[:LISTED]
        buttons = [(_title(line), inform(line=line.line_id)) for line in shown]
        if few:
            # The choice stays narrow until one is chosen or none is meant.
            buttons.append((speaker.label("button", "other"), inform(other="1")))
        if about_service or _missed(turn):
            buttons.append(human(speaker))
        speaker.tell(speaker_text(key), buttons, card=line_card(speaker, shown))
        return slots(offered=[line.line_id for line in shown])


class AskReason(ServiceAction):
    """Ask why."""

    action_name = "action_ask_case_form_reason"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer the reasons that fit where the goods are."""
        line = chosen_line(turn, turn.slot("line"))
        arrived = line is None or line.fulfilment is Fulfilment.DELIVERED
        reasons: tuple[str, ...] = REASONS if arrived else BEFORE_DELIVERY
        if line and line.fulfilment is Fulfilment.IN_TRANSIT:
            reasons = ("not_received", *BEFORE_DELIVERY)
        if turn.slot("case_kind") == "refund_only":
            reasons = FAULTS
        if line and line.digital:
            # Nothing was sent that could be torn, wrong or too small.
            reasons = DIGITAL
        buttons: list[Button] = [
            (speaker.label("reason", code), inform(reason=code)) for code in reasons
        ]
        if _missed(turn):
            buttons.append(human(speaker))
        speaker.say(
            "ask_reason",
            buttons,
            title=line.title if line else "",
            kind=speaker.label("kind", turn.slot("case_kind") or ""),
        )
        return []


class AskDetail(ServiceAction):
    """Ask what is wrong."""

    action_name = "action_ask_case_form_detail"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Ask for a short description, and for a picture where it helps."""
        complaint = turn.slot("case_kind") == "complaint"
        buttons = [human(speaker)] if _missed(turn) else None
        speaker.say("ask_complaint" if complaint else "ask_detail", buttons)
        return []


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
                "status_text": status_text(speaker, line),
                "payload": inform(line=line.line_id),
            }
            for line in lines
        ],
    }


def status_text(speaker: Speaker, line: LineView) -> str:
    """Return where the goods are, or that their money was given back."""
    state = "refunded" if line.is_refunded else line.fulfilment
    return speaker.label("fulfilment", state)


def _title(line: LineView) -> str:
    return f"{line.title} {line.variant}"


def _missed(turn: Turn) -> bool:
    return int(turn.slots.get("misses") or 0) > 0
