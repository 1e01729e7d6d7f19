"""What is unlike the past and worth a person's minute: rises, jumps, groups."""

from analytics.alerts.rates import Rate, Surprise, surprising
from analytics.alerts.series import Jump, jumps

__all__ = ["Jump", "Rate", "Surprise", "jumps", "surprising"]
