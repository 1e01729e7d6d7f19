"""Messages that must reach a person, decided by their words and by nothing else.

GB/T 47746-2026 names danger and personal data among the reasons for an automatic
transfer. A statistical classifier may neither miss them nor invent them, so this
step, the last one, both sets these intents and takes them back.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_nlu.guarded import guarded, intents

EXPLANATION = "explanation"
__all__ = ["Guard"]


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class Guard(GraphComponent, IntentClassifier):
    """Sets or takes back the intents of rasa_nlu/guard.yml."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Guard:
        """Return the component; it has nothing to learn."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Put the guarded intent first where the words say so, else nowhere."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            ranking = [
                item
                for item in message.get(INTENT_RANKING_KEY) or []
                if item["name"] not in intents()
            ]
            found = guarded(text)
            if found is not None:
                ranking.insert(0, {"name": found.intent, "confidence": 1.0})
                told = dict(message.get(EXPLANATION) or {})
                told["guard"] = {"text": found.words, "start": found.start}
                message.set(EXPLANATION, told, add_to_output=True)
            if ranking:
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
