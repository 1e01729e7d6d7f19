"""What the tests of the loops share: people, talks, a clock of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.services.console.audit import Actor
from aftercare.store.console import AccountRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import write


@pytest.fixture
def person(shop: Engine, now: datetime) -> Callable[..., Actor]:
    """Make an account: `person("li", "agent")`."""

    def make(login: str, role: str = "supervisor") -> Actor:
        with write(shop) as session:
            row = AccountRow(
                login=login,
                name=login,
                password_hash="-",
                role=role,
                skills=[],
                languages=["zh"],
                created_at=now,
            )
            session.add(row)
            session.flush()
            return Actor(row.id, login, login, role)

    return make


def talk(
    shop: Engine,
    name: str,
    said: list[tuple[str, str, datetime]],
    *,
    customer: str | None = None,
    owner: Owner = Owner.BOT,
    agent: Actor | None = None,
) -> str:
    """Store a talk as it was: (speaker, text, moment), in order."""
    with write(shop) as session:
        row = ConversationRow(
            id=name, customer_id=customer, owner=owner, next_seq=len(said) + 1
        )
        session.add(row)
        session.flush()
        for seq, (speaker, text, at) in enumerate(said, 1):
            payload: dict[str, Any] | None = None
            if speaker == "agent" and agent is not None:
                payload = {"agent": {"id": agent.account_id, "name": agent.name}}
            session.add(
                MessageRow(
                    conversation_id=name,
                    seq=seq,
                    sender=speaker,
                    text=text,
                    at=at,
                    answered_at=at,
                    payload=payload,
                )
            )
    return name
