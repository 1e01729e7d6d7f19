"""A week as HTML and PDF, from real rows, without anybody's number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.planning.nightly import make_plan
from aftercare.services.report import gather, write_report
from aftercare.services.report.causes import Causes, cause_sections
from aftercare.services.report.render import sections
from aftercare.services.returns.notes import make_notes
from aftercare.settings import ROOT
from analytics.satisfaction import Correlation
from benchmarks.compliance import talks
from tests.conftest import NOW
from tests.unit.planning.conftest import Past, quick
from tests.unit.returns.test_returns import WORDS, send_back

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
    assert text.count("<h2>") == 13
    assert ("promise_without_row" in text) is said
    assert PHONE not in text
    assert paper.read_bytes().startswith(b"%PDF")


def test_the_report_looks_ahead_and_says_what_is_odd(
    shop: Engine, tmp_path: Path
) -> None:
    """Plan, staffing, parts and returns come from what the services stored."""
    Past(shop).days(NOW - timedelta(days=35), 35)
    assert make_plan(shop, NOW, quick())["state"] == "planned"
    send_back(shop, "P-RUN", 0.5, WORDS["small"])
    make_notes(shop, NOW)
    week = gather(shop, NOW)
    assert (
        week.outlook and week.outlook.plan["state"] == "planned" and week.outlook.parts
    )
    titles = {section.title: section for section in sections(week)}
    said = yaml.safe_load(
        (ROOT / "aftercare/services/report/words.yml").read_text(encoding="utf-8")
    )
    assert titles[said["forecast"]].picture
    assert week.outlook.parts[0]["part_no"] in titles[said["parts"]].lines[0]
    assert titles[said["returns"]].lines != [said["returns_none"]]
    page, paper = write_report(week, tmp_path)
    assert page.read_text(encoding="utf-8").count("<img") >= 2
    assert paper.read_bytes().startswith(b"%PDF")


def test_what_moves_satisfaction_is_named() -> None:
    moved = Correlation("wait", -0.6, 0.001, -0.7, 0.001, 40)
    not_moved = Correlation("turns", 0.1, 0.6, 0.1, 0.7, 40)
    said = yaml.safe_load(
        (ROOT / "aftercare/services/report/words.yml").read_text(encoding="utf-8")
    )
    first = cause_sections(Causes([moved, not_moved], 40, [], {}), said)[0]
    assert len(first.lines) == 1
    assert said["driver_of"]["wait"] in first.lines[0]
    assert said["worse"] in first.lines[0]
