"""A merchant's own rules: better for the customer than the law, never worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from aftercare.domain.decisions import Freight
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.rulebook import Rules, Term

# Terms of which fewer days are better for the customer.
SHORTER_IS_BETTER = frozenset({"repair_time"})
# Terms the law does not know, which a merchant may offer.
OFFERS = frozenset({"price_protection"})
NOT_RULES = frozenset({"version", "valid_from", "valid_to"})


def overlay(law: Rules, own: Mapping[str, Any]) -> Rules:
    """Return the law's rules with a merchant's entries over them.

    Raises:
        AftercareError: POLICY_BELOW_LAW for an entry that is worse than the
            law; NOT_FOUND for an entry nobody knows.
    """
    rules = law
    for key, value in own.items():
        if key in NOT_RULES:
            continue
        if key not in _FIELDS:
            raise AftercareError(Reason.NOT_FOUND, f"no merchant rule named {key}")
        rules = replace(rules, **{key: _FIELDS[key](law, value)})
    return rules


def _below(what: str) -> AftercareError:
    return AftercareError(Reason.POLICY_BELOW_LAW, what)


def _terms(law: Rules, own: Mapping[str, int]) -> dict[str, Term]:
    terms = dict(law.terms)
    for name, days in own.items():
        floor = law.terms.get(name)
        if floor is None:
            if name not in OFFERS:
                raise AftercareError(Reason.NOT_FOUND, f"no term named {name}")
            if days < 0:
                raise _below(name)
            terms[name] = Term(days, "merchant rule")
            continue
        shorter = name in SHORTER_IS_BETTER
        if days < 0 or (days > floor.days if shorter else days < floor.days):
            raise _below(name)
        if days != floor.days:
            terms[name] = Term(days, f"merchant rule; law: {floor.source}")
    return terms


def _longer(
    floor: Mapping[str, int], own: Mapping[str, int], default: int
) -> dict[str, int]:
    for name, days in own.items():
        if days < floor.get(name, default):
            raise _below(name)
    return {**floor, **own}


def _warranty_days(law: Rules, own: Mapping[str, int]) -> dict[str, int]:
    return _longer(law.warranty_days, own, law.terms["warranty"].days)


def _part_days(
    law: Rules, own: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:
    parts = dict(law.part_days)
    for category, days in own.items():
        whole = law.warranty_for(category)
        parts[category] = _longer(parts.get(category, {}), days, whole)
    return parts


def _fewer(floor: frozenset[str], own: list[str]) -> frozenset[str]:
    if added := set(own) - floor:
        raise _below(", ".join(sorted(added)))
    return frozenset(own)


def _failed_repairs(law: Rules, own: int) -> int:
    if not 1 <= own <= law.failed_repairs_for_return:
        raise _below("failed_repairs_for_return")
    return own


def _freight(floor: Freight, own: str) -> Freight:
    if floor is Freight.SELLER and own != Freight.SELLER:
        raise _below("freight")
    return Freight(own)


def _kept(floor: bool, own: bool) -> bool:
    if floor and not own:
        raise _below("a promise of the law cannot be taken back")
    return bool(own)


def _approve(_law: Rules, own: int | None) -> int | None:
    # Not a right of the customer: it only says who confirms a refund.
    if own is not None and own < 0:
        raise _below("auto_approve_fen")
    return own


_FIELDS: dict[str, Callable[[Rules, Any], Any]] = {
    "terms": _terms,
    "warranty_days": _warranty_days,
    "part_days": _part_days,
    "failed_repairs_for_return": _failed_repairs,
    "exclusions": lambda law, own: _fewer(law.exclusions, own),
    "evidence": lambda law, own: _fewer(law.evidence, own),
    "no_reason_freight": lambda law, own: _freight(law.no_reason_freight, own),
    "quality_freight": lambda law, own: _freight(law.quality_freight, own),
    "extend_to_business_day": lambda law, own: _kept(law.extend_to_business_day, own),
    "holidays": lambda _law, own: frozenset[date](own),
    "auto_approve_fen": _approve,
}
