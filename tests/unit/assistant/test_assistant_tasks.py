"""Work asked for in the console: once, in order, and ended however it ends."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.assistant import tasks
from aftercare.services.assistant.judging import changed, scores
from aftercare.services.console.audit import Actor
from aftercare.services.jobs import claim, find
from aftercare.services.trainset.marks import spans

BOSS = Actor(1, "boss", "Boss", "admin")


def test_one_training_at_a_time_and_one_process_does_it(
    shop: Engine, now: datetime
) -> None:
    job = find("train_rasa")
    assert job is not None and job.due(shop, now) == []
    made = tasks.request(shop, BOSS, tasks.TRAIN, {}, now)
    with pytest.raises(AftercareError, match="a training is running"):
        tasks.request(shop, BOSS, tasks.TRAIN, {}, now)
    (due,) = job.due(shop, now)
    runs = [claim(shop, job.name, due, f"w{n}", now, job.limit) for n in range(3)]
    assert len([run for run in runs if run is not None]) == 1
    assert tasks.begin(shop, tasks.TRAIN, due).id == made["id"]
    assert job.died is not None
    job.died(shop, due, "crashed")
    told = tasks.found(shop, made["id"])
    assert (told["state"], told["error"]) == ("failed", "crashed")
    assert job.due(shop, now) == []
    tasks.request(shop, BOSS, tasks.TRAIN, {}, now.replace(hour=5))


def test_stories_asked_for_at_once_are_each_done(shop: Engine, now: datetime) -> None:
    for number in range(3):
        tasks.request(shop, BOSS, tasks.STORY, {"yaml": str(number)}, now)
    dues = tasks.open_requests(shop, tasks.STORY)
    assert len(set(dues)) == 3
    seen = [tasks.begin(shop, tasks.STORY, due).payload["yaml"] for due in dues]
    assert seen == ["0", "1", "2"]


def test_progress_is_seen_and_what_was_given_is_dropped(
    shop: Engine, now: datetime
) -> None:
    made = tasks.request(shop, BOSS, tasks.STORY, {"yaml": "x"}, now)
    tasks.begin(shop, tasks.STORY, made["at"])
    for done in (0, 20, 40):
        tasks.say(shop, made["id"], "replay", done=done, of=40)
    tasks.say(shop, made["id"], "stories", done=0, of=1)
    lines = tasks.found(shop, made["id"])["lines"]
    assert [(item["step"], item["done"]) for item in lines] == [
        ("replay", 40),
        ("stories", 0),
    ]
    tasks.end(shop, made["id"], {"total": 1, "failed": 0})
    told = tasks.found(shop, made["id"])
    assert told["state"] == "done" and told["result"] == {"total": 1, "failed": 0}


def test_scores_by_hand() -> None:
    text, entities = spans("x [ab](size) y")
    assert (text, entities) == ("x ab y", [{"entity": "size", "start": 2, "end": 4}])
    wanted = [
        {"intent": "a", "entities": entities},
        {"intent": "a", "entities": []},
        {"intent": "b", "entities": []},
    ]
    got = [
        {"intent": "a", "entities": entities},
        {"intent": "b", "entities": [{"entity": "size", "start": 0, "end": 1}]},
        {"intent": "b", "entities": []},
    ]
    # a: precision 1, recall 1/2; b: precision 1/2, recall 1; both F1 2/3.
    assert scores(wanted, got) == {
        "n": 3,
        "accuracy": 0.6667,
        "macro_f1": 0.6667,
        "entity_f1": 0.6667,
    }


def test_what_counts_as_a_change() -> None:
    one = {"intent": "a", "entities": [], "action": "x", "confidence": 0.5}
    assert changed(one, one | {"confidence": 0.9}) == []
    mark = {"entity": "size", "start": 0, "end": 1, "value": "S"}
    other = {"intent": "b", "entities": [mark], "action": "y"}
    assert changed(one, other) == ["intent", "entities", "action"]
    assert changed(one | {"entities": [mark]}, one | {"entities": [mark]}) == []
