"""Stationarity: both tests, read together."""

import numpy as np
import pytest

from analytics.forecast.stationarity import advise_differencing, check_stationarity


def test_noise_about_a_level_is_stationary_and_a_walk_is_not() -> None:
    noise = np.random.default_rng(3).normal(size=400)
    assert check_stationarity(noise).verdict == "stationary"
    assert check_stationarity(noise.cumsum()).verdict == "unit_root"


def test_a_walk_is_differenced_once_and_a_week_seasonally() -> None:
    rng = np.random.default_rng(1)
    walk = advise_differencing(rng.normal(size=400).cumsum())
    assert (walk.seasonal, walk.regular) == (0, 1)
    assert walk.after.verdict == "stationary"
    week = np.tile([9.0, 5, 5, 5, 6, 12, 14], 40) + rng.normal(0, 0.3, 280)
    advice = advise_differencing(week)
    assert (advice.seasonal, advice.regular) == (1, 0)
    assert advice.seasonal_strength > 0.9


def test_too_short_or_gapped_series_are_refused() -> None:
    with pytest.raises(ValueError, match="20 values"):
        check_stationarity(np.ones(5))
    with pytest.raises(ValueError, match="20 values"):
        check_stationarity(np.array([np.nan] * 30))
