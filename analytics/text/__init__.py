"""What is in a Chinese text: words, and the personal and business facts in it.

One extraction (`extract`) serves masking, evaluation and the console's marking.
Importing this package is cheap; dictionaries and spaCy are loaded at first use,
or ahead of it by `warm`.
"""

from analytics.text.extract import Entity, extract, warm
from analytics.text.masking import mask
from analytics.text.normalise import Folded, clean, fold
from analytics.text.words import add_words, content_words, segment, tag

__all__ = [
    "Entity",
    "Folded",
    "add_words",
    "clean",
    "content_words",
    "extract",
    "fold",
    "mask",
    "segment",
    "tag",
    "warm",
]
