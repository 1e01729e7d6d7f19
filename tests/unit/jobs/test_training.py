"""Models are weighed before they serve, and a broken one is as if it were not."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from aftercare.services import analytics_models as models
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.training import polarity, risk, run, serving, waits
from aftercare.services.training.pack import UnknownTypeError, pack, unpack
from aftercare.services.training.registry import TRAINABLE, find
from aftercare.services.training.trainable import TooFewError, Trainable, Trained
from aftercare.store.jobs import ModelRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import write
from analytics.risk import RiskModel
from analytics.sentiment import SentimentModel
from analytics.sentiment.polarity import PolarityModel
from analytics.waiting import WaitModel, cold_start
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def _nothing_held() -> Iterator[None]:
    serving.forget()
    yield
    serving.forget()


def _item(figure: float, model: Any = None, **more: Any) -> Trainable:
    def train(engine: Engine, now: datetime) -> Trained:
        return Trained(model or cold_start(), 9, {"error": figure})

    return Trainable("thing", train, "error", higher=False, **more)


def test_a_worse_model_is_kept_but_does_not_serve(empty: Engine) -> None:
    assert run.train_one(empty, _item(1.0), NOW)["state"] == "live"
    assert run.train_one(empty, _item(1.5), NOW)["state"] == "refused"
    assert run.train_one(empty, _item(1.01), NOW)["state"] == "live"
    assert run.train_one(empty, _item(float("nan")), NOW)["state"] == "refused"
    assert models.version_in_use(empty, "thing") == 3


def test_below_the_floor_nothing_serves(empty: Engine) -> None:
    assert run.train_one(empty, _item(3.0, floor=2.0), NOW)["state"] == "refused"
    assert serving.current(empty, "thing", WaitModel) is None


def test_a_training_that_fails_changes_nothing(empty: Engine) -> None:
    def train(engine: Engine, now: datetime) -> Trained:
        raise ZeroDivisionError

    run.train_one(empty, _item(1.0), NOW)
    report = run.train_one(empty, Trainable("thing", train, "error", False), NOW)
    assert report == {"name": "thing", "state": "failed", "error": "ZeroDivisionError"}
    assert isinstance(serving.current(empty, "thing", WaitModel), WaitModel)


def test_a_payload_cannot_run_code() -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[[float], None], tuple[float]]:
            return time.sleep, (0.0,)

    with pytest.raises(UnknownTypeError):
        pack(Evil())
    with pytest.raises(Exception, match="zip"):
        unpack(pickle.dumps({"a": 1}))


@pytest.mark.parametrize("broken", [b"", b"torn", pack({"not": "a model"})])
def test_a_broken_version_is_passed_over(empty: Engine, broken: bytes) -> None:
    run.train_one(empty, _item(1.0), NOW)
    models.keep(empty, "thing", broken, rows=1, metrics={}, good=True, now=NOW)
    found = serving.current(empty, "thing", WaitModel)
    readable = broken.startswith(b"PK")
    assert (found is None) if readable else isinstance(found, WaitModel)


def test_a_new_version_is_noticed(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LOOK_EVERY_S", -1.0)
    assert serving.current(empty, "thing", WaitModel) is None
    run.train_one(empty, _item(1.0), NOW)
    first = _looked_again(empty)
    assert first is not None
    assert _looked_again(empty) is first
    with write(empty) as session:
        session.execute(update(ModelRow).values(state="refused"))
    assert _looked_again(empty) is None


def test_nobody_waits_while_a_new_version_is_read(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.train_one(empty, _item(1.0), NOW)
    first = serving.current(empty, "thing", WaitModel)
    go_on, reading = threading.Event(), threading.Event()

    def slowly(payload: bytes) -> object:
        reading.set()
        go_on.wait()
        return unpack(payload)

    monkeypatch.setattr(serving, "unpack", slowly)
    monkeypatch.setattr(serving, "LOOK_EVERY_S", -1.0)
    run.train_one(empty, _item(0.5), NOW)
    assert serving.current(empty, "thing", WaitModel) is first
    assert reading.wait(10)
    assert serving.current(empty, "thing", WaitModel) is first
    go_on.set()
    second = _looked_again(empty)
    assert second is not None
    assert second is not first


def _looked_again(engine: Engine) -> WaitModel | None:
    """Return what is in use once the look that this call begins has ended.

    A look that an earlier call began is waited for first: it may have read
    before the change that is to be seen, and no second one runs beside it.
    """
    _wait_for_looks()
    serving.current(engine, "thing", WaitModel)
    _wait_for_looks()
    return serving.current(engine, "thing", WaitModel)


def _wait_for_looks() -> None:
    for thread in threading.enumerate():
        if thread.name == "model-thing":
            thread.join()


def test_a_training_over_its_time_is_ended(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Trainable("risk", _item(1.0).train, "error", False, limit=timedelta(0))
    monkeypatch.setattr(run, "TRAINABLE", (short,))
    assert run.train_all(empty, NOW) == [{"name": "risk", "state": "timed_out"}]
    with pytest.raises(LookupError):
        run.train_all(empty, NOW, "nothing")


def test_each_model_trains_in_a_process_of_its_own(empty: Engine) -> None:
    few = {"name": "waiting", "state": "too_few", "rows": 0}
    assert run.train_all(empty, NOW, "waiting") == [few]


def test_the_mood_is_learned_and_serves(empty: Engine) -> None:
    item = find("sentiment")
    assert item is not None
    assert run.train_one(empty, item, NOW)["state"] == "live"
    found = serving.current(empty, "sentiment", SentimentModel)
    assert isinstance(found, SentimentModel)


def test_risk_is_learned_from_returns(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = risk.order_lines(shop, NOW)
    few = {"name": "risk", "state": "too_few", "rows": 0}
    item = find("risk")
    assert item is not None
    assert run.train_one(shop, item, NOW) == few
    back = lines.index % 7 == 0
    lines.loc[back, "returned_at"] = lines["ordered_at"] + timedelta(days=5)
    lines.loc[back, "refund_fen"] = lines["paid_fen"]
    monkeypatch.setattr(risk, "order_lines", lambda engine, now: lines)
    assert run.train_one(shop, item, NOW)["state"] == "live"
    assert isinstance(serving.current(shop, "risk", RiskModel), RiskModel)


def test_waits_are_learned_from_the_queue_as_it_was_joined() -> None:
    queue = dict(queue_length=3, position=3, agents_online=1, agents_free=0, cap=1)
    later = NOW + timedelta(seconds=90)
    events: list[tuple[Any, ...]] = [
        ("a", "asked", NOW, {"trigger": "asked", "queue": queue}),
        ("b", "asked", NOW, {"trigger": "asked"}),
        ("a", "taken", later, None),
        ("b", "taken", later, None),
        ("a", "asked", NOW, {"queue": queue}),
        ("a", "closed", later, None),
    ]
    records = waits.past_waits(events)
    assert [(r.wait_s, r.answered, r.state.position) for r in records] == [
        (90.0, True, 3),
        (90.0, False, 3),
    ]


def test_every_model_has_a_name_of_its_own() -> None:
    assert len({item.name for item in TRAINABLE}) == len(TRAINABLE)
    assert find("nothing") is None


def rated_talk(engine: Engine, texts: list[str], score: int, at: datetime) -> None:
    talk = open_conversation(engine, None)
    for number, text in enumerate(texts):
        receive(
            engine,
            conversation_id=talk,
            customer_id=None,
            client_id=str(number),
            text=text,
            now=at,
        )
    with write(engine) as session:
        session.add(
            SurveyRow(
                subject_kind="talk",
                subject=talk,
                conversation_id=talk,
                state="answered",
                due_at=at,
                token=talk,
                score=score,
            )
        )


def test_rated_talks_teach_good_from_bad(empty: Engine) -> None:
    bad, good = polarity.packaged()[0][:20], ["abcd thanks abcd", "well done ab"]
    for number in range(8):
        at = NOW - timedelta(days=9 - number)
        rated_talk(empty, [f"{text}{number}" for text in bad[:8]], 1, at)
        rated_talk(empty, [f"{text} {number}" for text in good * 4], 5, at)
        rated_talk(empty, ["in between"], 3, at)
    made = polarity.train(empty, NOW)
    assert made.rows == 128
    assert made.metrics["macro_f1"] > 0.9
    assert run.train_one(empty, find_named("polarity"), NOW)["state"] == "live"
    model = serving.current(empty, "polarity", PolarityModel)
    assert model is not None and model.predict([good[0]]).tolist() == [1]


def test_few_ratings_teach_nothing(empty: Engine) -> None:
    rated_talk(empty, ["abcd"], 1, NOW - timedelta(days=1))
    with pytest.raises(TooFewError):
        polarity.train(empty, NOW)


def find_named(name: str) -> Trainable:
    found = find(name)
    assert found is not None
    return found
