"""Rules that hold for everybody, told for the thing meant where there is one."""

from __future__ import annotations

from typing import ClassVar

from actions.answers import OrderStatus, TrackParcel
from actions.asks import speaker_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.case_text import SUBMITTED, freight_text, just_opened, tell_case
from actions.expect import repair_text
from actions.focus import cannot_show, meant
from actions.handover import wait_text
from actions.knowledge import tell_article
from actions.plead import hear_plea
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any, is_question
from actions.wish import human, own_lines, rule_text, wish_buttons
from aftercare.domain.cases import CaseState
from aftercare.domain.decisions import Freight
from aftercare.services.cases import own_cases
from aftercare.services.drafts import FAULTY, Draft, judge

# "How much longer?" after these means the parcel.
PARCELS = (TrackParcel.action_name, OrderStatus.action_name)
# Cases whose goods are still with the customer.
RUNNING = frozenset({CaseState.OPEN, CaseState.APPROVED, CaseState.AWAITING_GOODS})

# What nobody has to do, or find out, for goods that are fetched.
TOLD_OF_BULKY = ("address", "pickup", "freight")


# How long what an open wish asks for takes, before it is sent in.
TOLD_WHEN = {
    "refund": "refund_when",
    "refund_only": "refund_when",
    "exchange": "brings_exchange",
    "reship": "brings_reship",
}


class FixedAnswer(ServiceAction):
    """An answer that is the same for everybody, with a way to a person."""

    action_name = "action_repair_site"
    key: ClassVar[str] = "repair_site"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Say the article that answers the very question, else what always holds."""
        if not tell_article(turn, speaker):
            speaker.say(self.key, [human(speaker)])
        return slots(topic=self.action_name)


class ReturnPolicy(ServiceAction):
    """What can be returned: by the rules of the thing meant, or in general."""

    action_name = "action_return_policy"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Judge a return without a reason of the thing that was named."""
        plea = hear_plea(turn, speaker)
        if plea is not None:
            return plea
        found = meant(turn, own_lines(turn))
        term = has_any(turn.text, texts()["words"]["within_days"])
        term = term or has_any(turn.text, texts()["words"]["why"])
        if found.stranger is None and cannot_show(speaker, found):
            return []
        # What was asked about a moment ago is still meant: "never worn, with the tag".
        going_on = turn.slot("topic") == self.action_name and not is_question(turn.text)
        if found.line is None or not (found.named or term or going_on):
            speaker.say("policy", wish_buttons(speaker, None)[:1])
            return slots(topic=self.action_name)
        line = found.line
        fault = turn.slot("reason") if turn.requested else None
        faulty = fault in FAULTY and turn.slot("line") == line.line_id
        draft = Draft("refund", line.line_id, str(fault) if faulty else "dislike")
        decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
        speaker.say(
            "warranty" if faulty else "policy_of",
            wish_buttons(speaker, line.line_id),
            title=line.title,
            rule=rule_text(speaker, decision),
        )
        return slots(topic=self.action_name, focus=line.line_id)


class WayBack(ServiceAction):
    """Who pays the way back, where it goes, who fetches it."""

    action_name = "action_return_freight"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer what was asked, for the case that waits for goods if there is one."""
        words = texts()["words"]["way_back"]
        topic = next((t for t, w in words.items() if has_any(turn.text, w)), "freight")
        waiting = (
            case
            for case in own_cases(shop_engine(), turn.viewer)
            if case.state in RUNNING and case.freight != Freight.NOBODY
        )
        running = next(waiting, None)
        ready = running is not None and running.state is CaseState.AWAITING_GOODS
        open_case = running if ready or topic == "freight" else None
        if running and ready and running.bulky and topic in TOLD_OF_BULKY:
            speaker.say(
                "back_bulky",
                [human(speaker)],
                case_no=running.case_no,
                title=running.title,
                freight=freight_text(speaker, running.freight, bulky=True),
                **texts()["shop"],
            )
        elif topic == "freight" and open_case and not turn.requested:
            speaker.say(
                "freight_of",
                case_no=open_case.case_no,
                title=open_case.title,
                freight=freight_text(speaker, open_case.freight, bulky=False),
            )
        elif topic == "address" and not open_case:
            speaker.say("back_address_later", wish_buttons(speaker, None))
        else:
            key = "freight" if topic == "freight" else f"back_{topic}"
            speaker.say(key, [human(speaker)], **texts()["shop"])
        return slots(topic=self.action_name)


class Invoice(FixedAnswer):
    """Invoices."""

    action_name = "action_invoice"
    key = "invoice"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer once how it is done; what is then told of it is for a person."""
        told = has_any(turn.text, texts()["words"]["invoice_facts"])
        if turn.slot("topic") == self.action_name and told:
            speaker.say("invoice_noted", [human(speaker)])
            return []
        return super().act(turn, speaker)


class WaitTime(ServiceAction):
    """How long a person takes; how long a running case takes."""

    action_name = "action_wait_time"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Say the forecast, or honestly that there is none."""
        words = texts()["words"]
        if has_any(turn.text, words["staff_hours"]) and tell_article(turn, speaker):
            return []
        staff = has_any(turn.text, words["about_waiting_for_staff"])
        if not (staff or turn.requested) and turn.slot("topic") in PARCELS:
            return TrackParcel().act(turn, speaker)
        if turn.requested and not staff and turn.slot("case_kind") in TOLD_WHEN:
            speaker.say(TOLD_WHEN[str(turn.slot("case_kind"))])
            return []
        if turn.requested and not staff and turn.slot("case_kind") == "repair":
            told = repair_text(turn, speaker, turn.slot("line"))
            speaker.tell(told or speaker.text("repair_unknown"))
            return []
        opened = just_opened(turn, own_cases(shop_engine(), turn.viewer))
        if opened and turn.slot("topic") == SUBMITTED and not (staff or turn.requested):
            tell_case(turn, speaker, opened)
            return []
        speaker.tell(speaker_text("wait_head") + wait_text(turn), [human(speaker)])
        return []


class ModifyCase(FixedAnswer):
    """Change a case."""

    action_name = "action_modify_case"
    key = "modify_case"
