"""A merchant's rules are never worse than the law, and rules are dated."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.domain.calendar import SHOP_ZONE, business_day
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.merchant import overlay
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy import Freight, Problem, Request, decide
from aftercare.domain.policy_rules import load_law, load_rules

LAW = load_law()
SIGNED = datetime(2026, 3, 2, 12, tzinfo=SHOP_ZONE)


@pytest.mark.parametrize(
    "entry",
    [
        {"terms": {"no_reason_return": 6}},
        {"terms": {"quality_exchange": 14}},
        {"terms": {"not_as_ordered": -1}},
        {"terms": {"repair_time": 31}},
        {"terms": {"price_protection": -1}},
        {"warranty_days": {"phone": 364}},
        {"warranty_days": {"toy": 100}},
        {"part_days": {"appliance": {"main": 1094}}},
        {"part_days": {"appliance": {"door": 364}}},
        {"failed_repairs_for_return": 3},
        {"failed_repairs_for_return": 0},
        {"exclusions": ["custom_made", "sale_goods"]},
        {"evidence": ["complaint"]},
        {"quality_freight": "buyer"},
        {"auto_approve_fen": -1},
    ],
)
def test_anything_worse_than_the_law_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(AftercareError) as caught:
        overlay(LAW, entry)
    assert caught.value.reason is Reason.POLICY_BELOW_LAW


@pytest.mark.parametrize("entry", [{"fees": 1}, {"terms": {"no_reason": 9}}])
def test_an_entry_nobody_knows_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(AftercareError) as caught:
        overlay(LAW, entry)
    assert caught.value.reason is Reason.NOT_FOUND


def some(values: frozenset[str] | set[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(values)), unique=True)


# One entry at a time: two random ones are nearly always refused together.
TERMS = st.sampled_from(sorted(LAW.terms))
MERCHANTS = st.one_of(
    st.fixed_dictionaries({"terms": st.dictionaries(TERMS, st.integers(0, 60))}),
    st.fixed_dictionaries(
        {"terms": st.just({"no_reason_return": 30}), "evidence": st.just(["return"])}
    ),
    st.fixed_dictionaries(
        {
            "warranty_days": st.dictionaries(
                st.sampled_from(["phone", "clothes", "toy"]), st.integers(0, 900)
            )
        }
    ),
    st.fixed_dictionaries({"failed_repairs_for_return": st.integers(0, 3)}),
    st.fixed_dictionaries({"exclusions": some(LAW.exclusions | {"sale_goods"})}),
    st.fixed_dictionaries({"evidence": some(LAW.evidence | {"complaint"})}),
    st.fixed_dictionaries({"no_reason_freight": st.sampled_from(["buyer", "seller"])}),
    st.fixed_dictionaries({"quality_freight": st.sampled_from(["buyer", "seller"])}),
    st.fixed_dictionaries({"extend_to_business_day": st.booleans()}),
    st.fixed_dictionaries({"auto_approve_fen": st.none() | st.integers(0, 20_000)}),
)
LINES = st.builds(
    OrderLine,
    line_id=st.just("l1"),
    paid_fen=st.integers(1, 30_000),
    fulfilment=st.sampled_from([Fulfilment.DELIVERED] * 3 + list(Fulfilment)),
    category=st.sampled_from(["phone", "clothes", "toy"]),
    exclusion=st.sampled_from(Exclusion),
    exclusion_confirmed=st.booleans(),
    delivered_at=st.just(SIGNED),
    is_gift=st.booleans(),
    intact=st.booleans(),
    repairs=st.integers(0, 3),
    repair_opened_at=st.none() | st.just(SIGNED + timedelta(days=3)),
)
COST = {Freight.NOBODY: 0, Freight.SELLER: 0, Freight.BUYER: 1}


@settings(max_examples=400, deadline=None)
@given(
    MERCHANTS,
    LINES,
    st.sampled_from([r for r in Request if r is not Request.PRICE_PROTECTION]),
    st.booleans(),
    st.sampled_from(Problem),
    st.integers(0, 20) | st.integers(21, 90) | st.integers(360, 370),
)
def test_what_loads_is_never_worse_for_any_customer(
    entries: dict[str, Any],
    line: OrderLine,
    request_: Request,
    faulty: bool,
    problem: Problem,
    day: int,
) -> None:
    try:
        rules = overlay(LAW, entries)
    except AftercareError as error:
        assert error.reason is Reason.POLICY_BELOW_LAW
        return
    now = SIGNED + timedelta(days=day)
    law, own = (
        decide(line, request_, faulty=faulty, problem=problem, rules=r, now=now)
        for r in (LAW, rules)
    )
    if not law.allowed:
        return
    assert own.allowed
    assert own.amount_fen >= law.amount_fen
    assert COST[own.freight] <= COST[law.freight]
    assert own.evidence <= law.evidence
    if own.deadline is not None:
        assert law.deadline is not None
        assert own.deadline >= law.deadline


def test_the_shops_own_file_loads_and_keeps_the_law() -> None:
    shop = load_rules()
    assert shop.terms["no_reason_return"] == LAW.terms["no_reason_return"]
    assert shop.terms["not_as_ordered"].source.startswith("merchant rule; law:")
    assert shop.auto_approve_fen == 200_000


def test_the_version_is_chosen_by_the_day() -> None:
    assert load_law(on=date(2024, 6, 30)).version == "law-2020-10"
    assert load_law(on=date(2024, 7, 1)).version == "law-2024-07"
    assert load_rules(on=date(2024, 6, 30)).auto_approve_fen is None
    with pytest.raises(AftercareError) as caught:
        load_law(on=date(2020, 10, 22))
    assert caught.value.reason is Reason.NOT_FOUND


def test_installation_counts_only_since_the_regulation_says_so() -> None:
    line = OrderLine(
        "l1",
        100,
        Fulfilment.DELIVERED,
        "appliance",
        delivered_at=SIGNED,
        installed_at=SIGNED + timedelta(days=5),
    )
    ends = [
        decide(line, Request.RETURN, faulty=False, rules=rules, now=SIGNED).deadline
        for rules in (load_law(on=date(2024, 6, 30)), LAW)
    ]
    assert ends == [date(2026, 3, 9), date(2026, 3, 14)]


def test_versions_may_not_overlap(tmp_path: Path) -> None:
    own = {"valid_from": date(2024, 1, 1), "valid_to": None}
    path = tmp_path / "merchant.yml"
    versions = [
        own | {"version": "a"},
        own | {"version": "b", "valid_from": date(2025, 1, 1)},
    ]
    path.write_text(yaml.safe_dump({"versions": versions}))
    with pytest.raises(ValueError, match="overlaps"):
        load_rules(merchant=path)
    versions[0]["valid_to"] = date(2024, 12, 31)
    versions[1]["terms"] = {"no_reason_return": 30}
    path.write_text(yaml.safe_dump({"versions": versions}))
    days = [
        load_rules(merchant=path, on=on).terms["no_reason_return"].days
        for on in (date(2024, 12, 31), date(2025, 1, 1))
    ]
    assert days == [7, 30]


def test_a_holiday_is_no_business_day() -> None:
    holidays = frozenset({date(2026, 3, 9), date(2026, 3, 10)})
    assert business_day(date(2026, 3, 7), holidays) == date(2026, 3, 11)
    assert business_day(date(2026, 3, 6), holidays) == date(2026, 3, 6)
