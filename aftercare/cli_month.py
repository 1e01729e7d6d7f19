"""The verb `demo-month`: an invented month for the demo shop, and its nightly jobs."""

from __future__ import annotations

import sys
import time
import warnings
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from aftercare import cli_user, scheduler
from aftercare.services.aside import busy_with, shop_aside
from aftercare.services.console import accounts
from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.rights import Role
from aftercare.settings import Settings
from aftercare.store.console import AccountRow
from aftercare.store.unit_of_work import read

# In the order in which each finds what it needs; nothing is deleted (`purge`).
JOBS = (
    "train_analytics",
    "recommend",
    "customers",
    "returns",
    "plan",
    "knowledge_gaps",
    "guess_satisfaction",
    "quality",
    "pick_reviews",
    "risk_desk",
    "alerts",
)
# How long a running shop may take to end the jobs it has begun.
WAIT_S, LOOK_S = 600, 2


def run(engine: Engine, settings: Settings) -> int:
    """Fill the shop, do a night's work, and return the exit code."""
    from aftercare.demo_month.goods import Refused

    if settings.env != "development":
        sys.stderr.write("an invented month is for a demo shop only\n")
        return 1
    now = datetime.now(UTC)
    try:
        with shop_aside(engine, "demo-month"), warnings.catch_warnings():
            # The forecasters' libraries tell of each model that fits a month badly.
            warnings.simplefilter("ignore")
            _wait_for_jobs(engine)
            written = _write(engine, settings, now)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    if written:
        _say_how_to_enter(engine, settings, now)
    return 0


def _write(engine: Engine, settings: Settings, now: datetime) -> bool:
    """Write the month and its nights; False where it is there already."""
    from aftercare.demo_month.fill import fill, finish, judge

    filled = fill(engine, now)
    if filled is None:
        sys.stdout.write("the month is there already: nothing was changed\n")
        return False
    sys.stdout.write(
        f"{filled.talks} talks, {filled.messages} messages, {filled.cases}"
        f" cases, {filled.ratings} ratings\n"
    )
    for job in JOBS:
        sys.stdout.write(f"  {job}\n")
        sys.stdout.flush()
        scheduler.do(engine, settings, job, datetime.now(UTC))
    judge(engine, datetime.now(UTC))
    finish(engine, now)
    return True


def _wait_for_jobs(engine: Engine) -> None:
    """Wait until a running shop has ended what it had begun.

    Raises:
        Refused: it does not end.
    """
    from aftercare.demo_month.goods import Refused

    last = time.monotonic() + WAIT_S
    said: list[str] = []
    while busy := busy_with(engine, datetime.now(UTC)):
        if busy != said:
            sys.stdout.write(f"the running shop still does {', '.join(busy)}\n")
            sys.stdout.flush()
            said = busy
        if time.monotonic() > last:
            raise Refused(
                f"the running shop is busy with {', '.join(busy)}: try again when"
                " `aftercare jobs runs` says that it is done"
            )
        time.sleep(LOOK_S)


def _say_how_to_enter(engine: Engine, settings: Settings, now: datetime) -> None:
    """Print a link for the first admin: where people are, `make run` prints none."""
    with read(engine) as session:
        admin = session.scalar(
            select(AccountRow.id).where(
                AccountRow.role == Role.ADMIN, AccountRow.active.is_(True)
            )
        )
    if admin is not None:
        return
    invited = accounts.Invited(Role.ADMIN, "admin")
    token, until = accounts.invite(engine, SYSTEM, invited, now)
    url = f"{cli_user.address(settings)}{accounts.link_path(token)}"
    sys.stdout.write(
        f"the console, once the shop runs:\n{url}\n(until {until:%Y-%m-%d})\n"
    )
