"""What a customer feels in one message, and over a talk."""

from analytics.sentiment.model import EMOTIONS, Sentiment, SentimentModel, load_default
from analytics.sentiment.trajectory import Trajectory, trace

__all__ = [
    "EMOTIONS",
    "Sentiment",
    "SentimentModel",
    "Trajectory",
    "load_default",
    "trace",
]
