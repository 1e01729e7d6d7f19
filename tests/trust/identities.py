"""Who may stand before a door: every kind of token, right and wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from aftercare.web.identity import shop_token, turn_token

IDENTITIES = ("guest", "anna", "bob", "forged", "expired", "unsigned")
# The shop vouches for these; the rest must come to nothing.
GENUINE = ("guest", "anna", "bob")


def shop_token_of(who: str, customers: dict[str, str], secret: str) -> str | None:
    """Return what a visitor shows: a customer's token, none, or a bad one of Anna's."""
    now = datetime.now(UTC)
    if who == "guest":
        return None
    if who in customers:
        return shop_token(customers[who], secret, now)
    if who == "forged":
        return shop_token(customers["anna"], "f" * 40, now)
    if who == "expired":
        return shop_token(customers["anna"], secret, now - timedelta(days=2))
    claims: dict[str, Any] = jwt.decode(
        shop_token(customers["anna"], secret, now), options={"verify_signature": False}
    )
    return jwt.encode(claims, None, algorithm="none")


def turn_token_of(
    who: str, talk: str, customers: dict[str, str], secret: str
) -> str | None:
    """Return the token of one turn, as the gateway signs it or as nobody did."""
    now = datetime.now(UTC)
    if who == "guest":
        return turn_token(talk, None, 1, secret, now)
    if who in customers:
        return turn_token(talk, customers[who], 1, secret, now)
    if who == "forged":
        return turn_token(talk, customers["anna"], 1, "f" * 40, now)
    if who == "expired":
        old = now - timedelta(minutes=5)
        return turn_token(talk, customers["anna"], 1, secret, old)
    return None
