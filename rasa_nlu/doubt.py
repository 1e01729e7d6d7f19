"""Rasa's fallback, without doubt between intents that lead to the same.

"Not any more" may call off an order or ask for the money: both open one form for
one thing. Asking which of the two is meant would be asking for nothing.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.fallback_classifier import (
    AMBIGUITY_THRESHOLD_KEY,
    THRESHOLD_KEY,
    FallbackClassifier,
)
from rasa.shared.nlu.constants import INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from rasa_nlu.families import confidence, margin


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class FamilyFallback(FallbackClassifier):
    """Asks back where families of intents are as likely, not where members are."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return Rasa's settings and no families."""
        return {**FallbackClassifier.get_default_config(), "families": []}

    def _nlu_confidence_below_threshold(self, message: Message) -> tuple[bool, float]:
        found = confidence(_ranking(message), self.component_config["families"])
        return found < self.component_config[THRESHOLD_KEY], found

    def _nlu_prediction_ambiguous(self, message: Message) -> tuple[bool, float | None]:
        found = margin(_ranking(message), self.component_config["families"])
        return found < self.component_config[AMBIGUITY_THRESHOLD_KEY], found


def _ranking(message: Message) -> list[tuple[str, float]]:
    ranked = message.get(INTENT_RANKING_KEY) or []
    return [(item["name"], float(item["confidence"])) for item in ranked]
