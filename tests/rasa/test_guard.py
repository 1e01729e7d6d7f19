"""The guard as a part of Rasa's pipeline: it sets its intents and takes them back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from aftercare import model
from aftercare.settings import ROOT

WORDS = yaml.safe_load((ROOT / "tests/unit/nlu/guarded.yml").read_text("utf-8"))
SCRIPT = Path(__file__).with_name("guard_script.py")


def guard(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(model.rasa_python()), "-W", "ignore", str(SCRIPT)],
        input="\n".join(json.dumps(item) for item in messages),
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_guard_sets_and_takes_back_its_intents() -> None:
    danger, harmless = WORDS["report_danger"][0], WORDS["harmless"][0]
    names = ["report_danger", "report_defect"]
    set_by_words, taken_back, payload = guard(
        {"text": danger, "ranking": ["greet"]},
        {"text": harmless, "ranking": names},
        {"text": "/greet", "ranking": ["greet"]},
    )
    assert set_by_words["intent"] == {"name": "report_danger", "confidence": 1.0}
    assert set_by_words["why"]["guard"]["text"] in danger
    assert taken_back["intent"]["name"] == "report_defect"
    assert payload["intent"] is None
