"""The rules as dated data: the law's floor and what a merchant adds to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from aftercare.domain.errors import AftercareError, Reason

LAW_FILE = Path(__file__).with_name("rules.yml")


@dataclass(frozen=True, slots=True)
class Term:
    """A number of days and the text it comes from."""

    days: int
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force.

    Attributes:
        terms: by name (`no_reason_return`, `quality_return`, ...).
        warranty_days: by product category; others use the term `warranty`.
        failed_repairs_for_return: failed repairs that open an exchange or return.
    """

    terms: dict[str, Term]
    warranty_days: dict[str, int]
    failed_repairs_for_return: int


def load_rules(path: Path = LAW_FILE) -> Rules:
    """Read a rules file.

    Raises:
        KeyError: a required entry is missing.
    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Rules(
        terms={
            k: Term(int(v["days"]), str(v["source"])) for k, v in raw["terms"].items()
        },
        warranty_days={k: int(v) for k, v in raw["warranty_days"].items()},
        failed_repairs_for_return=int(raw["failed_repairs_for_return"]),
    )


def with_merchant_days(law: Rules, days: dict[str, int]) -> Rules:
    """Return the rules with a merchant's own, longer terms.

    Raises:
        AftercareError: a term is shorter than the law's, or not a term at all
            (reason POLICY_BELOW_LAW or NOT_FOUND).
    """
    terms = dict(law.terms)
    for name, own in days.items():
        if name not in terms:
            raise AftercareError(Reason.NOT_FOUND, f"no term named {name}")
        if own < terms[name].days:
            raise AftercareError(Reason.POLICY_BELOW_LAW, name)
        if own > terms[name].days:
            terms[name] = Term(own, f"merchant rule; law: {terms[name].source}")
    return replace(law, terms=terms)
