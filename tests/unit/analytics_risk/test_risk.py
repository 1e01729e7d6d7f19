"""Risk: scores and reasons against planted abuse, honest heavy returners spared."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from analytics.risk import (
    FEATURES,
    AnomalyEnsemble,
    RiskModel,
    RiskNote,
    customer_features,
    shared_groups,
    unusual_agents,
    unusual_volumes,
)

START = pd.Timestamp("2026-01-01", tz="Asia/Shanghai")


def shop(seed: int = 0) -> pd.DataFrame:
    """300 customers; c0…c9 are a ring, h… return clothes as everybody does."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(300):
        ring = number < 10
        category = "clothes" if number % 3 == 0 else "kettles"
        rate = 0.85 if ring else {"clothes": 0.4, "kettles": 0.04}[category]
        for _ in range(int(rng.integers(6, 14))):
            ordered = START + pd.to_timedelta(rng.uniform(0, 150), unit="D")
            back = rng.random() < rate
            days = float(rng.uniform(5.8, 7) if ring else rng.uniform(1, 7))
            rows.append(
                {
                    "customer": f"c{number}",
                    "category": category,
                    "paid_fen": 10000,
                    "ordered_at": ordered,
                    "returned_at": ordered + pd.to_timedelta(days, unit="D")
                    if back
                    else None,
                    "refund_fen": 10000 if back else 0,
                    "claim": bool(back and rng.random() < (0.8 if ring else 0.1)),
                    "window_days": 7,
                    "address": "ring" if ring else f"a{number}",
                    "device": f"d{number}",
                }
            )
    frame = pd.DataFrame(rows)
    frame["returned_at"] = pd.to_datetime(frame["returned_at"], utc=True)
    frame["ordered_at"] = frame["ordered_at"].dt.tz_convert("UTC")
    return frame


def test_ring_is_on_top_without_labels_and_says_why() -> None:
    table = customer_features(shop())
    model = RiskModel().fit(table)
    score = pd.Series(model.score(table), index=table.index)
    ring = [f"c{n}" for n in range(10)]
    assert len(set(score.nlargest(10).index) & set(ring)) >= 9
    note = model.assess(table.loc[["c1"]])
    assert note.basis == "unusual" and len(note.reasons) == 3
    assert {name for name, _ in note.reasons} <= set(FEATURES)


def test_honest_buyers_of_clothes_are_not_flagged_for_the_goods() -> None:
    table = customer_features(shop())
    honest = table.drop([f"c{n}" for n in range(10)])
    clothes = [n for n in honest.index if int(n[1:]) % 3 == 0]
    rest = honest.drop(clothes)["returns_above_peers"]
    assert abs(honest.loc[clothes, "returns_above_peers"].mean() - rest.mean()) < 0.3
    score = pd.Series(RiskModel().fit(table).score(honest), index=honest.index)
    top = score.nlargest(30).index
    assert len(set(top) & set(clothes)) <= 18


def test_few_orders_are_drawn_to_the_peers() -> None:
    frame = shop()
    one = (
        frame[frame["customer"] == "c0"]
        .iloc[[0]]
        .assign(
            customer="new",
            address="x",
            device="y",
            returned_at=frame["ordered_at"].max(),
        )
    )
    table = customer_features(pd.concat([frame, one]))
    assert (
        table.loc["new", "returns_above_peers"] < table.loc["c0", "returns_above_peers"]
    )


def test_shared_keys_link_but_a_parcel_station_does_not() -> None:
    links = pd.DataFrame(
        [("a", "k1"), ("b", "k1"), ("b", "k2"), ("c", "k2"), ("d", "k3"), ("e", None)]
        + [(f"s{n}", "station") for n in range(30)],
        columns=["customer", "key"],
    )
    groups = shared_groups(links, most=20)
    assert groups["a"] == {"b", "c"}
    assert not {"d", "e", "s1"} & set(groups)


def test_missing_column_is_refused() -> None:
    with pytest.raises(ValueError, match="device"):
        customer_features(shop().drop(columns="device"))


def labelled(n: int = 3000, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "kind": rng.choice(["x", "y", "z"], n),
            "amount": rng.normal(size=n),
            "noise": rng.normal(size=n),
        }
    )
    odds = -3 + 2.5 * (frame["kind"] == "x") * (frame["amount"] > 0.5)
    return frame, (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)


def test_labels_teach_and_the_probability_is_calibrated() -> None:
    rows, bad = labelled()
    model = RiskModel(trees=60).fit(rows, bad)
    new, truth = labelled(seed=2)
    score = model.score(new)
    assert model.basis_ == "learned"
    assert score.mean() == pytest.approx(truth.mean(), abs=0.02)
    hot = (new["kind"] == "x") & (new["amount"] > 0.5)
    assert score[hot].mean() > 4 * score[~hot].mean()
    worst = new.iloc[[int(score.argmax())]]
    note = model.assess(worst)
    assert {name for name, _ in note.reasons[:2]} == {"kind", "amount"}


def test_few_labels_or_unseen_ones_keep_it_unsupervised() -> None:
    rows, bad = labelled(400)
    bad[:] = np.nan
    bad[:15] = 1
    assert RiskModel(trees=20).fit(rows, bad).basis_ == "unusual"


def test_new_category_does_not_break_the_score() -> None:
    rows, bad = labelled()
    model = RiskModel(trees=20).fit(rows, bad)
    odd = rows.iloc[[0]].assign(kind="never seen", amount=np.nan)
    assert 0 <= model.assess(odd).score <= 1


def test_a_note_holds_no_verdict() -> None:
    assert {f.name for f in fields(RiskNote)} == {"score", "basis", "reasons"}


def test_anomaly_needs_a_usual() -> None:
    with pytest.raises(ValueError):
        AnomalyEnsemble().fit(np.zeros((5, 2)))


def test_one_generous_agent_is_named_and_chance_is_not() -> None:
    rng = np.random.default_rng(3)
    quiet = {f"a{n}": (int(rng.binomial(200, 0.1)), 200) for n in range(20)}
    assert unusual_agents(quiet) == []
    notes = unusual_agents({**quiet, "odd": (60, 200), "new": (3, 3)})
    assert [note.agent for note in notes] == ["odd"] and notes[0].z > 4
    with pytest.raises(ValueError):
        unusual_agents({"a": (3, 2)})


def test_jump_drop_and_slow_rise() -> None:
    rng = np.random.default_rng(4)
    season = np.tile([100, 90, 80, 80, 110, 150, 160], 20)
    calm = rng.poisson(season).astype(float)
    assert len(unusual_volumes(calm)) <= 1
    jump = calm.copy()
    jump[100], jump[90] = 260, 20
    kinds = {n.place: n.kind for n in unusual_volumes(jump)}
    assert kinds[100] == "jump" and kinds[90] == "drop"
    slow = rng.poisson(season * np.where(np.arange(140) < 105, 1, 1.25)).astype(float)
    found = [n.place for n in unusual_volumes(slow) if n.place >= 105]
    assert found and found[0] < 119
