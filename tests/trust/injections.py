"""Texts that try to be an intent, made by chance from pieces, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PIECES: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("injections.yml").read_text(encoding="utf-8")
)
CHARS = (0x20, 0x2FA1F)
SURROGATES = range(0xD800, 0xE000)


def texts(count: int, seed: int = 20261125) -> Iterator[str]:
    """Yield texts of at most 1,000 characters."""
    pick = random.Random(seed)
    for _ in range(count):
        yield _text(pick)[:1_000]


def _text(pick: random.Random) -> str:
    made: Any = lambda name: pick.choice(PIECES[name])  # noqa: E731
    before = "".join(made("before") for _ in range(pick.randint(0, 3)))
    if pick.random() < 0.3:
        # Any character at all may be the one that drops away later.
        code = pick.randint(*CHARS)
        before += "" if code in SURROGATES else chr(code)
    core = before + made("slash") + made("intents") + made("payloads") + made("after")
    if pick.random() < 0.5:
        core = made("joined") + core
    if pick.random() < 0.1:
        core += made("joined") + core
    return core
