"""Table-driven: the edges of every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from aftercare.domain.calendar import SHOP_ZONE, days_since, last_day
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy import Freight, Request, decide
from aftercare.domain.policy_rules import load_rules, with_merchant_days

RULES = load_rules()
SIGNED = datetime(2026, 3, 2, 23, 59, tzinfo=SHOP_ZONE)
LINE = OrderLine(
    "l1", 9900, Fulfilment.DELIVERED, category="phone", delivered_at=SIGNED
)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=SHOP_ZONE) + timedelta(days=day)


def test_the_day_after_sign_off_is_day_one() -> None:
    assert days_since(SIGNED, at(1, 0, 0)) == 1
    assert last_day(SIGNED, 7) == date(2026, 3, 9)


def test_midnight_is_shanghai_midnight() -> None:
    signed = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # already 3 March in Shanghai
    assert last_day(signed, 7) == date(2026, 3, 10)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        last_day(datetime(2026, 3, 2), 7)


@pytest.mark.parametrize(
    ("when", "allowed", "rule"),
    [
        (at(0, 23, 59), True, "no_reason_return"),
        (at(7, 23, 59), True, "no_reason_return"),
        (at(8, 0, 0), False, "no_reason_expired"),
    ],
)
def test_seven_day_window(when: datetime, allowed: bool, rule: str) -> None:
    got = decide(LINE, Request.RETURN, faulty=False, rules=RULES, now=when)
    assert (got.allowed, got.rule, got.deadline) == (allowed, rule, date(2026, 3, 9))
    assert got.amount_fen == (9900 if allowed else 0)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"exclusion": Exclusion.CUSTOM_MADE}, "excluded_custom_made"),
        ({"exclusion": Exclusion.PERISHABLE}, "excluded_perishable"),
        (
            {"exclusion": Exclusion.CONSENT_ONLY, "exclusion_confirmed": True},
            "excluded_by_consent",
        ),
        ({"intact": False}, "goods_not_intact"),
        ({"is_gift": True}, "gift_goes_with_its_order"),
        ({"refunded_fen": 9900}, "nothing_to_refund"),
    ],
)
def test_no_reason_refusals(change: dict[str, object], rule: str) -> None:
    line = replace(LINE, **change)  # type: ignore[arg-type]
    got = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(2))
    assert (got.allowed, got.rule, got.amount_fen) == (False, rule, 0)


def test_exclusion_without_consent_does_not_bind() -> None:
    line = replace(LINE, exclusion=Exclusion.CONSENT_ONLY)
    got = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(2))
    assert (got.allowed, got.freight) == (True, Freight.BUYER)


def test_part_refund_leaves_only_the_rest() -> None:
    line = replace(LINE, refunded_fen=4000)
    got = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(2))
    assert got.amount_fen == 5900


@pytest.mark.parametrize(
    ("request_", "day", "allowed", "rule"),
    [
        (Request.RETURN, 7, True, "quality_return"),
        (Request.RETURN, 8, False, "quality_return_expired"),
        (Request.EXCHANGE, 15, True, "quality_exchange"),
        (Request.EXCHANGE, 16, False, "quality_exchange_expired"),
        (Request.REPAIR, 365, True, "warranty"),
        (Request.REPAIR, 366, False, "warranty_expired"),
    ],
)
def test_three_guarantees(
    request_: Request, day: int, allowed: bool, rule: str
) -> None:
    got = decide(LINE, request_, faulty=True, rules=RULES, now=at(day))
    assert (got.allowed, got.rule) == (allowed, rule)
    assert got.freight is (Freight.SELLER if allowed else Freight.NOBODY)


def test_two_failed_repairs_open_a_return_for_the_whole_warranty() -> None:
    line = replace(LINE, repairs=2)
    got = decide(line, Request.RETURN, faulty=True, rules=RULES, now=at(200))
    assert (got.allowed, got.rule, got.needs_human) == (
        True,
        "two_failed_repairs",
        True,
    )
    late = decide(line, Request.RETURN, faulty=True, rules=RULES, now=at(366))
    assert not late.allowed


def test_an_exchange_restarts_the_terms() -> None:
    line = replace(LINE, replaced_at=at(30))
    got = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(37))
    assert got.allowed
    over = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(38))
    assert not over.allowed


def test_unshipped_money_goes_back_and_transit_needs_a_person() -> None:
    line = replace(LINE, fulfilment=Fulfilment.UNSHIPPED, delivered_at=None)
    got = decide(line, Request.RETURN, faulty=False, rules=RULES, now=at(1))
    assert (got.rule, got.amount_fen, got.needs_human) == (
        "unshipped_refund",
        9900,
        False,
    )
    moving = replace(line, fulfilment=Fulfilment.IN_TRANSIT)
    got = decide(moving, Request.RETURN, faulty=False, rules=RULES, now=at(1))
    assert (got.rule, got.needs_human) == ("in_transit_refund", True)


def test_a_merchant_may_be_better_never_worse() -> None:
    better = with_merchant_days(RULES, {"no_reason_return": 30})
    assert decide(
        LINE, Request.RETURN, faulty=False, rules=better, now=at(30)
    ).basis.startswith("merchant rule")
    with pytest.raises(AftercareError) as caught:
        with_merchant_days(RULES, {"no_reason_return": 6})
    assert caught.value.reason is Reason.POLICY_BELOW_LAW
