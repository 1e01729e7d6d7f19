"""Loading the rules: dated versions of the law, and a merchant's over them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from aftercare.domain.decisions import Freight
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.merchant import overlay
from aftercare.domain.rulebook import Rules, Term

__all__ = ["Rules", "Term", "load_law", "load_rules", "with_merchant_days"]

LAW_FILE = Path(__file__).with_name("rules.yml")
MERCHANT_FILE = Path(__file__).with_name("merchant.yml")


def load_rules(
    law: Path = LAW_FILE,
    merchant: Path | None = MERCHANT_FILE,
    on: date | None = None,
) -> Rules:
    """Return the rules of a day: the law's version and the merchant's over it.

    Without a day the newest versions are taken.

    Raises:
        AftercareError: NOT_FOUND where no version of the law holds on the day
            or the merchant names an unknown rule; POLICY_BELOW_LAW for a
            merchant rule worse than the law.
        KeyError: a required entry of the law is missing.
    """
    floor = load_law(law, on)
    own = None if merchant is None else _version(merchant, on)
    return floor if own is None else overlay(floor, own)


def load_law(path: Path = LAW_FILE, on: date | None = None) -> Rules:
    """Return the law's version of a day, or the newest one.

    Raises:
        AftercareError: NOT_FOUND where no version holds on the day.
        KeyError: a required entry is missing.
    """
    raw = _version(path, on)
    if raw is None:
        raise AftercareError(Reason.NOT_FOUND, f"no law in force on {on}")
    return _rules(raw)


def with_merchant_days(law: Rules, days: dict[str, int]) -> Rules:
    """Return the rules with a merchant's own, longer terms.

    Raises:
        AftercareError: as `overlay`.
    """
    return overlay(law, {"terms": days})


def _version(path: Path, on: date | None) -> Mapping[str, Any] | None:
    """Return the newest version that holds on a day; versions may not overlap."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    versions = sorted(raw["versions"], key=lambda each: each["valid_from"])
    for older, newer in zip(versions, versions[1:], strict=False):
        if older["valid_to"] is None or older["valid_to"] >= newer["valid_from"]:
            raise ValueError(f"{path.name}: {older['version']} overlaps the next")
    if on is not None:
        versions = [v for v in versions if _holds(v, on)]
    newest: Mapping[str, Any] | None = versions[-1] if versions else None
    return newest


def _holds(raw: Mapping[str, Any], on: date) -> bool:
    end = raw["valid_to"]
    return bool(raw["valid_from"] <= on and (end is None or on <= end))


def _rules(raw: Mapping[str, Any]) -> Rules:
    return Rules(
        terms={
            k: Term(int(v["days"]), str(v["source"])) for k, v in raw["terms"].items()
        },
        warranty_days={k: int(v) for k, v in raw["warranty_days"].items()},
        failed_repairs_for_return=int(raw["failed_repairs_for_return"]),
        part_days={k: dict(v) for k, v in raw["part_days"].items()},
        exclusions=frozenset(raw["exclusions"]),
        evidence=frozenset(raw["evidence"]),
        no_reason_freight=Freight(raw["no_reason_freight"]),
        quality_freight=Freight(raw["quality_freight"]),
        from_installation=bool(raw["from_installation"]),
        version=str(raw["version"]),
        valid_from=raw["valid_from"],
        valid_to=raw["valid_to"],
    )
