"""Why a thing is recommended: the owned item that spoke loudest for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from analytics.recommend.interactions import Floats, Ints

Basis = Literal["bought", "alike", "popular"]


@dataclass(frozen=True, slots=True)
class Because:
    """``own`` is the code of the customer's item that speaks loudest.

    ``share`` is its part, in 0 … 1, of all that spoke for the listed item;
    with basis ``popular`` there is no own item and ``own`` is None.
    """

    basis: Basis
    own: int | None
    share: float


def because(history: Any, weights: Any, listed: Ints, basis: Basis) -> list[Because]:
    """Return a reason for each listed item of one history.

    ``history`` (1, items) sparse; ``weights`` (items, items), dense or sparse,
    as in scores = history @ weights; ``listed`` (k,) item codes. The parts of a
    linear score are exact: they add up to it, nothing is approximated.
    """
    own: Ints = np.asarray(history.indices, np.int64)
    found: list[Because] = []
    if not len(own):
        return [Because("popular", None, 0.0) for _ in listed]
    block = weights[own][:, listed]
    block = block.toarray() if hasattr(block, "toarray") else np.asarray(block)
    parts: Floats = block * history.data[:, None]
    for column in np.maximum(parts, 0).T:
        total = float(column.sum())
        if total <= 0:
            found.append(Because("popular", None, 0.0))
            continue
        best = int(column.argmax())
        found.append(Because(basis, int(own[best]), float(column[best] / total)))
    return found
