"""Figures carry their error; planted drivers, segments and bursts are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics.customers import Contact, may_contact, segments, value
from analytics.satisfaction import (
    SatisfactionModel,
    TalkText,
    correlations,
    csat,
    drivers,
    nps,
    wilson,
)
from analytics.topics import fault_graph, likely_parts, new_topics, topics

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_share_of_few_answers_is_wide() -> None:
    few, many = wilson(8, 10), wilson(800, 1000)
    # Values of Wilson's formula by hand, 95 %.
    assert few.low == pytest.approx(0.4902, abs=1e-3)
    assert few.high == pytest.approx(0.9433, abs=1e-3)
    assert many.high is not None
    assert many.low is not None
    assert many.high - many.low < 0.06
    assert csat([]).value is None
    assert csat([5, 4, 3, 1]).value == 0.5
    with pytest.raises(ValueError, match="hits"):
        wilson(3, 2)


def test_nps_counts_promoters_against_detractors() -> None:
    found = nps([10, 9, 8, 7, 6, 0])
    assert found.value == pytest.approx(0.0)
    assert found.low is not None
    assert found.low < 0 < (found.high or 0)


def test_planted_drivers_are_found_with_their_sign() -> None:
    rng = np.random.default_rng(3)
    wait, refused, noise = rng.normal(size=(3, 400))
    pull = 3 - 0.9 * wait - 0.4 * refused + rng.normal(scale=0.7, size=400)
    score = pd.Series(np.clip(np.round(pull), 1, 5))
    table = pd.DataFrame({"wait": wait, "refused": refused, "noise": noise})
    found = correlations(table, score)
    assert [item.driver for item in found[:2]] == ["wait", "refused"]
    assert found[0].spearman_p < 1e-6
    fitted = drivers(table, score)
    assert fitted is not None
    low, high = fitted.linear["wait"][1:]
    assert low < high < 0
    assert fitted.ordinal["wait"] < fitted.ordinal["refused"] < 0
    assert fitted.linear["noise"][1] < 0 < fitted.linear["noise"][2]
    assert drivers(table.head(5), score.head(5)) is None


def test_the_silent_are_guessed_from_words_with_an_error() -> None:
    happy = TalkText(((True, "late"), (False, "sorry"), (True, "great thanks")))
    angry = TalkText(((True, "late"), (False, "sorry"), (True, "awful joking")))
    model = SatisfactionModel().fit([happy, angry] * 20, [2.0, -2.0] * 20)
    good, bad = model.predict([happy, angry])
    assert good > 1 > -1 > bad
    assert model.error_ < 0.5
    assert model.words(angry)[0][1] < 0


def test_segments_and_churn_follow_the_orders() -> None:
    rows = [
        (f"c{n}", NOW - timedelta(days=n * 6 + 10 * k), 10_000 * (30 - n))
        for n in range(30)
        for k in range(1 + (29 - n) // 4)
    ]
    orders = pd.DataFrame(rows, columns=["customer", "at", "paid_fen"])
    orders["at"] = pd.to_datetime(orders["at"], utc=True)
    now = pd.Timestamp(NOW)
    table = segments(orders, now)
    assert table.loc["c0", "segment"] == "champion"
    assert table.loc["c29", "segment"] == "lost"
    worth = value(orders, now)
    assert worth["churn_risk"].between(0, 1).all()
    assert worth.loc["c0", "churn_risk"] < worth.loc["c20", "churn_risk"]
    with pytest.raises(ValueError, match="missing"):
        segments(orders.drop(columns="at"), now)


@pytest.mark.parametrize(
    ("contact", "hour", "why"),
    [
        (Contact("a", False), 12, "no_consent"),
        (Contact("a", True), 12, None),
        (Contact("a", True), 22, "quiet_hours"),
        (Contact("a", True), 8, "quiet_hours"),
        (Contact("a", True, (NOW, NOW)), 12, "cap"),
        (Contact("a", True, (NOW - timedelta(days=31), NOW)), 12, None),
    ],
)
def test_nobody_is_written_to_against_their_will(
    contact: Contact, hour: int, why: str | None
) -> None:
    assert may_contact(contact, NOW.replace(hour=hour)) == why


def test_a_burst_is_a_new_topic_and_a_quiet_week_has_none() -> None:
    usual = [f"where is parcel {n}" for n in range(40)]
    usual += [f"refund my order {n}" for n in range(40)]
    burst = [f"kettle leaks water at the lid {n}" for n in range(12)]
    assert new_topics(usual, usual[::4], count=4) == []
    found = new_topics(usual, usual[::4] + burst, count=4)
    assert len(found) == 1
    assert set(found[0].rows) == set(range(20, 32))
    assert "kettle" in found[0].examples[0]
    assert found[0].p < 0.01
    assert sum(len(topic.rows) for topic in topics(usual, 4)) == 80


def test_a_fault_points_to_its_part() -> None:
    graph = fault_graph(
        [("kettle", "seal", "leaks")] * 5
        + [("kettle", "switch", "dead")] * 3
        + [("fridge", "hose", "leaks")]
    )
    ranked = likely_parts(graph, "kettle", "leaks")
    assert ranked[0][0] == "seal"
    assert sum(share for _, share in ranked) == pytest.approx(1)
    assert likely_parts(graph, "kettle", "unknown") == []
