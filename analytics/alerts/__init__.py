"""What is unlike the past and worth a person's minute: rises, jumps, groups."""

from analytics.alerts.rates import Rate, Surprise, spread_of, surprising
from analytics.alerts.series import Jump, jumps
from analytics.alerts.silence import Silence, silence

__all__ = [
    "Jump",
    "Rate",
    "Silence",
    "Surprise",
    "jumps",
    "silence",
    "spread_of",
    "surprising",
]
