"""The estimators against what they must find in planted tastes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import yaml

from analytics.recommend import (
    Content,
    Ease,
    Interactions,
    ItemNeighbours,
    NextPurchase,
    Popularity,
    Segments,
    UserNeighbours,
    because,
    interactions,
    top,
)

GOODS = yaml.safe_load((Path(__file__).parent / "goods.yml").read_text("utf-8"))


def two_tastes(seed: int = 0) -> Interactions:
    """120 users; the even take i0…i9, the odd i10…i19, nine times in ten."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(120):
        for step in range(8):
            strange = rng.random() < 0.1
            side = (user + strange) % 2
            item = side * 10 + int(rng.integers(10))
            rows.append((f"u{user:03d}", f"i{item:02d}", 86400.0 * (step + user / 200)))
    return interactions(pd.DataFrame(rows, columns=["user", "item", "at"]))


def one(data: Interactions, *items: str) -> sp.csr_matrix:
    row = np.zeros((1, len(data.items)), np.float32)
    row[0, [data.items.index(name) for name in items]] = 1
    return sp.csr_matrix(row)


@pytest.mark.parametrize(
    "model", [Ease(ridge=20), ItemNeighbours(), UserNeighbours(), Segments(segments=2)]
)
def test_a_taste_is_found_from_two_items(model: Ease) -> None:
    data = two_tastes()
    history = one(data, "i01", "i05")
    listed = top(model.fit(data).score(history), history, 6)[0]
    same = [data.items[i] < "i10" for i in listed]
    assert sum(same) >= 5
    assert not {"i01", "i05"} & {data.items[i] for i in listed}


def test_ease_is_the_closed_form_and_its_parts_add_up() -> None:
    data = two_tastes()
    model = Ease(ridge=30, dropout=0.0).fit(data)
    x = data.taken.toarray().astype(float)
    inverse = np.linalg.inv(x.T @ x + 30 * np.eye(x.shape[1]))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    assert np.abs(model.weights_ - weights).max() < 1e-4
    history = one(data, "i01", "i05", "i12")
    parts = sum(amount for _, amount in model.parts(history, 3))
    assert parts == pytest.approx(float(model.score(history)[0, 3]), abs=1e-6)


def test_ease_refuses_what_it_cannot_do() -> None:
    with pytest.raises(ValueError):
        Ease(dropout=1.0).fit(two_tastes())
    with pytest.raises(ValueError):
        interactions(pd.DataFrame({"user": [], "item": []}))


def test_popularity_of_late_forgets() -> None:
    rows = [("a", "old", 0.0), ("b", "old", 1.0), ("c", "new", 86400.0 * 100)]
    data = interactions(pd.DataFrame(rows, columns=["user", "item", "at"]))
    none = sp.csr_matrix((1, 2), dtype=np.float32)
    best = {}
    for life in (None, 10):
        scores = Popularity(half_life_days=life).fit(data).score(none)[0]
        best[life] = data.items[int(scores.argmax())]
    assert best == {None: "old", 10: "new"}


def test_the_chain_knows_what_follows_and_backs_off() -> None:
    rows = [
        (f"u{n}", item, n + when * 86400.0)
        for n in range(30)
        for when, item in enumerate(("phone", "case", "cable"))
    ]
    rows += [(f"v{n}", "kettle", 0.0) for n in range(40)]
    data = interactions(pd.DataFrame(rows, columns=["user", "item", "at"]))
    chain = NextPurchase().fit(data)
    at = data.items.index
    after = chain.after([at("phone")], one(data, "phone"))[0]
    assert data.items[int(after.argmax())] == "case"
    assert after.sum() == pytest.approx(1, abs=1e-5)
    unknown = chain.after([at("kettle")], one(data, "kettle"))[0]
    assert data.items[int(unknown.argmax())] == "kettle"


def test_content_serves_goods_nobody_has_bought() -> None:
    goods = pd.DataFrame(
        {
            "title": GOODS["titles"],
            "category": GOODS["categories"],
            "price": [39900, 35900, 29900, np.nan, 5900],
        },
        index=list("abcde"),
    )
    model = Content().fit(goods)
    history = sp.csr_matrix(np.array([[1, 0, 0, 0, 0]], np.float32))
    assert top(model.score(history), history, 1)[0, 0] == 1
    assert model.alike(2)[3] > model.alike(2)[0]
    with pytest.raises(ValueError, match="price"):
        Content().fit(goods.drop(columns="price"))


def test_because_names_the_item_that_spoke() -> None:
    data = two_tastes()
    model = ItemNeighbours().fit(data)
    history = one(data, "i01", "i12")
    item = data.items.index("i03")
    found = because(history, model.weights_, np.array([item]), "bought")[0]
    assert data.items[found.own or 0] == "i01" and 0.5 < found.share <= 1
    nothing = sp.csr_matrix((1, len(data.items)), dtype=np.float32)
    assert (
        because(nothing, model.weights_, np.array([item]), "bought")[0].basis
        == "popular"
    )


def test_a_history_halves_from_each_users_last_event() -> None:
    rows = [("a", "x", 0.0), ("a", "y", 86400.0 * 10), ("a", "x", 86400.0 * 5)]
    data = interactions(pd.DataFrame(rows, columns=["user", "item", "at"]))
    weights = data.history(half_life_days=5).toarray()[0]
    assert weights.tolist() == pytest.approx([0.5, 1.0])
    assert data.until(86400.0).taken.sum() == 1
    assert data.since(86400.0).taken.sum() == 2
