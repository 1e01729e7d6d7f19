"""Who owns a conversation, and which messages the gateway lets in."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from aftercare.domain.errors import AftercareError, Reason

MAX_MESSAGE_CHARS = 1_000


class Owner(StrEnum):
    """The five states of a conversation, as WeCom names them."""

    NEW = "new"
    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    CLOSED = "closed"


MOVES: dict[Owner, frozenset[Owner]] = {
    Owner.NEW: frozenset({Owner.BOT, Owner.WAITING, Owner.CLOSED}),
    Owner.BOT: frozenset({Owner.WAITING, Owner.HUMAN, Owner.CLOSED}),
    Owner.WAITING: frozenset({Owner.HUMAN, Owner.BOT, Owner.CLOSED}),
    Owner.HUMAN: frozenset({Owner.BOT, Owner.WAITING, Owner.CLOSED}),
    Owner.CLOSED: frozenset({Owner.BOT}),
}


def check_move(before: Owner, after: Owner) -> None:
    """Raise ILLEGAL_MOVE unless a conversation may pass between two owners."""
    if after not in MOVES[before]:
        raise AftercareError(Reason.ILLEGAL_MOVE, f"{before} -> {after}")


def check_text(text: str, issued_payloads: frozenset[str] = frozenset()) -> str:
    """Return a customer's text ready to store, or refuse it.

    Rasa reads a leading slash as an intent that bypasses understanding, also
    after white space, so only payloads this conversation was offered pass.
    NFKC turns the full-width slash into the plain one; format characters
    (zero-width and the like) are dropped before looking.

    Raises:
        AftercareError: MESSAGE_TOO_LONG, MESSAGE_EMPTY or PAYLOAD_NOT_ISSUED.
    """
    if len(text) > MAX_MESSAGE_CHARS:
        raise AftercareError(Reason.MESSAGE_TOO_LONG)
    if text in issued_payloads:
        return text
    visible = "".join(
        char
        for char in unicodedata.normalize("NFKC", text)
        if char in "\n\t" or not unicodedata.category(char).startswith("C")
    ).strip()
    if not visible:
        raise AftercareError(Reason.MESSAGE_EMPTY)
    if visible.startswith(("/", "EXTERNAL:")):
        raise AftercareError(Reason.PAYLOAD_NOT_ISSUED)
    if len(visible) > MAX_MESSAGE_CHARS:
        # One compatibility character may unfold to eighteen.
        raise AftercareError(Reason.MESSAGE_TOO_LONG)
    return visible
