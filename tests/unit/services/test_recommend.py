"""Suggestions from the shop's orders: learned, allowed, and never in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, select, update

from aftercare.services import analytics_models, recommend
from aftercare.services.access import Viewer
from aftercare.services.consents import Purpose, allows, set_consent
from aftercare.services.orders import recent_lines
from aftercare.services.recommend import data, learn, payload, suggest
from aftercare.services.recommend.replace import size_of
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, ProductRow
from aftercare.store.unit_of_work import read, write
from analytics.recommend import Mix

ANNA = Viewer("talk-anna", "C-DEMO-1")
GUEST = Viewer("talk-guest", None)


def with_taste(shop: Engine) -> None:
    """Let invented customers who have a phone also buy the phone case."""
    with write(shop) as session:
        phones = select(OrderLineRow.customer_id).where(
            OrderLineRow.sku.startswith("P-PHONE")
        )
        invented = OrderLineRow.customer_id.startswith("C0")
        session.execute(
            update(OrderLineRow)
            .where(OrderLineRow.customer_id.in_(phones), invented)
            .where(OrderLineRow.sku.in_(["P-MUG-1", "P-CARD-1"]))
            .values(sku="P-CASE-1")
        )


@pytest.fixture
def trained(shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Engine:
    with_taste(shop)
    one = [Mix(learned_days=400, content=0.3, chain=0.3, recent=0.5, rising=0.3)]
    monkeypatch.setattr(learn, "usual_mixes", lambda *, goods: one)
    assert learn.train(shop, now)["trained"]
    return shop


def opened(shop: Engine, line_id: str, kind: str, reason: str, now: datetime) -> None:
    with write(shop) as session:
        line = session.get_one(OrderLineRow, line_id)
        session.add(
            CaseRow(
                case_no=f"T{kind}{line_id}"[:32],
                idempotency_key=f"t:{kind}:{line_id}",
                customer_id=line.customer_id,
                line_id=line_id,
                kind=kind,
                state="done",
                reason=reason,
                freight="nobody",
                rule="t",
                basis="t",
                opened_at=now,
            )
        )


def test_a_trained_model_is_used_and_says_why(trained: Engine, now: datetime) -> None:
    assert analytics_models.version_in_use(trained, recommend.MODEL) == 1
    found = suggest(trained, ANNA, now)
    owned = {line.spu for line in recent_lines(trained, ANNA)}
    assert len(found) == 3
    assert not owned & {s.article.spu for s in found} - {"P-CHERRY"}
    titles = {line.title for line in recent_lines(trained, ANNA)}
    assert all(s.because in titles for s in found if s.basis == "bought")
    assert any(s.basis == "bought" for s in found)


def test_refusing_counts_at_once_and_for_learning(
    trained: Engine, now: datetime
) -> None:
    assert allows(trained, "C-DEMO-1", Purpose.PERSONALISED)
    set_consent(
        trained, "C-DEMO-1", Purpose.PERSONALISED, now, given=False, source="chat"
    )
    assert not allows(trained, "C-DEMO-1", Purpose.PERSONALISED)
    assert all(s.basis == "popular" for s in suggest(trained, ANNA, now))
    with read(trained) as session:
        assert "C-DEMO-1" not in set(data.purchases(session)["user"])


def test_what_was_sent_back_or_broke_is_not_offered(
    trained: Engine, now: datetime
) -> None:
    first = suggest(trained, ANNA, now)[0].article.spu
    with write(trained) as session:
        sku = session.scalar(select(ProductRow.sku).where(ProductRow.spu == first))
        line = session.get_one(OrderLineRow, "8800000000010002-1")
        line.sku = sku or ""
    opened(trained, "8800000000010002-1", "return_refund", "dislike", now)
    assert first not in {s.article.spu for s in suggest(trained, ANNA, now, 10)}
    with read(trained) as session:
        mine = data.purchases(session).query("user == 'C-DEMO-1'")
    assert first not in set(mine["item"])


@pytest.mark.parametrize("broken", ["missing", "garbage", "raises", "slow"])
def test_a_broken_model_leaves_what_sells(
    shop: Engine, now: datetime, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = Event()
    if broken == "garbage":
        analytics_models.keep(
            shop, recommend.MODEL, b"no", rows=1, metrics={}, good=True, now=now
        )
    module = __import__("aftercare.services.recommend.suggest", fromlist=["_learned"])
    if broken == "raises":
        monkeypatch.setattr(module, "_learned", lambda *_: 1 / 0)
    if broken == "slow":
        monkeypatch.setattr(module, "LIMIT_S", 0.01)
        monkeypatch.setattr(module, "_learned", lambda *_: hold.wait(20))
    found = suggest(shop, ANNA, now)
    hold.set()
    assert len(found) == 3 and all(s.basis == "popular" for s in found)


def test_a_guest_gets_what_sells_and_nothing_out_of_stock(
    trained: Engine, now: datetime
) -> None:
    best = suggest(trained, GUEST, now)[0].article.spu
    with write(trained) as session:
        session.execute(
            update(ProductRow).where(ProductRow.spu == best).values(stock=0)
        )
    assert best not in {s.article.spu for s in suggest(trained, GUEST, now)}


def test_a_worse_model_is_kept_aside(trained: Engine, now: datetime) -> None:
    model = payload.unpack(
        analytics_models.in_use(trained, recommend.MODEL).payload  # type: ignore[union-attr]
    )
    again = payload.unpack(payload.pack(model.model))
    assert again.codes == model.codes
    assert abs(again.model.weights_ - model.model.weights_).max() < 1e-6
    few = learn.train(trained, now - timedelta(days=419))
    assert few == {"trained": False, "reason": "few_purchases", "rows": few["rows"]}


def test_too_small_is_offered_the_next_size_up(shop: Engine, now: datetime) -> None:
    lines = {line.sku: line for line in recent_lines(shop, ANNA)}
    dress = lines["P-DRESS-2"]
    offers = recommend.replacements(shop, dress, "size", "larger", same_article=True)
    assert offers[0].sku == "P-DRESS-3" and "size_larger" in offers[0].reasons
    with write(shop) as session:
        session.execute(
            update(ProductRow).where(ProductRow.spu == "P-DRESS").values(stock=0)
        )
    gone = recommend.replacements(shop, dress, "size", "larger", same_article=True)
    assert gone == []
    other = recommend.replacements(shop, dress, "size", same_article=False)
    assert {o.spu for o in other} == {"P-COAT", "P-TEE"}


def test_a_fault_of_an_article_lowers_it(shop: Engine, now: datetime) -> None:
    dress = next(x for x in recent_lines(shop, ANNA) if x.sku == "P-DRESS-2")
    before = recommend.replacements(shop, dress, "defect", same_article=False)
    with read(shop) as session:
        bad = session.scalars(
            select(OrderLineRow.id)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(ProductRow.spu == before[0].spu)
        ).all()
    for line_id in bad[:60]:
        opened(shop, line_id, "return_refund", "defect", now)
    after = recommend.replacements(shop, dress, "defect", same_article=False)
    assert after[0].spu != before[0].spu


def test_a_repaired_phone_goes_with_its_case(trained: Engine) -> None:
    phone = next(x for x in recent_lines(trained, ANNA) if x.spu == "P-PHONE-A")
    found = recommend.goes_with(trained, ANNA, phone)
    assert found and found[0].spu == "P-CASE"


def test_sizes_are_read_from_variants() -> None:
    words = {"38": 38.0, "M": 3.0, "XL": 5.0, "218L": 218.0, "": None}
    sizes = {word: size_of(f"x {word}") for word in words if word != "218L"}
    assert sizes == {k: v for k, v in words.items() if k != "218L"}
