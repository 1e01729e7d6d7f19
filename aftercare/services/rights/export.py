"""A copy of everything held about one customer (PIPL art. 45)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.rights.holdings import OWNED, find_person, rows_of
from aftercare.services.rights.tracker import tracker_events
from aftercare.store.models import CustomerRow
from aftercare.store.unit_of_work import read


def export_customer(
    engine: Engine, customer_id: str, tracker: str, now: datetime
) -> dict[str, Any]:
    """Return all rows about a customer by table, ready for JSON.

    `tracker` is the address (SQLAlchemy) of Rasa's working memory.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        if session.get(CustomerRow, customer_id) is None:
            raise AftercareError(Reason.NOT_FOUND)
        person = find_person(session, customer_id)
        tables = {
            name: [_plain(row) for row in rows]
            for name in OWNED
            if (rows := rows_of(session, person, name))
        }
    talks = person.keys["conversation"]
    return {
        "customer_id": customer_id,
        "exported_at": now.isoformat(),
        "tables": tables,
        "working_memory": tracker_events(tracker, talks),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in row.items()
    }
