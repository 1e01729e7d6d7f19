"""The public call-centre log as queue states, each from earlier rows only."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics.waiting import QueueState, Slot, Talk, Waiting, WaitRecord

ZONE = ZoneInfo("Asia/Jerusalem")
QUARTER = 900.0
AHEAD_S = 90.0  # the bank's rule: priority 2 stands as if a minute and a half earlier


def load(path: Path) -> pd.DataFrame:
    """Return calls with absolute seconds; ``group`` is who can answer them."""
    rows = pd.read_csv(path)
    day = pd.to_datetime(rows["date"])
    rows["day"] = (day - day.min()).dt.days
    for name in ("q_start", "q_exit", "ser_start", "ser_exit"):
        clock = pd.to_timedelta(rows[name]).dt.total_seconds()
        rows[name] = np.where(clock > 0, clock + 86400.0 * rows["day"], np.nan)
    rows["group"] = np.where(rows["type"] == "IN", "IN", "")
    rows["entered"] = rows["q_start"].fillna(rows["ser_start"])
    return rows.dropna(subset=["entered"]).sort_values("entered", ignore_index=True)


def talks(rows: pd.DataFrame) -> list[Talk]:
    """Return finished talks."""
    done = rows[(rows["outcome"] == "AGENT") & (rows["ser_time"] > 0)]
    pairs = zip(done["ser_time"], done["group"], strict=True)
    return [Talk(float(s), True, g) for s, g in pairs]


def records(rows: pd.DataFrame) -> list[WaitRecord]:
    """Return those who queued, in order of entry, with the state they met."""
    start = datetime(1999, 8, 1, tzinfo=ZONE)
    out: list[WaitRecord] = []
    for (_, group), part in rows.groupby(["day", "group"]):
        view = _View(part)
        for i in np.flatnonzero((part["q_time"] > 0).to_numpy()):
            if part["outcome"].iat[i] not in ("AGENT", "HANG"):
                continue
            state = view.state(int(i), start, str(group))
            wait = float(part["q_time"].iat[i])
            out.append(WaitRecord(state, wait, part["outcome"].iat[i] == "AGENT"))
    return sorted(out, key=lambda r: r.state.at)


class _View:
    """One day of one group of agents as arrays."""

    def __init__(self, part: pd.DataFrame) -> None:
        self.q0, self.q1 = part["q_start"].to_numpy(), part["q_exit"].to_numpy()
        self.s0, self.s1 = part["ser_start"].to_numpy(), part["ser_exit"].to_numpy()
        self.entered = part["entered"].to_numpy()
        self.priority = part["priority"].to_numpy()
        self.wait = part["q_time"].to_numpy()
        self.hung = (part["outcome"] == "HANG").to_numpy()

    def state(self, i: int, start: datetime, group: str) -> QueueState:
        now = self.q0[i]
        with np.errstate(invalid="ignore"):
            waiting = (self.q0 <= now) & (self.q1 > now)
            busy = (self.s0 <= now) & (self.s1 > now)
            begun = (self.s0 <= now) & (self.wait > 0)
        waiting[i:] = False  # earlier rows only
        busy[i:] = begun[i:] = False
        rank = self.q0 - AHEAD_S * (self.priority == 2)
        before = np.flatnonzero(waiting & (rank <= rank[i]))
        before = before[np.argsort(rank[before], kind="stable")]
        last = np.flatnonzero(begun)
        last = last[np.argsort(self.s0[last], kind="stable")][-10:]
        since = now - QUARTER
        ages = now - self.q0[waiting]
        earlier = slice(0, i)
        left = self.hung[earlier] & (self.q1[earlier] <= now)
        return QueueState(
            at=start + timedelta(seconds=float(now)),
            queue_length=int(waiting.sum()),
            position=len(before) + 1,
            agents_online=max(int(busy.sum()), 1),
            head_wait_s=float(ages.max()) if len(ages) else 0.0,
            recent_waits_s=tuple(map(float, self.wait[last])),
            arrivals=int((self.entered[earlier] > since).sum()),
            starts=int(((self.s0 > since) & (self.s0 <= now))[earlier].sum()),
            hang_ups=int((left & (self.q1[earlier] > since)).sum()),
            priority=int(self.priority[i]),
            skill=group,
            ahead=tuple(Waiting(float(now - self.q0[k]), group) for k in before),
            slots=tuple(Slot(float(now - s), skill=group) for s in self.s0[busy]),
        )
