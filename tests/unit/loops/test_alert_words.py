"""Each kind of alert has its words: in the mail, the report and both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from aftercare.services import alerts
from aftercare.services.alerts.mail import WORDS

ROOT = Path(__file__).parents[3]
SERVICES = Path(alerts.__file__).parents[1]
RAISED = re.compile(r'(?:Report|\.report)\(\s*"(\w+)"')
# Of volumes the kind is chosen beside the call.
CHOSEN = {"volume_jump", "volume_drop"}


def test_every_kind_that_is_raised_has_its_words() -> None:
    sources = [*(SERVICES / "alerts").glob("*.py"), SERVICES / "risk" / "watch.py"]
    raised = {
        kind
        for path in sources
        for kind in RAISED.findall(path.read_text(encoding="utf-8"))
    } | CHOSEN
    assert "question_rise" in raised and "risk_ring" in raised
    words = yaml.safe_load(
        (SERVICES / "report" / "words.yml").read_text(encoding="utf-8")
    )
    told = {
        "mail": set(WORDS["kinds"]),
        "what to do, by mail": set(WORDS["propose"]),
        "report": set(words["alert_kinds"]),
    }
    for language in ("en", "zh-CN"):
        path = ROOT / "frontend" / "console" / "locales" / language / "alerts.json"
        page = json.loads(path.read_text(encoding="utf-8"))
        told[f"console, {language}"] = set(page["alert_kind"])
        told[f"what to do, {language}"] = set(page["alerts"]["propose"])
    assert {place: raised - known for place, known in told.items()} == {
        place: set() for place in told
    }
