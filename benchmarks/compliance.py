"""Planted faults found and clean talks left alone: `python -m benchmarks.compliance`.

A keyword list, as shops keep one, runs in the same breath as the peer.
"""

from __future__ import annotations

import platform
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from analytics.compliance import Facts, Said, audit_talk
from analytics.compliance.review import ReviewModel
from analytics.compliance.sampling import pick, prior_risk

SOURCE = Path(__file__).with_name("compliance_talks.yml")
BEGIN = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
# A shop's word list: any of these in a reply is a finding of that kind.
WORDS = Path(__file__).with_name("compliance_words.yml")


@dataclass(frozen=True)
class Labelled:
    """One talk with its planted fault ("" if clean)."""

    label: str
    said: tuple[Said, ...]
    facts: Facts


def talks() -> list[Labelled]:
    """Return the talks of the file, in order."""
    lines = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["talks"]
    return [_read(line) for line in lines]


def _read(line: str) -> Labelled:
    head, customer, service = (part.strip() for part in line.split("|"))
    label, _, row = head.partition("+")
    label = label.strip().removeprefix("-")
    pause = timedelta(seconds=400 if label == "late_reply" else 40)
    who, text = service.split(" ", 1)
    speaker = "agent" if who == "A" else "bot"
    said = (
        Said(1, "customer", customer, BEGIN),
        Said(2, speaker, text, BEGIN + pause),  # type: ignore[arg-type]
    )
    rows = ((row, BEGIN),) if row else ()
    return Labelled(label, said, Facts(rows=rows))


def second_labels() -> list[str]:
    """Return the labels of the second labelling ("" if clean), in the same order."""
    source = SOURCE.with_name("compliance_second.yml")
    table: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    named = [table["letters"][letter] for letter in table["labels"].split()]
    return ["" if name == "clean" else name for name in named]


def kappa(first: list[str], second: list[str]) -> float:
    """Return Cohen's kappa (1960) of two labellings."""
    same = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    a, b = Counter(first), Counter(second)
    chance = sum(a[kind] * b[kind] for kind in a) / len(first) ** 2
    return (same - chance) / (1 - chance)


def sampling(every: list[Labelled], budget: int = 10, rounds: int = 50) -> list[str]:
    """Return how many faults people's reading finds, against chance.

    The pool: the clean held-out talks with four faulty ones of a kind; summed over
    the kinds. Once with the rules' own findings as signals; once with that kind
    hidden from the rules, so that verdicts on the odd talks alone can point at it.
    """
    model = ReviewModel().fit(
        [talk.said[1].text for talk in every[::2]],
        [bool(talk.label) for talk in every[::2]],
    )
    clean = [talk for talk in every[1::2] if not talk.label]
    found, by_chance, most = Counter[str](), 0.0, 0
    for kind in sorted({talk.label for talk in every if talk.label}):
        faulty = [talk for talk in every[1::2] if talk.label == kind][:4]
        pool = clean + faulty
        learned = model.risk([talk.said[1].text for talk in pool]).tolist()
        ruled = [prior_risk({"severe": 2.0 * bool(ours(talk))}) for talk in pool]
        for name, risks in (("rules", ruled), ("verdicts alone", learned)):
            for seed in range(rounds):
                picked = pick(risks, budget, random_state=seed)
                hits = sum(bool(pool[item.place].label) for item in picked)
                found[name] += hits / rounds  # type: ignore[assignment]
        by_chance += budget * len(faulty) / len(pool)
        most += len(faulty)
    return [
        f"reading {budget} of each pool by {name}: {hits:.1f} of {most} faults, "
        f"chance {by_chance:.1f}"
        for name, hits in found.items()
    ]


def ours(talk: Labelled) -> set[str]:
    """Return the kinds of findings, ten minutes later."""
    later = BEGIN + timedelta(minutes=15)
    return {
        item.rule.split(".")[0] for item in audit_talk(talk.said, talk.facts, later)
    }


def word_list(talk: Labelled) -> set[str]:
    """Return the kinds whose words stand in the reply."""
    table: dict[str, list[str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    text = talk.said[1].text
    return {kind for kind, words in table.items() if any(w in text for w in words)}


def measure(
    found: Callable[[Labelled], set[str]], part: list[Labelled]
) -> tuple[Counter[str], float, float, float]:
    """Return the counts by kind, precision, recall and F1 over all kinds."""
    counts: Counter[str] = Counter()
    for talk in part:
        got = found(talk)
        want = {talk.label} if talk.label else set()
        for kind in got & want:
            counts[f"{kind} hit"] += 1
        for kind in got - want:
            counts[f"{kind} false"] += 1
        for kind in want - got:
            counts[f"{kind} missed"] += 1
    hits = sum(n for name, n in counts.items() if name.endswith("hit"))
    false = sum(n for name, n in counts.items() if name.endswith("false"))
    missed = sum(n for name, n in counts.items() if name.endswith("missed"))
    precision, recall = hits / max(hits + false, 1), hits / max(hits + missed, 1)
    return counts, precision, recall, 2 * hits / max(2 * hits + false + missed, 1)


def main() -> None:
    """Print the figures of both halves, ours and the word list's."""
    every = talks()
    say = sys.stdout.write
    say(f"{platform.platform()} Python {platform.python_version()} n={len(every)}\n")
    for name, part in (("development", every[::2]), ("held out", every[1::2])):
        for who, found in (("ours", ours), ("word list", word_list)):
            counts, precision, recall, f1 = measure(found, part)
            say(f"{name:12} {who:10} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}\n")
            if who == "ours":
                say("".join(f"    {k}: {n}\n" for k, n in sorted(counts.items())))
    labels, second = [talk.label for talk in every], second_labels()
    again = [
        Labelled(b, talk.said, talk.facts)
        for talk, b in zip(every, second, strict=True)
    ]
    _, precision, recall, f1 = measure(ours, again)
    say(f"second labelling: kappa {kappa(labels, second):.3f}; ours against it ")
    say(f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f}\n")
    say("".join(f"{line}\n" for line in sampling(every)))
    if "--show" in sys.argv:
        for talk in every[::2]:
            got, want = ours(talk), {talk.label} - {""}
            if got != want:
                say(f"{want or '{}'} {got or '{}'} {talk.said[1].text}\n")
    began = time.perf_counter()
    for _ in range(10):
        for talk in every:
            ours(talk)
    say(f"{10 * len(every) / (time.perf_counter() - began):.0f} talks/s\n")


if __name__ == "__main__":
    main()
