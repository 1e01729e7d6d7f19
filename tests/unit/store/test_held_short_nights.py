"""What the night works out is worked out before it writes, and looked at again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from aftercare.services import rights
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.customers import campaigns
from aftercare.services.returns import exchange
from aftercare.store.customers import CampaignMemberRow, CampaignRow
from aftercare.store.learning import ChoiceRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read, write
from tests.unit.store.test_held_short import Probe, probe, sqlite  # noqa: F401

DAY = timedelta(days=1)
PURGE = "aftercare.services.rights.purge"


def campaign(shop: Engine, now: datetime, people: int) -> None:
    with write(shop) as session:
        row = CampaignRow(
            name="n",
            kind="care",
            state="running",
            text="t",
            after_days=1,
            control_share=0.5,
            outcome_days=30,
            made_by="li",
            made_at=now,
        )
        session.add(row)
        session.flush()
        for number in range(people):
            member = {"campaign_id": row.id, "arm": "treated", "at": now}
            session.add(CampaignMemberRow(customer_id=f"c{number}", **member))


def draws(shop: Engine, now: datetime, count: int) -> None:
    with write(shop) as session:
        for number in range(count):
            row = ChoiceRow(
                trial=exchange.TRIAL,
                arm="treated",
                propensity=0.7,
                context={},
                conversation_id="t",
                subject=f"line {number}",
                at=now,
            )
            session.add(row)


@sqlite
@pytest.mark.parametrize("what", ["campaigns", "exchange"])
def test_what_came_of_it_is_looked_up_before_the_write(
    shop: Engine,
    now: datetime,
    probe: Probe,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    module: Any = {"campaigns": campaigns, "exchange": exchange}[what]
    asked = {"campaigns": "_outcome", "exchange": "_followed"}[what]
    {"campaigns": campaign, "exchange": draws}[what](shop, now, 5)
    monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(module, asked, probe.around(getattr(module, asked)))
    assert module.settle(shop, now + 31 * DAY) == 5
    assert len(probe.free) == 5 and all(probe.free)
    assert module.settle(shop, now + 31 * DAY) == 0


@pytest.mark.parametrize("what", ["campaigns", "exchange"])
def test_who_is_forgotten_meanwhile_is_not_written_of(
    shop: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    module: Any = {"campaigns": campaigns, "exchange": exchange}[what]
    table = {"campaigns": CampaignMemberRow, "exchange": ChoiceRow}[what]
    {"campaigns": campaign, "exchange": draws}[what](shop, now, 3)
    meanwhile(module, monkeypatch, lambda session: session.execute(delete(table)), shop)
    assert module.settle(shop, now + 31 * DAY) == 0


def meanwhile(
    module: Any, monkeypatch: pytest.MonkeyPatch, happens: Any, shop: Engine
) -> None:
    """Let something happen once, after the module's first reading."""
    left = [True]

    @contextmanager
    def reading(engine: Engine) -> Iterator[Any]:
        with read(engine) as session:
            yield session
        if left.pop() if left else False:
            with write(shop) as session:
                happens(session)

    monkeypatch.setattr(module, "read", reading)


def old_talks(shop: Engine, now: datetime, count: int) -> list[str]:
    names = [open_conversation(shop, None) for _ in range(count)]
    for name in names:
        given = {"conversation_id": name, "customer_id": None, "client_id": "1"}
        receive(shop, **given, text="hello", now=now)
    return names


def test_conversations_go_a_few_at_a_time(
    shop: Engine, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[PURGE]
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "TOGETHER", 4)
    erased: list[int] = []
    real = module.erase_talks  # type: ignore[attr-defined]

    def noted(session: Any, person: Any) -> int:
        erased.append(len(person.keys["conversation"]))
        return int(real(session, person))

    monkeypatch.setattr(module, "erase_talks", noted)
    old_talks(shop, now, 5)
    gone = rights.purge(shop, tmp_path, now + 40 * DAY, talk_days=30)
    assert gone["conversations"] == 5 and erased == [2, 2, 1]


def test_who_speaks_while_the_old_are_looked_for_is_not_purged(
    shop: Engine, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[PURGE]
    names = old_talks(shop, now, 3)
    later = now + 40 * DAY
    real, spoken = module.read, []  # type: ignore[attr-defined]

    @contextmanager
    def reading(engine: Engine) -> Iterator[Any]:
        with real(engine) as session:
            yield session
        if not spoken:
            spoken.append(True)
            given = {"conversation_id": names[1], "customer_id": None, "client_id": "2"}
            receive(shop, **given, text="I am back", now=later)

    monkeypatch.setattr(module, "read", reading)
    gone = rights.purge(shop, tmp_path, later, talk_days=30)
    assert gone["conversations"] == 2
    with read(shop) as session:
        left = set(session.scalars(select(ConversationRow.id)))
    assert left & set(names) == {names[1]}
