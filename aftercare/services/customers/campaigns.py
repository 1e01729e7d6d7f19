"""Campaigns: who is told, who is held back to compare, and what it brought.

A customer is drawn into a group only when they could be told now: with consent,
below the cap, outside quiet hours. So both groups are alike but for the message.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.consents import Purpose, allows_in
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.desk import Step
from aftercare.services.conversations import Reply, append, as_message, locked_talk
from aftercare.services.customers.audience import AUDIENCES, CARE, audience
from aftercare.store.cases import CaseRow
from aftercare.store.customers import CampaignMemberRow, CampaignRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import CustomerRow, OrderRow
from aftercare.store.unit_of_work import read, write
from analytics.customers import Contact, lift, may_contact

DRAFT, RUNNING, STOPPED = "draft", "running", "stopped"
TOLD, HELD = "treated", "control"
MOST_AT_ONCE = 200
# What came of so many is written at once.
AT_ONCE = 100


def add(
    engine: Engine, actor: Actor, fields: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Keep a draft; nobody is told before it is started.

    Raises:
        AftercareError: MALFORMED for an unknown kind.
    """
    if fields["kind"] not in AUDIENCES:
        raise AftercareError(Reason.MALFORMED, "kind")
    with write(engine) as session:
        row = CampaignRow(**fields, state=DRAFT, made_by=actor.login, made_at=now)
        session.add(row)
        session.flush()
        record(session, actor, "campaign.add", now, str(row.id), kind=row.kind)
        return _shown(row)


def switch(
    engine: Engine, actor: Actor, campaign_id: int, state: str, now: datetime
) -> dict[str, Any]:
    """Start a campaign or stop it.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(CampaignRow, campaign_id, with_for_update=True)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        row.state = state
        if state == RUNNING and row.started_at is None:
            row.started_at, row.started_by = now, actor.login
        record(session, actor, f"campaign.{state}", now, str(row.id))
        return _shown(row)


def listed(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Return all campaigns, newest first, each with what it brought so far."""
    with read(engine) as session:
        rows = session.scalars(select(CampaignRow).order_by(CampaignRow.id.desc()))
        return [_shown(row) | {"result": result(session, row, now)} for row in rows]


def run(engine: Engine, now: datetime) -> list[Step]:
    """Tell whose moment has come; return what was said, for the sockets."""
    with read(engine) as session:
        running = session.scalars(
            select(CampaignRow).where(CampaignRow.state == RUNNING)
        ).all()
        due = [
            (row.id, customer)
            for row in running
            for customer in _new(session, row, now)[:MOST_AT_ONCE]
        ]
    steps = [_tell(engine, campaign, customer, now) for campaign, customer in due]
    return [step for step in steps if step is not None]


def settle(engine: Engine, now: datetime) -> int:
    """Write what came of those whose time is over; return how many."""
    with read(engine) as session:
        rows = session.execute(
            select(CampaignMemberRow, CampaignRow)
            .join(CampaignRow, CampaignRow.id == CampaignMemberRow.campaign_id)
            .where(CampaignMemberRow.outcome.is_(None))
        ).all()
        found = {}
        for member, campaign in rows:
            until = member.at + timedelta(days=campaign.outcome_days)
            if until <= now:
                found[member.id] = _outcome(session, campaign, member, until)
    done = 0
    for part in batched(found.items(), AT_ONCE):
        with write(engine) as session:
            for key, (outcome, fen) in part:
                # Who was forgotten since is not there any more.
                row = session.get(CampaignMemberRow, key, with_for_update=True)
                if row is not None and row.outcome is None:
                    row.outcome, row.outcome_fen = outcome, fen
                    done += 1
    return done


def result(session: Session, row: CampaignRow, now: datetime) -> dict[str, Any]:
    """Return the groups and the lift of those whose time is over.

    For care reminders fewer is better: the outcome is a case that was opened.
    """
    counts = session.execute(
        select(
            CampaignMemberRow.arm,
            CampaignMemberRow.outcome,
            func.count(),
            func.sum(CampaignMemberRow.outcome_fen),
        )
        .where(CampaignMemberRow.campaign_id == row.id)
        .group_by(CampaignMemberRow.arm, CampaignMemberRow.outcome)
    ).all()
    tally = {(arm, outcome): int(count) for arm, outcome, count, _ in counts}
    money = {
        arm: sum(int(fen or 0) for name, _, _, fen in counts if name == arm)
        for arm in (TOLD, HELD)
    }

    def group(arm: str) -> tuple[int, int]:
        hits, misses = tally.get((arm, True), 0), tally.get((arm, False), 0)
        return hits, hits + misses

    (hits, told), (held_hits, held) = group(TOLD), group(HELD)
    found = lift(hits, told, held_hits, held)
    return asdict(found) | {
        "sure": found.sure,
        "fewer_is_better": row.kind == CARE,
        "waiting": tally.get((TOLD, None), 0) + tally.get((HELD, None), 0),
        "fen_each": {
            TOLD: round(money[TOLD] / told) if told else None,
            HELD: round(money[HELD] / held) if held else None,
        },
    }


def arm_of(campaign: CampaignRow, customer_id: str) -> str:
    """Return a customer's group: by a digest, so nobody can choose it."""
    digest = hashlib.sha256(f"{campaign.id}\n{customer_id}".encode()).digest()
    share = int.from_bytes(digest[:8]) / 2**64
    return HELD if share < campaign.control_share else TOLD


def _new(session: Session, row: CampaignRow, now: datetime) -> list[str]:
    known = set(
        session.scalars(
            select(CampaignMemberRow.customer_id).where(
                CampaignMemberRow.campaign_id == row.id
            )
        )
    )
    return [name for name in audience(session, row, now) if name not in known]


def _tell(
    engine: Engine, campaign_id: int, customer_id: str, now: datetime
) -> Step | None:
    """Draw one customer and tell them, or hold back; None where nothing was said."""
    try:
        with write(engine) as session:
            campaign = session.get_one(CampaignRow, campaign_id)
            # Two campaigns at once must not both see the cap unreached.
            session.get(CustomerRow, customer_id, with_for_update=True)
            talk_id = _newest_talk(session, customer_id)
            talk = locked_talk(session, talk_id) if talk_id else None
            if talk is None or talk.owner not in (Owner.NEW, Owner.BOT):
                return None  # no way to reach them, or they are being served
            if campaign.state != RUNNING or _why_not(session, customer_id, now):
                return None
            arm = arm_of(campaign, customer_id)
            session.add(
                CampaignMemberRow(
                    campaign_id=campaign_id, customer_id=customer_id, arm=arm, at=now
                )
            )
            session.flush()
            if arm == HELD:
                return None
            said = append(session, talk, "bot", Reply(campaign.text), now)
            return Step(talk.id, [as_message(said)])
    except IntegrityError:
        return None  # another process drew them


def _why_not(session: Session, customer_id: str, now: datetime) -> str | None:
    sent = session.scalars(
        select(CampaignMemberRow.at).where(
            CampaignMemberRow.customer_id == customer_id, CampaignMemberRow.arm == TOLD
        )
    ).all()
    # Who may not be profiled may not be picked out either.
    consent = all(
        allows_in(session, customer_id, purpose)
        for purpose in (Purpose.MARKETING, Purpose.PERSONALISED)
    )
    local = now.astimezone(SHOP_ZONE)
    return may_contact(Contact(customer_id, consent, sent), local)


def _newest_talk(session: Session, customer_id: str) -> str | None:
    return session.scalar(
        select(ConversationRow.id)
        .where(ConversationRow.customer_id == customer_id)
        .order_by(ConversationRow.created_at.desc(), ConversationRow.id)
        .limit(1)
    )


def _outcome(
    session: Session, campaign: CampaignRow, member: CampaignMemberRow, until: datetime
) -> tuple[bool, int]:
    """Return whether they bought, or for care opened a case, and money paid."""
    paid = session.scalar(
        select(func.sum(OrderRow.paid_fen)).where(
            OrderRow.customer_id == member.customer_id,
            OrderRow.placed_at > member.at,
            OrderRow.placed_at <= until,
        )
    )
    if campaign.kind != CARE:
        return paid is not None, int(paid or 0)
    case = session.scalar(
        select(CaseRow.case_no)
        .where(
            CaseRow.customer_id == member.customer_id,
            CaseRow.opened_at > member.at,
            CaseRow.opened_at <= until,
        )
        .limit(1)
    )
    return case is not None, int(paid or 0)


def _shown(row: CampaignRow) -> dict[str, Any]:
    names = (
        *("id", "name", "kind", "state", "text", "after_days", "control_share"),
        *("outcome_days", "made_by", "made_at", "started_by", "started_at"),
    )
    return {name: getattr(row, name) for name in names}
