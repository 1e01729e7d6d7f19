"""Entities by pattern and by list: the longest reading of a place wins.

Rasa's own extractor lets a phone number be found inside an order number and a
product inside a longer word; this one resolves overlaps and keeps digit runs whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_nlu.patterns import compile_all, find


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class PatternEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Finds entities by the regexes and lookup tables of the training data."""

    def __init__(self, storage: ModelStorage, resource: Resource):
        """Start without patterns."""
        self._storage = storage
        self._resource = resource
        self._patterns: list[tuple[str, re.Pattern[str]]] = []

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternEntityExtractor:
        """Return an untrained component."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PatternEntityExtractor:
        """Return a trained component."""
        made = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            kept = json.loads((folder / "patterns.json").read_text(encoding="utf-8"))
        made._patterns = [(name, re.compile(text)) for name, text in kept]
        return made

    def train(self, training_data: TrainingData) -> Resource:
        """Take over the regexes and lookup tables."""
        self._patterns = compile_all(
            _pairs(training_data.regex_features, "pattern"),
            _pairs(training_data.lookup_tables, "elements"),
        )
        kept = [(name, pattern.pattern) for name, pattern in self._patterns]
        with self._storage.write_to(self._resource) as folder:
            (folder / "patterns.json").write_text(json.dumps(kept), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities found in every message."""
        for message in messages:
            text = message.get(TEXT)
            if not text or text.startswith("/"):
                continue
            found: list[dict[str, Any]] = [
                {"entity": name, "start": start, "end": end, "value": text[start:end]}
                for name, start, end in find(text, self._patterns)
            ]
            found = self.add_extractor_name(found)
            kept = message.get(ENTITIES, []) + found
            message.set(ENTITIES, kept, add_to_output=True)
        return messages


def _pairs(items: Iterable[dict[str, Any]], key: str) -> list[tuple[str, Any]]:
    return [(str(item["name"]), item[key]) for item in items]
