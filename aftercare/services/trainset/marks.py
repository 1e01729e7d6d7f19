"""Entity marks in examples: `[word](entity)` and `[word]{"entity": "…"}`.

Format: rasa.com/docs/rasa/training-data-format, "Entities".
"""

from __future__ import annotations

import json
import re
from typing import Any

MARK = re.compile(
    r"\[(?P<word>[^\[\]]+)\](?:\((?P<entity>[^()\[\]]+)\)|(?P<dict>\{[^{}]*\}))"
)
LOOSE = re.compile(r"[\[\]]|\]\s*[({]")


def entities_in(example: str) -> list[str]:
    """Return the names of the marked entities, in their order."""
    return [name for name, _ in _found(example)]


def plain(example: str) -> str:
    """Return an example without its marks."""
    return MARK.sub(lambda found: found["word"], example)


def spans(example: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its entities with `start` and `end`."""
    text, made, last = "", [], 0
    for found in MARK.finditer(example):
        text += example[last : found.start()]
        end = len(text) + len(found["word"])
        made.append({"entity": _name(found), "start": len(text), "end": end})
        text += found["word"]
        last = found.end()
    return text + example[last:], made


def is_unbalanced(example: str) -> bool:
    """Return whether a bracket is left over, or a mark names nothing."""
    if LOOSE.search(MARK.sub("", example)):
        return True
    return any(not name for name in entities_in(example))


def _found(example: str) -> list[tuple[str, str]]:
    return [(_name(found), found["word"]) for found in MARK.finditer(example)]


def _name(found: re.Match[str]) -> str:
    if found["entity"]:
        return found["entity"].split(":", 1)[0].strip()
    try:
        return str(json.loads(found["dict"]).get("entity", ""))
    except ValueError:
        return ""
