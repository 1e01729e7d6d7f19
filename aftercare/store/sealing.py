"""The record of what was done, chained: a row changed or taken out shows.

Each row's seal is the SHA-256 of the seal before and of the row's own content, so
whoever changes one must change all that follow, and the last seal with them; that
last seal also stands in the logs of the nightly clean-up, out of the database's reach
(after Schneier and Kelsey, "Secure audit logs to support computer forensics", 1999).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.store.console import AuditHeadRow, AuditRow

HEAD = 1
FIRST = "0" * 64
PENDING = "audit rows to seal"
_BATCH = 1_000


def note(session: Session, row: AuditRow) -> None:
    """Add a row to the record; it is sealed when the transaction commits."""
    session.add(row)
    session.info.setdefault(PENDING, []).append(row)


def seal_noted(session: Session) -> None:
    """Chain the rows of this transaction to the end of the record.

    Called last before a commit: whoever holds the head's lock waits for no other,
    so rows of rival transactions queue here and nothing can deadlock.
    """
    rows: list[AuditRow] = session.info.pop(PENDING, [])
    if not rows:
        return
    session.flush()
    head = session.get(AuditHeadRow, HEAD, with_for_update=True, populate_existing=True)
    if head is None:
        raise LookupError("the record has no head: run aftercare migrate")
    for row in rows:
        head.place += 1
        head.seal = seal_of(head.seal, vars(row) | {"place": head.place})
        row.place, row.seal = head.place, head.seal


def seal_of(before: str, row: Mapping[str, Any]) -> str:
    """Return the seal of a row, in hexadecimal."""
    content = {
        "place": row["place"],
        "id": row["id"],
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        **{name: row[name] for name in ("actor", "action", "target", "detail")},
        "address": row["address"],
    }
    # As a database gives it back: keys are text, tuples are lists.
    plain = json.loads(json.dumps(content))
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def head_of(engine: Engine) -> tuple[int, str]:
    """Return how many rows the chain has, and its last seal."""
    with Session(engine.execution_options(aftercare_read=True)) as session:
        head = session.get(AuditHeadRow, HEAD)
        return (head.place, head.seal) if head else (0, FIRST)


def broken(engine: Engine) -> Iterator[str]:
    """Yield where the record was tampered with: nothing, if it was not."""
    with Session(engine.execution_options(aftercare_read=True)) as session:
        loose = select(func.count()).where(AuditRow.place.is_(None))
        count = session.scalar(loose)
        if count:
            yield f"{count} rows of the audit record were never sealed"
        place, seal = 0, FIRST
        rows = select(AuditRow.__table__).where(AuditRow.place.is_not(None))
        ordered = rows.order_by(AuditRow.place)
        for row in session.execute(ordered).yield_per(_BATCH).mappings():
            if row["place"] != place + 1:
                gone = f"{place + 1} to {row['place'] - 1}"
                yield f"rows {gone} of the audit record are gone"
                return
            place += 1
            if row["seal"] != seal_of(seal, {str(n): v for n, v in row.items()}):
                yield f"row {place} of the audit record is not what was written"
                return
            seal = str(row["seal"])
        head = session.get(AuditHeadRow, HEAD)
        if head is None or (head.place, head.seal) != (place, seal):
            yield f"the audit record ends at row {place}, not where its head says"
