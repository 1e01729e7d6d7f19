"""Rasa's RulePolicy with a memory: the same rules, looked up once per situation.

RulePolicy makes a state of every step of a conversation for every prediction and
compares them with every rule. A rule looks back a few steps, so what it decides
depends on those alone, and the same few come again and again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RulePolicy,
)
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

REMEMBERED = 4096
# The action (None: no rule), the rule, and whether a form is returned to.
Found = tuple[Any, Any, bool]


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class RememberingRulePolicy(RulePolicy):
    """Decides as RulePolicy does, which trains it; only predicting is quicker."""

    _trains = False
    _found: OrderedDict[str, Found] | None = None
    _longest: int | None = None

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Learn and check the rules as RulePolicy does, remembering nothing."""
        self._trains = True
        return super().train(training_trackers, domain, **kwargs)

    def _find_action_from_rules(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool,
    ) -> Found:
        by_text = use_text_for_last_user_input
        if self._trains:
            return super()._find_action_from_rules(tracker, domain, by_text)
        if by_text and tracker.latest_action_name != ACTION_LISTEN_NAME:
            return None, None, False
        if self._found is None:
            self._found = OrderedDict()
        states = self._prediction_states(tracker, domain, by_text)
        key = json.dumps([tracker.active_loop_name, states], sort_keys=True)
        if key not in self._found:
            found = super()._find_action_from_rules(tracker, domain, by_text)
            self._found[key] = found
            if len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return self._found[key]

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """Return the newest states, as many as the longest rule has."""
        if self._trains:
            return super()._prediction_states(
                tracker, domain, use_text_for_last_user_input, rule_only_data
            )
        events = tracker.applied_events()
        steps = sum(isinstance(event, ActionExecuted) for event in events)
        skip = steps + 1 - self._reach()
        replayed = tracker.init_copy()
        states: list[State] = []
        step = 0
        for event in events:
            if isinstance(event, ActionExecuted):
                if step >= skip:
                    states.append(domain.get_active_state(replayed))
                step += 1
            replayed.update(event)
        states.append(domain.get_active_state(replayed))
        by_text = use_text_for_last_user_input
        self.featurizer._choose_last_user_input([states], by_text)
        return states

    def _reach(self) -> int:
        """Return how many states the longest rule has."""
        if self._longest is None:
            known = [*self.lookup[RULES], *self.lookup[RULES_FOR_LOOP_UNHAPPY_PATH]]
            lengths = [len(self._rule_key_to_state(key)) for key in known]
            self._longest = max(lengths, default=1)
        return self._longest
