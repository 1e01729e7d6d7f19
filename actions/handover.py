"""Calling a person: because the customer asks, or because the bot must step back."""

from __future__ import annotations

import logging
import math
from typing import ClassVar

from actions.asks import speaker_text
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import forget
from aftercare.services.transfer import Trigger, transfer
from aftercare.services.waiting import queue_wait
from analytics.text import warm as warm_text

log = logging.getLogger("aftercare.actions.handover")


class Handover(ServiceAction):
    """Call a person."""

    action_name = "action_handover"
    trigger: ClassVar[Trigger] = Trigger.ASKED
    first: ClassVar[str] = ""

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Put the conversation into the waiting room, then say so."""
        refused = has_any(turn.text, texts()["words"]["refuses_bot"])
        trigger = Trigger.REFUSED_BOT if refused else self.trigger
        speaker.tell(self.words(turn) + call(turn, trigger))
        return [*forget(), *slots(later=None)]

    def words(self, turn: Turn) -> str:
        """Return what comes before the news of the hand-over."""
        return speaker_text(self.first) if self.first else ""


def step_back(turn: Turn, speaker: Speaker) -> Events:
    """Say what to do with goods feared to be dangerous, and call a person."""
    speaker.tell(speaker_text("danger_goods") + call(turn, Trigger.SAFETY))
    return slots(outcome="answered" if turn.requested else None)


class Danger(Handover):
    """Somebody or something is in danger: first what to do, then a person."""

    action_name = "action_danger"
    trigger = Trigger.SAFETY

    def words(self, turn: Turn) -> str:
        """Return what to do at once, by the kind of danger."""
        for kind, words in texts()["words"]["dangers"].items():
            if has_any(turn.text, words):
                return speaker_text(f"danger_{kind}")
        return speaker_text("danger_goods")


class Privacy(Handover):
    """Personal data or the safety of an account: a person looks after it."""

    action_name = "action_privacy"
    trigger = Trigger.PERSONAL_DATA
    first = "privacy"


def warm() -> None:
    """Load what masks a summary: the first to call a person must not wait for it."""
    warm_text()


def call(turn: Turn, trigger: Trigger) -> str:
    """Hand the conversation over and return the words that say so."""
    new = transfer(shop_engine(), turn.viewer.conversation_id, trigger, turn.now)
    return speaker_text("handover" if new else "handover_again") + wait_text(turn)


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
