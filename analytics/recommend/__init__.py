"""What else would suit, and why: from others like it, from its words, from habit.

Estimators follow scikit-learn: `fit` on interactions (or goods), `score` on
histories (n, items), so that a new customer needs no new fit.
"""

from analytics.recommend import measures
from analytics.recommend.because import Because, because
from analytics.recommend.content import Content
from analytics.recommend.hybrid import Hybrid, Mix
from analytics.recommend.interactions import Interactions, interactions
from analytics.recommend.linear import Ease
from analytics.recommend.markov import NextPurchase
from analytics.recommend.measures import top
from analytics.recommend.neighbours import ItemNeighbours, UserNeighbours
from analytics.recommend.popularity import Popularity
from analytics.recommend.rerank import mixed, spread
from analytics.recommend.segments import Segments

__all__ = [
    "Because",
    "Content",
    "Ease",
    "Hybrid",
    "Interactions",
    "ItemNeighbours",
    "Mix",
    "NextPurchase",
    "Popularity",
    "Segments",
    "UserNeighbours",
    "because",
    "interactions",
    "measures",
    "mixed",
    "spread",
    "top",
]
