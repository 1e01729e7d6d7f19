"""The wait for a human: formulas, promises and their limits."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.waiting import (
    QueueState,
    ShiftChange,
    Slot,
    Talk,
    Waiting,
    WaitModel,
    WaitRecord,
    best_hour,
    cold_start,
    hour_table,
)
from analytics.waiting.erlang import (
    erlang_a,
    erlang_b,
    erlang_c_mean,
    wait_from_position,
)
from analytics.waiting.laws import exponential, fit_law
from analytics.waiting.simulate import Laws, simulate_waits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def state(position: int = 3, agents: int = 4, **more: object) -> QueueState:
    return replace(QueueState(NOON, position - 1, position, agents), **more)


def history(n: int, seed: int = 0) -> tuple[list[WaitRecord], list[Talk]]:
    """Waits of a 4-agent queue, exponential talks of 240 s, patience 500 s."""
    rng = np.random.default_rng(seed)
    records = []
    for _ in range(n):
        position = int(rng.integers(1, 12))
        steps = 4 / 240 + np.arange(position) / 500
        wait, patience = (rng.exponential(1 / steps)).sum(), rng.exponential(500)
        answered = bool(wait < patience)
        records.append(WaitRecord(state(position), min(wait, patience), answered))
    return records, [Talk(t) for t in rng.exponential(240, n)]


def test_erlang_b_and_c_by_hand() -> None:
    assert erlang_b(2, 1.0) == pytest.approx(0.2)
    # M/M/1 at half load waits as long as it serves
    assert erlang_c_mean(0.5, 1.0, 1) == pytest.approx(1.0)
    assert erlang_c_mean(2.0, 1.0, 2) == np.inf


@pytest.mark.parametrize(("servers", "arrival"), [(1, 0.7), (5, 6.0), (20, 19.0)])
def test_erlang_a_balances_its_flows(servers: int, arrival: float) -> None:
    got = erlang_a(arrival, 1.0, 0.4, servers)
    assert 0 < got.abandon_probability < 1
    assert got.mean_queue == pytest.approx(arrival * got.mean_wait_s)
    # with patience as short as a talk, the number inside is Poisson
    even = erlang_a(arrival, 1.0, 1.0, servers)
    later = np.arange(servers, 400)
    logs = later * np.log(arrival) - arrival
    logs -= np.array([np.log(np.arange(1, k + 1)).sum() for k in later])
    assert even.wait_probability == pytest.approx(np.exp(logs).sum(), rel=1e-9)


def test_erlang_a_without_hang_ups_is_erlang_c() -> None:
    patient = erlang_a(3.0, 1.0, 1e-9, 4, places=5000)
    assert patient.mean_wait_s == pytest.approx(erlang_c_mean(3.0, 1.0, 4), rel=1e-4)


def test_censored_patience_is_found_where_naive_means_fail() -> None:
    rng = np.random.default_rng(1)
    patience, wait = rng.exponential(600, 5000), rng.exponential(120, 5000)
    law = fit_law(np.minimum(patience, wait), patience < wait, 300)
    assert law.mean_s == pytest.approx(600, rel=0.12)
    assert np.minimum(patience, wait)[patience < wait].mean() < 150


def test_lognormal_talks_are_recognised_and_remember_their_age() -> None:
    rng = np.random.default_rng(2)
    law = fit_law(rng.lognormal(5, 1, 4000), np.ones(4000, bool), 300)
    assert law.family == "lognorm"
    assert law.mean_s == pytest.approx(np.exp(5.5), rel=0.1)
    unit = rng.standard_exponential(4000)
    fresh, old = law.residual(np.array(0.0), unit), law.residual(np.array(900.0), unit)
    assert old.mean() > fresh.mean()  # long talks last longer still


def test_simulator_agrees_with_the_formula_where_both_hold() -> None:
    laws = Laws({"": exponential(240)}, exponential(500))
    waits = simulate_waits(state(8), laws, 20000, np.random.default_rng(3))
    exact = wait_from_position(8, 4, 1 / 240, 1 / 500)
    assert waits.mean() == pytest.approx(exact.mean_s, rel=0.02)
    assert waits.std() == pytest.approx(exact.sd_s, rel=0.03)


def test_simulator_knows_skills_and_the_end_of_a_shift() -> None:
    laws = Laws({"": exponential(240)}, exponential(1e9))
    rng = np.random.default_rng(4)
    repair = Slot(10.0, frozenset({"repair"}))
    sales = Slot(None, frozenset({"sales"}))
    busy = state(1, 2, slots=(repair, sales), skill="repair")
    assert simulate_waits(busy, laws, 4000, rng).mean() == pytest.approx(240, rel=0.06)
    idle = replace(busy, skill="sales")
    assert simulate_waits(idle, laws, 10, rng).max() == 0
    gone = replace(busy, plan=(ShiftChange(0.0, -1), ShiftChange(0.0, -1)))
    assert np.isinf(simulate_waits(gone, laws, 10, rng)).all()
    joined = replace(busy, plan=(ShiftChange(30.0, 1),))
    assert simulate_waits(joined, laws, 500, rng).max() <= 30


def test_those_ahead_make_it_longer_only_if_they_take_the_same_slot() -> None:
    laws = Laws({"": exponential(240)}, exponential(1e9))
    repair = Slot(10.0, frozenset({"repair"}))
    mine = state(1, 1, slots=(repair,), skill="repair")
    rng = np.random.default_rng(5)
    other = replace(mine, ahead=(Waiting(60, "sales"),))
    same = replace(mine, ahead=(Waiting(60, "repair"),))
    assert simulate_waits(other, laws, 4000, rng).mean() < 270
    assert simulate_waits(same, laws, 4000, rng).mean() > 430


def test_no_history_gives_a_wide_guess_and_says_so() -> None:
    got = cold_start().predict(state(3))
    assert got.basis == "defaults" and "little_history" in got.reasons
    assert got.known and got.hi80_s is not None and got.lo80_s is not None
    assert got.hi80_s > 4 * got.lo80_s


def test_nothing_is_promised_where_nothing_supports_it() -> None:
    model = cold_start()
    assert model.predict(state(3, agents=0)).reasons == ("nobody_online",)
    lost = model.predict(state(400, agents=1))
    assert not lost.known and lost.reasons == ("too_long",)


def test_a_free_agent_means_no_wait() -> None:
    got = cold_start().predict(state(1, agents_free=1))
    assert (got.expected_s, got.basis) == (0, "immediate")


@pytest.mark.parametrize("method", ["formula", "boosting"])
def test_the_promise_holds_on_unseen_waits(method: str) -> None:
    model = WaitModel(method=method).fit(*history(4000))
    assert model.method_ == method
    rng = np.random.default_rng(9)
    inside = late = 0
    for _ in range(1500):
        position = int(rng.integers(1, 12))
        wait = rng.exponential(1 / (4 / 240 + np.arange(position) / 500)).sum()
        got = model.predict(state(position))
        inside += got.lo80_s <= wait <= got.hi80_s
        late += wait > got.announce_s
    assert 0.75 < inside / 1500 < 0.85
    assert late / 1500 < 0.22


def test_longer_lines_never_promise_less() -> None:
    model = WaitModel().fit(*history(2000))
    means = [model.predict(state(p)).expected_s for p in range(1, 12)]
    assert means == sorted(means)


def test_outcomes_correct_the_interval_when_days_change() -> None:
    model = WaitModel(method="formula").fit(*history(800))
    before = model.predict(state(6))
    for _ in range(300):
        model.observe(WaitRecord(state(6), 3 * before.expected_s, True))
    after = model.predict(state(6))
    assert after.hi80_s > 1.5 * before.hi80_s
    assert after.announce_s > before.announce_s


def test_explanation_adds_up() -> None:
    boosted = WaitModel(method="boosting").fit(*history(2000))
    parts = boosted.explain(state(5))
    raw = boosted._guess(state(5), "boosting").mean
    assert sum(parts.values()) == pytest.approx(raw, abs=1e-6)
    plain = cold_start()
    exact = wait_from_position(3, 4, 1 / 300, 1 / 600).mean_s
    assert sum(plain.explain(state(3)).values()) == pytest.approx(exact)


def test_come_back_only_when_it_is_clearly_better() -> None:
    def past(hour: int, wait: float) -> list[WaitRecord]:
        at = NOON.replace(hour=hour)
        return [WaitRecord(QueueState(at, 1, 2, 3), wait, True)] * 60

    table = hour_table([*past(12, 600), *past(15, 60), *past(16, 500)])
    found = best_hour(table, NOON, 600)
    assert found is not None and found.start.hour == 15
    assert best_hour(table, NOON, 100) is None
    assert best_hour(hour_table([]), NOON, 900) is None


@pytest.mark.parametrize(
    "bad",
    [
        {"at": datetime(2026, 3, 2)},
        {"position": 0},
        {"queue_length": -1},
        {"agents_free": 9},
    ],
)
def test_impossible_states_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        state(**bad)
