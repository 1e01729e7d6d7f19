"""Who took what and when, as a sparse matrix with names on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
DAY_S = 86_400.0


@dataclass(frozen=True)
class Interactions:
    """Interactions of users (rows) with items (columns).

    Attributes:
        users: names of the rows.
        items: names of the columns.
        taken: (users, items) float32, 1 where a user took an item.
        user, item: (n,) codes of the single events, oldest first.
        at: (n,) seconds since the epoch of the events, not falling.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    taken: Any
    user: Ints
    item: Ints
    at: NDArray[np.float64]

    def history(self, *, half_life_days: float | None = None) -> Any:
        """Return ``taken``, or with weights that halve from each user's last event."""
        if half_life_days is None:
            return self.taken
        last = np.zeros(len(self.users))
        np.maximum.at(last, self.user, self.at)
        age = (last[self.user] - self.at) / DAY_S
        weight = np.exp2(-age / half_life_days).astype(np.float32)
        return _largest(self.user, self.item, weight, self.taken.shape)

    def aged(self, half_life_days: float) -> Any:
        """Return ``taken`` with weights that halve back from the newest event."""
        if not len(self.at):
            return self.taken
        age = (self.at[-1] - self.at) / DAY_S
        weight = np.exp2(-age / half_life_days).astype(np.float32)
        return _largest(self.user, self.item, weight, self.taken.shape)

    def until(self, moment: float) -> Interactions:
        """Return the part before a moment, with the same rows and columns."""
        kept = self.at < moment
        return _made(
            self.users, self.items, self.user[kept], self.item[kept], self.at[kept]
        )

    def since(self, moment: float) -> Interactions:
        """Return the part from a moment on, with the same rows and columns."""
        kept = self.at >= moment
        return _made(
            self.users, self.items, self.user[kept], self.item[kept], self.at[kept]
        )


def interactions(events: pd.DataFrame, items: Sequence[str] = ()) -> Interactions:
    """Return interactions from columns user, item (names) and at (seconds).

    ``items`` names items that must have a column though nobody took them.

    Raises:
        ValueError: a column is missing.
    """
    if missing := {"user", "item", "at"} - set(events.columns):
        raise ValueError(f"missing columns: {sorted(missing)}")
    ordered = events.sort_values(["at", "user", "item"], kind="stable")
    users = tuple(sorted(ordered["user"].astype(str).unique()))
    named = tuple(sorted(set(ordered["item"].astype(str)) | set(items)))
    rows = pd.Categorical(ordered["user"].astype(str), categories=users).codes
    cols = pd.Categorical(ordered["item"].astype(str), categories=named).codes
    at = ordered["at"].to_numpy(float)
    return _made(users, named, rows.astype(np.int64), cols.astype(np.int64), at)


def _made(
    users: tuple[str, ...],
    items: tuple[str, ...],
    user: Ints,
    item: Ints,
    at: NDArray[np.float64],
) -> Interactions:
    one = np.ones(len(user), np.float32)
    taken = _largest(user, item, one, (len(users), len(items)))
    return Interactions(users, items, taken, user, item, at)


def _largest(user: Ints, item: Ints, weight: Floats, shape: tuple[int, int]) -> Any:
    """Return a matrix with the largest weight of each pair, not the sum."""
    order = np.lexsort((weight, item, user))
    pair = user[order] * shape[1] + item[order]
    last = np.ones(len(pair), bool)
    last[:-1] = pair[1:] != pair[:-1]
    kept = order[last]
    return sp.csr_matrix((weight[kept], (user[kept], item[kept])), shape, np.float32)
