"""The jobs there are: what each does, when it is due, how long it may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare.services import rights
from aftercare.services.alerts.types import Mailbox
from aftercare.services.assistant import tasks
from aftercare.services.jobs.schedule import Daily, Every, OnRequest, Schedule
from aftercare.services.knowledge.gaps import draft_gaps
from aftercare.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What a job may use; the clock is the due run's, so a late run does the same."""

    engine: Engine
    state_dir: Path
    now: datetime
    keep_talks_days: int
    tracker_url: str | None = None
    mail: Mailbox | None = None
    settings: Settings | None = None


# A job returns figures for its row: numbers and codes, never customers' words.
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of scheduled work; doing it twice must do no harm."""

    name: str
    schedule: Schedule
    limit: timedelta
    do: Callable[[Context], Result]
    # For work that people ask for: the moments of the requests not yet answered,
    # and what to do with one whose run died.
    requests: Callable[[Engine], list[datetime]] | None = None
    died: Callable[[Engine, datetime, str], None] | None = None

    def due(self, engine: Engine, now: datetime) -> list[datetime]:
        """Return the moments of the runs that may be due, oldest first."""
        if self.requests is not None:
            return self.requests(engine)
        return [self.schedule.latest(now)]


def _purge(context: Context) -> Result:
    return rights.purge(
        context.engine,
        context.state_dir,
        context.now,
        context.keep_talks_days,
        context.tracker_url,
    )


def _knowledge_gaps(context: Context) -> Result:
    return draft_gaps(context.engine, context.now)


def _quality(context: Context) -> Result:
    from aftercare.services.quality.check import check_ended

    return check_ended(context.engine, context.now)


def _pick_reviews(context: Context) -> Result:
    from aftercare.services.quality.review import pick_talks

    return pick_talks(context.engine, context.now)


def _alerts(context: Context) -> Result:
    from aftercare.services.alerts.mail import mail_new
    from aftercare.services.alerts.watch import watch

    found = watch(context.engine, context.now)
    return found | {"mailed": mail_new(context.engine, context.mail, context.now)}


def _risk_desk(context: Context) -> Result:
    from aftercare.services.risk.notes import write_notes

    return write_notes(context.engine, context.now)


def _rings(context: Context) -> Result:
    from aftercare.services.risk.notes import look_for_rings

    return look_for_rings(context.engine, context.now)


def _guess_satisfaction(context: Context) -> Result:
    from aftercare.services.surveys.guess import guess_silent

    return guess_silent(context.engine, context.now)


def _train(context: Context) -> Result:
    # Only the run itself needs the learning libraries, not each `aftercare jobs`.
    from aftercare.services.training.run import train_all

    return {"models": train_all(context.engine, context.now)}


def _customers(context: Context) -> Result:
    from aftercare.services.customers.campaigns import settle
    from aftercare.services.customers.profiles import make_profiles

    made = make_profiles(context.engine, context.now)
    return made | {"settled": settle(context.engine, context.now)}


def _returns(context: Context) -> Result:
    from aftercare.services.returns.exchange import settle
    from aftercare.services.returns.notes import make_notes

    made = make_notes(context.engine, context.now)
    return made | {"settled": settle(context.engine, context.now)}


def _recommend(context: Context) -> Result:
    from aftercare.services.recommend import train

    return train(context.engine, context.now)


def _plan(context: Context) -> Result:
    from aftercare.services.planning.nightly import make_plan

    return make_plan(context.engine, context.now)


def _train_rasa(context: Context) -> Result:
    from aftercare.services.assistant.training import train

    assert context.settings is not None
    return train(context.engine, context.settings, context.now)


def _story_test(context: Context) -> Result:
    from aftercare.services.assistant.storytests import run_story

    assert context.settings is not None
    return run_story(context.engine, context.settings, context.now)


JOBS: tuple[Job, ...] = (
    Job(
        "story_test",
        OnRequest(),
        timedelta(minutes=10),
        _story_test,
        partial(tasks.open_requests, kind=tasks.STORY),
        partial(tasks.died, kind=tasks.STORY),
    ),
    Job(
        "train_rasa",
        OnRequest(),
        timedelta(hours=2),
        _train_rasa,
        partial(tasks.open_requests, kind=tasks.TRAIN),
        partial(tasks.died, kind=tasks.TRAIN),
    ),
    Job("purge", Daily(time(3, 30)), timedelta(minutes=30), _purge),
    Job("knowledge_gaps", Daily(time(4, 0)), timedelta(minutes=10), _knowledge_gaps),
    Job(
        "guess_satisfaction",
        Daily(time(4, 40)),
        timedelta(minutes=20),
        _guess_satisfaction,
    ),
    Job("customers", Daily(time(3, 0)), timedelta(minutes=20), _customers),
    Job("returns", Daily(time(3, 15)), timedelta(minutes=20), _returns),
    Job("recommend", Daily(time(2, 10)), timedelta(minutes=30), _recommend),
    Job("plan", Daily(time(0, 20)), timedelta(minutes=20), _plan),
    Job("quality", Every(5), timedelta(minutes=10), _quality),
    Job("pick_reviews", Daily(time(7, 0)), timedelta(minutes=10), _pick_reviews),
    Job("alerts", Every(15), timedelta(minutes=10), _alerts),
    Job("risk_desk", Daily(time(5, 10)), timedelta(minutes=20), _risk_desk),
    Job("risk_rings", Every(180), timedelta(minutes=20), _rings),
    Job("train_analytics", Daily(time(2, 30)), timedelta(hours=2), _train),
)


def find(name: str) -> Job | None:
    """Return the job of this name."""
    return next((job for job in JOBS if job.name == name), None)
