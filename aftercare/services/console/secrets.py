"""Passwords, tokens and one-time codes of the console."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aftercare.domain.errors import AftercareError, Reason

MIN_PASSWORD = 10
MAX_PASSWORD = 200
STEP_S = 30
# RFC 9106, section 4, second recommended option: 64 MiB, three passes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
# Compared with where no account is, so that both take the same time.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
# So many passwords are worked on at once, so many more may wait: a crowd at the door
# would else take gigabytes, and every thread that serves those inside.
AT_ONCE, IN_LINE = 2, 8
_working = threading.BoundedSemaphore(AT_ONCE)
_let_in = threading.BoundedSemaphore(AT_ONCE + IN_LINE)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password.

    Raises:
        AftercareError: PASSWORD_WEAK for under 10 or over 200 characters, or
            fewer than four different ones, or one that everybody tries first;
            TOO_MANY_TRIES while too many others wait.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or len(set(password)) < 4:
        raise AftercareError(Reason.PASSWORD_WEAK)
    if password.lower() in common_passwords():
        raise AftercareError(Reason.PASSWORD_WEAK)
    with _in_turn():
        return _HASHER.hash(password)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the passwords of ten characters or more that guessers begin with."""
    text = Path(__file__).with_name("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def password_fits(password_hash: str | None, password: str) -> bool:
    """Return whether a password is right; None takes as long and is never right.

    Raises:
        AftercareError: TOO_MANY_TRIES while too many others wait.
    """
    try:
        # Over the longest that is taken none is right; it costs as much as any.
        given = password if len(password) <= MAX_PASSWORD else ""
        with _in_turn():
            right = _HASHER.verify(password_hash or _NOBODY, given)
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


@contextmanager
def _in_turn() -> Iterator[None]:
    """Wait for a place to work with a password; where the line is long, do not."""
    if not _let_in.acquire(blocking=False):
        raise AftercareError(Reason.TOO_MANY_TRIES)
    try:
        with _working:
            yield
    finally:
        _let_in.release()


def new_token() -> str:
    """Return 256 unguessable bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is kept of a token: enough to know it, useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


def totp_uri(secret: str, login: str) -> str:
    """Return the otpauth address an authenticator scans (RFC 6238)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Aftercare")


def totp_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the time step a code is right for, None where it is wrong or used.

    One step of clock difference is allowed (RFC 6238, section 5.2).
    """
    current = int(now.timestamp()) // STEP_S
    made = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        right = secrets.compare_digest(made.generate_otp(step), code.strip())
        if right and step > last_step:
            return step
    return None
