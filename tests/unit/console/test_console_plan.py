"""The plan by the API: who may see it, who may change the rota."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from aftercare.domain.calendar import shop_day
from aftercare.services.planning.nightly import make_plan
from tests.conftest import NOW
from tests.unit.planning.conftest import Past, quick

TODAY = shop_day(NOW)


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_the_api_plans_for_who_may(shop: Engine, person_of: Callable[..., Any]) -> None:
    Past(shop).days(NOW - timedelta(days=35), 35)
    make_plan(shop, NOW, quick())
    boss, viewer = person_of("supervisor"), person_of("viewer")
    agent = person_of("agent")
    plain = viewer.get("/plan")
    assert plain["state"] == "planned"
    worse = viewer.get("/plan", ill=2, festival=0.5)
    assert worse["total"]["contacts"] > plain["total"]["contacts"]
    body = {
        "account_id": agent.id,
        "day": str(TODAY),
        "shifts": [{"begins": 540, "ends": 1080}],
    }
    assert viewer.http.put("/rota", json=body).status_code == 403
    assert boss.http.put("/rota", json=body).status_code == 204
    shown = viewer.get("/rota", **{"from": str(TODAY), "days": 1})
    assert shown["shifts"][0]["begins"] == 540
    assert {p["part_no"] for p in viewer.get("/parts")["items"]} >= {"PT-BATTERY"}
    assert viewer.get(f"/plan/days/{TODAY}")["slots"][20]["duty"] == 1
    assert viewer.http.get("/plan/days/2020-01-01").status_code == 404
