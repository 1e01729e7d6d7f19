"""Fixed answers, clarifying, handing over."""

from __future__ import annotations

import logging
import math
from typing import ClassVar

from actions.asks import inform, speaker_text
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.case import confirm_and_tell
from actions.knowledge import SURE_SCORE, tell_article
from actions.mood import listen
from actions.speech import Button, Speaker
from actions.turn import Turn
from actions.understand import find_tail
from actions.wish import INTENT_OF_KIND, forget, human
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.access import prove_order
from aftercare.services.conversations import ask_for_human
from aftercare.services.waiting import queue_wait

log = logging.getLogger("aftercare.actions.service")
CHOICES = 3


class FixedAnswer(ServiceAction):
    """An answer that is the same for everybody, with a way to a person."""

    action_name = "action_return_policy"
    key: ClassVar[str] = "policy"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Say the article that answers the very question, else what always holds."""
        if not tell_article(turn, speaker):
            speaker.say(self.key, [human(speaker)])
        return []


class ReturnFreight(FixedAnswer):
    """Who pays the way back."""

    action_name = "action_return_freight"
    key = "freight"


class Invoice(FixedAnswer):
    """Invoices."""

    action_name = "action_invoice"
    key = "invoice"


class RepairSite(FixedAnswer):
    """Where repairs are made."""

    action_name = "action_repair_site"
    key = "repair_site"


class WaitTime(ServiceAction):
    """How long a person takes."""

    action_name = "action_wait_time"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Say the forecast, or honestly that there is none."""
        speaker.tell(wait_text(turn), [human(speaker)])
        return []


class Recommend(ServiceAction):
    """What else would suit."""

    action_name = "action_recommend"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Recommend nothing to somebody who is upset."""
        key = "recommend_not_now" if listen(turn).upset else "recommend"
        speaker.say(key, [human(speaker)])
        return []


class ModifyCase(FixedAnswer):
    """Change a case."""

    action_name = "action_modify_case"
    key = "modify_case"


class Handover(ServiceAction):
    """Call a person."""

    action_name = "action_handover"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Put the conversation into the waiting room, then say so."""
        ask_for_human(shop_engine(), turn.viewer.conversation_id)
        speaker.tell(f"{speaker_text('handover')}{wait_text(turn)}")
        return [*forget(), *slots(later=None)]


class StrayAnswer(ServiceAction):
    """A yes, a no or a number while nothing was asked."""

    action_name = "action_stray_answer"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Take a late button for what it is, a guest's number for a proof."""
        if "nonce" in turn.given:
            confirm_and_tell(turn, speaker, turn.given["nonce"])
            return []
        guest = turn.viewer.customer_id is None
        order_no = turn.numbers[0] if turn.numbers else turn.slot("order_no")
        tail = find_tail(turn.text)
        if guest and order_no and tail:
            return self._prove(turn, speaker, order_no, tail)
        if guest and turn.numbers:
            speaker.say("guest_tail")
            return slots(order_no=order_no)
        given = {"line": turn.given["line"]} if "line" in turn.given else {}
        speaker.say("stray", _wishes(speaker, given))
        return []

    def _prove(self, turn: Turn, speaker: Speaker, order_no: str, tail: str) -> Events:
        try:
            prove_order(shop_engine(), turn.viewer, order_no, tail)
        except AftercareError as error:
            locked = error.reason is Reason.TOO_MANY_TRIES
            speaker.say("proof_locked" if locked else "proof_wrong", [human(speaker)])
            return slots(order_no=None)
        speaker.say("guest_ok", _wishes(speaker, {}))
        return slots(order_no=order_no)


class Clarify(ServiceAction):
    """Ask what was meant: twice with choices, the third time offer a person."""

    action_name = "action_clarify"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer the likeliest intents in words a customer understands.

        A question that Rasa put nowhere may still be one that an article answers.
        """
        if tell_article(turn, speaker, SURE_SCORE):
            return slots(misses=0)
        count = min(int(turn.slots.get("misses") or 0) + 1, 3)
        known = [name for name in turn.ranking if speaker.label("intent", name) != name]
        choices = [(speaker.label("intent", x), f"/{x}") for x in known[:CHOICES]]
        if count == 3:
            choices = []
        speaker.say(f"clarify_{count}", [*choices, human(speaker)])
        return slots(misses=count % 3)


def _wishes(speaker: Speaker, given: dict[str, str]) -> list[Button]:
    suffix = inform(**given).removeprefix("/inform") if given else ""
    return [
        (speaker.label("kind", kind), f"/{intent}{suffix}")
        for kind, intent in INTENT_OF_KIND.items()
    ]


def wait_text(turn: Turn) -> str:
    """Return how long a person will take, in words that promise nothing more."""
    try:
        found = queue_wait(shop_engine(), turn.viewer.conversation_id, turn.now)
    except Exception as error:  # a forecast must never stop a hand-over
        log.error("no forecast of the wait: %s", type(error).__name__)
        return speaker_text("wait_unknown")
    wait = found.forecast
    if wait.expected_s is None or wait.announce_s is None or wait.lo80_s is None:
        offline = "nobody_online" in wait.reasons
        return speaker_text("wait_offline" if offline else "wait_unknown")
    if wait.basis == "immediate":
        return speaker_text("wait_now")
    return speaker_text("wait_range").format(
        ahead=found.ahead,
        low=max(1, round(wait.lo80_s / 60)),
        high=max(1, math.ceil(wait.announce_s / 60)),
    )
