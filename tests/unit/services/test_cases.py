"""Cases on the demo shop: opened once by their button, by their owner only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from aftercare.domain.cases import CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts, orders
from aftercare.services.access import MAX_TRIES, Proof, Viewer, prove_order
from aftercare.services.drafts import Draft
from aftercare.services.refunds import refund_in
from aftercare.store.models import OrderLineRow, RefundRow
from aftercare.store.unit_of_work import read, write

RULES = load_rules()
ANNA = Viewer("talk-1", "C-DEMO-1")
UNSHIPPED = "8800000000010005-1"
SHOES = "8800000000010001-1"
DRESS = "8800000000010002-1"


def refund_rows(engine: Engine) -> int:
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(RefundRow)) or 0


def test_twenty_clients_confirm_one_refund(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", UNSHIPPED), RULES, now)

    def press(_: int) -> cases.CaseView:
        return cases.confirm(shop, ANNA, asked.nonce, RULES, now)

    with ThreadPoolExecutor(20) as pool:
        seen = list(pool.map(press, range(20)))
    assert len({view.case_no for view in seen}) == 1
    assert seen[0].state is CaseState.DONE
    assert seen[0].refunded_fen == 29_900
    assert refund_rows(shop) == 1


def test_a_second_button_for_refunded_money_is_stale(
    shop: Engine, now: datetime
) -> None:
    draft = Draft("refund", UNSHIPPED)
    first = drafts.prepare(shop, ANNA, draft, RULES, now)
    second = drafts.prepare(shop, Viewer("talk-2", "C-DEMO-1"), draft, RULES, now)
    cases.confirm(shop, ANNA, first.nonce, RULES, now)
    with pytest.raises(AftercareError) as caught:
        cases.confirm(shop, Viewer("talk-2", "C-DEMO-1"), second.nonce, RULES, now)
    assert caught.value.reason is Reason.CONFIRMATION_STALE
    assert refund_rows(shop) == 1


def test_an_amount_that_has_changed_since_it_was_shown_is_not_paid(
    shop: Engine, now: datetime
) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", UNSHIPPED), RULES, now)
    # Meanwhile an agent pays a part of it as compensation.
    with write(shop) as session:
        line = session.get_one(OrderLineRow, UNSHIPPED)
        refund_in(
            session, line, amount_fen=5_000, rule="compensation", idempotency_key="k"
        )
    with pytest.raises(AftercareError) as caught:
        cases.confirm(shop, ANNA, asked.nonce, RULES, now)
    assert caught.value.reason is Reason.CONFIRMATION_STALE
    assert refund_rows(shop) == 1


def test_a_return_waits_for_the_goods_before_money_moves(
    shop: Engine, now: datetime
) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    view = cases.confirm(shop, ANNA, asked.nonce, RULES, now)
    assert (view.state, view.amount_fen) == (CaseState.AWAITING_GOODS, 39_900)
    assert refund_rows(shop) == 0


def test_two_buttons_for_the_same_return_open_one_case(
    shop: Engine, now: datetime
) -> None:
    first = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    second = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    one = cases.confirm(shop, ANNA, first.nonce, RULES, now)
    other = cases.confirm(shop, ANNA, second.nonce, RULES, now)
    assert one.case_no == other.case_no


def test_a_refusal_gets_no_button(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", DRESS), RULES, now)
    assert (asked.decision.rule, asked.nonce) == ("no_reason_expired", "")


@pytest.mark.parametrize(
    "viewer", [Viewer("talk-9", "C-DEMO-2"), Viewer("talk-1", None), Viewer("x", "no")]
)
def test_anothers_line_looks_like_none(
    shop: Engine, now: datetime, viewer: Viewer
) -> None:
    for line_id in (UNSHIPPED, "no-such-line"):
        with pytest.raises(AftercareError) as caught:
            drafts.judge(shop, viewer, Draft("refund", line_id), RULES, now)
        assert caught.value.reason is Reason.NOT_FOUND


def test_anothers_button_is_no_button(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", UNSHIPPED), RULES, now)
    for viewer in (Viewer("talk-2", "C-DEMO-1"), Viewer("talk-1", "C-DEMO-2")):
        with pytest.raises(AftercareError) as caught:
            cases.confirm(shop, viewer, asked.nonce, RULES, now)
        assert caught.value.reason is Reason.NOT_FOUND
    assert refund_rows(shop) == 0


def test_anothers_case_is_not_called_off(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    case = cases.confirm(shop, ANNA, asked.nonce, RULES, now)
    with pytest.raises(AftercareError) as caught:
        cases.cancel(shop, Viewer("talk-3", "C-DEMO-2"), case.case_no, now)
    assert caught.value.reason is Reason.NOT_FOUND
    assert cases.own_cases(shop, ANNA)[0].state is CaseState.AWAITING_GOODS


def test_a_parcel_belongs_to_no_case_of_anothers(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    cases.confirm(shop, ANNA, asked.nonce, RULES, now)
    stranger = Viewer("talk-3", "C-DEMO-2")
    assert cases.note_return(shop, stranger, "SF1234567890123", now) is None
    assert cases.note_return(shop, ANNA, "SF1234567890123", now) is not None


def test_an_old_button_has_expired(shop: Engine, now: datetime) -> None:
    asked = drafts.prepare(shop, ANNA, Draft("refund", UNSHIPPED), RULES, now)
    with pytest.raises(AftercareError) as caught:
        cases.confirm(shop, ANNA, asked.nonce, RULES, now + timedelta(minutes=31))
    assert caught.value.reason is Reason.CONFIRMATION_EXPIRED


def test_a_guest_proves_one_order_and_sees_no_other(
    shop: Engine, now: datetime
) -> None:
    guest = Viewer("guest-talk", None)
    assert orders.recent_lines(shop, guest) == []
    prove_order(shop, guest, Proof("8800000000010001", "0011"), "k", now)
    assert [line.line_id for line in orders.recent_lines(shop, guest)] == [SHOES]
    assert orders.tracks(shop, guest, now, "8800000000010002") == []


def test_a_guest_cannot_guess_for_long(shop: Engine, now: datetime) -> None:
    guest = Viewer("guest-talk", None)
    for number in range(MAX_TRIES):
        with pytest.raises(AftercareError) as caught:
            wrong = Proof("8800000000010001", f"{number:04d}")
            prove_order(shop, guest, wrong, "k", now)
        assert caught.value.reason is Reason.NOT_FOUND
    with pytest.raises(AftercareError) as caught:
        prove_order(shop, guest, Proof("8800000000010001", "0011"), "k", now)
    assert caught.value.reason is Reason.TOO_MANY_TRIES
    assert orders.recent_lines(shop, guest) == []


def test_price_protection_pays_the_difference_once(shop: Engine, now: datetime) -> None:
    viewer = Viewer("t", "C-DEMO-2")
    draft = Draft("price_protection", "8800000000020006-1")
    asked = drafts.prepare(shop, viewer, draft, RULES, now)
    assert cases.confirm(shop, viewer, asked.nonce, RULES, now).refunded_fen == 5_000
    again = drafts.prepare(shop, viewer, draft, RULES, now)
    assert again.decision.rule == "price_not_lower"


def test_a_stalled_parcel_is_seen(shop: Engine, now: datetime) -> None:
    viewer = Viewer("t", "C-DEMO-2")
    (track,) = orders.tracks(shop, viewer, now, "8800000000020004")
    assert track.stalled
    (moving,) = orders.tracks(shop, ANNA, now, "8800000000010006")
    assert not moving.stalled


def test_new_goods_and_their_money_are_not_given_at_once(
    shop: Engine, now: datetime
) -> None:
    swap = Draft("exchange", SHOES, "size", target_sku="P-RUN-2")
    first = drafts.prepare(shop, ANNA, swap, RULES, now)
    second = drafts.prepare(shop, ANNA, Draft("refund", SHOES), RULES, now)
    running = cases.confirm(shop, ANNA, first.nonce, RULES, now)
    with pytest.raises(AftercareError) as caught:
        cases.confirm(shop, ANNA, second.nonce, RULES, now)
    assert caught.value.reason is Reason.CHANGED_MEANWHILE
    assert caught.value.detail == running.case_no
    cases.cancel(shop, ANNA, running.case_no, now)
    assert cases.confirm(shop, ANNA, second.nonce, RULES, now).amount_fen == 39_900
