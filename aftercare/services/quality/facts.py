"""Talks as the audit reads them: what was said, and what is committed about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind
from aftercare.domain.conversation import Owner
from aftercare.store.cases import CaseRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow
from analytics.compliance import Facts, Said

TAKEN = frozenset({"taken", "assigned", "stepped_in"})
ROW_OF = {
    CaseKind.EXCHANGE: "exchange",
    CaseKind.RESHIP: "reship",
    CaseKind.REPAIR: "repair",
}


@dataclass(slots=True)
class TalkFacts:
    """One talk: `agents` names who spoke a message, by its number.

    `closed_at` is set where nothing was asked after it was closed.
    """

    said: list[Said] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    agents: dict[int, int] = field(default_factory=dict)
    closed_at: datetime | None = None

    @property
    def last_seq(self) -> int:
        """Return the number of the newest message, 0 without one."""
        return self.said[-1].seq if self.said else 0


def talk_facts(session: Session, ids: Sequence[str]) -> dict[str, TalkFacts]:
    """Return some talks with their facts; a recalled message is not read."""
    found: dict[str, TalkFacts] = defaultdict(TalkFacts)
    # What was understood is as long as the talk again, and not asked for here.
    columns = (
        MessageRow.conversation_id,
        MessageRow.seq,
        MessageRow.sender,
        MessageRow.text,
        MessageRow.at,
        MessageRow.payload,
    )
    for row in session.execute(
        select(*columns)
        .where(MessageRow.conversation_id.in_(ids))
        .order_by(MessageRow.conversation_id, MessageRow.seq)
    ):
        talk, payload = found[row.conversation_id], row.payload or {}
        text = "" if payload.get("recalled") else str(payload.get("title") or row.text)
        talk.said.append(Said(row.seq, row.sender, text, row.at))
        agent = (payload.get("agent") or {}).get("id")
        if isinstance(agent, int):
            talk.agents[row.seq] = agent
    events = session.scalars(
        select(DeskEventRow)
        .where(DeskEventRow.conversation_id.in_(ids))
        .order_by(DeskEventRow.id)
    ).all()
    written = session.execute(
        select(CaseRow.conversation_id, CaseRow.kind, CaseRow.opened_at).where(
            CaseRow.conversation_id.in_(ids)
        )
    ).all()
    paid = session.execute(
        select(CaseRow.conversation_id, RefundRow.at)
        .join(CaseRow, CaseRow.case_no == RefundRow.case_no)
        .where(CaseRow.conversation_id.in_(ids))
    ).all()
    for talk_id, facts in facts_of(events, written, paid).items():
        found[talk_id].facts = facts
    for event in events:
        talk = found[event.conversation_id]
        last = max((s.at for s in talk.said if s.speaker == "customer"), default=None)
        if event.kind == "closed" and (last is None or last <= event.at):
            talk.closed_at = event.at
    return dict(found)


def facts_of(
    events: Sequence[DeskEventRow], written: Sequence[Any], paid: Sequence[Any]
) -> dict[str, Facts]:
    """Return what is committed about each talk: rows of cases and refunds, people."""
    rows: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for talk_id, kind, at in written:
        rows[talk_id] += [("case", at), (ROW_OF.get(kind, "case"), at)]
    for talk_id, at in paid:
        if at is not None:
            rows[talk_id].append(("refund", at))
    came: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        if event.kind in TAKEN or event.after == Owner.WAITING:
            came[event.conversation_id].append(event.at)
    return {
        talk_id: Facts(tuple(rows[talk_id]), tuple(came[talk_id]))
        for talk_id in {*rows, *came}
    }
