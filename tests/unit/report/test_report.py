"""A week as HTML and PDF, from real rows, without anybody's number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.report import gather, write_report
from benchmarks.compliance import talks
from tests.conftest import NOW

PHONE = "13812345678"


@pytest.mark.parametrize("said", [True, False])
def test_a_week_is_written_with_what_was_found(
    shop: Engine, tmp_path: Path, said: bool
) -> None:
    fault = next(t for t in talks() if t.label == "promise_without_row")
    if said:
        talk = open_conversation(shop, "C-DEMO-1")
        at = NOW - timedelta(days=1)
        receive(
            shop,
            conversation_id=talk,
            customer_id="C-DEMO-1",
            client_id="one",
            text=f"<b> {PHONE}",
            now=at,
        )
        reply = Reply(f"{PHONE} {fault.said[1].text}")
        answer(shop, conversation_id=talk, to_seq=1, replies=[reply], now=at)
    week = gather(shop, NOW)
    assert [f.rule for f in week.findings] == ["promise_without_row"] * said
    page, paper = write_report(week, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.count("<h2>") == 10
    assert ("promise_without_row" in text) is said
    assert PHONE not in text
    assert paper.read_bytes().startswith(b"%PDF")
