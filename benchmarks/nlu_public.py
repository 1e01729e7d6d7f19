"""Our examples alone against the public utterances: accuracy, calibration, scope.

Run in Rasa's environment: `.venv-rasa/bin/python -m benchmarks.nlu_public`.
Figures are given for the whole set and for its two halves: kinds of mistakes were
studied on the first, the second was never read and nothing was tuned on it.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sklearn

from benchmarks import nlu_data as data
from benchmarks.nlu_measures import calibration_error, macro_f1, scope_recall
from rasa_nlu.embedding import Embedder
from rasa_nlu.model import IntentModel
from rasa_nlu.normalise import normalise

CACHE = Path(tempfile.gettempdir()) / "aftercare_bench_embeddings.npz"


def study_half(texts: list[str]) -> np.ndarray:
    """Return True for the half of the texts whose mistakes may be looked at."""
    digests = [hashlib.md5(text.encode()).digest()[-1] for text in texts]
    return np.array([digest % 2 == 0 for digest in digests])


def hits(found: list[str], labels: list[frozenset[str]]) -> np.ndarray:
    """Return for each answer whether it is one of the acceptable ones."""
    return np.array([f in labels[i] for i, f in enumerate(found)])


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--temperature", type=float, default=0.7)
    asked.add_argument("--gate", type=float, default=0.85)
    asked.add_argument("--c", type=float, default=10.0)
    asked.add_argument("--errors", default="", help="labels whose mistakes to list")
    asked.add_argument("--picture", type=Path, help="where to draw the confusions")
    given = asked.parse_args()
    texts, intents = data.own_examples()
    texts = [normalise(text).text for text in texts]
    public = data.public_set()
    asked_texts = [normalise(text).text or text for text in public.texts]
    strange = [normalise(text).text for text in data.out_of_scope()]
    embed = Embedder(CACHE)
    model = IntentModel(embed.training, given.gate, given.temperature, given.c)
    start = time.perf_counter()
    model.fit(texts, intents)
    trained = time.perf_counter() - start
    print(f"{platform.processor()} python {sys.version.split()[0]}", end=" ")
    print(f"sklearn {sklearn.__version__} numpy {np.__version__}")
    print(f"{len(texts)} examples, {len(model.classes)} intents, fit {trained:.1f} s")
    chances = model.predict_proba(asked_texts)
    first = study_half(public.raw)
    report(model, chances, public.labels, first)
    outside = model.predict_proba(strange)
    for name in ("max", "scope"):
        recall = scope_recall(chances, outside, model.classes, name, public.labels)
        print(f"out-of-scope recall at 5 % false alarms, by {name}: {recall:.4f}")
    confusions(model, chances, public.labels, asked_texts, first, given.errors)
    if given.picture:
        draw(model, chances, public.labels, given.picture)


def report(
    model: IntentModel,
    chances: np.ndarray,
    labels: list[frozenset[str]],
    first: np.ndarray,
) -> None:
    """Print accuracy, macro-F1 and calibration of the whole and the halves."""
    found = [model.classes[i] for i in chances.argmax(axis=1)]
    right = hits(found, labels)
    for name, part in (("all", first | True), ("studied", first), ("unread", ~first)):
        error = calibration_error(chances.max(axis=1)[part], right[part])
        chosen = np.flatnonzero(part)
        f1 = macro_f1([found[i] for i in chosen], [labels[i] for i in chosen])
        print(
            f"{name:8} n={part.sum():5} accuracy {right[part].mean():.4f} "
            f"macro-F1 {f1:.4f} ECE {error:.4f}"
        )
    trivial = calibration_error(chances.max(axis=1), right, bins=10, table=True)
    print(f"reliability (10 bins), ECE {trivial:.4f}")


def confusions(
    model: IntentModel,
    chances: np.ndarray,
    labels: list[frozenset[str]],
    texts: list[str],
    first: np.ndarray,
    errors: str,
) -> None:
    """Print the ten worst confusions; with `errors`, mistakes of the first half."""
    found = [model.classes[i] for i in chances.argmax(axis=1)]
    pairs: collections.Counter[tuple[str, str]] = collections.Counter()
    wrong = collections.defaultdict(list)
    total: collections.Counter[str] = collections.Counter()
    for i, label in enumerate(labels):
        total["|".join(sorted(label))] += 1
        if found[i] not in label:
            pairs["|".join(sorted(label)), found[i]] += 1
            wrong["|".join(sorted(label))].append(i)
    for (label, got), count in pairs.most_common(10):
        print(f"  {count:4} {label} taken for {got}")
    for label, places in sorted(wrong.items(), key=lambda item: -len(item[1])):
        if not errors:
            break
        print(f"{len(places)}/{total[label]} {label}")
        for i in places:
            if first[i] and (errors == "all" or errors in label):
                print(f"     {found[i]} {chances[i].max():.2f} {texts[i][:50]}")


def draw(
    model: IntentModel,
    chances: np.ndarray,
    labels: list[frozenset[str]],
    path: Path,
) -> None:
    """Write the confusion matrix (one acceptable label only) as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    single = [(next(iter(s)), i) for i, s in enumerate(labels) if len(s) == 1]
    names = sorted({label for label, _ in single})
    columns = names + ["other"]
    table = np.zeros((len(names), len(columns)))
    for label, i in single:
        got = model.classes[int(chances[i].argmax())]
        column = columns.index(got if got in names else "other")
        table[names.index(label), column] += 1
    table /= table.sum(axis=1, keepdims=True)
    figure, axes = plt.subplots(figsize=(13, 12))
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("understood as")
    axes.set_ylabel("labelled")
    figure.tight_layout()
    figure.savefig(path, dpi=80)


if __name__ == "__main__":
    main()
