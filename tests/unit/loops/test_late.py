"""What the shop owes by law is late when it is late, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from aftercare.domain.calendar import shop_day
from aftercare.services.alerts import desk, watch
from aftercare.services.console import dashboards
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_desk import act
from aftercare.services.console.case_views import cases
from tests.unit.loops.test_alerts import case, lines_of, spus

DAY = timedelta(days=1)


def test_from_receipt_on_it_is_the_shop_that_has_seven_days(
    shop: Engine, now: datetime, person: Callable[..., Actor]
) -> None:
    used = shop_day(now - 3 * DAY)
    line, other, _ = lines_of(shop, spus(shop)[0])[:3]
    came = case(shop, line, now - 9 * DAY, state="awaiting_goods", deadline=used)
    waits = case(shop, other, now - 9 * DAY, state="awaiting_goods", deadline=used)
    found = {
        item["case_no"]: item for item in cases(shop, now, "open", None, 0, 9)["items"]
    }
    # The customer's own term was kept by asking in time: nobody is late.
    assert found[came]["days_left"] is None and found[came]["deadline"] is None
    day = shop_day(now)
    assert dashboards.dashboards(shop, day, day, "day", now)["cases"]["overdue"] == 0
    act(shop, person("li", "agent"), came, "receive_goods", now, key="k")
    items = cases(shop, now, "open", None, 0, 9)["items"]
    assert [item["case_no"] for item in items] == [came, waits]
    assert items[0]["days_left"] == 7
    late = now + 9 * DAY
    assert cases(shop, late, "open", None, 0, 9)["items"][0]["days_left"] == -2
    day = shop_day(late)
    told = dashboards.dashboards(shop, day, day, "day", late)["cases"]
    assert (told["open"], told["overdue"]) == (2, 1)
    watch.watch(shop, late)
    over = {a["kind"]: a for a in desk.listed(shop)}["refund_overdue"]
    assert over["examples"] == [came]
    assert (over["figures"]["days_over"], over["figures"]["days_to_fine"]) == (2, 6)
    # After day fifteen no days are left until the fine: not minus some.
    watch.watch(shop, now + 20 * DAY)
    over = {a["kind"]: a for a in desk.listed(shop)}["refund_overdue"]
    assert (over["figures"]["days_over"], over["figures"]["days_to_fine"]) == (13, 0)
