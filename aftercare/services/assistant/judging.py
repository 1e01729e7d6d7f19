"""How good a model is: held-out messages, story tests, and the past replayed."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from aftercare import model
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.trainset.branch import HELDOUT
from aftercare.services.trainset.examples import sections_of
from aftercare.services.trainset.marks import spans
from aftercare.settings import ROOT, Settings

Say = Callable[[str, dict[str, Any]], None]
LIMIT_S = 3_600


def heldout_of(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the held-out messages with their intent and entities."""
    made = []
    for section in sections_of(HELDOUT, files.get(HELDOUT, "{}")):
        for example in section.examples:
            text, entities = spans(example)
            made.append({"text": text, "intent": section.name, "entities": entities})
    return made


def asked(
    settings: Settings,
    path: Path,
    folder: Path,
    questions: dict[str, Any],
    say: Say,
) -> dict[str, Any]:
    """Ask a model in Rasa's own environment; see `rasa_judge`.

    Raises:
        AftercareError: REFUSED_BY_POLICY is never raised; MALFORMED where the model
            cannot be loaded or the questions cannot be answered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given, answers = folder / "questions.json", folder / "answers.json"
    given.write_text(json.dumps(questions, ensure_ascii=False), encoding="utf-8")
    answers.unlink(missing_ok=True)
    python = str(model.rasa_python())
    command = [python, "-W", "ignore", "-m", "rasa_judge"]
    with (folder / "judge.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(path), str(given), str(answers)],
            cwd=ROOT,
            env=model.rasa_env(settings),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith('{"step"'):
                told = json.loads(line)
                say(told.pop("step"), told)
        process.wait(LIMIT_S)
    # Customers' words, masked or not, do not stay behind.
    given.unlink()
    if process.returncode or not answers.exists():
        raise AftercareError(Reason.MALFORMED, "the model could not be judged")
    found: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))
    answers.unlink()
    return found


def scores(wanted: list[dict[str, Any]], given: list[dict[str, Any]]) -> dict[str, Any]:
    """Return accuracy and macro-F1 of intents, and F1 of entities by exact span.

    Macro-F1 is the unweighted mean over the intents that are held out
    (Manning et al. 2008, section 13.6); an entity counts by name, start and end.
    """
    right = Counter[str]()
    truths = Counter(item["intent"] for item in wanted)
    taken: Counter[str] = Counter()
    hit = missed = extra = 0
    for truth, got in zip(wanted, given, strict=True):
        taken[got["intent"]] += 1
        right[truth["intent"]] += got["intent"] == truth["intent"]
        true, seen = _spans(truth["entities"]), _spans(got["entities"])
        hit += len(true & seen)
        missed += len(true - seen)
        extra += len(seen - true)
    f1 = [
        2 * right[name] / (truths[name] + taken[name]) if right[name] else 0.0
        for name in truths
    ]
    return {
        "n": len(wanted),
        "accuracy": round(sum(right.values()) / max(len(wanted), 1), 4),
        "macro_f1": round(sum(f1) / max(len(f1), 1), 4),
        "entity_f1": round(2 * hit / max(2 * hit + missed + extra, 1), 4),
    }


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what differs between two readings: intent, entities, action."""
    found = []
    if before["intent"] != after["intent"]:
        found.append("intent")
    if _values(before["entities"]) != _values(after["entities"]):
        found.append("entities")
    if before.get("action") != after.get("action"):
        found.append("action")
    return found


def _spans(items: Iterable[Mapping[str, Any]]) -> set[tuple[str, int, int]]:
    return {(item["entity"], item["start"], item["end"]) for item in items}


def _values(items: Iterable[Mapping[str, Any]]) -> set[tuple[str, int, int, str]]:
    return {
        (item["entity"], item["start"], item["end"], str(item["value"]))
        for item in items
    }
