"""Who is speaking: the shop's signed token in, a signed turn token out."""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime, timedelta

import jwt

ALGORITHM = "HS256"
TURN_VALID = timedelta(seconds=60)
DEMO_VALID = timedelta(hours=8)
# A token that leaked with a page must not open an account's orders for years.
LONGEST_VALID = timedelta(hours=24)
REQUIRED = ["exp", "iat", "sub", "aud", "iss"]


def customer_of(token: str, secret: str) -> str:
    """Return the customer a shop's token was signed for: see `customer_until`."""
    return customer_until(token, secret)[0]


def customer_until(token: str, secret: str) -> tuple[str, datetime]:
    """Return the customer a shop's token was signed for, and its end.

    Raises:
        jwt.InvalidTokenError: not signed by the shop, expired, incomplete, or signed
            for longer than a day.
    """
    claims = jwt.decode(
        token,
        secret,
        algorithms=[ALGORITHM],
        audience="aftercare",
        issuer="shop",
        options={"require": REQUIRED},
    )
    if claims["exp"] - claims["iat"] > LONGEST_VALID.total_seconds():
        raise jwt.InvalidTokenError("valid for too long")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.strip():
        raise jwt.InvalidTokenError("empty subject")
    return subject, datetime.fromtimestamp(claims["exp"], UTC)


def shop_token(customer_id: str, secret: str, now: datetime) -> str:
    """Sign a customer in, as a shop's own server would."""
    return jwt.encode(
        {
            "iss": "shop",
            "aud": "aftercare",
            "sub": customer_id,
            "iat": now,
            "exp": now + DEMO_VALID,
            "jti": secrets.token_hex(8),
        },
        secret,
        algorithm=ALGORITHM,
    )


def turn_token(
    conversation_id: str,
    customer_id: str | None,
    seq: int,
    secret: str,
    now: datetime,
    network: str | None = None,
) -> str:
    """Sign who speaks in this one turn, for the actions.

    `network`: where it is spoken from. Only a keyed hash of it goes along, by which
    tries are counted; nobody behind the gateway learns an address.
    """
    net = network and hmac.new(secret.encode(), network.encode(), "sha256").hexdigest()
    return jwt.encode(
        {
            "net": net,
            "iss": "gateway",
            "aud": "actions",
            "sub": conversation_id,
            "cust": customer_id,
            "msg": seq,
            "iat": now,
            "exp": now + TURN_VALID,
            "jti": secrets.token_hex(8),
        },
        secret,
        algorithm=ALGORITHM,
    )
