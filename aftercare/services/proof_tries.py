"""How often an order number was tried by guests, whoever they say they are.

A session costs a guesser nothing; the number they are after is one. Who is after any
number at all is counted by where they come from.
It is counted whether or not such an order exists, so that the limit tells nothing.
Four digits have 10,000 values: thirty tries a day leave even a guesser who never
stops a year to find them (OWASP ASVS 5.0, 2.4.1 and 6.3.1).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aftercare.store.cases import OrderTryRow
from aftercare.store.unit_of_work import write

HOUR_TRIES = 10
DAY_TRIES = 30
# One network may be many people's; who goes through number after number is one.
NETWORK_HOUR_TRIES = 300
NETWORK_DAY_TRIES = 1_000
KEPT = timedelta(days=2)
_HOUR_S = 3600


def count_try(
    session: Session, secret: str, order_no: str, now: datetime, network: str | None
) -> bool:
    """Count a try at a number and return whether it may still be looked up.

    At most ten in a clock hour and thirty in twenty-four hours; of one network at
    most 300 and 1,000, at whatever numbers.
    """
    key = hmac.new(secret.encode(), order_no.encode(), hashlib.sha256).hexdigest()
    in_hour, in_day = _count(session, key, now)
    allowed = in_hour <= HOUR_TRIES and in_day <= DAY_TRIES
    if network is None:
        return allowed
    in_hour, in_day = _count(session, network, now)
    return allowed and in_hour <= NETWORK_HOUR_TRIES and in_day <= NETWORK_DAY_TRIES


def _count(session: Session, key: str, now: datetime) -> tuple[int, int]:
    """Count a try and return how many there were this hour, and this day."""
    hour = _hour(now)
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert if on_postgres else sqlite.insert
    counted = (
        insert(OrderTryRow)
        .values(order_key=key, hour=hour, tries=1)
        .on_conflict_do_update(
            index_elements=[OrderTryRow.order_key, OrderTryRow.hour],
            set_={"tries": OrderTryRow.tries + 1},
        )
        .returning(OrderTryRow.tries)
    )
    in_hour = session.execute(counted).scalar_one()
    in_day = session.scalar(
        select(func.sum(OrderTryRow.tries)).where(
            OrderTryRow.order_key == key, OrderTryRow.hour > hour - 24
        )
    )
    return int(in_hour), int(in_day or 0)


def drop_old(engine: Engine, now: datetime) -> int:
    """Delete the counts that no limit looks at any more; return how many."""
    with write(engine) as session:
        gone: Any = session.execute(
            delete(OrderTryRow).where(OrderTryRow.hour < _hour(now - KEPT))
        )
        return int(gone.rowcount)


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // _HOUR_S
