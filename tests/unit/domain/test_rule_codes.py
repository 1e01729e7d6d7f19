"""Every code the engine can emit is spoken, and no text is left over."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
import yaml

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy import (
    Decision,
    Problem,
    Request,
    Rule,
    decide,
    decide_price_protection,
)
from aftercare.domain.policy_rules import load_law, load_rules

RULES = load_rules()
TEXTS: dict[str, str] = yaml.safe_load(
    (Path(__file__).parents[3] / "actions/messages/rules.yml").read_text("utf-8")
)
SIGNED = datetime(2026, 3, 2, 12, tzinfo=SHOP_ZONE)
LINE = OrderLine("l1", 900, Fulfilment.DELIVERED, "phone", delivered_at=SIGNED)
LINES = [
    LINE,
    replace(LINE, refunded_fen=900),
    replace(LINE, is_gift=True, paid_fen=0),
    replace(LINE, intact=False),
    replace(LINE, category="clothes"),
    replace(LINE, repairs=2),
    replace(LINE, repair_opened_at=SIGNED),
    replace(LINE, fulfilment=Fulfilment.UNSHIPPED, delivered_at=None),
    replace(LINE, fulfilment=Fulfilment.IN_TRANSIT, delivered_at=None),
    *(replace(LINE, exclusion=e, exclusion_confirmed=True) for e in Exclusion),
]


def emitted() -> list[Decision]:
    asked = [r for r in Request if r is not Request.PRICE_PROTECTION]
    found = [
        decide(line, request, faulty=faulty, problem=problem, rules=RULES, now=now)
        for line, request, faulty, problem, now in product(
            LINES,
            asked,
            (False, True),
            Problem,
            [SIGNED + timedelta(days=d) for d in (1, 10, 40, 800)],
        )
    ]
    for price, day, rules in product((800, 900), (1, 30), (RULES, load_law())):
        found.append(
            decide_price_protection(
                LINE,
                quantity=1,
                price_fen=price,
                paid_on=SIGNED,
                rules=rules,
                now=SIGNED + timedelta(days=day),
            )
        )
    return found


DECISIONS = emitted()


def test_every_rule_is_met_and_no_other() -> None:
    assert {d.rule for d in DECISIONS} == set(Rule)


def test_every_rule_has_a_text_and_every_text_a_rule() -> None:
    assert set(TEXTS) == set(Rule)


@pytest.mark.parametrize("code", list(Rule))
def test_a_text_uses_only_facts_its_decisions_have(code: Rule) -> None:
    used = set(re.findall(r"{(\w*)}", TEXTS[code]))
    assert used <= {"deadline", "amount", "freight"}
    for decision in (d for d in DECISIONS if d.rule == code):
        assert "deadline" not in used or decision.deadline is not None
        assert "amount" not in used or decision.amount_fen > 0


def test_a_rule_says_yes_or_no_never_both() -> None:
    for code in Rule:
        assert len({d.allowed for d in DECISIONS if d.rule == code}) == 1


def test_a_refusal_moves_no_money_and_a_yes_has_a_basis() -> None:
    for decision in DECISIONS:
        assert decision.basis
        assert decision.allowed or decision.amount_fen == 0
