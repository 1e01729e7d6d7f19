"""The rules as compiled phrases; the phrases themselves stand in YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from analytics.compliance.types import Severity

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on sentences.

    Attributes:
        any: patterns that break it, each with the kind of row that would make
            it true ("" where no row can).
        unless: patterns in the same sentence that make it right.
        near: patterns in the same or a neighbouring sentence that do.
    """

    name: str
    severity: Severity
    basis: str
    speakers: frozenset[str]
    any: tuple[tuple[Pattern, str], ...]
    unless: tuple[Pattern, ...]
    near: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """When a person is owed, and how soon one must be called."""

    severity: Severity
    basis: str
    within_turns: int
    within_s: float
    triggers: tuple[tuple[str, tuple[Pattern, ...]], ...]
    unless: tuple[Pattern, ...]
    failed_times: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One dated version of all rules."""

    version: str
    rules: tuple[Rule, ...]
    negations: tuple[str, ...]
    quotes: tuple[str, ...]
    owed: Owed
    reply: dict[str, Any]
    deadline: dict[str, Any]


@lru_cache(maxsize=4)
def load_rules(path: Path | None = None) -> RuleSet:
    """Return the packaged rules, or a shop's own file.

    Raises:
        KeyError, re.error: the file lacks a part or holds a broken pattern.
    """
    source = path or files("analytics.compliance").joinpath("rules.yml")
    table: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    owed = table["handover"]
    return RuleSet(
        version=str(table["version"]),
        rules=tuple(_rule(name, body) for name, body in table["rules"].items()),
        negations=tuple(table["negations"]),
        quotes=tuple(table["quotes"]),
        owed=Owed(
            owed["severity"],
            owed["basis"],
            int(owed["within_turns"]),
            float(owed["within_s"]),
            tuple((name, _all(found)) for name, found in owed["triggers"].items()),
            _all(owed["unless"]),
            int(owed["failed_times"]),
        ),
        reply=table["reply"],
        deadline=table["deadline"],
    )


def _rule(name: str, body: dict[str, Any]) -> Rule:
    kinds: dict[str, list[str]] = body.get("promises") or {"": body["any"]}
    return Rule(
        name,
        body["severity"],
        body["basis"],
        frozenset(body["speakers"]),
        tuple((p, kind) for kind, found in kinds.items() for p in _all(found)),
        _all(body.get("unless", [])),
        _all(body.get("near", [])),
    )


def _all(patterns: list[str]) -> tuple[Pattern, ...]:
    return tuple(re.compile(pattern) for pattern in patterns)
