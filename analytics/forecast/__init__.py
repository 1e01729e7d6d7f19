"""How much comes, when, and what it takes: volumes, parts, people, returns."""

from analytics.forecast.calendar import EventCalendar, Promotion, festivals
from analytics.forecast.drift import DriftMonitor
from analytics.forecast.intraday import IntradayProfile
from analytics.forecast.peaks import PeakWarning, peak_warnings, usual_volume
from analytics.forecast.returns import ReturnRates, return_rates
from analytics.forecast.stationarity import advise_differencing, check_stationarity
from analytics.forecast.volume import VolumeForecaster, default_models

__all__ = [
    "DriftMonitor",
    "EventCalendar",
    "IntradayProfile",
    "PeakWarning",
    "Promotion",
    "ReturnRates",
    "VolumeForecaster",
    "advise_differencing",
    "check_stationarity",
    "default_models",
    "festivals",
    "peak_warnings",
    "return_rates",
    "usual_volume",
]
