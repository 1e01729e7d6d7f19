"""How long a customer waits: for a human, a repair, a refund."""

from analytics.waiting.model import Talk, WaitModel, WaitRecord, cold_start
from analytics.waiting.refund import (
    ArrivalForecast,
    RefundArrival,
    RefundRecord,
    Route,
)
from analytics.waiting.repair import (
    DaysForecast,
    RepairJob,
    RepairRecord,
    RepairTime,
)
from analytics.waiting.returning import BestHour, HourTable, best_hour, hour_table
from analytics.waiting.state import (
    QueueState,
    ShiftChange,
    Slot,
    WaitForecast,
    Waiting,
)

__all__ = [
    "ArrivalForecast",
    "BestHour",
    "DaysForecast",
    "HourTable",
    "QueueState",
    "RefundArrival",
    "RefundRecord",
    "RepairJob",
    "RepairRecord",
    "RepairTime",
    "Route",
    "ShiftChange",
    "Slot",
    "Talk",
    "WaitForecast",
    "WaitModel",
    "WaitRecord",
    "Waiting",
    "best_hour",
    "cold_start",
    "hour_table",
]
