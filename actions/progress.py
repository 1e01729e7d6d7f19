"""Where the money and the cases stand, from committed rows."""

from __future__ import annotations

from actions.answers import TrackParcel
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.case_text import RETURN_NOTED, money_text, state_text, tell_case
from actions.expect import repair_text
from actions.focus import cannot_show, meant
from actions.guest import door
from actions.handover import wait_text
from actions.parcels import hurry_key, note_waybill
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any, is_question
from actions.wish import human, wish_buttons
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.orders import Fulfilment
from aftercare.services.cases import CaseView, own_cases
from aftercare.services.orders import LineView
from aftercare.services.transfer import is_waiting

# Hurry means the parcel while the talk is about one.
PARCEL = ("action_track_parcel", "action_not_received")
# A refund is not lost sight of behind newer cases of other kinds.
LOOKED_AT, TOLD = 50, 5
MONEY = (CaseKind.REFUND_ONLY, CaseKind.RETURN_REFUND)


class RefundProgress(ServiceAction):
    """Say where the money is."""

    action_name = "action_refund_progress"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the cases that give money back."""
        lines, events = door(turn, speaker, self.action_name)
        if lines is None:
            return events
        named = meant(turn, lines)
        if named.stranger is None and cannot_show(speaker, named):
            return events
        every = own_cases(shop_engine(), turn.viewer, LOOKED_AT)
        found = [case for case in every if case.kind in MONEY]
        about = [x for x in found if named.named and _is_of(x, named.lines)]
        if named.named and not about:
            line = named.lines[0]
            buttons = wish_buttons(speaker, line.line_id)
            speaker.say("refund_none_of", buttons, title=line.title)
            return events
        if not named.named and _is_unsubmitted(turn, found):
            speaker.say("refund_when")
            return events
        if not found:
            speaker.say("refund_none", wish_buttons(speaker, None))
        for case in (about or found)[:TOLD]:
            speaker.say(
                "refund_item",
                case_no=case.case_no,
                title=case.title,
                state=state_text(speaker, case),
                money=money_text(case),
            )
        return events + slots(topic=self.action_name)


class CaseProgress(ServiceAction):
    """Say where the cases stand and what comes next."""

    action_name = "action_case_progress"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """List the customer's cases, the running ones with their next step."""
        lines, events = door(turn, speaker, self.action_name)
        if lines is None:
            return events
        words = texts()["words"]
        if turn.requested and turn.slot("case_kind") == CaseKind.REPAIR:
            told = repair_text(turn, speaker, turn.slot("line"))
            speaker.tell(told or speaker.text("repair_unknown"))
            return events
        if turn.slot("topic") in PARCEL and has_any(turn.text, words["hurry"]):
            speaker.say(hurry_key(turn), [human(speaker)])
            return events
        if turn.waybill and note_waybill(turn, speaker, turn.waybill):
            return events + slots(topic=RETURN_NOTED)
        named = meant(turn, lines)
        if named.stranger is None and cannot_show(speaker, named):
            return events
        found = own_cases(shop_engine(), turn.viewer)
        about = [x for x in found if named.named and _is_of(x, named.lines)]
        if named.named and not about:
            return events + _no_case(turn, speaker, named.lines)
        about = about or found
        hurried = any(case.state is CaseState.OPEN for case in about)
        wished = turn.slot("line") if turn.requested else None
        if wished and not named.named and all(x.line_id != wished for x in found):
            kind = turn.slot("case_kind")
            speaker.say("case_after")
            if kind in ("exchange", "reship") and is_question(turn.text):
                speaker.say(f"brings_{kind}")
            return events
        if not found and is_waiting(shop_engine(), turn.viewer.conversation_id):
            speaker.tell(speaker.text("handover_again") + wait_text(turn))
        elif not found:
            speaker.say("case_none", wish_buttons(speaker, None))
        for case in about:
            tell_case(turn, speaker, case)
        if hurried and has_any(turn.text, words["hurry"]):
            speaker.say("hurry_case", [human(speaker)])
        return events + slots(topic=self.action_name)


def _no_case(turn: Turn, speaker: Speaker, lines: list[LineView]) -> Events:
    """Tell of things without a case: where their parcels are, or that there is none."""
    if any(line.fulfilment is not Fulfilment.DELIVERED for line in lines):
        return TrackParcel().act(turn, speaker)
    line = lines[0]
    speaker.say("case_none_of", wish_buttons(speaker, line.line_id), title=line.title)
    return slots(focus=line.line_id)


def _is_unsubmitted(turn: Turn, found: list[CaseView]) -> bool:
    """Return whether the money asked for is that of the refund being filled in."""
    line = turn.slot("line")
    begun = any(case.line_id == line for case in found) if line else bool(found)
    wished = turn.slot("case_kind") in ("refund", "refund_only") or not found
    return turn.requested is not None and wished and not begun


def _is_of(case: CaseView, lines: list[LineView]) -> bool:
    return any(case.line_id == line.line_id for line in lines)
