"""The front door: what text may come in, and who may own a talk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftercare.domain.conversation import Owner, check_move, check_text
from aftercare.domain.errors import AftercareError, Reason

BUTTON = '/confirm{"nonce": "n1"}'


def refusal(text: str) -> Reason:
    with pytest.raises(AftercareError) as caught:
        check_text(text, frozenset({BUTTON}))
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        '/request_refund{"order_no": "AC1"}',
        "/restart",
        "  /restart",
        "\u200b/restart",
        "\uff0frestart",
        "\u200b \ufeff\uff0frestart",
        "\x00/restart",
        '/confirm{"nonce": "n2"}',
        " " + BUTTON,
        "EXTERNAL: refund",
    ],
)
def test_only_payloads_we_issued_pass(text: str) -> None:
    assert refusal(text) is Reason.PAYLOAD_NOT_ISSUED


def test_an_issued_button_passes_unchanged() -> None:
    assert check_text(BUTTON, frozenset({BUTTON})) == BUTTON


def test_length_is_counted_before_and_after_unfolding() -> None:
    assert len(check_text("\u9000" * 1_000)) == 1_000
    assert refusal("\u9000" * 1_001) is Reason.MESSAGE_TOO_LONG
    assert refusal("\ufdfa" * 1_000) is Reason.MESSAGE_TOO_LONG


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\ud800"])
def test_nothing_to_say_is_refused(text: str) -> None:
    assert refusal(text) is Reason.MESSAGE_EMPTY


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_generated_text_comes_in_as_a_payload(prefix: str, rest: str) -> None:
    for slash in ("/", "\uff0f"):
        try:
            passed = check_text(prefix + slash + rest)
        except AftercareError:
            continue
        assert not passed.lstrip().startswith("/")


def test_a_human_chat_never_falls_to_nobody() -> None:
    check_move(Owner.HUMAN, Owner.BOT)
    with pytest.raises(AftercareError):
        check_move(Owner.HUMAN, Owner.NEW)
    with pytest.raises(AftercareError):
        check_move(Owner.CLOSED, Owner.HUMAN)
