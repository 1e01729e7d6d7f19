"""The scripts of the talks and the shop's own lines, from YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

HERE = Path(__file__).parent
USUAL_SCORES = (5, 5, 4, 5, 4, 5, 3)


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a customer says, how it was understood, and the answer.

    `sure` bounds the confidence, `meant` is the intent a person would say it was;
    `use` puts the text to the articles ("never": to none that fits).
    """

    say: tuple[str, ...] = ()
    intent: str = ""
    answer: tuple[str, ...] = ()
    sure: tuple[float, float] = (0.72, 0.99)
    meant: str | None = None
    marks: dict[str, str] = field(default_factory=dict)
    maybe: float = 1.0
    wish: bool = False
    press: str | None = None
    use: bool | str = False


@dataclass(frozen=True, slots=True)
class Human:
    """The part of a talk that a person leads; `talk` are (speaker, lines)."""

    why: str
    talk: tuple[tuple[str, tuple[str, ...]], ...]
    end: str = ""
    give_back: bool = False
    slow: float = 0.15
    agent: int | None = None
    grant: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """One kind of talk; `bought` and `age` (days) say for which order line.

    `goods` are categories, `named` is the end of a product's title.
    `lately` puts it into the last hours: what is not sent yet was not then either.
    """

    name: str
    weight: int
    bought: str
    turns: tuple[Turn, ...]
    goods: tuple[str, ...] = ()
    named: str = ""
    age: tuple[float, float] = (0, 400)
    lately: float = 0
    wish: dict[str, str] = field(default_factory=dict)
    human: Human | None = None
    scores: tuple[int, ...] = USUAL_SCORES


@lru_cache(maxsize=1)
def scripts() -> dict[str, Script]:
    """Return all scripts by name, in the order of their files."""
    found: dict[str, Script] = {}
    for path in sorted((HERE / "scripts").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            script = _script(item)
            found[script.name] = script
    return found


@lru_cache(maxsize=1)
def house() -> dict[str, Any]:
    """Return the people, the lines and the rest of `house.yml`."""
    found: dict[str, Any] = yaml.safe_load(
        (HERE / "house.yml").read_text(encoding="utf-8")
    )
    return found


def line(name: str, **facts: str) -> str:
    """Return one of the shop's own lines with its facts filled in."""
    return str(house()["lines"][name]).format(**facts)


def one_of(name: str, random: Random, **facts: str) -> str:
    """Return one of several lines that say the same."""
    return str(random.choice(house()["lines"][name])).format(**facts)


def _script(item: dict[str, Any]) -> Script:
    human = item.get("human")
    item["turns"] = [_turn(turn) for turn in item["turns"]]
    item["human"] = _human(human) if human else None
    return Script(**_frozen(item))


def _turn(item: dict[str, Any]) -> Turn:
    # `as` is a word of Python.
    return Turn(intent=item.pop("as", ""), **_frozen(item))


def _human(item: dict[str, Any]) -> Human:
    steps = [step for each in item.pop("talk") for step in each.items()]
    talk = tuple((who, tuple(lines)) for who, lines in steps)
    return Human(talk=talk, **_frozen(item))


def _frozen(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with lists made unchangeable."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in item.items()}
