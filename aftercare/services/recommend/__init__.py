"""What else would suit a customer: advice alone, and gone when it fails."""

from aftercare.services.recommend.learn import MODEL, train
from aftercare.services.recommend.replace import Offer, goes_with, replacements
from aftercare.services.recommend.suggest import (
    Suggestion,
    of_name,
    product_facts,
    suggest,
)

__all__ = [
    "MODEL",
    "Offer",
    "Suggestion",
    "goes_with",
    "of_name",
    "product_facts",
    "replacements",
    "suggest",
    "train",
]
