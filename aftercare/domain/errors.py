"""Errors that carry a reason code, safe to show through a message catalogue."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a request was refused; each value is a key of the message catalogue."""

    ILLEGAL_MOVE = "illegal_move"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    OVER_PAID = "refund_over_paid"
    KEY_REUSED = "idempotency_key_reused"
    NOT_FOUND = "not_found"
    POLICY_BELOW_LAW = "policy_below_law"
    MESSAGE_TOO_LONG = "message_too_long"
    MESSAGE_EMPTY = "message_empty"
    PAYLOAD_NOT_ISSUED = "payload_not_issued"
    TOO_MANY_TRIES = "too_many_tries"
    CONFIRMATION_EXPIRED = "confirmation_expired"
    CONFIRMATION_STALE = "confirmation_stale"
    REFUSED_BY_POLICY = "refused_by_policy"
    TOO_MANY_MESSAGES = "too_many_messages"
    MALFORMED = "malformed"
    FILE_TOO_LARGE = "file_too_large"
    FILE_NOT_AN_IMAGE = "file_not_an_image"
    UNAUTHORISED = "unauthorised"
    WRONG_LOGIN = "wrong_login"
    TOTP_REQUIRED = "totp_required"
    CSRF = "csrf"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"
    PASSWORD_WEAK = "password_weak"
    LOGIN_TAKEN = "login_taken"
    ALREADY_TAKEN = "already_taken"
    NOT_OWNER = "not_owner"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CAP_REACHED = "cap_reached"
    SENSITIVE_WORDS = "sensitive_words"
    NOT_AN_INTENT = "not_an_intent"


class AftercareError(Exception):
    """A request that cannot be served, with its reason code."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the code for the customer and the detail for the log."""
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail
