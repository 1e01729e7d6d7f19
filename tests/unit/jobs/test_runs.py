"""A due run is done once, by one worker, and again only when that one died."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine

from aftercare.services.jobs import claim, finish, recent
from aftercare.services.jobs.schedule import Daily, Every, Schedule

DUE = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
LIMIT = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        (Every(5), "2026-11-24T04:07:59+00:00", "2026-11-24T04:05:00+00:00"),
        (Every(5), "2026-11-24T04:05:00+00:00", "2026-11-24T04:05:00+00:00"),
        # 03:30 in Shanghai is 19:30 UTC of the day before.
        (Daily(time(3, 30)), "2026-11-24T19:29:59+00:00", "2026-11-23T19:30:00+00:00"),
        (Daily(time(3, 30)), "2026-11-24T19:30:00+00:00", "2026-11-24T19:30:00+00:00"),
        # 24 November 2026 is a Tuesday in Shanghai; Monday was the 23rd.
        (Daily(time(8), 0), "2026-11-24T04:00:00+00:00", "2026-11-23T00:00:00+00:00"),
        (Daily(time(8), 0), "2026-11-22T23:59:00+00:00", "2026-11-16T00:00:00+00:00"),
    ],
)
def test_the_newest_due_moment(schedule: Schedule, now: str, due: str) -> None:
    found = schedule.latest(datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)


def test_of_twenty_workers_one_gets_the_run(empty: Engine) -> None:
    def worker(number: int) -> int | None:
        return claim(empty, "purge", DUE, f"w{number}", DUE, LIMIT)

    with ThreadPoolExecutor(20) as pool:
        got = [x for x in pool.map(worker, range(20)) if x is not None]
    assert len(got) == 1
    assert [row["state"] for row in recent(empty)] == ["running"]


def test_a_finished_run_is_not_done_again(empty: Engine) -> None:
    run_id = claim(empty, "purge", DUE, "a", DUE, LIMIT)
    assert run_id is not None
    assert finish(empty, run_id, "a", DUE, result={"conversations": 3})
    later = DUE + timedelta(hours=5)
    assert claim(empty, "purge", DUE, "b", later, LIMIT) is None
    assert recent(empty)[0]["result"] == {"conversations": 3}


def test_a_dead_workers_run_is_taken_over_and_its_late_end_refused(
    empty: Engine,
) -> None:
    run_id = claim(empty, "purge", DUE, "a", DUE, LIMIT)
    assert run_id is not None
    assert claim(empty, "purge", DUE, "b", DUE + LIMIT, LIMIT) is None
    after = DUE + LIMIT + timedelta(seconds=1)
    assert claim(empty, "purge", DUE, "b", after, LIMIT) == run_id
    assert not finish(empty, run_id, "a", after, error="crashed")
    assert finish(empty, run_id, "b", after)


def test_a_failing_run_is_tried_three_times(empty: Engine) -> None:
    now, tries = DUE, 0
    for _ in range(6):
        run_id = claim(empty, "purge", DUE, "a", now, LIMIT)
        if run_id is not None:
            tries += 1
            finish(empty, run_id, "a", now, error="crashed")
        now += timedelta(minutes=3)
    assert tries == 3
    assert recent(empty)[0]["error"] == "crashed"
