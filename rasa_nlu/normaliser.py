"""Rasa's first step: every text in one spelling, annotations moved along."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_nlu.normalise import normalise


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False
)
class TextNormaliser(GraphComponent):
    """Normalises the text of messages, the same in training and in serving."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextNormaliser:
        """Return the component; it has nothing to configure or to learn."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the examples in place."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise messages in place; a payload (`/…`) is left as it is."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            done = normalise(text)
            if done.text == text or not done.text:
                continue
            message.set(TEXT, done.text, add_to_output=True)
            if message.get(ENTITIES):
                message.set(ENTITIES, _moved(message.get(ENTITIES), done))
        return messages


def _moved(entities: list[dict[str, Any]], done: Any) -> list[dict[str, Any]]:
    moved = []
    for entity in entities:
        span = done.span(entity["start"], entity["end"])
        if span:
            moved.append(entity | {"start": span[0], "end": span[1]})
    return moved
