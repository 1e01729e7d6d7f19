"""Compares what customers were told with what the database holds."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read
from tests.trust.chaos import Kill, Record


@dataclass
class Findings:
    """What is wrong (all empty if nothing is), and the figures."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    mute: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    heard_twice: list[str] = field(default_factory=list)
    failed: int = 0
    answered: int = 0
    late: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        """Return the faults found, by kind."""
        kinds = "lost doubled unanswered mute gaps heard_twice".split()
        found = {kind: getattr(self, kind) for kind in kinds}
        return {kind: names for kind, names in found.items() if names}

    def text(self, record: Record) -> str:
        """Return the figures as lines for a person."""
        lines = [
            f"sent {record.sent}, acknowledged {len(record.acked)}, "
            f"answered {self.answered}, marked failed {self.failed}",
            f"kills {len(record.kills)}, died of themselves {record.died}",
            f"wrong {self.wrong}",
            _spread("answer after sending", self.waited),
            _spread("answer after the last recovery before it", self.late),
        ]
        for victim in sorted({kill.victim for kill in record.kills}):
            took = [k.back - k.at for k in record.kills if k.victim == victim]
            lines.append(_spread(f"{victim} back", took))
        return "\n".join(lines)


def _spread(name: str, seconds: list[float]) -> str:
    if not seconds:
        return f"{name}: none"
    median, most = statistics.median(seconds), max(seconds)
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    figures = f"median {median:.1f}, p95 {p95:.1f}, most {most:.1f} s"
    return f"{name}: n {len(seconds)}, {figures}"


def check(engine: Engine, record: Record) -> Findings:
    """Judge every conversation of the record."""
    found = Findings()
    for talk in sorted({talk for talk, _ in record.acked}):
        with read(engine) as session:
            rows = list(
                session.scalars(
                    select(MessageRow)
                    .where(MessageRow.conversation_id == talk)
                    .order_by(MessageRow.seq)
                )
            )
            owner = session.get_one(ConversationRow, talk).owner
        _stored(found, record, talk, rows)
        _answered(found, record, rows, owner)
        heard = record.heard.get(talk, [])
        if len(heard) != len(set(heard)):
            found.heard_twice.append(talk)
    return found


def _stored(found: Findings, record: Record, talk: str, rows: list[MessageRow]) -> None:
    """What was acknowledged is there, at its number, with its words, once."""
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        found.gaps.append(talk)
    mine = {row.client_id: row for row in rows if row.sender == "customer"}
    for (whose, name), (seq, words) in record.acked.items():
        if whose != talk:
            continue
        row = mine.get(name)
        if row is None or (row.seq, row.text) != (seq, words):
            found.lost.append(f"{talk}:{name}")


def _answered(
    found: Findings, record: Record, rows: list[MessageRow], owner: str
) -> None:
    """Every message has one answer: all of its replies were written at one moment."""
    replies: dict[str | None, set[float]] = defaultdict(set)
    for row in rows:
        if row.sender == "bot":
            replies[row.trace].add(row.at.timestamp())
    for row in rows:
        if row.sender != "customer":
            continue
        name = f"{row.conversation_id}:{row.client_id}"
        if row.answered_at is None:
            if owner != Owner.HUMAN:
                found.unanswered.append(name)
            continue
        moments = replies[row.trace]
        if len(moments) > 1:
            found.doubled.append(name)
        if not moments:
            found.mute.append(name)
        found.answered += 1
        found.failed += "failed" in (row.understanding or {})
        sent, done = row.at.timestamp(), row.answered_at.timestamp()
        found.waited.append(done - sent)
        found.late.append(done - _last_recovery(record.kills, sent, done))


def _last_recovery(kills: list[Kill], sent: float, done: float) -> float:
    """Return when the last part that was away meanwhile came back, else `sent`."""
    back = [kill.back for kill in kills if kill.at < done and sent < kill.back < done]
    return max([sent, *back])
