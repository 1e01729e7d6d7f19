"""`python -m rasa_judge MODEL QUESTIONS.json ANSWERS.json`: judge one trained model.

Questions: `heldout` (texts to read), `talks` (recorded conversations whose marked
turns are replayed), `stories` (a folder of story tests), `e2e`. Nothing of it speaks
to the action server, and nothing is stored but the answers. Progress goes to stdout,
one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from rasa_judge.replay import reading, replayed
from rasa_judge.stories import told


def say(step: str, done: int, of: int) -> None:
    """Print one line of progress."""
    sys.stdout.write(json.dumps({"step": step, "done": done, "of": of}) + "\n")
    sys.stdout.flush()


async def judge(agent: Agent, asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the answers to all questions."""
    answers: dict[str, Any] = {"heldout": [], "replay": [], "stories": None}
    texts = asked.get("heldout") or []
    for number, text in enumerate(texts):
        if number % 100 == 0:
            say("heldout", number, len(texts))
        answers["heldout"].append(await reading(agent, text))
    talks = asked.get("talks") or []
    for number, talk in enumerate(talks):
        if number % 20 == 0:
            say("replay", number, len(talks))
        answers["replay"] += await replayed(agent, talk)
    if asked.get("stories"):
        say("stories", 0, 1)
        e2e = bool(asked.get("e2e"))
        answers["stories"] = await told(agent, asked["stories"], folder, e2e)
    return answers


def main() -> None:
    """Load the model, answer, write the answers down."""
    configure_structlog(logging.ERROR)
    model, questions, answers = sys.argv[1:]
    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    agent = Agent.load(model)
    made = asyncio.run(judge(agent, asked, Path(answers).parent))
    text = json.dumps(made, ensure_ascii=False)
    Path(answers).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
