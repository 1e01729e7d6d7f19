"""spaCy's text classifier for Chinese on the same task, as a peer.

`.venv/bin/python -m benchmarks.nlu_spacy`: characters as tokens (no Chinese model
is in a package registry), the ensemble architecture, 10 epochs; trained on data/nlu,
tested on the mapped public utterances.
"""

from __future__ import annotations

import random
import time

import numpy as np
import spacy
from spacy.training import Example
from spacy.util import minibatch

from benchmarks import nlu_data as data
from benchmarks.nlu_measures import macro_f1
from rasa_nlu.normalise import normalise

EPOCHS = 10
SEED = 42


def main() -> None:
    """Train, measure, print."""
    spacy.util.fix_random_seed(SEED)
    order = random.Random(SEED)
    texts, intents = data.own_examples()
    names = sorted(set(intents))
    nlp = spacy.blank("zh")
    sort = nlp.add_pipe("textcat")
    for name in names:
        sort.add_label(name)
    examples = [
        Example.from_dict(
            nlp.make_doc(normalise(text).text),
            {"cats": {name: float(name == intent) for name in names}},
        )
        for text, intent in zip(texts, intents, strict=True)
    ]
    start = time.perf_counter()
    tune = nlp.initialize(lambda: examples)
    for _ in range(EPOCHS):
        order.shuffle(examples)
        for batch in minibatch(examples, 64):
            nlp.update(batch, sgd=tune, drop=0.2)
    trained = time.perf_counter() - start
    public = data.public_set()
    found, taken = [], []
    for text in public.texts:
        start = time.perf_counter()
        cats = nlp(normalise(text).text or text).cats
        taken.append(time.perf_counter() - start)
        found.append(max(cats, key=lambda name: cats[name]))
    right = np.mean([f in s for f, s in zip(found, public.labels, strict=True)])
    p50, p95 = np.percentile(taken, [50, 95]) * 1000
    print(f"spacy {spacy.__version__} accuracy {right:.4f} ", end="")
    print(f"macro-F1 {macro_f1(found, public.labels):.4f} ", end="")
    print(f"p50 {p50:.2f} p95 {p95:.2f} ms fit {trained:.1f} s")


if __name__ == "__main__":
    main()
