"""A fitted model as bytes that cannot run code when they are read.

The database may be written to by a stranger, so a payload is never a pickle:
skops names every type in a file, and only those allowed here are made.
"""

from __future__ import annotations

from typing import Any

OURS = "analytics."
KNOWN = frozenset(
    {
        "collections.OrderedDict",
        "collections.deque",
        "datetime.date",
        "datetime.datetime",
        "lightgbm.basic.Booster",
        "lightgbm.sklearn.LGBMClassifier",
        "lightgbm.sklearn.LGBMRegressor",
        "pyod.models.ecod.ECOD",
        "pyod.models.iforest.IForest",
        "pyod.models.knn.KNN",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
    }
)


class UnknownTypeError(Exception):
    """A payload holds a type that no model of ours is made of."""


def pack(model: Any) -> bytes:
    """Return a fitted model as bytes that `unpack` will take.

    Raises:
        UnknownTypeError: the model holds something `unpack` would refuse.
    """
    import skops.io

    payload = bytes(skops.io.dumps(model))
    _allowed(payload)
    return payload


def unpack(payload: bytes) -> Any:
    """Return the model of a payload.

    Raises:
        UnknownTypeError: it holds a type that is not allowed.
    """
    # Loaded on use: a process may serve for hours before it reads a model.
    import skops.io

    return skops.io.loads(payload, trusted=_allowed(payload))


def _allowed(payload: bytes) -> list[str]:
    import skops.io

    found = [str(name) for name in skops.io.get_untrusted_types(data=payload)]
    strange = [n for n in found if n not in KNOWN and not n.startswith(OURS)]
    if strange:
        raise UnknownTypeError(", ".join(strange))
    return found
