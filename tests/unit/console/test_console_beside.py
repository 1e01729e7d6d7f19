"""What stands beside a chat: value and risk for the agent, never for the customer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from aftercare.domain.policy_rules import load_rules
from aftercare.services import analytics_models
from aftercare.services.console import customer, hints
from aftercare.services.console.hints import WORTH_A_LOOK
from aftercare.services.training import serving
from aftercare.services.training.pack import pack
from aftercare.services.training.risk import order_lines
from aftercare.settings import ROOT
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import write
from analytics.customers import SEGMENTS
from analytics.risk import FEATURES, RiskModel, customer_features


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What one test worked out is not another's."""
    hints.forget()
    serving.forget()
    yield
    hints.forget()
    serving.forget()


def test_a_customer_is_shown_with_segment_and_churn_and_a_guest_without(
    shop: Engine, now: datetime, talks: Any
) -> None:
    talk = talks.make("hello", now=now)
    panel = customer.panel(shop, talk, load_rules(), now)
    assert panel["segment"] in SEGMENTS
    assert 0 <= panel["value"]["churn_risk"] <= 1
    assert panel["value"]["orders"] >= len(panel["orders"]) > 0
    assert panel["risk"] is None  # no model was trained
    line = panel["orders"][0]["lines"][0]
    assert all(item["basis"] and item["rule"] for item in line["verdicts"])
    guest = talks.make("hello", customer=None, now=now)
    panel = customer.panel(shop, guest, load_rules(), now)
    assert panel["segment"] is panel["value"] is panel["risk"] is None


def test_who_returns_everything_is_worth_a_look_with_reasons(
    shop: Engine, now: datetime, talks: Any
) -> None:
    _returns_everything(shop, "C-DEMO-1", now)
    model = RiskModel().fit(customer_features(order_lines(shop, now)))
    analytics_models.keep(
        shop, "risk", pack(model), rows=1, metrics={}, good=True, now=now
    )
    risk = customer.panel(shop, talks.make("hi", now=now), load_rules(), now)["risk"]
    assert risk is not None and risk["score"] >= WORTH_A_LOOK
    assert risk["reasons"] and set(risk["reasons"]) <= set(FEATURES)


def test_a_broken_part_leaves_the_page_standing(
    shop: Engine, now: datetime, talks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(hints, "_values", broken)
    monkeypatch.setattr(hints, "_risks", broken)
    panel = customer.panel(shop, talks.make("hi", now=now), load_rules(), now)
    assert panel["orders"] and panel["value"] is None and panel["risk"] is None


def test_nothing_that_speaks_to_customers_knows_the_risk() -> None:
    speaking = [*ROOT.glob("actions/**/*.py"), *ROOT.glob("aftercare/web/*.py")]
    assert len(speaking) > 20
    for path in speaking:
        source = path.read_text("utf-8")
        assert "analytics.risk" not in source, path
        assert "console.hints" not in source and "import hints" not in source, path


def _returns_everything(shop: Engine, who: str, now: datetime) -> None:
    with write(shop) as session:
        lines = session.scalars(
            select(OrderLineRow).where(OrderLineRow.customer_id == who)
        ).all()
        for number, line in enumerate(lines):
            session.add(
                CaseRow(
                    case_no=f"AS-RISK-{number}",
                    idempotency_key=f"risk:{number}",
                    conversation_id=None,
                    customer_id=who,
                    line_id=line.id,
                    kind="return_refund",
                    state="open",
                    reason="damaged",
                    detail="",
                    amount_fen=line.paid_fen,
                    freight="seller",
                    rule="test",
                    basis="test",
                    needs_human=True,
                    opened_at=now - timedelta(days=2),
                )
            )
