"""Half-hours from days, and return rates of products."""

import numpy as np
import pandas as pd
import pytest

from analytics.forecast import IntradayProfile, return_rates


def test_half_hours_sum_to_the_day_and_follow_the_weekday() -> None:
    days = pd.date_range("2026-03-02", periods=56)
    rng = np.random.default_rng(0)
    shape = np.where(np.arange(48) < 24, 1.0, 3.0) / 96
    weekend = np.asarray(days.dayofweek >= 5)
    rates = np.where(weekend[:, None], shape[::-1], shape) * 400
    counts = rng.poisson(rates).astype(float)
    counts[5] = np.nan
    profile = IntradayProfile().fit(counts, days)
    ahead = pd.date_range("2026-04-27", periods=7)
    totals = np.full(7, 480.0)
    said = profile.spread(totals, ahead)
    assert np.allclose(said.sum(axis=1), totals)
    assert said[0, :24].sum() == pytest.approx(120, rel=0.1)
    assert said[6, :24].sum() == pytest.approx(360, rel=0.1)
    half = profile.half(said, np.zeros(7), 0.8)
    fresh = rng.poisson(said)
    assert 0.75 < np.mean(np.abs(fresh - said) <= half) < 0.9


def test_a_day_with_contacts_is_needed() -> None:
    with pytest.raises(ValueError, match="contacts"):
        IntradayProfile().fit(np.zeros((3, 4)), pd.date_range("2026-01-01", periods=3))


def test_few_sales_are_drawn_to_the_shop_and_many_speak_for_themselves() -> None:
    rng = np.random.default_rng(2)
    sold = rng.integers(50, 400, 60)
    back = rng.binomial(sold, rng.beta(8, 72, 60))
    rates = return_rates(np.append(back, [1, 380]), np.append(sold, [2, 1000]))
    assert rates.rate[-2] < 0.2
    assert rates.rate[-1] == pytest.approx(0.38, abs=0.02)
    assert rates.above[-1] > 0.999
    assert rates.above[-2] < 0.95
    assert rates.high95[-2] - rates.low95[-2] > rates.high80[-2] - rates.low80[-2]


def test_intervals_of_return_rates_cover() -> None:
    rng = np.random.default_rng(5)
    truth = rng.beta(6, 54, 2000)
    sold = rng.integers(1, 200, 2000)
    rates = return_rates(rng.binomial(sold, truth), sold)
    inside = (rates.low80 <= truth) & (truth <= rates.high80)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


def test_more_returns_than_sales_are_refused() -> None:
    with pytest.raises(ValueError, match="returns"):
        return_rates(np.array([3]), np.array([2]))
