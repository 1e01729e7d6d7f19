"""How much comes, when, and what it takes: volumes, parts, people, returns."""

from analytics.forecast.calendar import EventCalendar, Promotion, festivals
from analytics.forecast.drift import DriftMonitor
from analytics.forecast.intermittent import DemandLaw, GammaDemand, croston, ses, tsb
from analytics.forecast.intraday import IntradayProfile
from analytics.forecast.money import Money, expected_money
from analytics.forecast.parts import OrderCosts, PartOrder, order_parts
from analytics.forecast.peaks import PeakWarning, peak_warnings, usual_volume
from analytics.forecast.returns import ReturnRates, return_rates
from analytics.forecast.staffing import (
    ServiceTarget,
    Work,
    agents_needed,
    fit_patience,
    rota_gaps,
    service_level,
    staff_plan,
)
from analytics.forecast.stationarity import advise_differencing, check_stationarity
from analytics.forecast.volume import VolumeForecaster, default_models
from analytics.forecast.what_if import (
    ASSUMED,
    festival_lift,
    learned_lift,
    recall_contacts,
)

__all__ = [
    "ASSUMED",
    "DemandLaw",
    "DriftMonitor",
    "EventCalendar",
    "GammaDemand",
    "IntradayProfile",
    "Money",
    "OrderCosts",
    "PartOrder",
    "PeakWarning",
    "Promotion",
    "ReturnRates",
    "ServiceTarget",
    "VolumeForecaster",
    "Work",
    "advise_differencing",
    "agents_needed",
    "check_stationarity",
    "croston",
    "default_models",
    "expected_money",
    "festival_lift",
    "festivals",
    "fit_patience",
    "learned_lift",
    "order_parts",
    "peak_warnings",
    "recall_contacts",
    "return_rates",
    "rota_gaps",
    "service_level",
    "ses",
    "staff_plan",
    "tsb",
    "usual_volume",
]
