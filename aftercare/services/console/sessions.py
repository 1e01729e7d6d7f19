"""Signing in and out; a session is a row, so that it can be ended at once."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import ColumnElement, Engine, delete, func, select, update
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.options import options_in
from aftercare.services.console.secrets import (
    hash_password,
    new_token,
    password_fits,
    token_hash,
    totp_step,
    totp_uri,
)
from aftercare.store.console import AccountRow, ConsoleSessionRow
from aftercare.store.unit_of_work import read, write

VALID_FOR = timedelta(days=7)
IDLE_FOR = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser's session; `token` is only known when it was just made."""

    actor: Actor
    csrf: str
    token: str = ""


def sign_in(
    engine: Engine, login: str, password: str, code: str, address: str, now: datetime
) -> SignedIn:
    """Check a password, and a one-time code where one is set; open a session.

    Raises:
        AftercareError: WRONG_LOGIN alike for no such account, a wrong password,
            a wrong code and a disabled account; TOTP_REQUIRED where the
            password is right and a code is missing.
    """
    with read(engine) as session:
        row = _by_login(session, login)
        kept = row.password_hash if row is not None and row.active else None
    # Slow on purpose, so outside the transaction that holds the write lock.
    right = password_fits(kept, password)
    with write(engine) as session:
        row = _by_login(session, login)
        if row is None or not right or not row.active or row.password_hash != kept:
            actor = Actor(None, login[:64], "", "", address)
            record(session, actor, "session.refused", now)
            reason: Reason | None = Reason.WRONG_LOGIN
        else:
            reason = _check_code(row, code, now)
        if reason is None and row is not None:
            return _open(session, row, address, now)
    raise AftercareError(reason or Reason.WRONG_LOGIN)


def _check_code(row: AccountRow, code: str, now: datetime) -> Reason | None:
    if row.totp_secret is None:
        return None
    if not code:
        return Reason.TOTP_REQUIRED
    step = totp_step(row.totp_secret, code, now, row.totp_step)
    if step is None:
        return Reason.WRONG_LOGIN
    row.totp_step = step
    return None


def _open(session: Session, row: AccountRow, address: str, now: datetime) -> SignedIn:
    token = new_token()
    csrf = secrets.token_urlsafe(24)
    session.add(
        ConsoleSessionRow(
            token_hash=token_hash(token),
            account_id=row.id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + VALID_FOR,
            address=address,
        )
    )
    row.seen_at = now
    actor = _actor(row, address)
    record(session, actor, "session.open", now)
    return SignedIn(actor, csrf, token)


def open_for(engine: Engine, account_id: int, address: str, now: datetime) -> SignedIn:
    """Open a session for an account just made from an invitation."""
    with write(engine) as session:
        return _open(session, session.get_one(AccountRow, account_id), address, now)


def find_session(
    engine: Engine, token: str, address: str, now: datetime
) -> SignedIn | None:
    """Return a session that still holds: not expired, not idle, account active."""
    with read(engine) as session:
        found = session.execute(
            select(ConsoleSessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == ConsoleSessionRow.account_id)
            .where(ConsoleSessionRow.token_hash == token_hash(token), *_holding(now))
        ).one_or_none()
        if found is None:
            return None
        kept, row = found
        seen, signed = kept.seen_at, SignedIn(_actor(row, address), kept.csrf)
    if now - seen > SEEN_EVERY:
        with write(engine) as session:
            session.execute(
                update(ConsoleSessionRow)
                .where(ConsoleSessionRow.token_hash == token_hash(token))
                .values(seen_at=now)
            )
    return signed


def still_open(engine: Engine, tokens: Collection[str], now: datetime) -> set[str]:
    """Return those of some browsers' tokens whose sessions still hold."""
    by_hash = {token_hash(token): token for token in tokens}
    with read(engine) as session:
        found = session.scalars(
            select(ConsoleSessionRow.token_hash)
            .join(AccountRow, AccountRow.id == ConsoleSessionRow.account_id)
            .where(ConsoleSessionRow.token_hash.in_(by_hash), *_holding(now))
        )
        return {by_hash[one] for one in found}


def _holding(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what a session that holds has to fulfil."""
    return (
        ConsoleSessionRow.expires_at > now,
        ConsoleSessionRow.seen_at > now - IDLE_FOR,
        AccountRow.active.is_(True),
    )


def sign_out(engine: Engine, actor: Actor, token: str, now: datetime) -> None:
    """End one session."""
    with write(engine) as session:
        session.execute(
            delete(ConsoleSessionRow).where(
                ConsoleSessionRow.token_hash == token_hash(token)
            )
        )
        record(session, actor, "session.close", now)


def end_all(session: Session, account_id: int, keep: str = "") -> None:
    """End every session of an account inside a transaction, but for one."""
    session.execute(
        delete(ConsoleSessionRow).where(
            ConsoleSessionRow.account_id == account_id,
            ConsoleSessionRow.token_hash != (token_hash(keep) if keep else ""),
        )
    )


def change_password(
    engine: Engine, actor: Actor, token: str, old: str, new: str, now: datetime
) -> None:
    """Change one's own password and end the other sessions.

    Raises:
        AftercareError: WRONG_LOGIN for a wrong old one; PASSWORD_WEAK.
    """
    with read(engine) as session:
        kept = session.get_one(AccountRow, actor.account_id).password_hash
    if not password_fits(kept, old):
        raise AftercareError(Reason.WRONG_LOGIN)
    hashed = hash_password(new)
    with write(engine) as session:
        session.get_one(AccountRow, actor.account_id).password_hash = hashed
        end_all(session, actor.account_id or 0, keep=token)
        record(session, actor, "password.change", now)


def offer_totp(engine: Engine, actor: Actor) -> tuple[str, str]:
    """Return a new one-time-code secret and its address; not in force yet.

    Whoever holds a session could else put their own telephone in the place of the
    owner's: one in force is taken away by an admin first, which ends the sessions.

    Raises:
        AftercareError: ILLEGAL_MOVE where one is in force.
    """
    secret = pyotp.random_base32()
    with write(engine) as session:
        _without_totp(session, actor).totp_offered = secret
    return secret, totp_uri(secret, actor.login)


def confirm_totp(engine: Engine, actor: Actor, code: str, now: datetime) -> None:
    """Put the offered secret in force, once a code proves it was scanned.

    Raises:
        AftercareError: NOT_FOUND without an offer; WRONG_LOGIN for a wrong code;
            ILLEGAL_MOVE where one is in force.
    """
    with write(engine) as session:
        row = _without_totp(session, actor)
        if row.totp_offered is None:
            raise AftercareError(Reason.NOT_FOUND)
        step = totp_step(row.totp_offered, code, now, 0)
        if step is None:
            raise AftercareError(Reason.WRONG_LOGIN)
        row.totp_secret, row.totp_offered = row.totp_offered, None
        row.totp_step = step
        record(session, actor, "totp.on", now)


def _without_totp(session: Session, actor: Actor) -> AccountRow:
    row = session.get_one(AccountRow, actor.account_id, with_for_update=True)
    if row.totp_secret is not None:
        raise AftercareError(Reason.ILLEGAL_MOVE, "codes are on")
    return row


def must_enrol(engine: Engine, actor: Actor) -> bool:
    """Return whether an admin has to set up one-time codes before anything else."""
    with read(engine) as session:
        if actor.role != "admin" or not options_in(session).totp_required:
            return False
        return session.get_one(AccountRow, actor.account_id).totp_secret is None


def _by_login(session: Session, login: str) -> AccountRow | None:
    wanted = login.strip().lower()
    return session.scalar(
        select(AccountRow).where(func.lower(AccountRow.login) == wanted)
    )


def _actor(row: AccountRow, address: str) -> Actor:
    return Actor(row.id, row.login, row.name, row.role, address)
