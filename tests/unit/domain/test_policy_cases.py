"""The edges of the policy engine, read from policy_cases*.yml."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy import Problem, Request, decide, decide_price_protection
from aftercare.domain.policy_rules import load_law, load_rules
from aftercare.domain.remedies import alternatives

PLAIN, QUALITY = (
    yaml.safe_load(Path(__file__).with_name(name).read_text("utf-8"))
    for name in ("policy_cases.yml", "policy_cases_quality.yml")
)
DEFAULTS, CASES = PLAIN["defaults"], PLAIN["cases"] + QUALITY["cases"]
RULES = {"law": load_law(), "shop": load_rules()}
MOMENTS = {"delivered_at", "replaced_at", "installed_at", "repair_opened_at"}


def moment(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=SHOP_ZONE)


def line_of(case: dict[str, Any]) -> OrderLine:
    raw = DEFAULTS["line"] | case.get("line", {})
    facts = {k: moment(v) if k in MOMENTS and v else v for k, v in raw.items()}
    facts["fulfilment"] = Fulfilment(facts["fulfilment"])
    facts["exclusion"] = Exclusion(facts.get("exclusion", "none"))
    return OrderLine(line_id="l1", **facts)


def test_the_table_has_no_double_names() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    line, now = line_of(case), moment(case["now"])
    rules = RULES[case.get("rules", DEFAULTS["rules"])]
    request = Request(case.get("request", DEFAULTS["request"]))
    faulty = case.get("faulty", DEFAULTS["faulty"])
    problem = Problem(case.get("problem", "none"))
    if "price" in case:
        got = decide_price_protection(
            line,
            quantity=line.quantity,
            price_fen=case["price"]["now_fen"],
            paid_on=moment(case["price"]["paid_on"]),
            rules=rules,
            now=now,
        )
    else:
        got = decide(
            line,
            request,
            faulty=faulty,
            rules=rules,
            now=now,
            problem=problem,
            pieces=case.get("pieces"),
            part=case.get("part"),
        )
    assert {key: getattr(got, key) for key in case["want"]} == case["want"]
    if "instead" in case:
        other = alternatives(
            line, request, faulty=faulty, rules=rules, now=now, problem=problem
        )
        assert other == case["instead"]
