"""What is found of names, addresses, phones, identity and bank cards: F1 per kind.

Peers: the regular expressions the console had before, and jieba's tags (names
``nr``; runs of places ``ns`` for addresses). Rules were worked out on the first
half of each public set (``--part dev``); the second half is the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jieba.posseg
import spacy
import yaml

from analytics.text import extract, warm

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
WORDS = yaml.safe_load((ROOT / "benchmarks" / "masking.yml").read_text("utf-8"))
Spans = set[tuple[int, int]]
Find = Callable[[str, str], Spans]
OTHER_TAGS = {"person", "redundant", "assist"}  # in the address files, but no address


@dataclass
class Case:
    """A text, where the wanted kind is in it, and signs that count for nobody."""

    text: str
    gold: Spans
    ignored: set[int] = field(default_factory=set)


def ours(text: str, kind: str) -> Spans:
    kinds = {"address", "place"} if kind == "place" else {kind}
    return {(e.start, e.end) for e in extract(text) if e.kind in kinds}


def by_regex(text: str, kind: str) -> Spans:
    kind = "address" if kind == "place" else kind
    return {m.span() for p in WORDS["regex"][kind] for m in re.finditer(p, text)}


def by_jieba(text: str, kind: str) -> Spans:
    found: Spans = set()
    place = 0
    last = None
    for word, tag in jieba.posseg.cut(text):
        end = place + len(word)
        if kind == "name" and tag in ("nr", "nrt", "nrfg"):
            found.add((place, end))
        if kind in ("address", "place") and tag == "ns":
            joined = kind == "address" and last is not None and last[1] == place
            if joined:
                found.discard(last)
            last = (last[0], end) if joined else (place, end)
            found.add(last)
        place = end
    return found


def exact(cases: list[Case], find: Find, kind: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of whole spans."""
    hit = said = true = 0
    for case in cases:
        found = find(case.text, kind)
        hit += len(found & case.gold)
        said += len(found)
        true += len(case.gold)
    return _f1(hit, said, true)


def covered(cases: list[Case], find: Find, kind: str) -> tuple[float, float, float]:
    """Return precision, recall and F1 of signs."""
    hit = said = true = 0
    for case in cases:
        gold = {i for a, b in case.gold for i in range(a, b)} - case.ignored
        found = {i for a, b in find(case.text, kind) for i in range(a, b)}
        found -= case.ignored
        hit += len(found & gold)
        said += len(found)
        true += len(gold)
    return _f1(hit, said, true)


def _f1(hit: int, said: int, true: int) -> tuple[float, float, float]:
    precision, recall = hit / max(1, said), hit / max(1, true)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def put(pattern: str, slot: str, value: str) -> Case:
    start = pattern.index("{" + slot + "}")
    text = pattern.replace("{" + slot + "}", value)
    return Case(text, {(start, start + len(value))})


def half(rows: list[Case], part: str) -> list[Case]:
    middle = len(rows) // 2
    return rows[:middle] if part == "dev" else rows[middle:]


def cluener(path: Path, label: str) -> list[Case]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Case(
            row["text"],
            {
                (a, b + 1)
                for places in row["label"].get(label, {}).values()
                for a, b in places
            },
        )
        for row in rows
    ]


def addresses(path: Path, rng: random.Random) -> Iterator[Case]:
    for block in path.read_text("utf-8").split("\n\n"):
        pairs = [line.rsplit(" ", 1) for line in block.splitlines() if " " in line]
        if not pairs:
            continue
        pattern = rng.choice(WORDS["address"])
        shift = pattern.index("{address}")
        text, ignored = "", set()
        for part, tag in pairs:
            if tag[2:] in OTHER_TAGS or tag == "O":
                at = shift + len(text)
                ignored |= set(range(at, at + len(part)))
            text += part
        made = put(pattern, "address", text)
        made.ignored = ignored
        yield made


def luhn_digit(body: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(n))


def phone(rng: random.Random) -> str:
    return "1" + rng.choice("3456789") + digits(rng, 9)


def bank_card(rng: random.Random) -> str:
    body = rng.choice(["622202", "621700", "625955", "4367", "5218"])
    body += digits(rng, rng.choice([16, 19]) - 1 - len(body))
    return body + luhn_digit(body)


def id_card(rng: random.Random) -> str:
    day = f"{rng.randint(1940, 2010)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    area = rng.choice(["110105", "330106", "440305", "510107", "420111"])
    body = area + day + digits(rng, 3)
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    total = sum(int(d) * w for d, w in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def written(number: str, kind: str, rng: random.Random) -> str:
    """Return a number as people write it, and as they hide it."""
    cuts = {"phone": (3, 7), "id_card": (6, 14), "bank_card": (4, 8, 12, 16)}[kind]
    parts = [number[a:b] for a, b in zip((0, *cuts), (*cuts, len(number)), strict=True)]
    parts = [part for part in parts if part]
    way = rng.choice(["plain", "plain", "space", "dash", "wide", "hidden", "spelled"])
    if way == "space":
        return " ".join(parts)
    if way == "dash":
        return "-".join(parts)
    if way == "wide":
        return "".join(chr(ord(s) + 0xFEE0) for s in number)
    if way == "hidden":
        return "\u200b".join(number)
    if way == "spelled" and kind == "phone":
        return "".join(WORDS["chinese_digits"][int(s)] for s in number)
    return number


def generated(kind: str, n: int, rng: random.Random) -> list[Case]:
    make = {"phone": phone, "bank_card": bank_card, "id_card": id_card}[kind]
    cases = [
        put(rng.choice(WORDS[kind]), "number", written(make(rng), kind, rng))
        for _ in range(n)
    ]
    return cases + [decoy(rng) for _ in range(n)]


def decoy(rng: random.Random) -> Case:
    text = rng.choice(WORDS["decoy"]).format(
        order=digits(rng, rng.choice([12, 14, 17, 20])),
        small=rng.randint(1, 200),
        sum=f"{rng.randint(1, 9999)}.{digits(rng, 2)}",
        model=f"KX-{digits(rng, 4)}",
        serial=f"SN{digits(rng, 9)}",
        day=f"202{rng.randint(0, 6)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        time=f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
    )
    return Case(text, set())


def people(n: int, rng: random.Random) -> list[Case]:
    return [
        put(
            rng.choice(WORDS["name"]),
            "name",
            rng.choice(WORDS["surnames"]) + rng.choice(WORDS["given"]),
        )
        for _ in range(n)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=["dev", "test"], default="test")
    parser.add_argument("--show", action="store_true", help="what was missed (dev)")
    asked = parser.parse_args()
    rng = random.Random(asked.seed if asked.part == "test" else asked.seed + 1)
    folder = asked.data / "privacy"
    news = folder / "cluener_dev.jsonl"
    homes = list(addresses(folder / "addresses_dev.conll", rng))
    jieba.setLogLevel(30)
    print(platform.platform(), os.cpu_count(), "cores, Python", end=" ")
    print(
        platform.python_version(), f"spaCy {spacy.__version__}, jieba 0.42.1,", end=""
    )
    print(f" seed {asked.seed}, part {asked.part}")
    tables = [
        (
            "name, news (CLUENER)",
            "name",
            exact,
            half(cluener(news, "name"), asked.part),
        ),
        ("name, own sentences", "name", exact, people(1000, rng)),
        ("address, signs", "address", covered, half(homes, asked.part)),
        ("address, whole", "address", exact, half(homes, asked.part)),
        ("places, news", "place", exact, half(cluener(news, "address"), asked.part)),
        *(
            (f"{kind}, generated", kind, exact, generated(kind, 1000, rng))
            for kind in ("phone", "bank_card", "id_card")
        ),
    ]
    peers: list[tuple[str, Find]] = [("ours", ours), ("regex", by_regex)]
    warm()
    for title, kind, measure, cases in tables:
        named = [*peers, ("jieba", by_jieba)] if kind[-4:] != "card" else peers
        for who, find in named if kind != "phone" else peers:
            p, r, f1 = measure(cases, find, kind)
            print(
                f"{title:22} {who:6} n {len(cases):5} P {p:.3f} R {r:.3f} F1 {f1:.3f}"
            )
        if asked.show and asked.part == "dev":
            for case in cases[:400]:
                found = ours(case.text, kind)
                if found != case.gold:
                    cut = [[case.text[a:b] for a, b in s] for s in (case.gold, found)]
                    print("   ", case.text, *cut)
    texts = [case.text for case in cluener(news, "name")]
    started = time.perf_counter()
    for text in texts:
        extract(text)
    print(f"{len(texts) / (time.perf_counter() - started):.0f} texts/s, one thread")


if __name__ == "__main__":
    main()
