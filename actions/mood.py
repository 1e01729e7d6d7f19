"""How the customer feels: heard once a message, kept in a slot, it only softens.

Sentiment advises the wording; it decides nothing, and if it fails it vanishes.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from typing import Any

from actions.shop import shop_engine
from actions.turn import Turn
from aftercare.services.training.serving import current
from analytics.sentiment import Sentiment, SentimentModel, load_default, trace
from analytics.sentiment.polarity import PolarityModel

log = logging.getLogger("aftercare.actions.mood")
REMEMBERED = 6
# Sure enough to answer a feeling the customer may not have shown on purpose.
SURE = 0.6
SHORT = 6
SURE_OF_SHORT = 0.75
# A number, a name in Latin letters and a lone sign tell of no feeling.
WORDS = re.compile("[\u4e00-\u9fff]{2}")
CLAUSE = re.compile("[\\s,.!?;\uff0c\u3002\uff01\uff1f\uff1b]+")
# So sure must the rated talks be to overrule the words of a feeling.
SURELY = 0.9
UPSET = frozenset({"anger", "disappointment"})


@dataclass
class Mood:
    """What is known of a customer's mood, as the slot `mood` keeps it.

    Attributes:
        seq: the message it was heard in, so that none counts twice.
        heard: the last moods, oldest first: emotion, polarity, strength.
        sorry: an apology is due and not yet said.
        human: a person is to be offered and was not yet.
        words: what decided in the newest message.
    """

    seq: int | None = None
    heard: list[dict[str, Any]] = field(default_factory=list)
    sorry: bool = False
    human: bool = False
    words: list[str] = field(default_factory=list)

    @property
    def upset(self) -> bool:
        """Whether the newest message was angry or disappointed."""
        return bool(self.heard) and self.heard[-1]["emotion"] in UPSET

    def as_slot(self) -> dict[str, Any]:
        """Return what the slot holds."""
        return {
            "seq": self.seq,
            "heard": self.heard,
            "sorry": self.sorry,
            "human": self.human,
            "words": self.words,
        }


def listen(turn: Turn) -> Mood:
    """Return the mood after this message; buttons say nothing about it."""
    kept = turn.slots.get("mood") or {}
    mood = Mood(**kept) if isinstance(kept, dict) else Mood()
    if turn.seq is None or turn.seq == mood.seq or turn.pressed:
        return mood
    if not WORDS.search(turn.text):
        return mood
    found = _heard(turn.text)
    if found is None:
        return mood
    before = mood.upset
    mood.heard = [*mood.heard, _kept(found, turn.text)][-REMEMBERED:]
    mood.seq = turn.seq
    mood.words = list(found.words)
    mood.sorry = mood.upset and not before
    path = trace([_sentiment(item) for item in mood.heard])
    mood.human = mood.upset and path.offer_human
    return mood


def warm() -> None:
    """Make the models ready, so that no customer waits for them."""
    load_default()
    _shops_own()
    _polarity()


def _heard(text: str) -> Sentiment | None:
    """Return the mood by the shop's model, else the packaged one, else nothing."""
    for model in (_shops_own, load_default):
        try:
            own = model()
            if own is not None:
                return _weighed(_strongest(own, text), text)
        except Exception as error:  # a model must never break a talk
            log.error("no sentiment: %s", type(error).__name__)
    return None


def _strongest(model: SentimentModel, text: str) -> Sentiment:
    """Return the mood of the whole text, or of the clause that is surely upset.

    A fault told at length beside two words of anger would drown them.
    """
    whole = model.predict(text)
    if whole.emotion in UPSET and whole.probability >= SURELY:
        return whole
    clauses = [x for x in CLAUSE.split(text) if WORDS.search(x)]
    found = (model.predict(x) for x in clauses if len(clauses) > 1)
    sure = [x for x in found if x.emotion in UPSET and x.probability >= SURELY]
    return max(sure, key=lambda x: x.probability, default=whole)


def _weighed(found: Sentiment, text: str) -> Sentiment:
    """Return a mood as the shop's rated talks see it, where that was learned.

    They say good from bad more surely than which feeling it is: words that good
    talks are full of are no anger, and bad ones without a name are still bad.
    """
    try:
        model = _polarity()
        good = None if model is None else float(model.predict_proba([text])[0, 1])
    except Exception as error:  # a model must never break a talk
        log.error("no polarity: %s", type(error).__name__)
        return found
    if good is None:
        return found
    if found.emotion in UPSET and good >= SURELY:
        return replace(found, emotion="neutral", polarity="neutral", strength=0.0)
    if found.emotion == "neutral" and good <= 1 - SURELY:
        bad = 1 - good
        return replace(found, polarity="negative", strength=bad, probability=bad)
    return found


def _shops_own() -> SentimentModel | None:
    return current(shop_engine(), "sentiment", SentimentModel)


def _polarity() -> PolarityModel | None:
    return current(shop_engine(), "polarity", PolarityModel)


def _kept(found: Sentiment, text: str) -> dict[str, Any]:
    # A few words are a name or an answer more often than a feeling.
    sure = found.probability >= (SURE_OF_SHORT if len(text) <= SHORT else SURE)
    return {
        "emotion": found.emotion if sure else "neutral",
        "polarity": found.polarity if sure else "neutral",
        "strength": round(found.strength, 3) if sure else 0.0,
    }


def _sentiment(item: dict[str, Any]) -> Sentiment:
    return Sentiment(
        item["polarity"], item["strength"], item["emotion"], item["strength"], ()
    )
