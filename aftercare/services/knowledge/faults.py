"""Articles that are wrong now: past their date, or against the rules in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.policy_rules import Rules
from aftercare.services.knowledge.articles import LIVE
from aftercare.store.knowledge import ArticleRow
from aftercare.store.unit_of_work import read


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an article must be looked at; `says` and `holds` are the two figures."""

    key: str
    version: int
    title: str
    kind: str
    what: str
    says: Any = None
    holds: Any = None


def faults(engine: Engine, rules: Rules, now: datetime) -> list[dict[str, Any]]:
    """Return what is wrong with the articles in use.

    Kinds: `past` its date, `contradicts` a figure of the rules, `unknown` claim.
    """
    with read(engine) as session:
        rows = session.scalars(
            select(ArticleRow).where(ArticleRow.state == LIVE).order_by(ArticleRow.key)
        ).all()
    return [asdict(fault) for row in rows for fault in _of_article(row, rules, now)]


def _of_article(row: ArticleRow, rules: Rules, now: datetime) -> Iterator[Fault]:
    name = (row.key, row.version, row.title)
    if row.valid_to is not None and row.valid_to <= now:
        yield Fault(*name, "past", row.valid_to.isoformat())
    for path, says in sorted(row.claims.items()):
        try:
            holds = figure(rules, path)
        except KeyError:
            yield Fault(*name, "unknown", path)
            continue
        if holds != says:
            yield Fault(*name, "contradicts", path, says, holds)


def figure(rules: Rules, path: str) -> Any:
    """Return a figure of the rules by its path, such as `warranty.shoes`.

    Raises:
        KeyError: the rules have no such figure.
    """
    name, *rest = path.split(".")
    if name == "warranty" and len(rest) == 1:
        return rules.warranty_for(rest[0])
    if name == "warranty" and len(rest) == 2:
        return rules.part_days[rest[0]][rest[1]]
    if name in ("no_reason_freight", "quality_freight"):
        return str(getattr(rules, name))
    if name == "failed_repairs_for_return":
        return rules.failed_repairs_for_return
    if name == "excluded" and rest:
        return rest[0] in rules.exclusions
    return rules.terms[name].days
