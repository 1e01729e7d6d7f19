"""The training data as a page shows it: a tree with numbers, and lists of examples."""

from __future__ import annotations

from typing import Any

from aftercare.domain.errors import AftercareError
from aftercare.services.trainset.branch import EDITABLE, Branch, texts
from aftercare.services.trainset.examples import parsed, sections_of


def tree(branch: Branch, version: str) -> list[dict[str, Any]]:
    """Return every file with what it holds: sections, responses, rules, stories."""
    return [
        {
            "path": path,
            "editable": EDITABLE.fullmatch(path) is not None,
            "sections": _sections(path, text),
        }
        for path, text in texts(branch, version).items()
    ]


def examples(
    branch: Branch, version: str, kind: str, name: str, words: str, limit: int
) -> dict[str, Any]:
    """Return examples of one section (`kind`, `name`), or with words in them."""
    wanted = words.strip().casefold()
    found: list[dict[str, Any]] = []
    for path, text in texts(branch, version).items():
        for section in _readable(path, text):
            if (kind and section.kind != kind) or (name and section.name != name):
                continue
            found += [
                {
                    "kind": section.kind,
                    "name": section.name,
                    "path": path,
                    "example": example,
                    "metadata": section.metadata.get(example),
                }
                for example in section.examples
                if wanted in example.casefold()
            ]
    return {"head": version, "items": found[:limit], "total": len(found)}


def _sections(path: str, text: str) -> list[dict[str, Any]]:
    made = [
        {"kind": s.kind, "name": s.name, "count": len(s.examples)}
        for s in _readable(path, text)
    ]
    try:
        data = parsed(text)
    except AftercareError:
        return made
    if isinstance(data, dict):
        made += [
            {"kind": "response", "name": str(name), "count": len(said or [])}
            for name, said in (data.get("responses") or {}).items()
        ]
        for key, kind in (("rules", "rule"), ("stories", "story")):
            made += [
                {"kind": kind, "name": str(one.get(kind)), "count": 1}
                for one in data.get(key) or []
            ]
    return made


def _readable(path: str, text: str) -> list[Any]:
    """Return a file's sections; a broken file shows none and is mended as text."""
    try:
        return sections_of(path, text)
    except AftercareError:
        return []
