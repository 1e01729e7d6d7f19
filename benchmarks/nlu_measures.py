"""Measures shared by the understanding benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FALSE_ALARMS = 0.05


def calibration_error(
    confidence: np.ndarray, right: np.ndarray, bins: int = 10, table: bool = False
) -> float:
    """Return the expected calibration error over equally wide bins.

    Naeini et al. 2015. Inputs are (n,): confidence in [0, 1] and correctness.
    """
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        inside = place == number
        if not inside.any():
            continue
        says, is_ = confidence[inside].mean(), right[inside].mean()
        total += inside.mean() * abs(says - is_)
        if table:
            print(f"  n={inside.sum():5} says {says:.3f} right {is_:.3f}")
    return float(total)


def macro_f1(found: Sequence[str], labels: Sequence[frozenset[str]]) -> float:
    """Return the mean F1 over the labels that occur; any acceptable one counts.

    An answer outside the acceptable set counts as a miss of the set's first name.
    """
    settled = [
        got if got in label else sorted(label)[0]
        for got, label in zip(found, labels, strict=True)
    ]
    scores = []
    for name in sorted(set(settled)):
        true = sum(f == name == s for f, s in zip(found, settled, strict=True))
        said, real = sum(f == name for f in found), sum(s == name for s in settled)
        scores.append(2 * true / (said + real))
    return float(np.mean(scores))


def scope_recall(
    inside: np.ndarray,
    outside: np.ndarray,
    classes: Sequence[str],
    by: str,
    labels: Sequence[frozenset[str]],
) -> float:
    """Return the share of strange requests noticed at 5 % false alarms.

    `by` "max": one minus the greatest probability of an in-scope intent; "scope":
    the probability of the intents that start nothing (out_of_scope, chitchat).
    Utterances whose own label is out_of_scope are no false alarms and left out.
    """
    off = [classes.index(name) for name in ("out_of_scope", "chitchat")]
    on = [i for i in range(len(classes)) if i not in off]
    keep = [i for i, label in enumerate(labels) if "out_of_scope" not in label]

    def score(chances: np.ndarray) -> np.ndarray:
        if by == "max":
            return 1 - chances[:, on].max(axis=1)
        return chances[:, off].sum(axis=1)

    limit = np.quantile(score(inside[keep]), 1 - FALSE_ALARMS)
    return float((score(outside) > limit).mean())
