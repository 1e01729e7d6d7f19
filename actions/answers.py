"""Answers about orders, parcels and warranty, from the customer's own rows."""

from __future__ import annotations

import abc
from datetime import datetime

from actions.asks import line_card, speaker_text, status_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.case_text import RETURN_NOTED, tell_returned, tell_sending
from actions.focus import ORDERS, Meant, cannot_show, keep, meant
from actions.guest import door
from actions.parcels import note_waybill
from actions.pointing import find_lines
from actions.speech import SHOP_ZONE, Button, Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_kind, find_reason, has_any, is_question
from actions.wish import (
    OFFERED_KINDS,
    alternatives,
    human,
    own_lines,
    payload,
    rule_text,
    wish_buttons,
)
from aftercare.domain.orders import Fulfilment
from aftercare.services.drafts import Draft, judge
from aftercare.services.orders import LineView, Track, tracks

LISTED = 6
# Wishes that send something to the customer.
BRINGS = ("exchange", "reship", "repair")


class Inquiry(ServiceAction):
    """A question about things of one's own: guests prove an order first."""

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer about what is meant, and remember what it was."""
        lines, events = door(turn, speaker, self.action_name)
        if lines is None:
            return events
        found = meant(turn, lines)
        own = turn.waybill if found.unknown else None
        if own and note_waybill(turn, speaker, own):
            # Their parcel to the shop, told with other words than its number.
            return events + slots(topic=RETURN_NOTED)
        if cannot_show(speaker, found):
            return events
        told = self.tell(turn, speaker, lines, found)
        if len(told) == 1:
            # What was told of is talked of now, whatever it was before.
            found = Meant(told)
        return events + keep(found, self.action_name)

    @abc.abstractmethod
    def tell(
        self, turn: Turn, speaker: Speaker, lines: list[LineView], found: Meant
    ) -> list[LineView]:
        """Say the answer and return the lines it was about."""


class TrackParcel(Inquiry):
    """Say where the parcel is."""

    action_name = "action_track_parcel"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer about a parcel, or about what the case just opened will send."""
        if tell_sending(turn, speaker) or tell_returned(turn, speaker):
            return []
        if _of_open_wish(turn):
            speaker.say(f"brings_{turn.slot('case_kind')}")
            return []
        return super().act(turn, speaker)

    def tell(
        self, turn: Turn, speaker: Speaker, lines: list[LineView], found: Meant
    ) -> list[LineView]:
        """Tell the parcel meant, else those on their way, else the newest."""
        words = texts()["words"]
        things = [x for x in lines if not x.digital]
        coming = [x for x in things if not x.is_called_off]
        unsent = [x for x in coming if x.fulfilment is Fulfilment.UNSHIPPED]
        moving = [x for x in lines if x.fulfilment is Fulfilment.IN_TRANSIT]
        shown = found.lines or moving or coming[:1] or lines[:1]
        # Asked for while the talk is about one that came, another is meant.
        there = [x for x in shown if x.fulfilment is Fulfilment.DELIVERED]
        pointed = found.named or has_any(turn.text, words["this_one"])
        if moving and there == shown and not pointed:
            shown = moving
        doubted = bool(found.lines) and has_any(turn.text, words["doubts_dispatch"])
        asked = not found.named and not doubted
        if asked and unsent and has_any(turn.text, words["unsent"]):
            shown = unsent
        for line in shown:
            if line.digital:
                speaker.say("track_digital", [human(speaker)], title=line.title)
                continue
            told = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
            if not told and line.is_called_off:
                speaker.say("track_called_off", title=line.title)
            elif not told:
                buttons = [(speaker.label("button", "refund"), wish("refund", line))]
                speaker.say("track_none", buttons, title=line.title)
                if has_any(turn.text, words["urges_dispatch"]):
                    speaker.say("hurry_dispatch", [human(speaker)])
            if told and doubted:
                speaker.say("sent_already", title=line.title)
            for track in told:
                tell_track(speaker, track, line)
        sent = any(x.fulfilment is not Fulfilment.UNSHIPPED for x in shown)
        if sent and has_any(turn.text, words["hurry"]):
            speaker.say("hurry", [human(speaker)])
        return shown


def _is_sent(line: LineView) -> bool:
    return line.fulfilment is not Fulfilment.UNSHIPPED


def _of_open_wish(turn: Turn) -> bool:
    """Return whether "when will it come?" means what the open wish will bring."""
    kind = turn.slot("case_kind")
    if turn.requested is None or kind not in BRINGS or turn.numbers or turn.waybill:
        return False
    named = find_lines(turn.text, (), own_lines(turn), [])
    return turn.intent == "ask_delivery_time" and not named


class NotReceived(Inquiry):
    """A parcel that should be there and is not."""

    action_name = "action_not_received"

    def tell(
        self, turn: Turn, speaker: Speaker, lines: list[LineView], found: Meant
    ) -> list[LineView]:
        """Show the track of the parcel meant; offer to send it again."""
        # What is no thing comes by no parcel.
        sent = [x for x in lines if _is_sent(x) and not x.digital]
        moving = [x for x in sent if x.fulfilment is Fulfilment.IN_TRANSIT]
        line = found.line or (moving or sent or lines)[0]
        came = line.fulfilment is Fulfilment.DELIVERED
        if came and has_any(turn.text, texts()["words"]["own_loss"]):
            speaker.say("own_loss", [human(speaker)], title=line.title)
            return [line]
        if line.digital:
            speaker.say("track_digital", [human(speaker)], title=line.title)
            return [line]
        told = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
        for track in told:
            again = [(speaker.label("button", "lost"), lost(line)), human(speaker)]
            if _told_before(turn, line, track) and not turn.requested:
                speaker.say("not_received_again", again)
                continue
            if track.delivered_at is None:
                tell_track(speaker, track, line)
                continue
            speaker.say(
                "track_delivered",
                again,
                title=track.title,
                carrier=track.carrier,
                tracking_no=track.tracking_no,
                time=clock(track.delivered_at),
            )
        if not told:
            speaker.say("track_none", title=line.title)
        return [line]


def _told_before(turn: Turn, line: LineView, track: Track) -> bool:
    """Return whether where this parcel is was told a moment ago, and helped nothing."""
    if track.delivered_at is not None:
        return turn.slot("topic") == NotReceived.action_name
    told = turn.slot("topic") in (TrackParcel.action_name, NotReceived.action_name)
    asks = is_question(turn.text) or has_any(
        turn.text, texts()["words"]["asks_whether"]
    )
    same = turn.slot("focus") == line.line_id and track.stalled
    return told and same and not asks


class OrderStatus(Inquiry):
    """Say how the orders stand."""

    action_name = ORDERS

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the orders; who urges one to be sent hears of that one."""
        if has_any(turn.text, texts()["words"]["urges_dispatch"]):
            return TrackParcel().act(turn, speaker)
        events = super().act(turn, speaker)
        mine = own_lines(turn)
        found = meant(turn, mine)
        shown = found.lines if found.named else mine[:LISTED]
        # "The second one" afterwards points at this list.
        return events + slots(offered=[x.line_id for x in shown])

    def tell(
        self, turn: Turn, speaker: Speaker, lines: list[LineView], found: Meant
    ) -> list[LineView]:
        """List the recent ones, or the one meant and what can be done with it."""
        shown = found.lines if found.named else lines[:LISTED]
        text = "\n".join([order_text(speaker, line) for line in shown])
        if found.named and found.line:
            told, buttons = _way_on(turn, speaker, found.line)
            speaker.tell(f"{text}\n{told}", buttons)
            return shown
        head = speaker_text("orders_head")
        speaker.tell(f"{head}\n{text}", card=line_card(speaker, shown))
        return []


class Warranty(Inquiry):
    """Say whether a product is under warranty."""

    action_name = "action_warranty"

    def tell(
        self, turn: Turn, speaker: Speaker, lines: list[LineView], found: Meant
    ) -> list[LineView]:
        """Judge a repair of the line meant, else of the delivered ones."""
        delivered = [x for x in lines if x.fulfilment is Fulfilment.DELIVERED]
        judged = [
            (line, judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now))
            for line in found.lines or delivered
            for draft in [Draft("repair", line.line_id, "defect")]
        ]
        covered = [item for item in judged if item[1].rule != "warranty_not_covered"]
        told = judged if found.lines else (covered or judged)[:3]
        for line, decision in told:
            rule = rule_text(speaker, decision)
            ways: list[Button] = []
            if found.line is not None:
                repair = (speaker.label("button", "repair"), wish("repair", line))
                draft = Draft("repair", line.line_id, "defect")
                other = alternatives(turn, speaker, draft, line)
                ways = [repair] if decision.allowed else [*other, human(speaker)]
            speaker.say("warranty", ways, title=line.title, rule=rule)
        return [line for line, _ in told]


def _way_on(turn: Turn, speaker: Speaker, line: LineView) -> tuple[str, list[Button]]:
    """Return what to ask of a thing named: for the wish said with it, if one was."""
    kind, reason = find_kind(turn.text), find_reason(turn.text, "")
    unwanted = has_any(turn.text, texts()["words"]["unwanted"])
    if kind is None and reason == "dislike" and unwanted:
        kind = "refund"
    given = {"line": line.line_id} | ({"reason": reason} if reason else {})
    if turn.given or kind not in OFFERED_KINDS:
        return speaker_text("what_with_it"), wish_buttons(speaker, line.line_id)
    named = speaker.label("kind", kind)
    return speaker.text("this_wish", kind=named), [(named, payload(kind, **given))]


def order_text(speaker: Speaker, line: LineView) -> str:
    """Return one line of an order in words."""
    return speaker_text("order_item").format(
        title=line.title,
        variant=line.variant,
        quantity=line.quantity,
        amount=yuan(line.paid_fen),
        status=status_text(speaker, line),
        order_no=line.order_no,
    )


def clock(moment: datetime) -> str:
    """Return a moment in the shop's time."""
    return f"{moment.astimezone(SHOP_ZONE):%m-%d %H:%M}"


def wish(kind: str, line: LineView) -> str:
    """Return the payload that begins a wish about a line."""
    return payload(kind, line=line.line_id)


def lost(line: LineView) -> str:
    """Return the payload that asks for a parcel that never came once more."""
    return payload("reship", line=line.line_id, reason="not_received")


def tell_track(speaker: Speaker, track: Track, line: LineView) -> None:
    """Say a parcel's newest event; a stalled one offers a case and a person."""
    if not track.events:
        speaker.say("track_none", title=track.title)
        return
    at, place, text = track.events[0]
    buttons: list[Button] = []
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
        buttons = [(speaker.label("button", "lost"), lost(line)), human(speaker)]
    elif track.delivered_at is None:
        said += "\n" + speaker_text("track_moving")
    card = {
        "card": "tracking",
        "events": [{"at": clock(a), "place": p, "text": t} for a, p, t in track.events],
    }
    speaker.tell(said, buttons, card)
