"""A whole Rasa NLU pipeline on the public utterances: the product's or stock Rasa's.

`.venv-rasa/bin/python -m benchmarks.nlu_rasa config.yml` or
`… benchmarks/nlu_stock.yml`; trains on data/nlu, tests on the mapped public set.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import nlu_data as data
from benchmarks.nlu_measures import calibration_error, macro_f1, scope_recall

PARSED = """
import sys
from benchmarks.nlu_rasa import answer
answer(sys.argv[1])
"""


def peak_mb() -> float:
    """Return the peak resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def train(config: Path, folder: Path) -> Path:
    """Train NLU only; print time, peak memory and size of the model."""
    command = [sys.executable, "-W", "ignore", "-m", "rasa", "train", "nlu"]
    command += ["--config", str(config), "--nlu", "data/nlu", "--out", str(folder)]
    command += ["--fixed-model-name", "bench"]
    env = os.environ | {"RASA_CACHE_DIRECTORY": str(folder / "cache" / "cache")}
    start = time.perf_counter()
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL)
    taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    made = folder / "bench.tar.gz"
    size = made.stat().st_size / 1e6
    print(
        f"training {taken:.0f} s, peak {peak:.0f} MB, model {size:.1f} MB", flush=True
    )
    return made


def answer(model: str) -> None:
    """Load a trained model and measure it."""
    from rasa.core.agent import Agent

    start = time.perf_counter()
    agent = Agent.load(model)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(agent.parse_message("1"))
    print(f"load to first answer {time.perf_counter() - start:.1f} s (imports aside)")
    public, strange = data.public_set(), data.out_of_scope()
    names: list[str] = []
    rows, taken = [], []
    for text in public.texts + strange:
        start = time.perf_counter()
        told = loop.run_until_complete(agent.parse_message(text))
        taken.append(time.perf_counter() - start)
        ranking = {r["name"]: r["confidence"] for r in told["intent_ranking"]}
        ranking.pop("nlu_fallback", None)
        rows.append(ranking)
        names = sorted(set(names) | set(ranking))
    chances = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    report(names, chances, public, taken)


def report(
    names: list[str], chances: np.ndarray, public: data.Labelled, taken: list[float]
) -> None:
    """Print the figures of one pipeline."""
    inside, outside = np.split(chances, [len(public.texts)])
    found = [names[i] for i in inside.argmax(axis=1)]
    right = np.array([f in s for f, s in zip(found, public.labels, strict=True)])
    error = calibration_error(inside.max(axis=1), right)
    print(f"accuracy {right.mean():.4f} macro-F1 {macro_f1(found, public.labels):.4f}")
    print(f"ECE {error:.4f}")
    for by in ("max", "scope"):
        recall = scope_recall(inside, outside, names, by, public.labels)
        print(f"out-of-scope recall at 5 % false alarms, by {by}: {recall:.4f}")
    ms = np.percentile(taken[10:], [50, 95]) * 1000
    print(f"latency p50 {ms[0]:.1f} ms p95 {ms[1]:.1f} ms, peak {peak_mb():.0f} MB")


def main() -> None:
    """Train in one process, measure in another."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("config", type=Path)
    given = asked.parse_args()
    print(f"{given.config}: {len(data.own_examples()[0])} examples")
    with tempfile.TemporaryDirectory() as folder:
        made = train(given.config, Path(folder))
        command = [sys.executable, "-W", "ignore", "-c", PARSED, str(made)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
