"""Waits for a human: a real call-centre log, and four queues of known laws."""

from __future__ import annotations

import argparse
import math
import os
import platform
import time
from collections.abc import Sequence
from heapq import heappop, heappush
from pathlib import Path

import lightgbm
import numpy as np
import scipy
import sklearn

from analytics.waiting import WaitModel, WaitRecord
from analytics.waiting.erlang import erlang_a, erlang_c_wait, wait_from_position
from analytics.waiting.simulate import Laws
from benchmarks import queue_log, queue_sim

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
FILE = "queue/anonymous_bank_1999-08-01_16.csv.gz"
LAST_FIT_DAY = 10  # 1-11 August fit, 12-16 August test
CAP_S = 1800.0  # Erlang C has no mean when overloaded


def rmse(guess: Sequence[float], truth: Sequence[float]) -> float:
    gap = np.asarray(guess) - np.asarray(truth)
    return float(np.sqrt((gap**2).mean()))


def peers(record: WaitRecord, laws: Laws, usual: float) -> dict[str, float]:
    """Return what each classic predictor says of one state."""
    s = record.state
    service, patience = laws.of(s.skill).rate, laws.patience.rate
    rate = max(s.arrivals or 1, 1) / queue_log.QUARTER
    n = s.capacity
    recent = s.recent_waits_s
    return {
        "mean of the last ten": float(np.mean(recent)) if recent else usual,
        "last to enter service": recent[-1] if recent else usual,
        "head of line": s.head_wait_s or 0.0,
        "Erlang C": min(erlang_c_wait(rate, service, n), CAP_S),
        "Erlang A": erlang_a(rate, service, patience, n, 300).offered_wait_s,
        "queue length": s.position / (n * service),
        "queue length with hang-ups (QL_M)": wait_from_position(
            s.position, n, service, patience
        ).mean_s,
    }


def follow(
    model: WaitModel, test: list[WaitRecord]
) -> tuple[list[tuple[float, float, float, float]], list[float]]:
    """Predict in order of time, telling the model each outcome once it is known."""
    ends: list[tuple[float, int]] = []
    out, cost = [], []
    for i, record in enumerate(test):
        now = record.state.at.timestamp()
        while ends and ends[0][0] <= now:
            model.observe(test[heappop(ends)[1]])
        began = time.perf_counter()
        got = model.predict(record.state)
        cost.append(1000 * (time.perf_counter() - began))
        none = (math.nan,) * 4
        known = (got.expected_s, got.lo80_s, got.hi80_s, got.announce_s)
        out.append(known if got.known else none)  # type: ignore[arg-type]
        heappush(ends, (now + record.wait_s, i))
    return out, cost


def show(name: str, got: np.ndarray, truth: np.ndarray, cost: list[float]) -> None:
    known = ~np.isnan(got[:, 0])
    mean, low, high, say = got[known].T
    truth = truth[known]
    inside = ((low <= truth) & (truth <= high)).mean()
    print(
        f"{name:38s} RMSE {rmse(mean, truth):7.1f}  in 80 % {100 * inside:5.1f}  "
        f"beyond announced {100 * (truth > say).mean():5.1f}  "
        f"width {np.mean(high - low):6.1f}  unknown {int((~known).sum())}  "
        f"ms median {np.median(cost):.2f} p95 {np.quantile(cost, 0.95):.2f}"
    )


def bank(path: Path, seed: int, tune: bool) -> None:
    rows = queue_log.load(path)
    last = 7 if tune else LAST_FIT_DAY
    fit_rows = rows[rows["day"] <= last]
    test_rows = rows[rows["day"] > last]
    if tune:
        test_rows = test_rows[test_rows["day"] <= LAST_FIT_DAY]
    learn, test = queue_log.records(fit_rows), queue_log.records(test_rows)
    for target in ("answered", "potential"):
        began = time.perf_counter()
        model = WaitModel(method="boosting", target=target, random_state=seed)
        model.fit(learn, queue_log.talks(fit_rows))
        took = time.perf_counter() - began
        answered = np.array([r.answered for r in test])
        truth = np.array([r.wait_s for r in test])
        if target == "answered":
            print(f"\nbank log: fit n {len(learn)}, test n {len(test)}", end=" ")
            print(
                f"(answered {answered.sum()}), mean wait {truth[answered].mean():.0f}"
            )
            laws = model.laws_
            print(
                "service",
                {k: (v.family, round(v.mean_s)) for k, v in laws.service.items()},
            )
            print("patience", laws.patience.family, round(laws.patience.mean_s))
            said = [peers(r, laws, 100.0) for r in test]
            for name in said[0]:
                column = np.array([row[name] for row in said])[answered]
                print(f"{name:38s} RMSE {rmse(column, truth[answered]):7.1f}")
        print(f"{target}: fit {took:.1f} s, errors {model.errors_}")
        got, cost = follow(model, test)
        show(f"ours, {target}", np.array(got)[answered], truth[answered], cost)
        if target == "potential":
            weight = model._weight(truth[answered])
            gap = np.array(got)[answered, 0] - truth[answered]
            ours = math.sqrt(np.average(gap**2, weights=weight))
            print(f"  weighted for hang-ups: RMSE {ours:.1f}")
            for name in said[0]:
                column = np.array([row[name] for row in said])[answered]
                gap = column - truth[answered]
                print(
                    f"  {name:36s} {math.sqrt(np.average(gap**2, weights=weight)):.1f}"
                )


def simulated(seed: int, states: int, runs: int, only: str) -> None:
    for world in queue_sim.scenarios():
        if only not in ("all", world.name):
            continue
        past = queue_sim.run(world, 25, seed, keep=0.35)
        learn = [c.record for c in past.queued if c.record][-4000:]
        model = WaitModel(random_state=seed).fit(learn, past.talks)
        future = queue_sim.run(world, 40, seed + 1, keep=0.35)
        rng = np.random.default_rng(seed)
        pick = np.sort(
            rng.choice(len(future.queued), min(states, len(future.queued)), False)
        )
        calls = [future.queued[i] for i in pick]
        test = [c.record for c in calls if c.record]
        truth = np.array([c.potential for c in calls])
        got, cost = follow(model, test)
        table = np.array(got)
        known = ~np.isnan(table[:, 0])
        best = np.array([queue_sim.oracle(world, r.state, runs, rng) for r in test])
        floor = rmse(best[known], truth[known])
        boosted = WaitModel(method="boosting", random_state=seed).fit(learn, past.talks)
        trees = [boosted._guess(r.state, "boosting").mean for r in test]
        plain = [boosted._guess(r.state, "formula").mean for r in test]
        print(
            f"\n{world.name}: fit n {len(learn)}, talks {len(past.talks)}, test n "
            f"{len(test)}, mean potential wait {truth.mean():.0f} s, hang-ups "
            f"{100 * np.mean([not r.answered for r in test]):.0f} %; chosen "
            f"{model.method_} of { {k: round(v, 1) for k, v in model.errors_.items()} }"
        )
        print(f"oracle RMSE {floor:.1f}; ratios:", end=" ")
        for name, guess in (
            ("ours", table[:, 0]),
            ("boosting", trees),
            ("QL_M", plain),
        ):
            print(
                f"{name} {rmse(np.asarray(guess)[known], truth[known]) / floor:.3f}",
                end="  ",
            )
        print()
        show(world.name, table, truth, cost)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--states", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--tune", action="store_true", help="judge on fit days only")
    parser.add_argument("--scenario", default="all")
    parser.add_argument("--part", choices=("bank", "simulated", "all"), default="all")
    asked = parser.parse_args()
    print(platform.platform(), platform.processor(), os.cpu_count(), "cores")
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, scipy "
        f"{scipy.__version__}, sklearn {sklearn.__version__}, lightgbm "
        f"{lightgbm.__version__}, seed {asked.seed}"
    )
    if asked.part != "simulated":
        bank(asked.data / FILE, asked.seed, asked.tune)
    if asked.part != "bank":
        simulated(asked.seed, asked.states, asked.runs, asked.scenario)


if __name__ == "__main__":
    main()
