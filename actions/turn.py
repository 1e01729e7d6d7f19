"""One turn as an action sees it; identity comes from the signed token only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from rasa_sdk import Tracker

from actions.texts import texts
from aftercare.services.access import Viewer

ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said, what is open, who speaks and when.

    Attributes:
        text: the customer's own words, empty where a button was pressed.
        given: the fields of a button's payload, empty for typed text.
        fresh: the customer's message has not been dealt with yet in this turn.
        later: wishes of the same message that wait until this one is done.
        seq: the message's number in its conversation, None outside of one.
        waybill: a carrier's tracking number in the message.
        chances: how likely each intent of `ranking` is, 0 … 1.
        things: the goods the message names, in its own words.
        in_place: the message names a place.
        apart: a wish of its own beside questions of the same message.
        picture: the message is a picture the customer sent.
        pressed: a button was pressed: its payload is no text to read words in.
        offer: the payload of what the bot's last words offered, if they did.
        trace: the id that this message carries from the widget to the refund.
    """

    viewer: Viewer
    text: str
    intent: str
    ranking: tuple[str, ...]
    given: dict[str, str]
    numbers: tuple[str, ...]
    slots: dict[str, Any]
    requested: str | None
    fresh: bool
    now: datetime
    later: tuple[dict[str, str], ...] = ()
    seq: int | None = None
    waybill: str | None = None
    chances: tuple[float, ...] = ()
    things: tuple[str, ...] = ()
    in_place: bool = False
    apart: bool = False
    picture: bool = False
    pressed: bool = False
    offer: str | None = None
    trace: str | None = None

    def slot(self, name: str) -> str | None:
        """Return a text slot, None while empty."""
        value = self.slots.get(name)
        return None if value is None else str(value)


def read_turn(tracker: Tracker, secret: str) -> Turn:
    """Read a turn out of Rasa's tracker.

    Raises:
        jwt.InvalidTokenError: no token, or not one the gateway signed for now.
        PermissionError: a token of another conversation.
    """
    latest: dict[str, Any] = tracker.latest_message or {}
    metadata = latest.get("metadata") or {}
    token = metadata.get("turn_token", "")
    claims = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        audience="actions",
        issuer="gateway",
        options={"require": ["exp", "iat", "sub", "jti"]},
    )
    if claims["sub"] != tracker.sender_id:
        raise PermissionError("token of another conversation")
    text = latest.get("text") or ""
    pressed = text.startswith("/")
    ranking = latest.get("intent_ranking") or []
    return Turn(
        viewer=Viewer(claims["sub"], claims.get("cust"), claims.get("net")),
        text="" if pressed else text,
        intent=(latest.get("intent") or {}).get("name") or "",
        ranking=tuple(item["name"] for item in ranking),
        given=_payload(text),
        numbers=tuple(_entities(latest, "order_number")),
        slots=tracker.current_slot_values(),
        requested=tracker.get_slot("requested_slot"),
        fresh=_is_fresh(tracker.events),
        now=datetime.now(UTC),
        later=tuple(metadata.get("later") or ()),
        seq=metadata.get("seq"),
        waybill=next(iter(_entities(latest, "tracking_number")), None),
        chances=tuple(float(x.get("confidence") or 0) for x in ranking),
        things=tuple(_entities(latest, "product")),
        in_place=bool(_entities(latest, "place")),
        apart=metadata.get("apart") is True,
        picture=text == texts()["words"]["picture"],
        pressed=pressed,
        offer=metadata.get("offer"),
        trace=metadata.get("trace"),
    )


def _entities(latest: dict[str, Any], name: str) -> list[str]:
    found = latest.get("entities", [])
    return [str(item["value"]) for item in found if item["entity"] == name]


def _payload(text: str) -> dict[str, str]:
    start = text.find("{")
    if not text.startswith("/") or start < 0:
        return {}
    given = json.loads(text[start:])
    return {str(key): str(value) for key, value in given.items()}


def _is_fresh(events: list[dict[str, Any]]) -> bool:
    """True until an action other than the form has used the message."""
    for event in reversed(events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (
            "action_listen",
            "action_extract_slots",
            "case_form",
        ):
            return False
    return True
