"""A month of talks, hand-overs, ratings and refunds, the same for the same seed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml
from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.services.console import beside, desk
from aftercare.services.console.audit import Actor
from aftercare.services.refunds import refund_in
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow, HandoverRow, TagRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow, OrderLineRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import write

SHOP: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("demo.yml").read_text("utf-8")
)
DAYS = 35
SEED = 20261125


class Month:
    """Writes the talks of `DAYS` days up to `now`."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self.engine, self.now, self.random = engine, now, Random(SEED)
        self.number = 0

    def write(self) -> None:
        with write(self.engine) as session:
            self.session = session
            self.agents = [self._agent(name) for name in SHOP["agents"]]
            self.customers = list(session.scalars(select(CustomerRow.id).limit(80)))
            for back in range(DAYS, -1, -1):
                day = self.now - timedelta(days=back)
                busy = 9 if day.weekday() >= 5 else 6
                for _ in range(self.random.randint(busy - 2, busy + 3)):
                    at = day - timedelta(minutes=self.random.randrange(30, 700))
                    self._talk(at)
            self._cases()
            boss = Actor(self.agents[0].id, "demo", SHOP["agents"][0], "admin")
        for item in SHOP["canned"]:
            beside.save_canned(self.engine, boss, now=self.now, **item)

    def _agent(self, name: str) -> AccountRow:
        row = AccountRow(
            login=f"demo-{name}",
            name=name,
            password_hash="-",
            role="agent",
            skills=[],
            languages=["zh"],
            created_at=self.now,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def _talk(self, at: datetime) -> None:
        self.number += 1
        kinds = SHOP["talks"]
        kind = self.random.choices(kinds, [item["weight"] for item in kinds])[0]
        talk = ConversationRow(
            id=f"demo-talk-{self.number:05d}",
            customer_id=self.random.choice(self.customers),
            owner=Owner.CLOSED,
            next_seq=1,
            created_at=at,
        )
        self.session.add(talk)
        self.session.flush()
        row = desk.handover_of(self.session, talk)
        self._say(talk, "customer", self.random.choice(kind["texts"]), at, kind)
        human = self.random.random() < 0.3 or kind["intent"] == "complain"
        lost = kind["intent"] == "nlu_fallback"
        at += timedelta(seconds=2)
        self._say(talk, "bot", SHOP["replies"]["fallback" if lost else "bot"], at)
        if human:
            self._human(talk, row, at)
        if self.random.random() < 0.3:
            self._rated(talk, at, human)
        if self.random.random() < 0.15:
            tag = self.random.choice(SHOP["tags"])
            self.session.add(TagRow(conversation_id=talk.id, tag=tag))

    def _human(self, talk: ConversationRow, row: HandoverRow, at: datetime) -> None:
        agent = self.random.choice(self.agents)
        trigger = self.random.choice(SHOP["triggers"])
        self._step(talk, "asked", at, None, trigger=trigger)
        row.trigger = trigger
        at += timedelta(seconds=self.random.choice((20, 45, 70, 150, 320)))
        self._step(talk, "taken", at, agent)
        row.taken_at, row.agent_id = at, agent.id
        asked = at + timedelta(seconds=15)
        kind = {"intent": "inform"}
        self._say(talk, "customer", SHOP["talks"][0]["texts"][0], asked, kind)
        wait = self.random.choice((25, 40, 60, 90, 240))
        said = "agent_late" if wait > 180 else "agent"
        self._say(
            talk,
            "agent",
            SHOP["replies"][said],
            asked + timedelta(seconds=wait),
            agent=agent,
        )

    def _say(
        self,
        talk: ConversationRow,
        sender: str,
        text: str,
        at: datetime,
        kind: dict[str, Any] | None = None,
        agent: AccountRow | None = None,
    ) -> None:
        understood = None
        if kind is not None:
            sure = self.random.uniform(0.35, 0.6 if "fallback" in kind["intent"] else 1)
            found = {"name": kind["intent"], "confidence": round(sure, 3)}
            other = {"name": "chitchat", "confidence": round(1 - sure, 3)}
            rest = [{"name": name, "confidence": 0.001} for name in SHOP["rest"]]
            understood = {
                "intent": found,
                "intent_ranking": [found, other, *rest],
                "actions": [{"name": "action_answer", "policy": "RulePolicy"}],
                "slots": {"order_no": f"88{self.number:012d}"},
                "took_ms": self.random.randint(60, 240),
            }
        if sender == "agent":
            for row in self.session.scalars(
                select(MessageRow).where(
                    MessageRow.conversation_id == talk.id,
                    MessageRow.sender == "customer",
                    MessageRow.answered_at.is_(None),
                )
            ):
                row.answered_at = at
        bot = kind is not None and kind["intent"] != "inform"
        self.session.add(
            MessageRow(
                conversation_id=talk.id,
                seq=talk.next_seq,
                sender=sender,
                text=text,
                at=at,
                answered_at=at + timedelta(seconds=2) if bot else None,
                understanding=understood,
                payload={"agent": {"id": agent.id, "name": agent.name}}
                if agent
                else None,
            )
        )
        talk.next_seq += 1
        self.session.flush()

    def _step(
        self,
        talk: ConversationRow,
        kind: str,
        at: datetime,
        agent: AccountRow | None,
        **detail: Any,
    ) -> None:
        self.session.add(
            DeskEventRow(
                conversation_id=talk.id,
                at=at,
                kind=kind,
                actor=agent.name if agent else "system",
                account_id=agent.id if agent else None,
                detail=detail or None,
            )
        )

    def _rated(self, talk: ConversationRow, at: datetime, human: bool) -> None:
        score = self.random.choices((1, 2, 3, 4, 5), (6, 6, 12, 36, 40))[0]
        self.session.add(
            SurveyRow(
                subject_kind="handover" if human else "case",
                subject=talk.id,
                conversation_id=talk.id,
                customer_id=talk.customer_id,
                state="answered",
                due_at=at,
                token=f"demo-{talk.id}",
                asked_at=at,
                answered_at=at + timedelta(minutes=3),
                score=score,
                reasons=[],
            )
        )

    def _cases(self) -> None:
        reasons = ("size", "dislike", "defect", "damaged", "missing")
        lines = self.session.scalars(
            select(OrderLineRow)
            .where(OrderLineRow.customer_id.not_like("C-DEMO-%"))
            .limit(40)
        ).all()
        for number, line in enumerate(lines):
            opened = self.now - timedelta(days=self.random.randrange(1, 30))
            done = number % 3 > 0
            case = CaseRow(
                case_no=f"AS-DEMO-{number:04d}",
                idempotency_key=f"demo:{number}",
                conversation_id=f"demo-talk-{number + 1:05d}",
                customer_id=line.customer_id,
                line_id=line.id,
                kind="return_refund",
                state="done" if done else "goods_received",
                reason=self.random.choice(reasons),
                detail="",
                amount_fen=line.paid_fen,
                freight="buyer",
                rule="no_reason_7_days",
                basis="consumer_law_25",
                deadline=(opened + timedelta(days=7)).date(),
                needs_human=not done,
                opened_at=opened,
            )
            self.session.add(case)
            self.session.flush()
            if done and line.refunded_fen == 0:
                refund_in(
                    self.session,
                    line,
                    amount_fen=line.paid_fen,
                    rule=case.rule,
                    idempotency_key=f"case:{case.case_no}",
                    case_no=case.case_no,
                    at=opened + timedelta(days=3),
                )
