"""All texts of the assistant, from YAML: no language in the code."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "messages"


@lru_cache(maxsize=1)
def texts() -> dict[str, Any]:
    """Return all texts by file name and key."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.yml"))
    }
