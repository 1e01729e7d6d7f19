"""A week as HTML and PDF, from real rows, without anybody's number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.planning.nightly import make_plan
from aftercare.services.report import gather, write_report
from aftercare.services.report.ahead import outlook_sections
from aftercare.services.report.render import sections
from aftercare.services.returns.notes import make_notes
from aftercare.settings import ROOT
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
    assert text.count("<h2>") == 10
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
    assert week.outlook.plan["state"] == "planned" and week.outlook.parts
    titles = {section.title: section for section in sections(week)}
    said = yaml.safe_load(
        (ROOT / "aftercare/services/report/words.yml").read_text(encoding="utf-8")
    )
    assert titles[said["forecast"]].picture and titles[said["staffing"]].picture
    assert week.outlook.parts[0]["name"] in titles[said["parts"]].lines[0]
    assert len(titles[said["forecast"]].lines) >= 2
    assert titles[said["returns"]].lines != [said["returns_none"]]
    odd = {"ring": "r1", "reasons": [["late_returns", 0.4]]}
    risky = outlook_sections(replace(week.outlook, risks=[odd, odd]))[4]
    assert said["risk_of"]["late_returns"] in risky.lines[1] and "2" in risky.lines[1]
    page, paper = write_report(week, tmp_path)
    assert page.read_text(encoding="utf-8").count("<img") >= 4
    assert paper.read_bytes().startswith(b"%PDF")
