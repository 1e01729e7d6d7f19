"""Examples and labelled utterances for the understanding benchmarks."""

from __future__ import annotations

import csv
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
ANNOTATION = re.compile(r"\[([^\]]+)\](?:\{[^}]*\}|\([^)]*\))")
PLACEHOLDER = re.compile(r"\[ORDERID_\w*\]|\[数字x\]|\[[^\]]*x\]|#E-s\S*", re.ASCII)


@dataclass(frozen=True)
class Labelled:
    """Utterances with, for each, the set of acceptable labels.

    Attributes:
        texts: with generated numbers in the place of placeholders.
        labels: the acceptable ones.
        raw: as published.
    """

    texts: list[str]
    labels: list[frozenset[str]]
    raw: list[str]


def own_examples(folder: Path = ROOT / "data" / "nlu") -> tuple[list[str], list[str]]:
    """Return our training texts (annotations removed) and their intents."""
    found = [
        pair for path in sorted(folder.glob("*.yml")) for pair in read_examples(path)
    ]
    return [ANNOTATION.sub(r"\1", text) for text, _ in found], [i for _, i in found]


def read_examples(path: Path) -> list[tuple[str, str]]:
    """Return the examples of a Rasa file as written, with their intents."""
    loaded = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [
        (line.strip().removeprefix("- "), item["intent"])
        for item in loaded.get("nlu", [])
        if "intent" in item
        for line in item["examples"].splitlines()
        if line.strip()
    ]


def public_set(path: Path = DATA / "jddc" / "utterances_labelled.tsv") -> Labelled:
    """Return the public utterances mapped to our intents."""
    rows = [r for r in _rows(path) if r["intents"] != "-"]
    fill = random.Random(7)
    return Labelled(
        [clean(row["text"], fill) for row in rows],
        [frozenset(row["intents"].split("|")) for row in rows],
        [row["text"] for row in rows],
    )


def public_fine(
    path: Path = DATA / "jddc" / "utterances_labelled.tsv",
) -> tuple[list[str], list[str]]:
    """Return the public utterances with their own fine labels."""
    fill = random.Random(7)
    rows = list(_rows(path))
    return [clean(r["text"], fill) for r in rows], [r["jd_label"] for r in rows]


def out_of_scope(path: Path = DATA / "smp2019" / "out_of_scope.tsv") -> list[str]:
    """Return requests that belong to no shop."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row[2] for row in rows[1:] if len(row) > 2]


def clean(text: str, fill: random.Random) -> str:
    """Put generated numbers in the place of the publishers' placeholders."""

    def number(found: re.Match[str]) -> str:
        if found.group().startswith("#"):
            return ""
        digits = 12 if "ORDER" in found.group() else fill.choice((1, 2, 4))
        return "".join(fill.choice("123456789") for _ in range(digits))

    return PLACEHOLDER.sub(number, text).strip() or text


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))
