"""Spare parts: intermittent demand, its law, and what to order."""

import numpy as np
import pytest
from scipy.stats import nbinom

from analytics.forecast import (
    DemandLaw,
    GammaDemand,
    OrderCosts,
    croston,
    order_parts,
    ses,
    tsb,
)


def shelf(parts: int = 400, months: int = 36, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1.0, 0.6, parts)
    return rng.poisson(rates[:, None], (parts, months)).astype(float)


def test_croston_by_hand() -> None:
    demand = np.array([[0.0, 2, 0, 0, 4]])
    # First demand: size 2 after 2 periods; then size += a(4 - 2), gap += a(3 - 2).
    assert croston(demand, 0.5)[0] == pytest.approx(3.0 / 2.5)
    assert croston(demand, 0.5, sba=True)[0] == pytest.approx(0.75 * 3.0 / 2.5)
    assert croston(np.zeros((1, 5)))[0] == 0


def test_a_dead_part_is_forgotten_by_tsb_and_not_by_croston() -> None:
    demand = np.array([[3.0, 0, 2, 3] * 6 + [0] * 18])
    alive = np.array([[3.0, 0, 2, 3] * 6])
    assert croston(demand)[0] == croston(alive)[0]
    assert tsb(demand)[0] < 0.2 * tsb(alive)[0]
    assert ses(demand)[0] < 0.2 * ses(alive)[0]
    law = GammaDemand().fit(np.vstack([demand, shelf(50, 42)])).law()
    assert law.mean[0] < 0.15 * 2


def test_the_law_of_a_shelf_holds_next_quarter() -> None:
    months = shelf(3000, 39)
    law = GammaDemand(discount=0.97).fit(months[:, :36]).law(3)
    came = months[:, 36:].sum(axis=1)
    assert law.mean.mean() == pytest.approx(came.mean(), rel=0.05)
    for share in (0.9, 0.975):
        high = law.quantiles(np.array([share]))[:, 0]
        # Whole pieces: at least the share, and not by much more.
        assert share - 0.01 <= np.mean(came <= high) < share + 0.06


def test_a_part_not_yet_sold_is_no_part_without_demand() -> None:
    demand = shelf(200, 24)
    demand[0] = np.nan
    demand[1] = 0
    law = GammaDemand().fit(demand).law()
    assert law.mean[0] == pytest.approx(np.nanmean(demand[2:, -6:]), rel=0.05)
    assert law.mean[1] < 0.3 * law.mean[0]


def test_expected_shortage_is_the_sum_of_the_tail() -> None:
    law = DemandLaw(np.array([2.5]), np.array([1.7]))
    pieces = np.arange(400)
    mass = nbinom.pmf(pieces, 1.7, 1.7 / 4.2)
    for stock in (0, 1, 6):
        by_hand = (np.maximum(pieces - stock, 0) * mass).sum()
        assert law.shortage(np.array([stock]))[0] == pytest.approx(by_hand)


def test_the_order_is_the_newsvendors_and_counts_what_is_there() -> None:
    model = GammaDemand().fit(shelf(50, 36))
    many = np.full(50, 900.0)
    costs = OrderCosts(too_few_fen=many, too_many_fen=np.full(50, 100.0))
    none = np.zeros(50)
    asked = {"lead_periods": 1.0, "review_periods": 0.25, "costs": costs}
    bare = order_parts(model, on_hand=none, on_order=none, **asked)
    assert (bare.service >= 0.9).all()
    law = model.law(1.25)
    assert (law.served(bare.order - 1)[bare.order > 0] < 0.9).all()

    def cost(stock: np.ndarray) -> np.ndarray:
        short = law.shortage(stock)
        return 900 * short + 100 * (stock - law.mean + short)

    best = bare.cost_too_few_fen + bare.cost_too_many_fen
    assert np.allclose(best, cost(bare.up_to))
    assert (best <= cost(bare.up_to + 1) + 1e-9).all()
    assert (best <= cost(np.maximum(bare.up_to - 1, 0)) + 1e-9).all()
    stocked = order_parts(model, on_hand=none + 1, on_order=none + 1, **asked)
    assert (stocked.order == np.maximum(bare.order - 2, 0)).all()
    safe = order_parts(model, on_hand=none, on_order=none, least_service=0.99, **asked)
    assert (safe.service >= 0.99).all()


def test_negative_demand_is_refused() -> None:
    with pytest.raises(ValueError, match="from zero"):
        GammaDemand().fit(np.array([[-1.0]]))
