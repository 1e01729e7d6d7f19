"""Which choices there are, and the numbers each goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice between arms.

    Attributes:
        arms: the names, in the policy's order; never renamed, only added to.
        features: names of the context's numbers, in the policy's order.
        floor: the least probability of every arm, whatever was learned.
        patience: how long a reward is waited for.
    """

    name: str
    arms: tuple[str, ...]
    features: tuple[str, ...]
    floor: float
    patience: timedelta


# How a survey asks. Its texts are in surveys/texts.yml, under the same names.
SURVEY_WORDS = Trial(
    "survey_words",
    ("plain", "short", "purpose"),
    ("case", "visit", "evening", "mood", "length"),
    floor=0.1,
    patience=timedelta(days=3),
)
TRIALS = (SURVEY_WORDS,)
