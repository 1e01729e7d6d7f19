"""One row per conversation, as CSV and XLSX; personal data masked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from sqlalchemy import Engine, func, select

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.services.console.review import Filter, matching_ids
from aftercare.services.console.rows import rows_of
from aftercare.store.desk import HandoverRow
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import read

MOST = 20_000
PAGE = 500
COLUMNS = (
    "conversation",
    "customer",
    "channel",
    "state",
    "first_message",
    "last_message",
    "messages",
    "intents",
    "lowest_confidence",
    "trigger",
    "agent",
    "taken_at",
    "closed_at",
    "close_reason",
    "tags",
    "review",
)
# What XML, and so a workbook, cannot hold (XML 1.0, production 2, Char).
UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a spreadsheet would run as a formula (OWASP, CSV injection); East Asian
# editions read the full-width signs (the last four) as the plain ones.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def table(engine: Engine, wanted: Filter, now: datetime) -> Iterator[list[Any]]:
    """Yield the header and one row per conversation a filter finds."""
    yield list(COLUMNS)
    ids = matching_ids(engine, wanted, MOST)
    for start in range(0, len(ids), PAGE):
        yield from _rows(engine, ids[start : start + PAGE], now)


def _rows(engine: Engine, ids: list[str], now: datetime) -> Iterator[list[Any]]:
    with read(engine) as session:
        rows = rows_of(session, ids, now)
        desks = {
            row.conversation_id: row
            for row in session.scalars(
                select(HandoverRow).where(HandoverRow.conversation_id.in_(ids))
            )
        }
        spans = {
            key: (first, last, lowest)
            for key, first, last, lowest in session.execute(
                select(
                    MessageIndexRow.conversation_id,
                    func.min(MessageIndexRow.at),
                    func.max(MessageIndexRow.at),
                    func.min(MessageIndexRow.confidence),
                )
                .where(MessageIndexRow.conversation_id.in_(ids))
                .group_by(MessageIndexRow.conversation_id)
            )
        }
        intents: dict[str, list[str]] = {}
        for key, name in session.execute(
            select(MessageIndexRow.conversation_id, MessageIndexRow.intent)
            .where(
                MessageIndexRow.conversation_id.in_(ids),
                MessageIndexRow.intent.is_not(None),
            )
            .distinct()
        ):
            intents.setdefault(key, []).append(str(name))
    for row in rows:
        desk = desks.get(row["id"])
        first, last, lowest = spans.get(row["id"], (None, None, None))
        yield [
            safe(value)
            for value in (
                row["id"],
                row["customer"]["name"] or "",
                row["channel"],
                row["owner"],
                _local(first),
                _local(last),
                row["messages"],
                " ".join(sorted(intents.get(row["id"], []))),
                lowest,
                row["trigger"] or "",
                (row["agent"] or {}).get("name", ""),
                _local(desk.taken_at if desk else None),
                _local(desk.closed_at if desk else None),
                (desk.close_reason if desk else None) or "",
                " ".join(row["tags"]),
                row["review"],
            )
        ]


def safe(value: Any) -> Any:
    """Return a cell no spreadsheet takes for a formula; numbers stay numbers.

    Signs no workbook can hold are left out; blanks before a formula do not hide it.
    """
    if isinstance(value, str):
        value = UNPRINTABLE.sub("", value)
        if value.startswith(RISKY) or value.lstrip().startswith(RISKY):
            return "'" + value
    return "" if value is None else value


def as_csv(rows: Iterator[list[Any]]) -> Iterator[str]:
    """Yield CSV, with the mark by which Excel reads UTF-8."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def as_xlsx(rows: Iterator[list[Any]]) -> bytes:
    """Return a workbook with one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("conversations")
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _local(moment: datetime | None) -> str:
    return moment.astimezone(SHOP_ZONE).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
