"""Days of a repair and of a refund, with ends not seen yet."""

from datetime import date

import numpy as np
import pytest

from analytics.waiting import (
    RefundArrival,
    RefundRecord,
    RepairJob,
    RepairRecord,
    RepairTime,
    Route,
)

FRIDAY = date(2026, 3, 6)


def repairs(n: int = 600, seed: int = 0) -> list[RepairRecord]:
    """Screens take about 4 days, boards 12; one in four is still on the bench."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        fault = str(rng.choice(["screen", "board"]))
        stock = bool(rng.random() < 0.7)
        job = RepairJob(fault, stock, 0 if stock else 10, int(rng.integers(0, 20)))
        mean = (4 if fault == "screen" else 12) + job.backlog / 4
        days = int(np.ceil(rng.gamma(4, mean / 4))) + (0 if stock else 10)
        seen = int(rng.integers(1, 60))
        out.append(RepairRecord(job, min(days, seen), days <= seen))
    return out


def test_repair_days_follow_fault_part_and_backlog() -> None:
    model = RepairTime().fit(repairs())
    screen = model.predict(RepairJob("screen"))
    board = model.predict(RepairJob("board"))
    missing = model.predict(RepairJob("screen", False, 10))
    crowded = model.predict(RepairJob("screen", backlog=19))
    assert screen.median < board.median and screen.median < crowded.median
    assert missing.median >= screen.median + 6
    assert missing.reasons[0] == "part_missing" and "backlog" in crowded.reasons


def test_repair_interval_holds_on_unseen_jobs() -> None:
    model = RepairTime().fit(repairs(1500))
    inside = late = n = 0
    for record in repairs(3000, seed=1):
        got = model.predict(record.job)
        if not record.done and record.days <= got.hi80:
            continue
        n += 1
        inside += got.lo80 <= record.days <= got.hi80
    rng = np.random.default_rng(2)
    for _ in range(1000):
        late += np.ceil(rng.gamma(4, 1.0)) > model.predict(RepairJob("screen")).announce
    assert 0.7 < inside / n < 0.95
    assert late / 1000 < 0.25


def test_repair_of_a_young_shop_is_unknown() -> None:
    got = RepairTime().fit(repairs(20)).predict(RepairJob("screen"))
    assert got.announce is None and got.reasons == ("little_history",)
    with pytest.raises(ValueError):
        RepairTime().fit([]).not_done(RepairJob("screen"))


def test_repair_beyond_thirty_days_is_named() -> None:
    slow = [RepairRecord(RepairJob("board"), 35 + i % 5, True) for i in range(80)]
    assert (
        "beyond_legal_days"
        in RepairTime().fit(slow).predict(RepairJob("board")).reasons
    )


def test_refund_counts_those_that_have_not_arrived() -> None:
    quick = [RefundRecord("card", 2, True)] * 60
    slow = [RefundRecord("card", 9, True)] * 10
    waiting = [RefundRecord("card", 5, False)] * 30
    blind = RefundArrival().fit(quick + slow).predict("card", FRIDAY)
    fair = RefundArrival().fit(quick + slow + waiting).predict("card", FRIDAY)
    assert blind.announce == date(2026, 3, 8)
    assert fair.announce == date(2026, 3, 15) and fair.samples == 70


def test_refund_never_promises_a_tail_nobody_has_seen() -> None:
    part = [RefundRecord("card", 2, True)] * 40 + [RefundRecord("card", 3, False)] * 40
    assert RefundArrival().fit(part).predict("card", FRIDAY).announce is None


def test_refund_terms_count_working_days() -> None:
    model = RefundArrival(
        routes={"bank": Route(3, 5, working=True), "wallet": Route(0, 1)},
        is_workday=lambda day: day.weekday() < 5,
    ).fit([])
    assert model.predict("bank", FRIDAY).announce == date(2026, 3, 13)
    assert model.predict("bank", FRIDAY).reasons == ("terms_of_route", "working_days")
    assert model.predict("wallet", FRIDAY).announce == date(2026, 3, 7)
    assert model.predict("cash", FRIDAY).reasons == ("route_unknown",)
