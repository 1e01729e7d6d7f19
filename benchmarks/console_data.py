"""A shop of thirty days to measure the console on: talks, cases, people, findings."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml
from sqlalchemy import Engine, insert, select

from aftercare.services.console import accounts
from aftercare.services.console.rights import Role
from aftercare.services.seed import seed_if_empty
from aftercare.store.alerts import AlertRow
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow, AuditRow
from aftercare.store.desk import DeskEventRow, HandoverRow, TagRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow, OrderLineRow, RefundRow
from aftercare.store.quality import FindingRow, TalkCheckRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

SEED = 20261124
LONG = "talk-long"
TALKS, EACH = int(os.environ.get("TALKS", "10000")), 20
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PASSWORD = "benchmark only 1"
ROOT = Path(__file__).parent.parent
OWNERS = ("bot", "waiting", "human", "closed")
SLOTS = ("order_no", "line_id", "reason", "case_kind", "offered")
SLOWEST_S = 400


def intents() -> list[str]:
    """Return the assistant's intents."""
    found = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return [
        item if isinstance(item, str) else next(iter(item)) for item in found["intents"]
    ]


def texts() -> list[str]:
    """Return the shop's own training sentences, to have real Chinese to search."""
    found: list[str] = []
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = str(item.get("examples", "")).splitlines()
            found += [line.removeprefix("- ") for line in lines if line]
    return found


class Filler:
    """Makes rows; the same seed makes the same rows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._random = Random(SEED)
        self._said = texts()
        self._intents = intents()
        self._agents: list[int] = []
        self._customers: list[str] = []
        self._lines: list[Any] = []

    def fill(self) -> None:
        """Write the shop, its people, and the conversations of thirty days."""
        seed_if_empty(self._engine, NOW)
        for number, role in enumerate((Role.ADMIN, *[Role.AGENT] * 8)):
            name = f"{role.value}-{number}"
            accounts.add(self._engine, name, name, PASSWORD, role, NOW)
        with read(self._engine) as session:
            self._agents = list(session.scalars(select(AccountRow.id)))
            self._customers = list(session.scalars(select(CustomerRow.id)))
            self._lines = list(
                session.execute(select(OrderLineRow.id, OrderLineRow.customer_id))
            )
        for start in range(0, TALKS, 500):
            self._talks(range(start, min(start + 500, TALKS)))
        self._long_talk()
        self._cases()
        self._watched()

    def _talks(self, numbers: range) -> None:
        random = self._random
        talks, desks, messages, events, tags, surveys = [], [], [], [], [], []
        for number in numbers:
            owner = random.choices(OWNERS, (50, 3, 2, 45))[0]
            began = NOW - timedelta(seconds=random.randrange(30 * 86_400))
            talk = f"talk-{number}"
            agent = random.choice(self._agents)
            person = owner == "human" or (owner == "closed" and number % 4 == 0)
            customer = random.choice(self._customers) if number % 5 else None
            talks.append(
                {
                    "id": talk,
                    "owner": owner,
                    "next_seq": EACH + 1,
                    "customer_id": customer,
                    "created_at": began,
                }
            )
            desks.append(
                {
                    "conversation_id": talk,
                    "waiting_since": began if owner == "waiting" else None,
                    "agent_id": agent if person else None,
                    "trigger": "asked" if person or owner == "waiting" else None,
                    "review": random.choice(("none", "none", "reviewed", "later")),
                }
            )
            if person or owner == "waiting":
                events += self._events(talk, agent if person else None, began)
            if number % 10 == 0:
                tags.append({"conversation_id": talk, "tag": f"tag-{number % 7}"})
            if number % 5 == 1:
                surveys.append(self._survey(talk, customer, agent, began))
            messages += [
                self._message(talk, seq, began, owner, agent if person else None)
                for seq in range(1, EACH + 1)
            ]
        with write(self._engine) as session:
            for table, rows in (
                (ConversationRow, talks),
                (HandoverRow, desks),
                (MessageRow, messages),
                (DeskEventRow, events),
                (TagRow, tags),
                (SurveyRow, surveys),
            ):
                if rows:
                    session.execute(insert(table), rows)

    def _message(
        self, talk: str, seq: int, began: datetime, owner: str, agent: int | None
    ) -> dict[str, Any]:
        random = self._random
        at = began + timedelta(seconds=20 * seq)
        customer = seq % 2 == 1
        left = owner == "human" and seq == EACH - 1
        by_person = agent is not None and seq > EACH // 2
        ranking = [
            {"name": name, "confidence": random.random()}
            for name in random.sample(self._intents, 5)
        ]
        actions = [
            {"name": name, "policy": "RulePolicy", "confidence": 1.0}
            for name in (f"action_{random.randrange(40)}", "action_listen")
        ]
        understood = {
            "intent": ranking[0],
            "intent_ranking": ranking,
            "entities": [],
            "slots": {name: "x" for name in random.sample(SLOTS, 2)},
            "actions": actions,
        }
        # An answer marks what it answers with its own moment.
        return {
            "conversation_id": talk,
            "seq": seq,
            "sender": "customer" if customer else "agent" if by_person else "bot",
            "text": random.choice(self._said),
            "at": at,
            "answered_at": at + timedelta(seconds=20)
            if customer and not left
            else None,
            "payload": {"agent": {"id": agent, "name": "x"}}
            if by_person and not customer
            else None,
            "understanding": understood if customer and not by_person else None,
        }

    def _events(
        self, talk: str, agent: int | None, began: datetime
    ) -> list[dict[str, Any]]:
        common = {"conversation_id": talk, "actor": "x"}
        made = [
            common
            | {
                "at": began,
                "kind": "asked",
                "account_id": None,
                "detail": {"trigger": "asked"},
            }
        ]
        if agent is not None:
            at = began + timedelta(seconds=self._random.randrange(SLOWEST_S))
            made.append(
                common
                | {"at": at, "kind": "taken", "account_id": agent, "detail": None}
            )
        return made

    def _survey(
        self, talk: str, customer: str | None, agent: int, began: datetime
    ) -> dict[str, Any]:
        ended = began + timedelta(hours=1)
        return {
            "subject_kind": "handover",
            "subject": talk,
            "conversation_id": talk,
            "customer_id": customer,
            "account_id": agent,
            "state": "answered",
            "due_at": ended,
            "token": talk,
            "asked_at": ended,
            "answered_at": ended,
            "score": self._random.randrange(1, 6),
            "reasons": [],
        }

    def _long_talk(self) -> None:
        """Write one conversation of 2,000 messages."""
        rows = [
            {
                "conversation_id": LONG,
                "seq": seq,
                "sender": ("bot", "customer")[seq % 2],
                "text": self._random.choice(self._said),
                "at": NOW - timedelta(days=40) + timedelta(seconds=seq),
                "answered_at": NOW - timedelta(days=39) if seq % 2 else None,
            }
            for seq in range(1, 2_001)
        ]
        with write(self._engine) as session:
            talk = {"id": LONG, "owner": "closed", "next_seq": 2_001}
            session.execute(insert(ConversationRow), [talk])
            session.execute(insert(MessageRow), rows)

    def _cases(self) -> None:
        """Write a case for one conversation in three, and a refund for half of them."""
        random = self._random
        cases, refunds = [], []
        for number in range(TALKS // 3):
            line, customer = random.choice(self._lines)
            opened = NOW - timedelta(seconds=random.randrange(30 * 86_400))
            done = number % 2 == 0
            cases.append(
                {
                    "case_no": f"B{number:06}",
                    "idempotency_key": f"b{number}",
                    "conversation_id": f"talk-{number}",
                    "customer_id": customer,
                    "line_id": line,
                    "kind": random.choice(("return_refund", "exchange", "repair")),
                    "state": "done" if done else "open",
                    "reason": random.choice(("quality", "no_reason", "late")),
                    "freight": "shop",
                    "rule": "r",
                    "basis": "b",
                    "amount_fen": 100,
                    "needs_human": number % 7 == 0,
                    "deadline": (opened + timedelta(days=7)).date(),
                    "opened_at": opened,
                }
            )
            if done:
                refunds.append(
                    {
                        "idempotency_key": f"b{number}",
                        "case_no": f"B{number:06}",
                        "line_id": line,
                        "amount_fen": 100,
                        "rule": "r",
                        "at": opened + timedelta(hours=5),
                    }
                )
        with write(self._engine) as session:
            session.execute(insert(CaseRow), cases)
            session.execute(insert(RefundRow), refunds)

    def _watched(self) -> None:
        """Write findings, checks, alerts and what people did."""
        random = self._random
        findings, checks, alerts, audits = [], [], [], []
        for number in range(TALKS // 2):
            talk, at = (
                f"talk-{number}",
                NOW - timedelta(seconds=random.randrange(30 * 86_400)),
            )
            checks.append(
                {
                    "conversation_id": talk,
                    "upto_seq": EACH,
                    "at": at,
                    "score": random.randrange(60, 101),
                    "risk": random.random(),
                }
            )
            if number % 3 == 0:
                findings.append(
                    {
                        "conversation_id": talk,
                        "seq": 2,
                        "rule": f"rule-{number % 9}",
                        "start": 0,
                        "version": "1",
                        "severity": "minor",
                        "basis": "b",
                        "speaker": "agent",
                        "account_id": random.choice(self._agents),
                        "sentence": random.choice(self._said),
                        "words": "x",
                        "live": False,
                        "at": at,
                        "state": "open",
                    }
                )
        for number in range(TALKS // 30):
            at = NOW - timedelta(hours=number)
            alerts.append(
                {
                    "kind": "volume",
                    "subject": f"intent-{number % 9}",
                    "severity": "warning",
                    "state": "new" if number % 2 else "closed",
                    "group_id": number,
                    "raised_at": at,
                    "last_at": at,
                    "figures": {"count": 9},
                    "examples": [],
                }
            )
        for number in range(TALKS * 2):
            at = NOW - timedelta(seconds=random.randrange(30 * 86_400))
            audits.append(
                {
                    "at": at,
                    "actor": "agent-1",
                    "action": "message.send",
                    "target": f"talk-{number % TALKS}",
                }
            )
        with write(self._engine) as session:
            for table, rows in (
                (TalkCheckRow, checks),
                (FindingRow, findings),
                (AlertRow, alerts),
                (AuditRow, audits),
            ):
                session.execute(insert(table), rows)
