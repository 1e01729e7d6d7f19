"""Why a message is understood as it is, and which rule answers it.

`python -m rasa_channel.explain --model models/x.tar.gz "text" …` reads a trained
model, as the server does, and prints JSON: one object per text.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent, load_agent
from rasa.shared.core.events import ActionExecuted, ActiveLoop, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from ruamel.yaml import YAML

from rasa_channel.clauses import plan
from rasa_channel.parts import Reader
from rasa_nlu.ngrams import words
from rasa_nlu.normalise import normalise

RULES = Path("data/rules")
FORM = "case_form"
RANKED = 5


async def explain(agent: Agent, text: str, *, in_form: bool) -> dict[str, Any]:
    """Return every step from the typed text to the action that would run."""
    read = Reader(agent.processor)
    parts = await plan(text, read, in_form=in_form)
    parsed = await read(text)
    plain = normalise(text).text
    told: dict[str, Any] = parsed.get("explanation") or {}
    action, policy = _next(agent, text, parsed, in_form=in_form)
    intent = str((parsed.get("intent") or {}).get("name"))
    return {
        "text": text,
        "normalised": plain,
        "tokens": words(plain),
        "entities": [
            {key: entity[key] for key in ("entity", "value", "start", "end")}
            for entity in parsed.get("entities") or []
        ],
        "ranking": [
            {"intent": item["name"], "confidence": round(item["confidence"], 4)}
            for item in (parsed.get("intent_ranking") or [])[:RANKED]
        ],
        "intent": intent,
        "words": told.get("words", []),
        "meaning": told.get("meaning"),
        "guard": told.get("guard"),
        "parts": {"now": parts.now, "later": [x["text"] for x in parts.later]},
        "policy": policy,
        "rule": rule_of(intent, in_form=in_form, rules=all_rules()),
        "action": action,
    }


def rule_of(intent: str, *, in_form: bool, rules: list[dict[str, Any]]) -> str | None:
    """Return the name of the rule an intent leads to, in the form or outside."""
    loop = FORM if in_form else None
    for rule in rules:
        where = next(
            (c["active_loop"] for c in rule["condition"] if "active_loop" in c), None
        )
        if where == loop and rule["steps"][0].get("intent") == intent:
            return str(rule["rule"])
    return None


def all_rules() -> list[dict[str, Any]]:
    """Return the rules as they are written."""
    yaml = YAML(typ="safe")
    return [
        rule
        for path in sorted(RULES.glob("*.yml"))
        for rule in yaml.load(path.read_text(encoding="utf-8"))["rules"]
    ]


def _next(
    agent: Agent, text: str, parsed: dict[str, Any], *, in_form: bool
) -> tuple[str, str | None]:
    """Return the action and the policy that chose it."""
    domain = agent.processor.domain  # type: ignore[union-attr]
    said = UserUttered(
        text, parsed.get("intent"), parsed.get("entities"), parse_data=parsed
    )
    before = [ActionExecuted("action_listen")]
    if in_form:
        before = [ActionExecuted(FORM), ActiveLoop(FORM), *before]
    tracker = DialogueStateTracker.from_events(
        "explain", [*before, said], domain.slots, domain=domain
    )
    found = agent.processor._predict_next_with_tracker(tracker)  # type: ignore[union-attr]
    return domain.action_names_or_texts[found.max_confidence_index], found.policy_name


async def _all(model: str, texts: list[str], *, in_form: bool) -> None:
    agent = await load_agent(model_path=model)
    await agent.parse_message(texts[0])
    for text in texts:
        found = await explain(agent, text, in_form=in_form)
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")


def main() -> None:
    """Explain the texts on the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("texts", nargs="+")
    asked.add_argument("--model", required=True)
    asked.add_argument("--in-form", action="store_true")
    given = asked.parse_args()
    asyncio.run(_all(given.model, given.texts, in_form=given.in_form))


if __name__ == "__main__":
    main()
