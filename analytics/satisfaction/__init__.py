"""How content customers are: measured, explained, and guessed for the silent."""

from analytics.satisfaction.drivers import Correlation, Drivers, correlations, drivers
from analytics.satisfaction.predict import SatisfactionModel, TalkText
from analytics.satisfaction.scores import Share, bootstrap, csat, nps, wilson

__all__ = [
    "Correlation",
    "Drivers",
    "SatisfactionModel",
    "Share",
    "TalkText",
    "bootstrap",
    "correlations",
    "csat",
    "drivers",
    "nps",
    "wilson",
]
