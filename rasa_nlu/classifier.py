"""The intent classifier as a part of Rasa's graph."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_nlu.embedding import Embedder
from rasa_nlu.explain import explanation
from rasa_nlu.model import IntentModel

log = logging.getLogger(__name__)
CACHE = Path(os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache"))
RANKED = 10


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class TwoStageIntentClassifier(IntentClassifier, GraphComponent):
    """A fast linear opinion, a deeper one where that is unsure, both explained."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings, explained in rasa_nlu.model."""
        return {
            "embeddings": True,
            "gate": 0.85,
            "temperature": 0.7,
            "C": 10.0,
            "share": 0.4,
            "embedded": 4000,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, at: Resource):
        """Keep the settings and where the model is kept."""
        self._storage = storage
        self._resource = at
        self._embedder = _embedder() if config["embeddings"] else None
        self._model = IntentModel(
            self._embedder,
            gate=config["gate"],
            temperature=config["temperature"],
            c=config["C"],
            share=config["share"],
            embedded=config["embedded"],
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TwoStageIntentClassifier:
        """Return an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TwoStageIntentClassifier:
        """Return a trained component."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._model.load(folder)
        made._model.opinion("1")  # the first one also loads the word list
        return made

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Return a hash of this package, so that changed code trains anew."""
        digest = hashlib.sha256()
        for path in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the intent examples; nothing to learn leaves it mute."""
        examples = training_data.intent_examples
        texts = [message.get(TEXT) for message in examples]
        intents = [message.get(INTENT) for message in examples]
        if len(set(intents)) < 2:
            log.warning("fewer than two intents: nothing to tell apart")
            return self._resource
        if self._embedder is not None:
            self._model.embed = self._embedder.training
        self._model.fit(texts, intents)
        self._model.embed = self._embedder
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and explanation on every message with a text."""
        for message in messages:
            text = message.get(TEXT)
            if not text or not self._model.classes:
                message.set(INTENT, {"name": None, "confidence": 0.0}, True)
                continue
            payload = text.startswith("/")
            found = self._model.opinion(text, may_embed=not payload)
            ranking = [{"name": n, "confidence": p} for n, p in found.ranking[:RANKED]]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            if not payload:
                told = explanation(text, found)
                message.set("explanation", told, add_to_output=True)
        return messages


def _embedder() -> Embedder | None:
    try:
        return Embedder(CACHE.parent / "nlu_embeddings.npz")
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("no sentence embeddings, the fast opinion alone: %s", error)
        return None
