"""Links by which a colleague tries the assistant; such talks are kept apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.secrets import new_token, token_hash
from aftercare.services.conversations import TRIAL, open_conversation
from aftercare.store.console import ShareLinkRow
from aftercare.store.unit_of_work import read, write


def add(
    engine: Engine, actor: Actor, name: str, days: int, now: datetime
) -> dict[str, Any]:
    """Make a link; its address is shown this once."""
    token = new_token()
    with write(engine) as session:
        row = ShareLinkRow(
            token_hash=token_hash(token),
            name=name,
            created_by=actor.login,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        session.add(row)
        session.flush()
        record(session, actor, "share.add", now, name)
        return _view(row) | {"link": f"/#share={token}"}


def listed(engine: Engine) -> list[dict[str, Any]]:
    """Return the links that were not taken back, newest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(ShareLinkRow)
            .where(ShareLinkRow.revoked_at.is_(None))
            .order_by(ShareLinkRow.id.desc())
        )
        return [_view(row) for row in rows]


def revoke(engine: Engine, actor: Actor, share_id: int, now: datetime) -> None:
    """Take a link back.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(ShareLinkRow, share_id)
        if row is None or row.revoked_at is not None:
            raise AftercareError(Reason.NOT_FOUND)
        row.revoked_at = now
        record(session, actor, "share.revoke", now, row.name)


def known(engine: Engine, token: str, now: datetime) -> int:
    """Return which link a token is.

    Raises:
        AftercareError: NOT_FOUND; EXPIRED where it is over or taken back.
    """
    with read(engine) as session:
        row = session.scalar(
            select(ShareLinkRow).where(ShareLinkRow.token_hash == token_hash(token))
        )
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        if row.revoked_at is not None or row.expires_at <= now:
            raise AftercareError(Reason.EXPIRED)
        return row.id


def enter(engine: Engine, token: str, now: datetime, model: str | None = None) -> str:
    """Open a guest's conversation by a link, marked as a trial; return its id.

    `model` is the candidate that answers in it, None for the one in use.

    Raises:
        AftercareError: as `known` does.
    """
    share_id = known(engine, token, now)
    talk_id = open_conversation(engine, None, TRIAL)
    with write(engine) as session:
        session.get_one(ShareLinkRow, share_id).uses += 1
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        row.share_id, row.model = share_id, model
    return talk_id


def _view(row: ShareLinkRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "created_by": row.created_by,
        "expires_at": row.expires_at,
        "uses": row.uses,
    }
