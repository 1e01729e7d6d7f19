"""An exchange offered before a refund, to some and not to others, so that it shows
whether the offer keeps goods with customers or only keeps customers waiting.

The draw is by line and made once: who asks again sees the same. The refund stays
one press away in both groups; nothing here decides about money.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.access import Viewer
from aftercare.services.orders import LineView
from aftercare.services.recommend.replace import Offer, replacements
from aftercare.store.cases import CaseRow
from aftercare.store.learning import ChoiceRow
from aftercare.store.unit_of_work import read, write
from analytics.customers import lift
from analytics.recommend.aftersales import Direction

TRIAL = "exchange_first"
OFFERED, HELD = "treated", "control"
CONTROL_SHARE = 0.3
AFTER = timedelta(days=14)
# What came of so many is written at once.
AT_ONCE = 100
# Another size or colour can mend these; a fault wants its own remedy.
MENDED = frozenset({"size", "dislike"})
MONEY_BACK = (CaseKind.RETURN_REFUND, CaseKind.REFUND_ONLY)


def offer_before_refund(
    engine: Engine,
    viewer: Viewer,
    line: LineView,
    reason: str,
    now: datetime,
    direction: Direction | None = None,
) -> list[Offer]:
    """Return what to offer instead of a refund; empty for who is held back.

    Nothing in stock that fits better means no offer and no draw: both groups
    hold only customers to whom something could have been offered.
    """
    if reason not in MENDED:
        return []
    found = replacements(engine, line, reason, direction, same_article=True)
    if not found:
        return []
    with write(engine) as session:
        row = session.scalars(
            select(ChoiceRow)
            .where(ChoiceRow.trial == TRIAL, ChoiceRow.subject == line.line_id)
            .limit(1)
        ).first()
        if row is None:
            row = ChoiceRow(
                trial=TRIAL,
                arm=arm_of(line.line_id),
                propensity=0.0,
                context={"size": int(reason == "size")},
                conversation_id=viewer.conversation_id,
                subject=line.line_id,
                at=now,
            )
            share = CONTROL_SHARE if row.arm == HELD else 1 - CONTROL_SHARE
            row.propensity = share
            session.add(row)
        arm = row.arm
    return found if arm == OFFERED else []


def show_once(engine: Engine, line_id: str) -> bool:
    """Write down that a line's offer is shown; False if it was shown before.

    Who saw it and still wants the money is not asked a second time.
    """
    with write(engine) as session:
        row = session.scalars(
            select(ChoiceRow)
            .where(ChoiceRow.trial == TRIAL, ChoiceRow.subject == line_id)
            .with_for_update()
            .limit(1)
        ).first()
        if row is None or row.arm != OFFERED or row.context.get("shown"):
            return False
        row.context = row.context | {"shown": 1}
        return True


def arm_of(line_id: str) -> str:
    """Return a line's group, by a digest that nobody chooses."""
    digest = hashlib.sha256(f"{TRIAL}\n{line_id}".encode()).digest()
    held = int.from_bytes(digest[:8]) / 2**64 < CONTROL_SHARE
    return HELD if held else OFFERED


def settle(engine: Engine, now: datetime) -> int:
    """Write what came of draws two weeks old: 1 where no money went back."""
    with read(engine) as session:
        rows = session.scalars(
            select(ChoiceRow).where(
                ChoiceRow.trial == TRIAL,
                ChoiceRow.reward.is_(None),
                ChoiceRow.at <= now - AFTER,
            )
        ).all()
        found = {
            row.id: 0.0 if _followed(session, row, MONEY_BACK) else 1.0 for row in rows
        }
    done = 0
    for part in batched(found.items(), AT_ONCE):
        with write(engine) as session:
            for key, reward in part:
                # Who was forgotten since is not there any more.
                kept = session.get(ChoiceRow, key, with_for_update=True)
                if kept is not None and kept.reward is None:
                    kept.reward, kept.reward_at = reward, now
                    done += 1
    return done


def measured(engine: Engine) -> dict[str, Any]:
    """Return the share of lines without a refund in both groups, and the lift.

    ``shown`` counts the offers customers saw, ``accepted`` those followed by a
    standing exchange of the same line.
    """
    with read(engine) as session:
        rows = session.scalars(select(ChoiceRow).where(ChoiceRow.trial == TRIAL)).all()
        shown = [row for row in rows if row.context.get("shown")]
        accepted = sum(_followed(session, row, (CaseKind.EXCHANGE,)) for row in shown)
    known = {
        arm: [x.reward for x in rows if x.arm == arm and x.reward is not None]
        for arm in (OFFERED, HELD)
    }
    found = lift(
        int(sum(known[OFFERED])),
        len(known[OFFERED]),
        int(sum(known[HELD])),
        len(known[HELD]),
    )
    return asdict(found) | {
        "sure": found.sure,
        "waiting": sum(row.reward is None for row in rows),
        "shown": len(shown),
        "accepted": accepted,
    }


def _followed(session: Session, row: ChoiceRow, kinds: tuple[CaseKind, ...]) -> bool:
    case = session.scalar(
        select(CaseRow.case_no)
        .where(
            CaseRow.line_id == row.subject,
            CaseRow.kind.in_(kinds),
            CaseRow.state.not_in((CaseState.CANCELLED, CaseState.REFUSED)),
            CaseRow.opened_at >= row.at,
            CaseRow.opened_at <= row.at + AFTER,
        )
        .limit(1)
    )
    return case is not None
