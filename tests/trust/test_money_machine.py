"""Money under every order of events that Hypothesis can think of, on both stores.

The machine calls the same services as the bot's buttons and the console, repeats
calls with the same and with other content, and looks at all money after each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts, refunds
from aftercare.services.access import Viewer
from aftercare.services.console import case_desk, case_open
from aftercare.services.console.case_open import Wish
from aftercare.services.drafts import Draft
from tests.trust.ledger import check_money
from tests.trust.profile import size
from tests.trust.shop import make_customer, make_people, make_product

RULES = load_rules()
ACTIONS = (
    "approve",
    "refuse",
    "receive_goods",
    "start_repair",
    "send_back",
    "finish",
)
WISHES = ("refund", "exchange", "repair", "complaint", "compensate")
# What a service may answer instead of doing it; anything else is a fault.
MAY_REFUSE = frozenset(
    {
        Reason.ILLEGAL_MOVE,
        Reason.AMOUNT_NOT_POSITIVE,
        Reason.OVER_PAID,
        Reason.CONFIRMATION_EXPIRED,
        Reason.CONFIRMATION_STALE,
        Reason.REFUSED_BY_POLICY,
        Reason.CHANGED_MEANWHILE,
        Reason.FORBIDDEN,
    }
)
AMOUNTS = st.sampled_from([None, 1, 5_000, 9_900, 9_901, 20_001, 39_900, 50_000])
KEYS = st.integers(0, 30)


class Money(RuleBasedStateMachine):
    """One customer, four people at the desk, one database."""

    engine: Engine
    start: datetime

    nonces = Bundle("nonces")
    case_nos = Bundle("case_nos")
    approvals = Bundle("approvals")

    @initialize()
    def open_shop(self) -> None:
        self.now = self.start
        self.customer = make_customer(self.engine, self.now)
        self.lines = self.customer.lines
        self.people = make_people(self.engine, self.now)
        self.answers: dict[str, tuple[Any, str]] = {}
        self.opened: dict[str, str] = {}

    def _try(self, call: Any) -> Any:
        try:
            return call()
        except AftercareError as error:
            assert error.reason in MAY_REFUSE, error
            return None

    def _keyed(self, key: str, content: Any, call: Any) -> Any:
        """A known key answers as before for the same content, else refuses."""
        known = self.answers.get(key)
        if known is not None and known[0] != content:
            with pytest.raises(AftercareError) as caught:
                call()
            assert caught.value.reason in {Reason.KEY_REUSED, Reason.NOT_FOUND}
            return None
        made = self._try(call)
        if made is None:
            # A refusal of a known key would make a client ask twice.
            assert known is None
            return None
        case_no = made.case["case_no"]
        assert known is None or known[1] == case_no
        self.answers[key] = (content, case_no)
        return made

    @rule(
        target=nonces,
        line=st.integers(0, 5),
        kind=st.sampled_from(WISHES[:4] + ("price_protection", "reship")),
        reason=st.sampled_from(["other", "defect", "wrong_item", "not_received"]),
    )
    def prepare(self, line: int, kind: str, reason: str) -> Any:
        draft = Draft(kind, self.lines[line], reason, "d")
        made = drafts.prepare(self.engine, self.customer.viewer, draft, RULES, self.now)
        return made.nonce if made.nonce else multiple()

    @rule(target=case_nos, nonce=nonces)
    def confirm(self, nonce: str) -> Any:
        viewer = self.customer.viewer
        view = self._try(
            lambda: cases.confirm(self.engine, viewer, nonce, RULES, self.now)
        )
        if view is None:
            assert nonce not in self.opened
            return multiple()
        assert self.opened.setdefault(nonce, view.case_no) == view.case_no
        return view.case_no

    @rule(nonce=nonces, case_no=case_nos)
    def stranger(self, nonce: str, case_no: str) -> None:
        for viewer in (Viewer("x", "stranger"), Viewer("x", None)):
            for call in (
                lambda v=viewer: cases.confirm(self.engine, v, nonce, RULES, self.now),
                lambda v=viewer: cases.cancel(self.engine, v, case_no, self.now),
            ):
                with pytest.raises(AftercareError) as caught:
                    call()
                assert caught.value.reason is Reason.NOT_FOUND

    @rule(case_no=case_nos)
    def cancel(self, case_no: str) -> None:
        viewer = self.customer.viewer
        self._try(lambda: cases.cancel(self.engine, viewer, case_no, self.now))

    @rule(
        target=approvals,
        case_no=case_nos,
        who=st.integers(0, 3),
        action=st.sampled_from(ACTIONS),
        amount=AMOUNTS,
        key=KEYS,
    )
    def act(
        self, case_no: str, who: int, action: str, amount: int | None, key: int
    ) -> Any:
        name = f"key-{self.lines[0]}-{key}"
        actor = self.people[who]
        # The amount is not part of what a move without money is.
        money = action in ("approve", "finish")
        known = self.answers.get(name)
        content: Any = ("act", case_no, action, who, amount if money else None)
        if money and known is not None and known[0][:4] == content[:4]:
            # A default amount may equal a named one, and the other way round.
            self._repeat(name, case_no, actor, action, amount)
            return multiple()
        made = self._keyed(
            name,
            content,
            lambda: case_desk.act(
                self.engine,
                actor,
                case_no,
                action,
                self.now,
                key=name,
                amount_fen=amount,
            ),
        )
        return self._waiting(made)

    def _repeat(
        self, key: str, case_no: str, actor: Any, action: str, amount: int | None
    ) -> None:
        try:
            again = case_desk.act(
                self.engine,
                actor,
                case_no,
                action,
                self.now,
                key=key,
                amount_fen=amount,
            )
        except AftercareError as error:
            assert error.reason is Reason.KEY_REUSED
            assert self.answers[key][0][4] != amount
        else:
            assert again.case["case_no"] == case_no and not again.said

    def _waiting(self, made: Any) -> Any:
        if made is None or made.outcome != "second_person_needed":
            return multiple()
        return made.approval["id"]

    @rule(
        target=approvals,
        line=st.integers(0, 5),
        who=st.integers(0, 3),
        kind=st.sampled_from(WISHES),
        amount=AMOUNTS,
        key=KEYS,
    )
    def open_at_desk(
        self, line: int, who: int, kind: str, amount: int | None, key: int
    ) -> Any:
        name = f"key-{self.lines[0]}-{key}"
        fen = (amount or 0) if kind == "compensate" else 0
        wish = Wish(self.customer.viewer.conversation_id, kind, "other", "d", fen)
        made = self._keyed(
            name,
            ("open", line, kind, fen, who),
            lambda: case_open.open_for_customer(
                self.engine,
                self.people[who],
                self.lines[line],
                wish,
                RULES,
                self.now,
                key=name,
            ),
        )
        return self._waiting(made)

    @rule(approval=approvals, who=st.integers(0, 3), approve=st.booleans())
    def decide(self, approval: int, who: int, approve: bool) -> None:
        self._try(
            lambda: case_desk.decide(
                self.engine, self.people[who], approval, approve, self.now
            )
        )

    @rule(approval=consumes(approvals))
    def decide_by_the_admin(self, approval: int) -> None:
        self.decide(approval, 3, True)

    @rule(line=st.integers(0, 5), amount=st.integers(-1, 40_000), key=KEYS)
    def refund_directly(self, line: int, amount: int, key: int) -> None:
        name = f"direct-{self.lines[0]}-{key}"
        content = (line, amount)
        known = self.answers.get(name)
        try:
            refunds.refund_line(
                self.engine,
                customer_id=str(self.customer.viewer.customer_id),
                line_id=self.lines[line],
                amount_fen=amount,
                rule="r",
                idempotency_key=name,
            )
            assert known is None or known[0] == content
            self.answers[name] = (content, "")
        except AftercareError as error:
            assert error.reason in MAY_REFUSE | {Reason.KEY_REUSED}
            assert known is None or known[0] != content

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def money_is_right(self) -> None:
        if hasattr(self, "lines"):
            check_money(self.engine, self.lines)


def test_money_machine(empty: Engine, now: datetime) -> None:
    """Soak: 10^6 steps on each store (20,000 runs of 50 steps)."""
    make_product(empty)
    machine = type("MoneyHere", (Money,), {"engine": empty, "start": now})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=size("MONEY", 10, 20_000),
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
