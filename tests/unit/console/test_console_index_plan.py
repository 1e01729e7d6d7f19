"""What every list of the console asks first reads the few open messages alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event, text

from aftercare.services.console import index


def test_what_is_to_be_settled_is_found_by_its_index(shop: Engine) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        shop,
        "before_cursor_execute",
        lambda _c, _k, statement, given, *_: asked.append((statement, given)),
    )
    index.catch_up(shop)
    statement, given = next(
        (said, given) for said, given in asked if "answered_at IS NOT NULL" in said
    )
    explain = "EXPLAIN QUERY PLAN" if shop.dialect.name == "sqlite" else "EXPLAIN"
    with shop.connect() as connection:
        if shop.dialect.name == "postgresql":  # a few rows are read whole else
            connection.execute(text("SET enable_seqscan = off"))
        rows = connection.exec_driver_sql(f"{explain} {statement}", given)
        plan = " ".join(str(row) for row in rows)
    assert "ix_message_index_unsettled" in plan
