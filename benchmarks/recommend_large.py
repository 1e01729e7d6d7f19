"""Fit time and memory at the size of a large shop, on invented purchases."""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd

from analytics.recommend import interactions, top
from analytics.recommend.hybrid import Hybrid, Mix

USERS, ITEMS, EACH = 100_000, 10_000, 20


def large(seed: int) -> None:
    """Fit on 100,000 customers and 10,000 goods; print seconds and megabytes."""
    rng = np.random.default_rng(seed)
    size = USERS * EACH
    user = np.repeat(np.arange(USERS), EACH)
    group = (user % 50) * (ITEMS // 50)
    near = group + (rng.zipf(1.3, size) % (ITEMS // 50))
    item = np.where(rng.random(size) < 0.7, near, rng.integers(0, ITEMS, size))
    frame = pd.DataFrame(
        {"user": user, "item": item, "at": rng.uniform(0, 86400.0 * 400, size)}
    )
    data = interactions(frame)
    print(f"{len(data.users)} x {len(data.items)}, {data.taken.nnz} pairs; "
          f"before: {peak():.0f} MB")  # fmt: skip
    began = time.perf_counter()
    model = Hybrid(Mix(learned_days=400.0, ridge=100.0, recent=0.5)).fit(data)
    print(f"fit {time.perf_counter() - began:.1f} s, peak {peak():.0f} MB, "
          f"weights {model.weights_.nbytes / 1e6:.0f} MB")  # fmt: skip
    some = data.taken[:1000]
    began = time.perf_counter()
    top(model.score(some), some, 20)
    print(f"{time.perf_counter() - began:.3f} ms per user, 1,000 users at once")


def peak() -> float:
    """Return the peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
