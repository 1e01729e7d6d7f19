"""How much a trust suite runs: little per commit, all of it by `make soak`."""

from __future__ import annotations

import os

SOAK = os.environ.get("AFTERCARE_SOAK") == "1"


def size(name: str, commit: int, soak: int) -> int:
    """Return how many rounds to run; `AFTERCARE_SOAK_<NAME>` sets it exactly."""
    return int(os.environ.get(f"AFTERCARE_SOAK_{name}", soak if SOAK else commit))
