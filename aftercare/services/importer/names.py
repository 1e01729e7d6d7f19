"""What files, columns and yes/no may be called, from `columns.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).parent / "columns.yml"


@lru_cache(maxsize=1)
def names() -> dict[str, Any]:
    """Return the names by kind: files, headers, yes, no."""
    loaded: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return loaded


def is_yes(value: object) -> bool:
    """Return what a yes/no cell says.

    Raises:
        ValueError: neither yes nor no.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in names()["yes"]:
        return True
    if word in names()["no"]:
        return False
    raise ValueError("neither yes nor no")
