"""What the web process looks after between messages: surveys, waits, campaigns.

Nightly work is in `services/jobs`; here is what cannot wait for a process to
start. Every part may be done by several processes at once without harm.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from aftercare.services import surveys, unanswered
from aftercare.services.aside import stands_aside
from aftercare.services.console.desk import Step
from aftercare.services.customers import campaigns


def tick(engine: Engine, now: datetime) -> list[Step]:
    """Do what is due and return what was said to customers."""
    if stands_aside(engine, now):
        return []
    surveys.plan(engine, now)
    said = unanswered.overdue(engine, now) + surveys.ask_due(engine, now)
    return said + campaigns.run(engine, now)
