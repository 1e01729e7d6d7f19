"""Rasa's memory forgets what was said and keeps what it left."""

from __future__ import annotations

from typing import Any

from rasa_channel.history import KEPT_TURNS, MOST_TURNS, shortened

Event = dict[str, Any]
START: list[Event] = [
    {"event": "action", "name": "action_session_start", "timestamp": 0.0},
    {"event": "session_started", "timestamp": 0.0},
]


def turn(number: int, *during: Event, ask: str = "ask") -> list[Event]:
    return [
        {"event": "action", "name": "action_listen"},
        {
            "event": "user",
            "text": f"t{number}",
            "metadata": {"turn_token": "secret", "seq": number, "model_id": "m"},
            "parse_data": {"intent": {"name": ask}, "explanation": ["x"], "text": "t"},
            "timestamp": float(number),
        },
        *during,
        {"event": "action", "name": "action_answer", "timestamp": float(number)},
        {"event": "bot", "text": "said"},
    ]


def said(events: list[Event]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "user"]


def names(events: list[Event], kind: str) -> list[str | None]:
    return [event["name"] for event in events if event["event"] == kind]


def test_a_short_talk_keeps_every_turn_and_no_token_and_no_bot() -> None:
    events = shortened(START + turn(1) + turn(2))
    assert said(events) == ["t1", "t2"]
    assert not any(event["event"] == "bot" for event in events)
    assert "secret" not in str(events) and "explanation" not in str(events)
    assert [e["metadata"] for e in events if e["event"] == "user"][1] == {"seq": 2}


def test_a_long_talk_keeps_its_last_turns_and_what_was_set() -> None:
    slot = {"event": "slot", "name": "order_no", "value": "A1"}
    gone = {"event": "slot", "name": "line", "value": "L1"}
    events = START + turn(0, slot, gone) + turn(1, gone | {"value": None})
    for number in range(2, 30):
        events = shortened(events + turn(number))
    assert said(events) == [f"t{n}" for n in range(30 - KEPT_TURNS, 30)]
    slots = {e["name"]: e["value"] for e in events if e["event"] == "slot"}
    assert slots == {"order_no": "A1"}
    assert events[1]["event"] == "session_started"
    assert events[3]["name"] == "action_listen"


def test_an_open_form_is_kept_from_the_turn_before_it_began() -> None:
    opened = {"event": "active_loop", "name": "case_form"}
    events = START + turn(0)
    for number in range(1, 20):
        events = shortened(events + turn(number, *([opened] if number == 3 else [])))
    assert said(events)[0] == "t2"
    assert names(events, "active_loop") == ["case_form"]


def test_a_form_without_end_does_not_grow_for_ever() -> None:
    opened = {"event": "active_loop", "name": "case_form"}
    events = START + turn(0, opened)
    for number in range(1, 120):
        events = shortened(events + turn(number))
    assert len(said(events)) == MOST_TURNS
    assert names(events, "active_loop") == ["case_form"]


def test_a_closed_form_is_forgotten() -> None:
    events = START + turn(0, {"event": "active_loop", "name": "case_form"})
    events += turn(1, {"event": "active_loop", "name": None})
    for number in range(2, 20):
        events = shortened(events + turn(number))
    assert names(events, "active_loop") == [] and len(said(events)) == KEPT_TURNS


def test_a_new_session_leaves_the_old_one_behind() -> None:
    slot = {"event": "slot", "name": "order_no", "value": "A1"}
    events = shortened(START + turn(1, slot) + START + turn(2))
    assert said(events) == ["t2"] and names(events, "slot") == []


def test_what_takes_back_is_left_where_it_is() -> None:
    events = START + [e for n in range(20) for e in turn(n)] + [{"event": "rewind"}]
    assert len(said(shortened(events))) == 20
