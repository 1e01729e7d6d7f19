"""Telling the shop's own systems what happens: signed, once, until it arrives."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.outgoing import refused_at_sight
from aftercare.store.alerts import AlertRow
from aftercare.store.cases import CaseRow
from aftercare.store.console import DeliveryRow, WebhookRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.surveys import FollowUpRow
from aftercare.store.unit_of_work import read, write

EVENTS = ("case.opened", "handover.requested", "satisfaction.low", "alert.raised")
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))
# Events older than this are not told any more after a long stop.
SINCE = timedelta(hours=24)
TIMEOUT_S = 5.0


def add(
    engine: Engine,
    actor: Actor,
    url: str,
    events: list[str],
    now: datetime,
    *,
    private: bool = False,
) -> dict[str, Any]:
    """Add an address; its secret is shown this once.

    `private` lets in addresses of the shop's own network (`outgoing`). A name is
    looked up at each delivery, not here: it may point elsewhere tomorrow.

    Raises:
        AftercareError: MALFORMED for no web address or an unknown event; FORBIDDEN
            for one that is not public.
    """
    if not url.startswith(("https://", "http://")) or set(events) - set(EVENTS):
        raise AftercareError(Reason.MALFORMED)
    if not private and refused_at_sight(url):
        raise AftercareError(Reason.FORBIDDEN, "not a public address")
    with write(engine) as session:
        row = WebhookRow(
            url=url, secret=secrets.token_hex(32), events=events, created_at=now
        )
        session.add(row)
        session.flush()
        record(session, actor, "webhook.add", now, url)
        return _view(row) | {"secret": row.secret}


def listed(engine: Engine) -> list[dict[str, Any]]:
    """Return the addresses, without their secrets."""
    with read(engine) as session:
        rows = session.scalars(select(WebhookRow).where(WebhookRow.active.is_(True)))
        return [_view(row) for row in rows]


def remove(engine: Engine, actor: Actor, webhook_id: int, now: datetime) -> None:
    """Tell an address nothing any more; what was delivered stays on record.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(WebhookRow, webhook_id)
        if row is None or not row.active:
            raise AftercareError(Reason.NOT_FOUND)
        row.active = False
        record(session, actor, "webhook.remove", now, row.url)


def deliveries(engine: Engine, webhook_id: int) -> list[dict[str, Any]]:
    """Return the last deliveries of an address, newest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(DeliveryRow)
            .where(DeliveryRow.webhook_id == webhook_id)
            .order_by(DeliveryRow.id.desc())
            .limit(100)
        )
        return [
            {
                "id": row.id,
                "event": row.event,
                "at": row.at,
                "tries": row.tries,
                "status": row.status,
                "next_at": row.next_at,
            }
            for row in rows
        ]


def collect(engine: Engine, now: datetime) -> int:
    """Queue what happened since the addresses were added; return how many."""
    with read(engine) as session:
        due = [
            (hook.id, event, key, body)
            for hook in session.scalars(
                select(WebhookRow).where(WebhookRow.active.is_(True))
            )
            for event, key, body in _happened(session, hook, now)
        ]
        known = set(
            session.scalars(
                select(DeliveryRow.key).where(DeliveryRow.key.in_([d[2] for d in due]))
            )
        )
    fresh = [item for item in due if item[2] not in known]
    if fresh:
        with write(engine) as session:
            for hook_id, event, key, body in fresh:
                session.add(
                    DeliveryRow(
                        webhook_id=hook_id,
                        event=event,
                        key=key,
                        body=body,
                        at=now,
                        next_at=now,
                    )
                )
    return len(fresh)


def _happened(
    session: Session, hook: WebhookRow, now: datetime
) -> list[tuple[str, str, dict[str, Any]]]:
    since = max(hook.created_at, now - SINCE)
    found: list[tuple[str, str, dict[str, Any]]] = []
    if "handover.requested" in hook.events:
        for event in session.scalars(
            select(DeskEventRow).where(
                DeskEventRow.kind == "asked", DeskEventRow.at >= since
            )
        ):
            body = {
                "conversation_id": event.conversation_id,
                "trigger": (event.detail or {}).get("trigger"),
                "at": event.at.isoformat(),
            }
            key = f"{hook.id}:handover:{event.id}"
            found.append(("handover.requested", key, body))
    if "case.opened" in hook.events:
        for case in session.scalars(select(CaseRow).where(CaseRow.opened_at >= since)):
            body = {
                "case_no": case.case_no,
                "kind": case.kind,
                "amount_fen": case.amount_fen,
                "needs_human": case.needs_human,
                "at": case.opened_at.isoformat(),
            }
            found.append(("case.opened", f"{hook.id}:case:{case.case_no}", body))
    if "satisfaction.low" in hook.events:
        for task in session.scalars(select(FollowUpRow).where(FollowUpRow.at >= since)):
            body = {
                "conversation_id": task.conversation_id,
                "due_at": task.due_at.isoformat(),
                "at": task.at.isoformat(),
            }
            found.append(("satisfaction.low", f"{hook.id}:low:{task.id}", body))
    if "alert.raised" in hook.events:
        for alert in session.scalars(
            select(AlertRow).where(AlertRow.raised_at >= since)
        ):
            body = {
                "kind": alert.kind,
                "subject": alert.subject,
                "severity": alert.severity,
                "seen": alert.figures.get("seen"),
                "usual": alert.figures.get("usual"),
                "at": alert.raised_at.isoformat(),
            }
            found.append(("alert.raised", f"{hook.id}:alert:{alert.id}", body))
    return found


def deliver(engine: Engine, http: httpx.Client, now: datetime) -> int:
    """Send what is due; what fails is tried again later. Return how many arrived.

    The header X-Aftercare-Signature is "t=<seconds>,v1=<hex>": HMAC-SHA256 with
    the secret over "<seconds>.<body>", so that a replay can be told by its age.
    """
    with read(engine) as session:
        due = session.execute(
            select(DeliveryRow.id, DeliveryRow.event, DeliveryRow.body, WebhookRow)
            .join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id)
            .where(DeliveryRow.next_at <= now, WebhookRow.active.is_(True))
            .order_by(DeliveryRow.id)
            .limit(20)
        ).all()
        work = [(i, event, body, hook.url, hook.secret) for i, event, body, hook in due]
    arrived = 0
    for delivery_id, event, body, url, secret in work:
        content = json.dumps({"event": event, "data": body}).encode()
        headers = {
            "content-type": "application/json",
            "x-aftercare-delivery": str(delivery_id),
            "x-aftercare-signature": signature(secret, content, now),
        }
        try:
            status = http.post(
                url, content=content, headers=headers, timeout=TIMEOUT_S
            ).status_code
        except httpx.HTTPError:
            status = 0
        arrived += _settle(engine, delivery_id, status, now)
    return arrived


def signature(secret: str, content: bytes, now: datetime) -> str:
    """Return what proves that a body is ours and when it was sent."""
    seconds = int(now.timestamp())
    signed = f"{seconds}.".encode() + content
    proof = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={proof}"


def _settle(engine: Engine, delivery_id: int, status: int, now: datetime) -> bool:
    fine = 200 <= status < 300
    with write(engine) as session:
        row = session.get_one(DeliveryRow, delivery_id)
        row.status = status
        again = PAUSES[row.tries] if row.tries < len(PAUSES) else None
        row.tries += 1
        row.next_at = None if fine or again is None else now + again
    return fine


def _view(row: WebhookRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "events": row.events,
        "created_at": row.created_at,
    }
