"""Take-over, give-back, leases, assignment: one owner ever, whoever clicks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import (
    assignment,
    audit,
    beside,
    composer,
    files,
    inbox,
    takeover,
    transcript,
)
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import Reply, answer, ask_for_human, unanswered
from aftercare.services.files import store_picture
from aftercare.services.history import find_talk
from tests.unit.web.test_uploads import picture as drawn

Make = Callable[..., Actor]


def say(engine: Engine, actor: Actor, talk: str, text: str, now: datetime) -> Any:
    return composer.send(engine, actor, talk, client_id=text, text=text, now=now)


def refused(work: Callable[[], Any]) -> Reason:
    with pytest.raises(AftercareError) as caught:
        work()
    return caught.value.reason


def test_of_many_clicks_at_once_one_wins(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    agents = [actor_of(f"agent{number}") for number in range(8)]
    talk = talks.make("hello", now=now)

    def click(actor: Actor) -> str:
        try:
            takeover.take(shop, actor, talk, now)
        except AftercareError as error:
            return str(error.reason)
        return "mine"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(click, agents))
    assert sorted(found) == ["already_taken"] * 7 + ["mine"]
    winner = agents[found.index("mine")]
    assert inbox.row(shop, talk, now)["agent"]["id"] == winner.account_id
    taken = [item for item in inbox.events(shop, talk) if item["kind"] == "taken"]
    assert len(taken) == 1


def test_the_bot_is_silent_from_that_moment(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    talk = talks.make("hello", now=now)
    takeover.take(shop, actor_of("li"), talk, now)
    late = answer(
        shop, conversation_id=talk, to_seq=1, replies=[Reply("too late")], now=now
    )
    assert late == []


def test_only_the_owner_speaks_and_a_repeat_is_one_message(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li, wang = actor_of("li"), actor_of("wang")
    talk = talks.make("hello", now=now)
    assert refused(lambda: say(shop, li, talk, "hi", now)) is Reason.NOT_OWNER
    takeover.take(shop, li, talk, now)
    assert refused(lambda: say(shop, wang, talk, "hi", now)) is Reason.NOT_OWNER
    first, again = (say(shop, li, talk, "hi", now) for _ in range(2))
    assert first == again
    assert first.sender == "agent"
    assert unanswered(shop, talk) == []


def test_a_supervisor_steps_in_and_the_first_can_no_longer_speak(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li, boss = actor_of("li"), actor_of("boss", "supervisor")
    talk = talks.make("hello", now=now)
    takeover.take(shop, li, talk, now)
    takeover.take(shop, boss, talk, now, force=True)
    assert refused(lambda: say(shop, li, talk, "hi", now)) is Reason.NOT_OWNER
    assert say(shop, boss, talk, "hi", now)


@pytest.mark.parametrize(("answer_waiting", "left"), [(True, 1), (False, 0)])
def test_what_waits_is_left_to_the_bot_or_counts_as_answered(
    shop: Engine,
    now: datetime,
    talks: Any,
    actor_of: Make,
    answer_waiting: bool,
    left: int,
) -> None:
    li = actor_of("li")
    talk = talks.make("hello", now=now)
    takeover.take(shop, li, talk, now)
    takeover.give_back(shop, li, talk, now, answer_waiting=answer_waiting)
    found = find_talk(shop, talk)
    assert found and found.owner == Owner.BOT
    assert len(unanswered(shop, talk)) == left


def test_a_forgotten_chat_goes_back(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li = actor_of("li")
    waits, quiet, kept = (talks.make(f"hello {n}", now=now) for n in range(3))
    for talk in (waits, quiet, kept):
        takeover.take(shop, li, talk, now)
    say(shop, li, quiet, "done", now)
    takeover.renew(shop, li, kept, now + timedelta(minutes=20))
    later = now + timedelta(minutes=31)
    assignment.tick(shop, later)
    owners = [find_talk(shop, talk).owner for talk in (waits, quiet, kept)]  # type: ignore[union-attr]
    assert owners == [Owner.WAITING, Owner.BOT, Owner.HUMAN]
    assert inbox.row(shop, waits, later)["trigger"] == "lease_expired"
    assert refused(lambda: say(shop, li, waits, "sorry", later)) is Reason.NOT_OWNER


def test_the_longest_wait_is_on_top_with_its_warning(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li = actor_of("li")
    for minutes, text in ((1, "young"), (5, "old"), (2, "middle")):
        at = now - timedelta(minutes=minutes)
        talk = talks.make(text, now=at)
        ask_for_human(shop, talk)
        assignment.notice(shop, talk, at)
    talks.make("with the bot", now=now)
    page = inbox.page(shop, li, now, tab="waiting")
    assert [row["last"]["text"] for row in page["items"]] == ["old", "middle", "young"]
    assert [row["level"] for row in page["items"]] == ["alert", "warn", "notice"]
    assert page["counts"] == {"mine": 0, "waiting": 3, "all": 4, "snoozed": 0}
    everything = inbox.page(shop, li, now)["items"]
    assert everything[-1]["last"]["text"] == "with the bot"


def test_assignment_follows_presence_cap_load_and_language(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    full = actor_of("full", cap=1)
    free = actor_of("free", cap=4)
    english = actor_of("english", languages=["en"])
    away = actor_of("away", cap=9)
    for actor in (full, free, english):
        beside.set_presence(shop, actor, "online", now)
    asked = []
    for number in range(6):
        talk = talks.make(f"hello {number}", now=now)
        ask_for_human(shop, talk)
        asked.append(talk)
    assignment.tick(shop, now)
    rows = [inbox.row(shop, talk, now) for talk in asked]
    owners = [row["agent"] and row["agent"]["name"] for row in rows]
    assert sorted(filter(None, owners)) == ["free"] * 4 + ["full"]
    assert owners.count(None) == 1
    assert english.name not in owners and away.name not in owners


def test_snooze_ends_with_the_next_message_or_the_moment(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li = actor_of("li")
    spoken, timed = (talks.make(f"hello {n}", now=now) for n in range(2))
    for talk in (spoken, timed):
        takeover.take(shop, li, talk, now)
        say(shop, li, talk, "wait please", now)
    takeover.snooze(shop, li, spoken, None, now)
    takeover.snooze(shop, li, timed, now + timedelta(hours=1), now)
    assignment.tick(shop, now)
    assert inbox.counts(shop, li)["snoozed"] == 2
    talks.say(spoken, "again", now + timedelta(minutes=1))
    assignment.tick(shop, now + timedelta(minutes=2))
    assert not inbox.row(shop, spoken, now)["snoozed"]
    assert inbox.row(shop, timed, now)["snoozed"]
    assignment.tick(shop, now + timedelta(minutes=61))
    assert not inbox.row(shop, timed, now)["snoozed"]


def test_closing_needs_a_known_reason_and_the_next_message_opens_again(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    from aftercare.services.console.options import Options

    li = actor_of("li")
    talk = talks.make("hello", now=now)
    takeover.take(shop, li, talk, now)
    wrong = refused(lambda: takeover.close(shop, li, talk, now, reason="because"))
    assert wrong is Reason.MALFORMED
    reason = Options().close_reasons[0]
    takeover.close(shop, li, talk, now, reason=reason)
    assert inbox.counts(shop, li)["all"] == 0
    talks.say(talk, "one more thing", now)
    found = find_talk(shop, talk)
    assert found and found.owner == Owner.BOT


def test_a_recalled_message_is_gone_for_the_customer(
    shop: Engine, now: datetime, talks: Any, actor_of: Make
) -> None:
    li = actor_of("li")
    talk = talks.make("hello", now=now)
    takeover.take(shop, li, talk, now)
    wrong = say(shop, li, talk, "wrong chat", now)
    old = now + timedelta(minutes=3)
    assert (
        refused(lambda: composer.recall(shop, li, talk, wrong.seq, old))
        is Reason.EXPIRED
    )
    composer.recall(shop, li, talk, wrong.seq, now)
    found = transcript.one(shop, li, talk, wrong.seq)
    assert (found["text"], found["recalled"]) == ("", True)
    # The colleagues see what was said; the record, which is kept for ever, does not.
    assert found["understanding"] == {"recalled": "wrong chat"}
    entries, _ = audit.entries(shop, limit=50)
    assert entries[0]["action"] == "message.recall"
    assert "wrong chat" not in str(entries)


def test_personal_data_is_read_in_clear_by_the_owner_only(
    shop: Engine,
    now: datetime,
    talks: Any,
    actor_of: Make,
    words: dict[str, str],
) -> None:
    li, other = actor_of("li"), actor_of("other")
    talk = talks.make(words["phone"], now=now)
    takeover.take(shop, li, talk, now)
    mine, masked = (
        transcript.messages(shop, actor, talk)["messages"][0]["text"]
        for actor in (li, other)
    )
    assert "13812348000" in mine
    assert "13812348000" not in masked and "138****8000" in masked
    value = inbox.reveal(shop, li, talk, "phone", "call back", now)
    assert value.isdigit()


def test_a_file_of_one_customer_is_not_sent_to_another(
    shop: Engine, now: datetime, talks: Any, actor_of: Make, tmp_path: Path
) -> None:
    li = actor_of("li")
    one, other = (talks.make("hello", now=now) for _ in range(2))
    for talk in (one, other):
        takeover.take(shop, li, talk, now)
    made = files.save(shop, tmp_path, li, "a.pdf", b"%PDF-1.4", now)
    picture = store_picture(shop, tmp_path, other, drawn(), now)

    def send(talk: str, file_id: str, key: str) -> Any:
        named = {"client_id": key, "attachment_id": file_id}
        return composer.send(shop, li, talk, text="", now=now, **named)

    assert send(one, made["id"], "k1").payload
    for file_id in (made["id"], picture.rpartition("/")[2]):
        talk = other if file_id == made["id"] else one
        key = f"k-{file_id}"
        found = refused(lambda talk=talk, f=file_id, k=key: send(talk, f, k))
        assert found is Reason.NOT_FOUND
    assert send(one, made["id"], "k3").payload
