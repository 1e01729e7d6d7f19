"""Agents for a service level: Erlang A against a queue played event by event."""

import heapq

import numpy as np
import pytest

from analytics.forecast import (
    ServiceTarget,
    Work,
    agents_needed,
    fit_patience,
    rota_gaps,
    service_level,
    staff_plan,
)


def play(per_hour: float, slots: int, work: Work, within_s: float, n: int) -> float:
    """Return the share answered in time of n customers, first come first served."""
    rng = np.random.default_rng(4)
    arrive = np.cumsum(rng.exponential(3600 / per_hour, n))
    talk = rng.exponential(work.talk_s, n)
    patience = rng.exponential(work.patience_s, n)
    free = [0.0] * slots
    good = 0
    for at, length, limit in zip(arrive, talk, patience, strict=True):
        starts = max(at, free[0])
        if starts - at <= limit:
            heapq.heapreplace(free, starts + length)
            good += starts - at <= within_s
    return good / n


@pytest.mark.parametrize(
    ("per_hour", "agents", "at_once", "within"),
    [(60, 5, 1, 60), (60, 6, 1, 180), (300, 22, 1, 20), (200, 4, 3, 120)],
)
def test_the_service_level_is_that_of_a_played_queue(
    per_hour: float, agents: int, at_once: int, within: float
) -> None:
    work = Work(300, 600, at_once)
    said = service_level(per_hour, agents, work, within)
    assert said == pytest.approx(
        play(per_hour, agents * at_once, work, within, 60_000), abs=0.012
    )


def test_fewest_agents_that_keep_the_target() -> None:
    work, target = Work(300, 600), ServiceTarget(0.8, 60)
    need = agents_needed(100, work, target)
    assert service_level(100, need, work, 60) >= 0.8
    assert service_level(100, need - 1, work, 60) < 0.8
    assert agents_needed(0, work, target) == 0
    assert agents_needed(100, Work(300, 600, 4), target) < need


def test_a_day_is_staffed_by_slot_and_gaps_are_told() -> None:
    contacts = np.array([[0.0, 5.0, 50.0]])
    need = staff_plan(contacts, Work(300, 600), ServiceTarget())
    assert need[0, 0] == 0 < need[0, 1] < need[0, 2]
    gaps = rota_gaps(need, np.array([[0.0, 3.0, 3.0]]))
    assert gaps[0, 2] == need[0, 2] - 3
    ill = rota_gaps(need, np.array([[0.0, 3.0, 3.0]]), absent=2)
    assert (ill - gaps).tolist() == [[0, 2, 2]]


def test_patience_counts_those_who_were_answered() -> None:
    rng = np.random.default_rng(0)
    patience, offered = rng.exponential(400, 5000), rng.exponential(200, 5000)
    left = patience < offered
    waits = np.minimum(patience, offered)
    assert fit_patience(waits, left) == pytest.approx(400, rel=0.1)
    assert np.mean(waits[left]) < 200  # what leaving them out would say
    assert fit_patience([30.0], [False], default_s=600.0) == pytest.approx(603)
