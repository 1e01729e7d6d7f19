"""Story tests, as `rasa test core` runs them, on a model that is loaded already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.core.test import test

REPORT = "story_report.json"
FAILED = "failed_test_stories.yml"


async def told(agent: Agent, stories: str, out: Path, e2e: bool) -> dict[str, Any]:
    """Return how many stories there are, which failed, and what was said instead."""
    (out / FAILED).unlink(missing_ok=True)
    await test(stories, agent, out_directory=str(out), e2e=e2e, disable_plotting=True)
    report = json.loads((out / REPORT).read_text(encoding="utf-8"))
    counts = report.get("conversation_accuracy", {"total": 0, "correct": 0})
    path = out / FAILED
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    failed = (yaml.safe_load(text) or {}).get("stories") or [] if text else []
    return {
        "total": counts["total"],
        "failed": counts["total"] - counts["correct"],
        "names": [str(story["story"]) for story in failed],
        "text": text if failed else "",
    }
