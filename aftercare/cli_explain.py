"""`aftercare explain "…"`: from a typed sentence to the action that would answer it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from aftercare import model
from aftercare.settings import ROOT, Settings

LIMIT_S = 300


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Add the words of the verb."""
    parser.add_argument("texts", nargs="+", metavar="SENTENCE")
    parser.add_argument(
        "--in-form", action="store_true", help="as an answer while a case is open"
    )
    parser.add_argument("--json", action="store_true", help="one object per sentence")


def run(settings: Settings, chosen: argparse.Namespace) -> int:
    """Ask the trained model in Rasa's environment and print what it says."""
    command = [str(model.rasa_python()), "-W", "ignore", "-m", "rasa_channel.explain"]
    command += ["--model", str(model.ensure(settings))]
    command += ["--in-form"] if chosen.in_form else []
    try:
        done = subprocess.run(
            [*command, "--", *chosen.texts],
            cwd=ROOT,
            env=model.rasa_env(settings),
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            text=True,
        )
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"the model did not answer within {LIMIT_S} s\n")
        return 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
        sys.stderr.write(f"the model could not be asked: {reason[0]}\n")
        return 1
    for line in lines:
        sys.stdout.write(line + "\n" if chosen.json else as_text(json.loads(line)))
    return 0


def as_text(found: dict[str, Any]) -> str:
    """Return an explanation for people."""
    told = [
        found["text"],
        f"  normalised  {found['normalised']}",
        f"  tokens      {' | '.join(found['tokens'])}",
    ]
    told += [
        f"  entity      {item['entity']} = {item['value']}"
        for item in found["entities"]
    ]
    told += [
        f"  intent      {item['confidence']:.3f} {item['intent']}"
        for item in found["ranking"]
    ]
    told += [f"  word        {w['weight']:+.2f} {w['text']}" for w in found["words"]]
    if found["meaning"]:
        told.append(f"  meaning     {found['meaning']:+.2f} (of the whole sentence)")
    if found["guard"]:
        told.append(
            f"  guard       {found['guard']['text']} (these words decide alone)"
        )
    told += [f"  handled     {part}" for part in _split(found)]
    told.append(f"  rule        {found['rule'] or 'the form reads it as an answer'}")
    told.append(f"  action      {found['action']} ({found['policy']})")
    return "\n".join(told) + "\n"


def _split(found: dict[str, Any]) -> list[str]:
    parts = found["parts"]
    if len(parts["now"]) == 1 and not parts["later"]:
        return []
    return [*parts["now"], *(f"{text} (later)" for text in parts["later"])]
