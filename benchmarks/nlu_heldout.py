"""The trained product on its own held-out set: intents and entities.

`.venv-rasa/bin/python -m benchmarks.nlu_heldout [model.tar.gz]` loads the newest
model in models/ unless one is named, and runs the whole of Rasa's NLU.
"""

from __future__ import annotations

import asyncio
import collections
import re
import sys
from pathlib import Path

from benchmarks.nlu_data import ROOT, read_examples

HELDOUT = ROOT / "tests" / "nlu" / "heldout.yml"
MARK = re.compile(r"\[([^\]]+)\]\(([a-z_]+)\)")
Span = tuple[str, int, int]


def marked(text: str) -> tuple[str, set[Span]]:
    """Return the plain text and its annotated entities."""
    plain, spans, last = "", set(), 0
    for found in MARK.finditer(text):
        plain += text[last : found.start()]
        spans.add((found[2], len(plain), len(plain) + len(found[1])))
        plain += found[1]
        last = found.end()
    return plain + text[last:], spans


def main() -> None:
    """Measure and print."""
    from rasa.core.agent import Agent

    newest = sorted((ROOT / "models").glob("*.gz"), key=lambda p: p.stat().st_mtime)
    model = Path(sys.argv[1]) if len(sys.argv) > 1 else newest[-1]
    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()
    right, wrong = 0, []
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(
        collections.Counter
    )
    examples = read_examples(HELDOUT)
    for raw, intent in examples:
        text, spans = marked(raw)
        told = loop.run_until_complete(agent.parse_message(text))
        got = told["intent_ranking"]
        best = max(got, key=lambda r: r["confidence"] * (r["name"] != "nlu_fallback"))
        right += best["name"] == intent
        if best["name"] != intent:
            wrong.append((intent, best["name"], text))
        seen = {(e["entity"], e["start"], e["end"]) for e in told["entities"]}
        for name, *_ in spans & seen:
            counts[name]["hit"] += 1
        for name, *_ in spans - seen:
            counts[name]["missed"] += 1
        for name, *_ in seen - spans:
            counts[name]["extra"] += 1
        if seen != spans:
            print(f"  entities of {text}: {sorted(seen ^ spans)}")
    for intent, got_name, text in wrong:
        print(f"  {intent} taken for {got_name}: {text}")
    print(f"intent accuracy {right / len(examples):.4f} of {len(examples)}")
    total: collections.Counter[str] = sum(counts.values(), collections.Counter())
    for name, count in [*sorted(counts.items()), ("all", total)]:
        missed = count["missed"] + count["extra"]
        f1 = 2 * count["hit"] / max(2 * count["hit"] + missed, 1)
        print(f"  {name:16} F1 {f1:.3f} {dict(count)}")


if __name__ == "__main__":
    main()
