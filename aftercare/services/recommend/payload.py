"""A recommender as plain arrays: no pickle comes out of the database."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from analytics.recommend import Hybrid, Mix
from analytics.recommend.neighbours import largest

# Above so many articles only the strongest links of each are kept.
DENSE = 1_000
LINKS = 200
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Recommender:
    """A hybrid ready to score, its articles' codes, and who buys what again."""

    model: Hybrid
    codes: dict[str, int]


def pack(model: Hybrid) -> bytes:
    """Return a fitted hybrid as bytes."""
    dense = sp.csr_matrix(model.weights_)
    kept = dense if len(model.items_) <= DENSE else _strongest(dense)
    about = {"format": FORMAT, "mix": asdict(model.mix or Mix())}
    out = io.BytesIO()
    np.savez_compressed(
        out,
        about=np.array(json.dumps(about)),
        items=np.array(model.items_),
        prior=model.prior_,
        newcomer=model.newcomer_,
        data=kept.data.astype(np.float32),
        indices=kept.indices,
        indptr=kept.indptr,
    )
    return out.getvalue()


def unpack(payload: bytes) -> Recommender:
    """Return the hybrid that was packed.

    Raises:
        ValueError, KeyError: the bytes are not such a model.
    """
    with np.load(io.BytesIO(payload), allow_pickle=False) as found:
        about: dict[str, Any] = json.loads(str(found["about"]))
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']} is not known")
        items = tuple(str(name) for name in found["items"])
        size = (len(items), len(items))
        links = (found["data"], found["indices"], found["indptr"])
        prior = found["prior"]
        # What was packed before there was one has the weight 0 for it.
        newcomer = found["newcomer"] if "newcomer" in found.files else prior
    model = Hybrid(Mix(**about["mix"]))
    model.items_ = items
    model.prior_ = prior
    model.newcomer_ = newcomer
    weights = sp.csr_matrix(links, size)
    model.weights_ = weights.toarray() if len(items) <= DENSE else weights
    return Recommender(model, {name: code for code, name in enumerate(items)})


def _strongest(weights: Any) -> Any:
    """Keep the links that speak most for each article, by column."""
    return largest(weights.T.tocsr(), LINKS).T.tocsr()
