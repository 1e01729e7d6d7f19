"""Run by test_memory.py with Rasa's own Python: `memory_script.py URL MODEL`."""

from __future__ import annotations

import asyncio
import copy
import random
import sys

from rasa.core.agent import Agent
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_channel.rules import RememberingRulePolicy
from rasa_channel.tracker_store import ConversationStore, RivalTurn

TALKS, TURNS = 30, 14
FORM = "case_form"


async def stored(url: str, domain: Domain) -> None:
    """A tracker comes back as it was saved; of two writers one is refused."""
    store = ConversationStore(domain, host=url)
    assert await store.retrieve("nobody") is None
    first = await store.get_or_create_tracker("talk", append_action_listen=False)
    first.update(ActionExecuted("action_listen"))
    first.update(UserUttered("hello", {"name": "greet", "confidence": 1.0}))
    first.update(SlotSet("order_no", "A1"))
    first.update(ActiveLoop(FORM))
    await store.save(first)
    one, two = await store.retrieve("talk"), await store.retrieve("talk")
    assert one is not None and two is not None
    assert one.get_slot("order_no") == "A1" and one.active_loop_name == FORM
    assert one.latest_message.text == "hello"
    assert one.latest_message.intent["name"] == "greet"
    await store.save(one)
    for rival in (two, await store.create_tracker("talk")):
        try:
            await store.save(rival)
        except RivalTurn:
            continue
        raise AssertionError("a second writer of the same turn was let in")
    assert list(await store.keys()) == ["talk"]


def one_talk(domain: Domain, number: int) -> DialogueStateTracker:
    """Return a talk in which nothing has been said."""
    tracker = DialogueStateTracker(f"{number}", domain.slots)
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(ActionExecuted("action_listen"))
    return tracker


def step(dice: random.Random, tracker: DialogueStateTracker, action: str) -> None:
    """Do what was decided, sometimes with a form's refusal or a form's end."""
    if action == FORM and dice.random() < 0.4 and tracker.active_loop_name:
        tracker.update(ActionExecutionRejected(FORM))
        return
    tracker.update(ActionExecuted(action))
    if action == FORM and not tracker.active_loop_name:
        tracker.update(ActiveLoop(FORM))
    if action == FORM and dice.random() < 0.2:
        tracker.update(ActiveLoop(None))


def alike(policies: tuple[RulePolicy, RulePolicy], domain: Domain) -> int:
    """Compare the decisions of both along talks without sense; return how many."""
    dice, compared = random.Random(7), 0
    intents = sorted(domain.intents)
    for number in range(TALKS):
        tracker = one_talk(domain, number)
        for _ in range(TURNS):
            name = dice.choice(intents)
            tracker.update(UserUttered("x", {"name": name, "confidence": 1.0}))
            for _ in range(6):
                stock, ours = (
                    policy.predict_action_probabilities(tracker, domain)
                    for policy in policies
                )
                assert stock.probabilities == ours.probabilities, tracker.events
                assert stock.events == ours.events
                compared += 1
                place = stock.max_confidence_index
                action = domain.action_names_or_texts[place]
                step(dice, tracker, action)
                if action == "action_listen":
                    break
            else:
                tracker.update(ActionExecuted("action_listen"))
    return compared


def stock_twin(policy: RememberingRulePolicy) -> RulePolicy:
    """Return the same policy, but predicting as Rasa does."""
    twin = copy.copy(policy)
    twin.__class__ = RulePolicy
    return twin


def main() -> None:
    """Check everything and say how much was compared."""
    url, path = sys.argv[1:]
    agent = Agent.load(path)
    assert agent.processor is not None
    domain = agent.domain
    asyncio.run(stored(url, domain))
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    found = [node._component for node in nodes]
    (ours,) = (one for one in found if isinstance(one, RememberingRulePolicy))
    sys.stdout.write(f"alike {alike((stock_twin(ours), ours), domain)}\n")


if __name__ == "__main__":
    main()
