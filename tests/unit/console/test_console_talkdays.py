"""The counted days and words of conversations say what the messages say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.services import rights
from aftercare.services.console import dashboards, index, review, share
from aftercare.services.console.alike import Alike
from aftercare.services.console.review import Filter
from aftercare.store.messages import MessageRow
from aftercare.store.migrations import downgrade, upgrade
from aftercare.store.review import MessageIndexRow, TalkDayRow, TalkWordsRow
from aftercare.store.unit_of_work import read, write

DAY = timedelta(days=1)


def understood(intent: str, action: str = "action_x") -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": 0.9},
        "actions": [{"name": action}],
    }


def days(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    names = ("customer", "bot", "agent", "understood", "fallback", "open", "intents")
    return {
        (row.conversation_id, str(row.day)): {n: getattr(row, n) for n in names}
        for row in session.scalars(select(TalkDayRow))
    }


def found(shop: Engine, now: datetime, **wanted: Any) -> set[str]:
    page = review.search(shop, Filter(**wanted), now, None, 50)
    return {row["id"] for row in page["items"]}


def test_a_day_is_counted_anew_when_its_message_is_answered(
    shop: Engine, now: datetime, talks: Any
) -> None:
    talk = talks.make("a", now=now)
    talks.say(talk, "b", now + DAY)
    index.catch_up(shop)
    first, second = str(shop_day(now)), str(shop_day(now + DAY))
    with read(shop) as session:
        before = days(session)
    assert before[talk, first]["open"] == before[talk, second]["open"] == 1
    assert before[talk, first]["intents"] == {"": 1}
    talks.reply(talk, 1, "ok", now + timedelta(minutes=1), understood("greet"))
    index.catch_up(shop)
    with read(shop) as session:
        after = days(session)
    assert after[talk, first] == {
        "customer": 1,
        "bot": 1,
        "agent": 0,
        "understood": 1,
        "fallback": 0,
        "open": 0,
        "intents": {"greet": 1},
    }
    assert after[talk, second] == before[talk, second]


def test_the_counts_are_those_of_the_index(
    shop: Engine, now: datetime, talks: Any
) -> None:
    for number in range(6):
        talk = talks.make(*"abc", now=now + number * timedelta(hours=7))
        at = now + number * timedelta(hours=7, minutes=1)
        for seq in range(1, 2 + number % 3):
            action = "action_default_fallback" if number % 2 else "action_x"
            talks.reply(talk, seq, "ok", at, understood(f"i{number % 2}", action))
    index.catch_up(shop)
    counts: dict[tuple[str, str], Counter[str]] = {}
    with read(shop) as session:
        for row in session.scalars(select(MessageIndexRow)):
            assert row.day is not None
            part = counts.setdefault((row.conversation_id, str(row.day)), Counter())
            part[row.sender] += 1
            part["understood"] += row.intent is not None
            part["fallback"] += bool(row.intent and row.fallback)
            part["open"] += row.sender == "customer" and not row.settled
        kept = days(session)
    assert {
        key: {name: value for name, value in row.items() if name != "intents"}
        for key, row in kept.items()
    } == {
        key: {
            name: part[name]
            for name in ("customer", "bot", "agent", "understood", "fallback", "open")
        }
        for key, part in counts.items()
    }


def test_an_upgrade_counts_what_was_indexed_before(
    shop: Engine, now: datetime, talks: Any
) -> None:
    talk = talks.make("Abc", "d", now=now)
    talks.reply(talk, 1, "ok", now, understood("greet"))
    index.catch_up(shop)
    with read(shop) as session:
        kept = days(session)
        words = session.execute(select(TalkWordsRow.said, TalkWordsRow.pinyin)).all()
        hours = session.execute(
            select(MessageIndexRow.day, MessageIndexRow.hour).distinct()
        ).all()
    shop.dispose()
    downgrade(shop, "0018")
    upgrade(shop)
    with read(shop) as session:
        assert days(session) == kept
        again = session.execute(select(TalkWordsRow.said, TalkWordsRow.pinyin)).all()
        assert again == words
        assert hours == (
            session.execute(
                select(MessageIndexRow.day, MessageIndexRow.hour).distinct()
            ).all()
        )
    assert index.catch_up(shop) == 0


def test_a_search_reads_no_wildcards_and_no_two_messages_as_one(
    shop: Engine, now: datetime, talks: Any, words: dict[str, str]
) -> None:
    first = talks.make("100% ab_c", "DEF", now=now)
    second = talks.make(words["refund"], now=now)
    assert found(shop, now, q="0% AB") == {first}
    assert found(shop, now, q="b_c") == {first}
    assert found(shop, now, q="b%c") == set()
    assert found(shop, now, q="cdef") == set()
    assert found(shop, now, q="tui kuan") == {second}
    assert found(shop, now, q=words["refund"][-2:]) == {second}


def test_days_and_hours_are_the_shop_s(shop: Engine, now: datetime, talks: Any) -> None:
    # 16:30 in UTC is half past midnight in Shanghai, of the next day.
    late = now.replace(hour=16, minute=30)
    talk = talks.make("a", now=late)
    day = late.date() + DAY
    assert found(shop, late, first=day, last=day) == {talk}
    assert found(shop, late, last=late.date()) == set()
    assert found(shop, late, hour_from=0, hour_to=1) == {talk}
    assert found(shop, late, hour_from=1) == set()


def test_guests_trials_are_in_no_figure(
    shop: Engine, now: datetime, talks: Any, actor_of: Callable[..., Any]
) -> None:
    made = share.add(shop, actor_of("boss", "admin"), "colleague", 1, now)
    trial = share.enter(shop, made["link"].rpartition("=")[2], now)
    talks.say(trial, "trial", now, None)
    talks.make("a", now=now)
    day = shop_day(now)
    for bucket in ("hour", "day"):
        volume = dashboards.dashboards(shop, day, day, bucket, now)["volume"]
        assert [(item["customer"], item["conversations"]) for item in volume] == [
            (1, 1)
        ]


def test_a_forgotten_customer_s_days_and_words_go(
    shop: Engine, now: datetime, talks: Any, tmp_path: Path
) -> None:
    talks.make("secret words", now=now)
    index.catch_up(shop)
    rights.forget_customer(shop, tmp_path, "C-DEMO-1", open_cases=True)
    with read(shop) as session:
        for table in (TalkDayRow, TalkWordsRow, MessageIndexRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_message_indexed_twice_counts_once(
    shop: Engine, now: datetime, talks: Any
) -> None:
    talk = talks.make("a", now=now)
    index.catch_up(shop)
    with write(shop) as session:
        session.execute(delete(MessageIndexRow))
    index.catch_up(shop)
    with read(shop) as session:
        assert days(session)[talk, str(shop_day(now))]["customer"] == 1
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_alike_texts_are_found_as_by_comparing_all(seed: int) -> None:
    from random import Random

    random = Random(seed)
    texts = []
    for _ in range(60):
        text = [random.choice("abcdef") for _ in range(random.randrange(1, 14))]
        texts.append("".join(text))
        text[random.randrange(len(text))] = "x"
        texts.append("".join(text))

    def pairs(text: str) -> set[str]:
        return {text[i : i + 2] for i in range(len(text) - 1)} or {text}

    alike, heads = Alike(), list[str]()
    for text in texts:
        head = alike.known(text)
        like = [
            other
            for other in heads
            if len(pairs(text) & pairs(other)) >= 0.75 * len(pairs(text) | pairs(other))
        ]
        assert head in like if like else head == text
        if head == text and text not in heads:
            heads.append(text)
