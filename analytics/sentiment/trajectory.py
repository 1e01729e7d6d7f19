"""How a customer's mood moves over a talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.sentiment.model import Sentiment

MEMORY = 0.6  # weight of the newest message; the rest is the talk so far
UPSET = -0.3


@dataclass(frozen=True, slots=True)
class Trajectory:
    """``level`` in -1 (bad) … 1 (good); ``offer_human`` is advice only."""

    level: float
    trend: Literal["rising", "steady", "falling"]
    angry_turns: int
    offer_human: bool


def signed(mood: Sentiment) -> float:
    """Return the mood as one number: strength with the sign of polarity."""
    sign = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
    return sign[mood.polarity] * mood.strength


def trace(moods: Sequence[Sentiment]) -> Trajectory:
    """Follow ``moods`` (oldest first); an empty talk is level and steady.

    A human is offered when anger comes twice running, or the talk is bad and
    still getting worse.
    """
    level = before = 0.0
    for mood in moods:
        before, level = level, MEMORY * signed(mood) + (1 - MEMORY) * level
    change = level - before
    trend: Literal["rising", "steady", "falling"] = "steady"
    if abs(change) > 0.1:
        trend = "rising" if change > 0 else "falling"
    angry = 0
    for mood in reversed(moods):
        if mood.emotion != "anger":
            break
        angry += 1
    worse = level < UPSET and trend == "falling" and len(moods) > 1
    return Trajectory(level, trend, angry, angry >= 2 or worse)
