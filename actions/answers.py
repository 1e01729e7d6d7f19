"""Answers from the customer's own orders, parcels and cases."""

from __future__ import annotations

from datetime import datetime

from actions.asks import line_card, speaker_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules
from actions.speech import SHOP_ZONE, Button, Speaker, yuan
from actions.turn import Turn
from actions.understand import find_line
from actions.wish import human, own_lines, rule_text
from aftercare.domain.cases import CaseKind
from aftercare.domain.orders import Fulfilment
from aftercare.services.cases import own_cases
from aftercare.services.drafts import Draft, judge
from aftercare.services.orders import LineView, Track, tracks


def guest_first(turn: Turn, speaker: Speaker) -> list[LineView] | None:
    """Return the customer's lines; None after asking a guest to prove one."""
    lines = own_lines(turn)
    if lines:
        return lines
    unknown = turn.viewer.customer_id is None
    speaker.say("guest" if unknown else "no_lines")
    return None


def meant_line(turn: Turn, lines: list[LineView]) -> LineView | None:
    """Return the line a question names or the form is about."""
    by_id = {line.line_id: line for line in lines}
    given = turn.given.get("line") or (turn.slot("line") if turn.requested else None)
    named = find_line(turn.text, turn.numbers, lines, [])
    return named or by_id.get(given or "")


def clock(moment: datetime) -> str:
    """Return a moment in the shop's time."""
    return f"{moment.astimezone(SHOP_ZONE):%m-%d %H:%M}"


class TrackParcel(ServiceAction):
    """Say where the parcel is."""

    action_name = "action_track_parcel"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Tell the parcel meant, else those on their way, else the newest."""
        lines = guest_first(turn, speaker)
        if lines is None:
            return []
        named = meant_line(turn, lines)
        moving = [x for x in lines if x.fulfilment is Fulfilment.IN_TRANSIT]
        for line in [named] if named else (moving or lines[:1]):
            found = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
            if not found:
                speaker.say("track_none", title=line.title)
            for track in found:
                tell_track(speaker, track)
        return []


class NotReceived(TrackParcel):
    """A parcel that should be there and is not."""

    action_name = "action_not_received"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Show the track of the parcel meant and offer a person."""
        lines = guest_first(turn, speaker)
        if lines is None:
            return []
        sent = [x for x in lines if x.fulfilment is not Fulfilment.UNSHIPPED]
        line = meant_line(turn, lines) or (sent or lines)[0]
        found = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
        for track in found:
            tell_track(speaker, track)
            if track.delivered_at is not None:
                when = clock(track.delivered_at)
                speaker.say("track_delivered", [human(speaker)], time=when)
        if not found:
            speaker.say("track_none", title=line.title)
        return []


class OrderStatus(ServiceAction):
    """Say how the orders stand."""

    action_name = "action_order_status"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the recent ones, or the one meant."""
        lines = guest_first(turn, speaker)
        if lines is None:
            return []
        named = meant_line(turn, lines)
        shown = [named] if named else lines[:6]
        texts = [
            speaker_text("order_item").format(
                title=line.title,
                variant=line.variant,
                quantity=line.quantity,
                amount=yuan(line.paid_fen),
                status=speaker.label("fulfilment", line.fulfilment),
                order_no=line.order_no,
            )
            for line in shown
        ]
        head = speaker_text("orders_head")
        speaker.tell("\n".join([head, *texts]), card=line_card(speaker, shown))
        return []


class RefundProgress(ServiceAction):
    """Say where the money is, from committed refund rows."""

    action_name = "action_refund_progress"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the cases that give money back."""
        if guest_first(turn, speaker) is None:
            return []
        kinds = (CaseKind.REFUND_ONLY, CaseKind.RETURN_REFUND)
        found = [x for x in own_cases(shop_engine(), turn.viewer) if x.kind in kinds]
        if not found:
            speaker.say("refund_none")
        for case in found:
            key = "refund_paid" if case.refunded_fen else "refund_wait"
            amount = yuan(case.refunded_fen or case.amount_fen)
            speaker.say(
                "refund_item",
                case_no=case.case_no,
                title=case.title,
                state=speaker.label("case_state", case.state),
                money=speaker_text(key).format(amount=amount),
            )
        return []


class CaseProgress(ServiceAction):
    """Say where the cases stand."""

    action_name = "action_case_progress"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the customer's cases."""
        if guest_first(turn, speaker) is None:
            return []
        found = own_cases(shop_engine(), turn.viewer)
        if not found:
            speaker.say("case_none")
        for case in found:
            speaker.say(
                "case_item",
                case_no=case.case_no,
                kind=speaker.label("case_kind", case.kind),
                title=case.title,
                state=speaker.label("case_state", case.state),
            )
        return []


class Warranty(ServiceAction):
    """Say whether a product is under warranty."""

    action_name = "action_warranty"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Judge a repair of the line meant, else of the delivered ones."""
        lines = guest_first(turn, speaker)
        if lines is None:
            return []
        named = meant_line(turn, lines)
        delivered = [x for x in lines if x.fulfilment is Fulfilment.DELIVERED]
        for line in [named] if named else delivered[:3]:
            draft = Draft("repair", line.line_id, "defect")
            decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
            rule = rule_text(speaker, decision)
            speaker.say("warranty", title=line.title, rule=rule)
        return []


def tell_track(speaker: Speaker, track: Track) -> None:
    """Say a parcel's newest event; a stalled one offers a person."""
    if not track.events:
        speaker.say("track_none", title=track.title)
        return
    at, place, text = track.events[0]
    buttons: list[Button] | None = None
    said = speaker_text("track").format(
        title=track.title,
        order_no=track.order_no,
        carrier=track.carrier,
        tracking_no=track.tracking_no,
        time=clock(at),
        place=place,
        text=text,
    )
    if track.stalled:
        said += "\n" + speaker_text("track_stalled")
        buttons = [human(speaker)]
    card = {
        "card": "tracking",
        "events": [{"at": clock(a), "place": p, "text": t} for a, p, t in track.events],
    }
    speaker.tell(said, buttons, card)
