"""From an incident to an alert, a mail, a hook, a person and the end of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError
from aftercare.services.alerts import desk, watch
from aftercare.services.alerts.evidence import evidence
from aftercare.services.alerts.mail import mail_new
from aftercare.services.alerts.types import Mailbox
from aftercare.services.console import webhooks
from aftercare.services.console.audit import Actor
from aftercare.store.alerts import AlertRow
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.models import OrderLineRow, ProductRow, ShipmentRow
from aftercare.store.quality import FindingRow
from aftercare.store.risk import RiskNoteRow
from aftercare.store.unit_of_work import write
from analytics.alerts import Rate, jumps, surprising
from tests.unit.loops.conftest import talk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)


def case(shop: Engine, line: str, at: datetime, **more: Any) -> str:
    number = f"AS{abs(hash((line, at, str(more)))) % 10**10}"
    with write(shop) as session:
        fields = {
            "kind": "return_refund",
            "state": "open",
            "reason": "defect",
            "detail": "",
            "freight": "merchant",
            "rule": "r",
            "basis": "b",
        }
        session.add(
            CaseRow(
                case_no=number,
                idempotency_key=number,
                customer_id="C-DEMO-1",
                line_id=line,
                opened_at=at,
                **(fields | more),
            )
        )
    return number


def lines_of(shop: Engine, spu: str) -> list[str]:
    with write(shop) as session:
        return list(
            session.scalars(
                select(OrderLineRow.id)
                .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
                .where(ProductRow.spu == spu)
                .order_by(OrderLineRow.id)
            )
        )


def spus(shop: Engine) -> list[str]:
    with write(shop) as session:
        return sorted(set(session.scalars(select(ProductRow.spu))))


def test_a_quiet_shop_is_left_alone(shop: Engine, now: datetime) -> None:
    assert watch.watch(shop, now) == {"seen": 0, "raised": 0, "failed": []}


def test_a_bad_batch_is_raised_told_taken_and_closed(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    boss = person("boss")
    webhooks.add(shop, boss, "https://shop.test", ["alert.raised"], now)
    bad, other = spus(shop)[:2]
    cases = [case(shop, line, now - 5 * HOUR) for line in lines_of(shop, bad)[:6]]
    case(shop, lines_of(shop, other)[0], now - 5 * HOUR)
    assert watch.watch(shop, now)["raised"] == 1
    # The same thing again is the same alert.
    assert watch.watch(shop, now + HOUR)["raised"] == 0
    found = desk.listed(shop)[0]
    assert (found["kind"], found["subject"], found["times"]) == (
        "product_faults",
        bad,
        2,
    )
    assert set(found["examples"]) == set(cases) and found["figures"]["seen"] == 6
    assert found["figures"]["usual"] < 2
    assert webhooks.collect(shop, now) == 1
    desk.assign(shop, boss, found["id"], None, now)
    with pytest.raises(AftercareError):
        desk.assign(shop, boss, found["id"], 999_999, now)
    desk.close(shop, boss, found["id"], "real", "batch stopped", now + 3 * HOUR)
    told = desk.precision(shop, now - DAY)
    assert (told["precision"], told["median_hours"]) == (1.0, 3.0)
    assert watch.watch(shop, now + 4 * HOUR)["raised"] == 0
    assert desk.listed(shop) == [] and len(desk.listed(shop, closed=True)) == 1


def test_a_carrier_that_stalls_and_the_flood_it_brings_are_one_incident(
    shop: Engine, now: datetime
) -> None:
    with write(shop) as session:
        lines = session.scalars(select(OrderLineRow).limit(24)).all()
        for n, line in enumerate(lines):
            # Twelve parcels of each carrier a week; now one carrier's do not move.
            carrier = "slow" if n % 2 == 0 else "quick"
            for week in range(5):
                still = carrier == "slow" and week == 0
                shipped = now - 7 * week * DAY - (5 * DAY if still else HOUR)
                session.add(
                    ShipmentRow(
                        id=f"late-{n}-{week}",
                        order_no=line.order_no,
                        carrier=carrier,
                        tracking_no=f"T{n}{week}",
                        shipped_at=shipped,
                        delivered_at=shipped + 2 * DAY if week else None,
                    )
                )
    rng = np.random.default_rng(3)
    begin = now - 10 * DAY
    said = []
    for hour in range(240):
        count = int(rng.poisson(4)) + (60 if hour == 239 else 0)
        at = begin + hour * HOUR
        said += [
            ("customer", "?", at + timedelta(minutes=n % 60)) for n in range(count)
        ]
    talk(shop, "flood", said)
    found = watch.watch(shop, now)
    kinds = {a["kind"]: a for a in desk.listed(shop)}
    assert {"carrier_stall", "volume_jump"} <= set(kinds), found
    assert kinds["carrier_stall"]["subject"] == "slow"
    assert kinds["carrier_stall"]["figures"]["seen"] == 12


@pytest.mark.parametrize(("an_hour", "kinds"), [(4, []), (11, ["volume_jump"])])
def test_a_rise_that_no_single_hour_shows_is_seen_in_six(
    shop: Engine, now: datetime, an_hour: int, kinds: list[str]
) -> None:
    said = []
    for back in range(14 * 24, 0, -1):
        count = an_hour if back <= 6 else 4
        at = now - back * HOUR
        said += [("customer", "?", at + n * MINUTE) for n in range(count)]
    talk(shop, "festival", said)
    watch.watch(shop, now)
    found = [a for a in desk.listed(shop) if a["kind"].startswith("volume")]
    assert [a["kind"] for a in found] == kinds
    if kinds:
        figures = found[0]["figures"]
        assert (figures["seen"], figures["hours"]) == (66, 6)


def test_the_law_s_days_are_counted(shop: Engine, now: datetime) -> None:
    lines = lines_of(shop, spus(shop)[0])
    for line, days in zip(lines, (2, 5, 9), strict=False):
        number = case(
            shop, line, now - 20 * DAY, state="goods_received", reason="dislike"
        )
        with write(shop) as session:
            session.add(
                CaseEventRow(
                    case_no=number,
                    at=now - days * DAY,
                    actor="-",
                    rule="-",
                    before="awaiting_goods",
                    after="goods_received",
                )
            )
    watch.watch(shop, now)
    kinds = {a["kind"]: a["figures"] for a in desk.listed(shop)}
    assert kinds["refund_due"]["seen"] == 1 and kinds["refund_due"]["days_left"] == 2
    late = kinds["refund_overdue"]
    assert (late["days_over"], late["days_to_fine"]) == (2, 6)


def test_an_agent_who_promises_is_named_and_peers_are_not(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    for login in ("li", "wang", "zhao"):
        agent = person(login, "agent")
        name = talk(shop, login, [("agent", "-", now - HOUR)] * 40, agent=agent)
        with write(shop) as session:
            for seq in range(6 if login == "li" else 0):
                session.add(
                    FindingRow(
                        conversation_id=name,
                        seq=seq + 1,
                        rule="promise_without_row",
                        start=0,
                        version="1",
                        severity="high",
                        basis="b",
                        speaker="agent",
                        account_id=agent.account_id,
                        sentence="s",
                        words="w",
                        live=True,
                        at=now - HOUR,
                        state="open",
                    )
                )
    watch.watch(shop, now)
    named = [a["figures"]["title"] for a in desk.listed(shop)]
    assert named == ["li"]


def test_one_blind_watcher_blinds_no_other(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(*_: Any) -> Any:
        raise RuntimeError("no eyes")

    monkeypatch.setattr(watch, "WATCHERS", (blind, *watch.WATCHERS))
    for line in lines_of(shop, spus(shop)[0])[:6]:
        case(shop, line, now - HOUR)
    assert watch.watch(shop, now) == {"seen": 1, "raised": 1, "failed": ["blind"]}


def post_office(lines: list[str], ready: threading.Event) -> int:
    """Take one mail, as a mail server would, and return its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with server, server.accept()[0] as peer, peer.makefile("rwb") as wire:
            wire.write(b"220 here\r\n")
            wire.flush()
            in_data = False
            for raw in wire:
                line = raw.decode().rstrip()
                if in_data:
                    lines.append(line)
                    in_data = line != "."
                    answer = None if in_data else b"250 ok\r\n"
                else:
                    in_data = line.upper() == "DATA"
                    quitting = line.upper() == "QUIT"
                    answer = b"354 go\r\n" if in_data else b"250 ok\r\n"
                    answer = b"221 bye\r\n" if quitting else answer
                if answer:
                    wire.write(answer)
                    wire.flush()
                if line.upper() == "QUIT":
                    break
        ready.set()

    threading.Thread(target=serve, daemon=True).start()
    return int(server.getsockname()[1])


def test_a_new_alert_is_mailed_once_and_again_only_if_it_failed(
    shop: Engine, now: datetime
) -> None:
    for line in lines_of(shop, spus(shop)[0])[:6]:
        case(shop, line, now - HOUR)
    watch.watch(shop, now)
    assert mail_new(shop, None, now) == 0
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    nobody = Mailbox(f"smtp://127.0.0.1:{port}", "a@shop.test", ("b@shop.test",))
    assert mail_new(shop, nobody, now) == 0
    lines: list[str] = []
    ready = threading.Event()
    box = Mailbox(
        f"smtp://127.0.0.1:{post_office(lines, ready)}", "a@shop.test", ("b@shop.test",)
    )
    assert mail_new(shop, box, now) == 1
    assert ready.wait(20) and "To: b@shop.test" in lines
    assert mail_new(shop, box, now) == 0


def test_rises_beyond_chance_alone_are_named() -> None:
    quiet = [Rate(f"s{n}", n % 3, 100.0, 20, 2_000.0) for n in range(50)]
    assert surprising(quiet) == []
    found = surprising([*quiet, Rate("bad", 12, 100.0, 20, 2_000.0)])
    assert [f.subject for f in found] == ["bad"] and found[0].times > 8
    # A subject without a past of its own is held against all.
    new = surprising([*quiet, Rate("new", 16, 100.0, 0, 0.0)])
    assert [f.subject for f in new] == ["new"]
    assert surprising([]) == surprising([Rate("first", 9, 9.0, 0, 0.0)]) == []
    with pytest.raises(ValueError):
        surprising([Rate("x", -1, 1.0, 0, 1.0)])


def test_jumps_are_found_where_they_were_put() -> None:
    rng = np.random.default_rng(5)
    shape = 20 + 15 * np.sin(np.arange(24) / 24 * 2 * np.pi)
    counts = rng.poisson(np.tile(shape, 20)).astype(float)
    assert len(jumps(counts.tolist(), 24)) <= 1
    counts[300:303] += 60
    found = [j for j in jumps(counts.tolist(), 24) if j.first <= 302 and j.last >= 300]
    assert len(found) == 1 and found[0].z > 5 and found[0].usual < 45
    with pytest.raises(ValueError):
        jumps([-1.0], 1)


def test_every_alert_shows_what_it_was_made_of(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    with write(shop) as session:
        parcel = session.scalars(
            select(ShipmentRow).where(ShipmentRow.delivered_at.is_(None)).limit(1)
        ).one()
        order, carrier = parcel.order_no, parcel.carrier
        session.add(
            RiskNoteRow(
                customer_id="C-DEMO-1",
                score=0.9,
                basis="rules",
                reasons=[],
                figures={"returned": 4, "lines": 5},
                ring="ring-1",
                at=now,
                ring_at=now,
                state="open",
            )
        )
        line = session.scalars(select(OrderLineRow).limit(1)).one().id
    number = case(shop, line, now, reason="damaged")
    talk(shop, "angry", [("customer", "?", now)])
    wanted = {
        "carrier_stall": (carrier, [order], ("order", order), []),
        "product_faults": ("P-POT", [number], ("case", number), ["returns"]),
        "mood": ("shop", ["angry"], ("conversation", "angry"), ["review", "review"]),
        "risk_ring": ("ring-1", [], ("customer", "C-DEMO-1"), []),
        "volume_jump": ("shop", [], None, ["review", "review"]),
    }
    grown = [{"intent": "track_logistics", "seen": 9, "usual": 1}]
    with write(shop) as session:
        for kind, (subject, examples, _, _) in wanted.items():
            session.add(
                AlertRow(
                    kind=kind,
                    subject=subject,
                    severity="high",
                    state="open",
                    raised_at=now,
                    last_at=now,
                    figures={"seen": 9, "usual": 1, "hours": 2, "intents": grown},
                    examples=examples,
                )
            )
    for row in desk.listed(shop):
        _, _, first, pages = wanted[row["kind"]]
        found = evidence(shop, row["id"])
        assert [item["page"] for item in found["lists"]] == pages, row["kind"]
        if first is None:
            assert found["items"] == []
            continue
        item = found["items"][0]
        assert (item["kind"], item["id"]) == first
        # No whole name leaves the shop's own rows.
        assert item["name"] == "" or "*" in item["name"]
    with pytest.raises(AftercareError):
        evidence(shop, 999_999)
