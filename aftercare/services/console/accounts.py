"""People of the console: invited, changed, ended; never deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import SYSTEM, Actor, record
from aftercare.services.console.rights import Role
from aftercare.services.console.secrets import hash_password, new_token, token_hash
from aftercare.services.console.sessions import end_all
from aftercare.store.console import AccountRow, InvitationRow
from aftercare.store.unit_of_work import read, write

INVITED_FOR = timedelta(days=3)
RESET_FOR = timedelta(hours=4)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
CHANGEABLE = frozenset({"name", "role", "active", "skills", "languages", "cap"})


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an invitation is for."""

    role: Role
    name: str
    login: str | None = None
    skills: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=lambda: ["zh"])


def invite(
    engine: Engine, actor: Actor, invited: Invited, now: datetime
) -> tuple[str, datetime]:
    """Make a one-time link's token and return it with its end.

    Raises:
        AftercareError: LOGIN_TAKEN, or MALFORMED for no login at all.
    """
    token = new_token()
    with write(engine) as session:
        login = invited.login and _free_login(session, invited.login)
        row = InvitationRow(
            token_hash=token_hash(token),
            role=invited.role,
            name=invited.name,
            login=login,
            skills=invited.skills,
            languages=invited.languages,
            created_by=actor.login,
            created_at=now,
            expires_at=now + INVITED_FOR,
        )
        session.add(row)
        record(session, actor, "people.invite", now, invited.name, role=invited.role)
        return token, row.expires_at


def look_at_invitation(engine: Engine, token: str, now: datetime) -> dict[str, Any]:
    """Return what an invitation offers.

    Raises:
        AftercareError: NOT_FOUND; EXPIRED where it is used or too old.
    """
    with read(engine) as session:
        row = _invitation(session, token, now)
        return _invitation_view(row)


def accept(
    engine: Engine, token: str, login: str, name: str, password: str, now: datetime
) -> int:
    """Make the account an invitation offers, once, or set its password; return its id.

    Raises:
        AftercareError: NOT_FOUND, EXPIRED, LOGIN_TAKEN, MALFORMED, PASSWORD_WEAK.
    """
    # First of all: who has no invitation is not worth the work of a password.
    look_at_invitation(engine, token, now)
    hashed = hash_password(password)
    with write(engine) as session:
        row = _invitation(session, token, now)
        row.used_at = now
        if row.account_id is not None:
            return _set_anew(session, row.account_id, hashed, now)
        account = AccountRow(
            login=_free_login(session, row.login or login),
            name=name.strip() or row.name,
            password_hash=hashed,
            role=row.role,
            skills=row.skills,
            languages=row.languages,
            created_at=now,
        )
        session.add(account)
        session.flush()
        actor = Actor(account.id, account.login, account.name, account.role)
        record(session, actor, "people.join", now, account.login, role=row.role)
        return account.id


def add(
    engine: Engine, login: str, name: str, password: str, role: Role, now: datetime
) -> int:
    """Make an account from the command line; return its id.

    Raises:
        AftercareError: LOGIN_TAKEN, MALFORMED, PASSWORD_WEAK.
    """
    hashed = hash_password(password)
    with write(engine) as session:
        row = AccountRow(
            login=_free_login(session, login),
            name=name.strip() or login,
            password_hash=hashed,
            role=role,
            skills=[],
            languages=["zh"],
            created_at=now,
        )
        session.add(row)
        session.flush()
        record(session, SYSTEM, "people.add", now, row.login, role=role)
        return row.id


def password_link(
    engine: Engine, actor: Actor, login: str, now: datetime
) -> tuple[str, datetime]:
    """Make a one-time link by which a person sets a new password; ends older ones.

    Raises:
        AftercareError: NOT_FOUND for no such account, or one that is ended.
    """
    token = new_token()
    with write(engine) as session:
        account = session.scalar(
            select(AccountRow).where(
                AccountRow.login == login.strip().lower(), AccountRow.active.is_(True)
            )
        )
        if account is None:
            raise AftercareError(Reason.NOT_FOUND)
        session.execute(
            delete(InvitationRow).where(InvitationRow.account_id == account.id)
        )
        row = InvitationRow(
            token_hash=token_hash(token),
            role=account.role,
            name=account.name,
            login=account.login,
            skills=account.skills,
            languages=account.languages,
            created_by=actor.login,
            created_at=now,
            expires_at=now + RESET_FOR,
            account_id=account.id,
        )
        session.add(row)
        record(session, actor, "people.password_link", now, account.login)
        return token, row.expires_at


def _set_anew(session: Session, account_id: int, hashed: str, now: datetime) -> int:
    """Set a forgotten password; whoever was signed in with the old one is out."""
    account = session.get_one(AccountRow, account_id, with_for_update=True)
    if not account.active:
        raise AftercareError(Reason.EXPIRED)
    account.password_hash = hashed
    end_all(session, account.id)
    actor = Actor(account.id, account.login, account.name, account.role)
    record(session, actor, "people.password_anew", now, account.login)
    return account.id


def first_link(engine: Engine, now: datetime) -> str | None:
    """Return the path of a one-time sign-in link while there is no account.

    Each call makes a new link and ends the ones before it.
    """
    with write(engine) as session:
        if session.scalar(select(func.count()).select_from(AccountRow)):
            return None
        session.execute(
            delete(InvitationRow).where(InvitationRow.created_by == SYSTEM.login)
        )
    token, _ = invite(engine, SYSTEM, Invited(Role.ADMIN, "admin"), now)
    return link_path(token)


def link_path(token: str) -> str:
    """Return the page of the console that takes an invitation.

    The token is behind the hash mark, so that no server log ever holds it.
    """
    return f"/console/#/invite/{token}"


def change_account(
    engine: Engine, actor: Actor, account_id: int, changes: dict[str, Any], at: datetime
) -> None:
    """Change a person; one who is disabled or changes role is signed out at once.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED for an unknown field; FORBIDDEN
            for the last active admin, so that nobody locks the shop out.
    """
    reset = changes.pop("reset_totp", False)
    if set(changes) - CHANGEABLE:
        raise AftercareError(Reason.MALFORMED)
    with write(engine) as session:
        row = session.get(AccountRow, account_id, with_for_update=True)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        demoted = changes.get("role", row.role) != row.role
        ended = changes.get("active") is False
        if row.role == Role.ADMIN and (demoted or ended) and _admins(session) < 2:
            raise AftercareError(Reason.FORBIDDEN, "the last admin")
        for key, value in changes.items():
            setattr(row, key, value)
        if reset:
            row.totp_secret = row.totp_offered = None
        if demoted or ended or reset:
            end_all(session, account_id)
        if ended:
            row.presence = "offline"
        record(session, actor, "people.change", at, row.login, **changes)


def invitations(engine: Engine) -> list[dict[str, Any]]:
    """Return the invitations to new people, newest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(InvitationRow)
            .where(InvitationRow.account_id.is_(None))
            .order_by(InvitationRow.id.desc())
        )
        return [
            _invitation_view(row)
            | {"id": row.id, "created_at": row.created_at, "used_at": row.used_at}
            for row in rows
        ]


def withdraw(engine: Engine, actor: Actor, invitation_id: int, now: datetime) -> None:
    """Take an invitation back.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(InvitationRow, invitation_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        record(session, actor, "people.withdraw", now, row.name)
        session.delete(row)


def _admins(session: Session) -> int:
    query = select(func.count()).where(
        AccountRow.role == Role.ADMIN, AccountRow.active.is_(True)
    )
    return session.scalar(query) or 0


def _free_login(session: Session, login: str) -> str:
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise AftercareError(Reason.MALFORMED, "login")
    if session.scalar(select(AccountRow.id).where(AccountRow.login == login)):
        raise AftercareError(Reason.LOGIN_TAKEN)
    return login


def _invitation(session: Session, token: str, now: datetime) -> InvitationRow:
    row = session.scalar(
        select(InvitationRow)
        .where(InvitationRow.token_hash == token_hash(token))
        .with_for_update()
    )
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    if row.used_at is not None or row.expires_at <= now:
        raise AftercareError(Reason.EXPIRED)
    return row


def _invitation_view(row: InvitationRow) -> dict[str, Any]:
    return {
        "role": row.role,
        "name": row.name,
        "login": row.login,
        "expires_at": row.expires_at,
        # Whether it is for an account there is, to set its password anew.
        "password_only": row.account_id is not None,
    }
