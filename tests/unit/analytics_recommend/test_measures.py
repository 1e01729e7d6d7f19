"""The measures against values worked out by hand, and the after-sales ranks."""

import numpy as np
import pytest
import scipy.sparse as sp

from analytics.recommend import measures
from analytics.recommend.aftersales import (
    Candidate,
    Wish,
    companions,
    rank_replacements,
    retention_offer,
)
from analytics.recommend.rerank import mixed, spread

LISTED = np.array([[0, 1, 2, 3], [3, 2, 1, 0]])
TRUTH = sp.csr_matrix(np.array([[1, 0, 1, 0, 0], [0, 0, 0, 0, 1]]))


def test_accuracy_by_hand() -> None:
    best = 1 + 1 / np.log2(3)
    assert measures.recall(LISTED, TRUTH, 2).tolist() == [0.5, 0]
    assert measures.ndcg(LISTED, TRUTH, 4)[0] == pytest.approx(1.5 / best)
    assert measures.average_precision(LISTED, TRUTH, 4)[0] == pytest.approx(
        (1 + 2 / 3) / 2
    )
    assert measures.ndcg(LISTED, TRUTH, 4)[1] == 0


def test_beyond_accuracy_by_hand() -> None:
    popularity = np.array([0.5, 0.25, 0.25, 0.25, 0.25])
    histories = sp.csr_matrix(np.array([[0, 1, 0, 0, 0]], float))
    assert measures.coverage(LISTED, 5) == 0.8
    assert measures.novelty(LISTED[:1, :2], popularity) == 1.5
    assert measures.popularity_bias(LISTED[:1, :1], popularity, histories) == 1.0
    assert measures.diversity(LISTED[:1], [0, 0, 1, 1, 1]) == pytest.approx(2 / 3)


def test_seen_is_left_out_and_ties_are_stable() -> None:
    seen = sp.csr_matrix(np.array([[1, 0, 0]]))
    scores = np.array([[9, 1, 1]], np.float32)
    assert measures.top(scores, seen, 2).tolist() == [[1, 2]]
    assert measures.top(scores, None, 1).tolist() == [[0]]


def test_spread_shows_more_and_keeps_the_head() -> None:
    rng = np.random.default_rng(0)
    scores = np.sort(rng.random((50, 40)).astype(np.float32))[:, ::-1]
    listed = np.tile(np.arange(40), (50, 1))
    wide = spread(listed, scores, np.ones(40, np.float32), 10)
    assert (wide[:, :5] == listed[:, :5]).all()
    assert measures.coverage(listed[:, :10], 40) == 0.25
    assert measures.coverage(wide, 40) == 1.0
    assert all(len(set(row)) == 10 for row in wide)


def test_no_more_than_two_of_a_kind() -> None:
    items = np.arange(6)
    groups = np.array([0, 0, 0, 0, 1, 1])
    picked = mixed(items, np.arange(6, 0, -1), groups, 4)
    assert picked.tolist() == [0, 1, 4, 5]


def shoe(name: str, size: float, **more: object) -> Candidate:
    base: dict[str, object] = {"sold": 200, "returned": 20, "stock": 5}
    facts = base | more
    article, category = str(facts.pop("article", "run")), "shoes"
    return Candidate(name, article, category, size, 39900, alike=1.0, **facts)  # type: ignore[arg-type]


def test_too_small_wants_the_next_larger_that_is_there() -> None:
    items = [shoe("38", 0), shoe("39", 1), shoe("40", 2), shoe("41", 3, stock=0)]
    ranked = rank_replacements(Wish(items[1], "size", "larger"), items)
    assert ranked[0].item == "40" and "size_larger" in ranked[0].reasons
    assert {r.item for r in ranked} == {"38", "40"}


def test_what_often_comes_back_loses_rank() -> None:
    good = shoe("good", 1, article="a", returned=4)
    bad = shoe("bad", 1, article="b", returned=90, faults=60)
    mine = shoe("mine", 1, article="c", faults=10)
    ranked = rank_replacements(Wish(mine, "defect"), [bad, good, mine])
    assert [r.item for r in ranked] == ["good", "bad"]
    assert "seldom_returned" in ranked[0].reasons


def test_a_damaged_piece_is_best_replaced_by_the_same() -> None:
    mine, other = shoe("mine", 1), shoe("other", 1, article="x", returned=21)
    ranked = rank_replacements(Wish(mine, "damaged"), [other, mine])
    assert ranked[0].item == "mine" and ranked[0].reasons[0] == "same_new_piece"
    assert rank_replacements(Wish(mine, "size"), [mine]) == []


def test_companions_need_more_than_chance_and_a_few_buyers() -> None:
    found = companions(
        {"case": 40, "nut": 10, "rare": 2},
        owners=100,
        buyers={"case": 60, "nut": 100, "rare": 2},
        customers=1000,
    )
    assert [c.item for c in found] == ["case"] and found[0].lift > 5


def test_retention_is_care_with_reasons_and_never_money() -> None:
    assert retention_offer(
        churn=0.1, value_share=0.9, failures=0, complained=False
    ) == (
        "none",
        (),
    )
    kind, why = retention_offer(
        churn=0.6, value_share=0.9, failures=1, complained=False
    )
    assert kind == "extended_care" and "good_customer" in why
    with pytest.raises(ValueError):
        retention_offer(churn=2, value_share=0, failures=0, complained=False)
