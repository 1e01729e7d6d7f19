"""Races for the same money: real connections at a barrier, and real processes.

A deadlock, a lock that is never given or a duplicate key that reaches the caller
fails the test as much as a wrong sum does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from random import Random
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts
from aftercare.services.console import case_desk, case_open
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_open import Wish
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.drafts import Draft
from aftercare.store.engine import make_engine
from tests.trust.ledger import check_money
from tests.trust.profile import size
from tests.trust.shop import PRICES, Customer, make_customer, make_people, make_product

RULES = load_rules()
UNSHIPPED, DELIVERED = (0, 1), (4, 5)
Deed = Callable[[], Any]


def deeds(
    engine: Engine, who: Customer, people: list[Actor], now: datetime, random: Random
) -> list[Deed]:
    """Return rival calls about one line: bot, desk, second person, customer."""
    at = random.choice(UNSHIPPED + DELIVERED)
    line, price = who.lines[at], PRICES[at % 2]
    viewer, talk = who.viewer, who.viewer.conversation_id
    asked = drafts.prepare(engine, viewer, Draft("refund", line), RULES, now)
    first = (
        case_open.open_for_customer(
            engine,
            people[0],
            line,
            Wish(talk, "compensate", "other", "", random.choice((1_000, price))),
            RULES,
            now,
            key=f"first-{line}",
        )
        if random.random() < 0.7
        else None
    )
    found: list[Deed] = [
        lambda: cases.confirm(engine, viewer, asked.nonce, RULES, now)
    ] * 2
    wish = Wish(talk, random.choice(("compensate", "refund")), "other", "", 9_900)
    for actor in people[:3]:
        found.append(
            lambda a=actor: case_open.open_for_customer(
                engine, a, line, wish, RULES, now, key=f"open-{line}-{a.login}"
            )
        )
    same = lambda: case_open.open_for_customer(  # noqa: E731
        engine, people[3], line, wish, RULES, now, key=f"same-{line}"
    )
    found += [same, same]
    if first is not None:
        case_no = first.case["case_no"]
        found.append(lambda: cases.cancel(engine, viewer, case_no, now))
        for action in ("approve", "refuse", "finish"):
            found.append(
                lambda a=action: case_desk.act(
                    engine, people[2], case_no, a, now, key=f"{a}-{line}"
                )
            )
        if first.approval is not None:
            number = first.approval["id"]
            for actor in people[2:]:
                found.append(
                    lambda a=actor: case_desk.decide(engine, a, number, True, now)
                )
    found.append(
        lambda: receive(
            engine,
            conversation_id=talk,
            customer_id=viewer.customer_id,
            client_id=f"c{line}",
            text="hello",
            now=now,
        )
    )
    random.shuffle(found)
    return found[:8]


def at_once(rivals: list[Deed]) -> list[Any]:
    """Run all at one moment; a refusal by reason is an answer, a crash is not."""
    barrier = Barrier(len(rivals))

    def run(deed: Deed) -> Any:
        barrier.wait(30)
        try:
            return deed()
        except AftercareError as error:
            return error.reason

    with ThreadPoolExecutor(len(rivals)) as pool:
        return list(pool.map(run, rivals))


def test_rivals_at_a_barrier(empty: Engine, now: datetime) -> None:
    """Soak: 10^4 races on each store."""
    make_product(empty)
    people = make_people(empty, now)
    random = Random(6)
    for _ in range(size("RACES", 12, 10_000)):
        who = make_customer(empty, now)
        at_once(deeds(empty, who, people, now, random))
        check_money(empty, who.lines)


def test_one_key_for_two_cases_at_once(empty: Engine, now: datetime) -> None:
    """The loser is told that the key is taken: not a server error."""
    make_product(empty)
    agent = make_people(empty, now)[0]
    for number in range(size("KEYRACES", 5, 500)):
        who = make_customer(empty, now)
        # Each from a conversation of its own: one would already put them in line.
        owner = who.viewer.customer_id
        rivals: list[Deed] = [
            partial(
                case_open.open_for_customer,
                empty,
                agent,
                who.lines[at],
                Wish(open_conversation(empty, owner), "compensate", "other", "", 100),
                RULES,
                now,
                key=f"key-{number}",
            )
            for at in (0, 1, 4, 5)
        ]
        seen = at_once(rivals)
        assert seen.count(Reason.KEY_REUSED) == 3, seen
        check_money(empty, who.lines)


def rival_at(
    engine: Engine, number: int, rival: Deed
) -> tuple[Callable[[], None], list]:
    """Start a rival before the nth statement of this thread; wait for it a moment."""
    seen = [0]
    answers: list[Any] = []
    ended = Event()
    threads: list[Thread] = []

    def run() -> None:
        answers.extend(at_once([rival]))
        ended.set()

    def before(*_: Any) -> None:
        if threads and threads[0].is_alive():
            return
        seen[0] += 1
        if seen[0] == number and not threads:
            threads.append(Thread(target=run))
            threads[0].start()
            # Either it is through, or it waits for a lock we hold.
            ended.wait(0.1)

    event.listen(engine, "before_cursor_execute", before)

    def stop() -> None:
        event.remove(engine, "before_cursor_execute", before)
        for thread in threads:
            thread.join(30)

    return stop, answers


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_a_rival_at_every_statement(empty: Engine, now: datetime) -> None:
    """A button pressed while an agent refunds the same line, at each step of it."""
    make_product(empty)
    people = make_people(empty, now)
    rival_engine = make_engine(empty.url.render_as_string(hide_password=False))
    for number in range(1, size("STATEMENTS", 14, 40)):
        who = make_customer(empty, now)
        viewer, line = who.viewer, who.lines[0]
        asked = drafts.prepare(empty, viewer, Draft("refund", line), RULES, now)
        wish = Wish(viewer.conversation_id, "compensate", "other", "", 9_900)
        stop, answers = rival_at(
            empty,
            number,
            lambda who=who, line=line, wish=wish: case_open.open_for_customer(
                rival_engine, people[0], line, wish, RULES, now, key=f"k-{line}"
            ),
        )
        try:
            ours = at_once(
                [lambda v=viewer, n=asked.nonce: cases.confirm(empty, v, n, RULES, now)]
            )
        finally:
            stop()
        refused = [one for one in ours + answers if isinstance(one, Reason)]
        # Both want the whole of what was paid: one gets it.
        assert len(refused) == len(answers), (number, ours, answers)
        check_money(empty, who.lines)
    rival_engine.dispose()


RACER = """
import json, sys
from datetime import datetime
from aftercare.domain.errors import AftercareError
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases
from aftercare.services.access import Viewer
from aftercare.store.engine import make_engine
url, talk, customer, now = sys.argv[1:5]
engine, rules = make_engine(url), load_rules()
print("ready", flush=True)
for nonce in sys.stdin:
    try:
        view = cases.confirm(
            engine, Viewer(talk, customer), nonce.strip(), rules,
            datetime.fromisoformat(now),
        )
        answer = [view.case_no, view.refunded_fen]
    except AftercareError as error:
        answer = [str(error.reason), 0]
    print(json.dumps(answer), flush=True)
"""


def test_one_button_in_four_processes(empty: Engine, now: datetime) -> None:
    make_product(empty)
    who = make_customer(empty, now)
    url = empty.url.render_as_string(hide_password=False)
    viewer = who.viewer
    rounds = size("PROCESSES", 2, 2)
    nonces = [
        drafts.prepare(empty, viewer, Draft("refund", who.lines[at]), RULES, now).nonce
        for at in range(rounds)
    ]
    racers = [
        subprocess.Popen(
            [
                sys.executable,
                *("-c", RACER, url),
                *(viewer.conversation_id, str(viewer.customer_id), now.isoformat()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        for racer in racers:
            assert racer.stdout and racer.stdout.readline() == "ready\n"
        for nonce, paid in zip(nonces, (9_900, 39_900), strict=False):
            for racer in racers:
                assert racer.stdin
                racer.stdin.write(f"{nonce}\n")
                racer.stdin.flush()
            seen = [
                tuple(json.loads(racer.stdout.readline()))
                for racer in racers
                if racer.stdout
            ]
            assert len(set(seen)) == 1 and seen[0][1] == paid, seen
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    check_money(empty, who.lines)
