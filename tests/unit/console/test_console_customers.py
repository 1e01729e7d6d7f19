"""Customers by the API: who may see them, who may start a campaign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from aftercare.services.customers.profiles import make_profiles
from tests.conftest import NOW

CAMPAIGN = {"name": "one", "kind": "care", "text": "hello", "after_days": 3}


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
def test_agents_know_customers_and_supervisors_tell_them(
    shop: Engine, person_of: Callable[..., Any]
) -> None:
    make_profiles(shop, NOW)
    agent, boss, viewer = (person_of(r) for r in ("agent", "supervisor", "viewer"))
    found = agent.get("/customers", band="high")
    one = found["items"][0]["id"]
    assert found["bands"]["high"] >= len(found["items"]) > 0
    assert viewer.http.get("/customers").status_code == 403
    tagged = agent.http.put(f"/customers/{one}/tags", json={"tags": ["vip", " vip"]})
    assert tagged.json() == {"tags": ["vip"]}
    no = {"purpose": "personalised", "given": False}
    assert agent.http.put(f"/customers/{one}/consents", json=no).status_code == 204
    assert agent.get(f"/customers/{one}")["segment"] is None
    assert agent.http.post("/campaigns", json=CAMPAIGN).status_code == 403
    made = boss.post("/campaigns", CAMPAIGN)
    assert made["state"] == "draft"
    running = boss.post(f"/campaigns/{made['id']}/running")
    assert (running["state"], running["started_by"]) == ("running", "the-supervisor")
    assert boss.get("/campaigns")["items"][0]["result"]["difference"] is None
    assert boss.http.post("/campaigns/999/stopped").status_code == 404
