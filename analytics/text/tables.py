"""The language data of this package, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def table(name: str) -> dict[str, Any]:
    """Return ``data/<name>.yml``."""
    source = files("analytics.text").joinpath(f"data/{name}.yml")
    read: dict[str, Any] = yaml.load(source.read_text("utf-8"), _Loader)
    return read
