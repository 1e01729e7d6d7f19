"""The wrapper of every action: a deadline, and never a silent failure."""

from __future__ import annotations

import abc
import asyncio
import logging
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.mood import listen
from actions.offer import offered
from actions.shop import shop_engine as shop_engine
from actions.shop import shop_rules as shop_rules
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn, read_turn
from aftercare import telemetry
from aftercare.domain import trace
from aftercare.settings import get_settings

log = logging.getLogger("aftercare.actions")
DEADLINE_S = 8.0
# So many characters of a trace can be read out on the telephone.
SHOWN = 8
Events = list[dict[str, Any]]


def secret() -> str:
    """Return the installation's own secret, for keyed hashes."""
    return get_settings().internal_secret


class ServiceAction(Action, abc.ABC):  # type: ignore[misc]
    """An action that says sorry instead of nothing when it fails.

    Rasa takes a crashed or late action for an executed one and goes on in
    silence, so nothing may leave `run` but events. Subclasses hold no state:
    one instance serves all conversations.
    """

    action_name: ClassVar[str]
    # Rasa takes a form's validation without any event for "not an answer".
    rejects_by_silence: ClassVar[bool] = False
    # Whether it answers a message nobody understood: any other ends the count.
    is_miss: ClassVar[bool] = False

    def name(self) -> str:
        """Return the name Rasa calls the action by."""
        return self.action_name

    @abc.abstractmethod
    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Do the work, in a thread; what is said before a failure is dropped."""

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> Events:
        """Run `act` with its deadline and return its events."""
        said = CollectingDispatcher()
        try:
            turn = read_turn(tracker, get_settings().internal_secret)
            trace.join(turn.trace)
            events = await asyncio.wait_for(
                asyncio.to_thread(self._work, turn, said), DEADLINE_S
            )
        except Exception as error:  # the last line before silence
            # What the customer reads finds the lines of this turn in every log.
            found = trace.current() or trace.begin()
            # The error's text may hold customer text, so its class only.
            failed = {"action": self.name(), "failed": type(error).__name__}
            log.error("action failed", extra={"fields": failed, "trace": found})
            log.debug("action failed", exc_info=True)
            human = (texts()["labels"]["button"]["human"], "/request_human")
            Speaker(dispatcher).say("failed", [human], trace=found[:SHOWN])
            return self.after_failure(tracker)
        dispatcher.messages.extend(said.messages)
        return events

    def _work(self, turn: Turn, said: CollectingDispatcher) -> Events:
        mood = listen(turn)
        before = turn.slots.get("mood")
        with telemetry.span("action", action=self.name()):
            events = self.act(turn, Speaker(said, mood))
        if turn.slots.get("misses") and not (self.is_miss or turn.requested):
            events = events + slots(misses=None)
        offer = offered(said.messages)
        # Whatever is said ends what was offered before it.
        new = said.messages and (offer or turn.slots.get("offer"))
        if new and (events or not self.rejects_by_silence):
            events = events + slots(offer=offer)
        after = mood.as_slot()
        if after == before or (self.rejects_by_silence and not events):
            return events
        return events + slots(mood=after)

    def after_failure(self, tracker: Tracker) -> Events:
        """Return the events that keep the dialogue where it was."""
        return []


def slots(**values: object) -> Events:
    """Return the events that set these slots."""
    return [SlotSet(key, value) for key, value in values.items()]
