"""Whether Rasa understands anything: a real reading of a real sentence."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.utils.io import read_yaml_file

SOURCE = Path(__file__).with_name("ready.yml")


async def parses(agent: Any) -> bool:
    """Return whether the model reads a greeting as one."""
    if agent is None or not agent.is_ready():
        return False
    asked = question()
    read = await agent.processor.parse_message(UserMessage(asked["text"]))
    return bool((read.get("intent") or {}).get("name") == asked["intent"])


@lru_cache(maxsize=1)
def question() -> dict[str, str]:
    """Return the sentence and the intent it has."""
    found: dict[str, str] = read_yaml_file(SOURCE)
    return found
