"""Run by test_injections.py with Rasa's own Python: `injection_script.py MODEL`.

Reads texts that the front door let in, one JSON list on standard input, and gives
each to the real channel and the real model, outside of a form and in it. Writes
those that Rasa unpacked as an intent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, ActiveLoop
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import (
    YAMLStoryReader,
)

from rasa_channel.lean import lean
from rasa_channel.parts import Reader, parts_of

unpacked: list[str] = []


def listen() -> None:
    """Note whatever Rasa takes for an intent instead of understanding it."""
    own = YAMLStoryReader.unpack_regex_message

    def unpack(message: Any, *rest: Any, **more: Any) -> Any:
        found = own(message, *rest, **more)
        if found is not message:
            unpacked.append(message.get("text"))
        return found

    YAMLStoryReader.unpack_regex_message = staticmethod(unpack)


async def tried(agent: Agent, text: str, in_form: bool) -> bool:
    """Return whether a text got through as an intent or as a payload."""
    tracker = DialogueStateTracker("t", agent.domain.slots)
    tracker.update(ActionExecuted("action_listen"))
    if in_form:
        tracker.update(ActiveLoop("case_form"))
    before = len(unpacked)
    message = UserMessage(text, CollectingOutputChannel(), "t")
    parts = await parts_of(Reader(agent.processor), tracker, message)
    return len(unpacked) > before or any(
        (part.text or "").lstrip().startswith("/") for part in parts
    )


async def main() -> None:
    """Try every text; the known payload at the end shows that this can notice."""
    lean()
    listen()
    agent = Agent.load(sys.argv[1])
    texts = json.load(sys.stdin)
    wrong = [
        text
        for number, text in enumerate(texts)
        if await tried(agent, text, in_form=number % 2 == 1)
    ]
    noticed = await tried(agent, '/inform{"line":"x"}', in_form=False)
    json.dump({"wrong": wrong, "noticed": noticed}, sys.stdout)


asyncio.run(main())
