"""Daily volumes: what is forecast, how sure, why, and when to refit."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analytics.forecast import (
    DriftMonitor,
    EventCalendar,
    VolumeForecaster,
    default_models,
    peak_warnings,
    usual_volume,
)
from analytics.forecast.backtest import backtest
from analytics.forecast.classical import SeasonalMean, SeasonalNaive
from analytics.forecast.combine import blend
from analytics.forecast.conformal import calibrate, quantile_of
from analytics.forecast.learned import Boosting, EchoState
from analytics.forecast.regression import EventRegression
from analytics.forecast.scores import coverage, mase, pinball, wape
from analytics.forecast.types import History, fill_seasonal

QUICK = [EventRegression(), SeasonalMean(), SeasonalNaive()]


def shop(last: str, days: int = 800, seed: int = 0) -> pd.Series:
    """Return contacts of a shop whose Double 11 and 6.18 triple them."""
    index = pd.date_range(end=last, periods=days)
    rng = np.random.default_rng(seed)
    week = np.array([1.1, 1.0, 1.0, 1.0, 1.05, 0.9, 0.8])[index.dayofweek]
    level = 100 * np.exp(np.linspace(0, 0.3, days))
    sale = np.ones(days)
    for month, day in ((6, 18), (11, 11)):
        for year in range(index[0].year, index[-1].year + 1):
            away = (index - pd.Timestamp(date(year, month, day))).days.to_numpy()
            sale += 2.0 * np.exp(-((away - 3) ** 2) / 20.0)
    return pd.Series(rng.poisson(level * week * sale).astype(float), index)


@pytest.fixture(scope="module")
def before_double_11() -> VolumeForecaster:
    return VolumeForecaster(models=QUICK, horizon=16).fit(shop("2026-11-03"))


def test_the_festival_is_foreseen_with_its_echo(
    before_double_11: VolumeForecaster,
) -> None:
    truth = shop("2026-12-01", 828).iloc[-28:-12].to_numpy()
    said = before_double_11.predict()
    assert said.index[0] == pd.Timestamp("2026-11-04")
    naive = np.resize(shop("2026-11-03").to_numpy()[-7:], 16)
    assert wape(truth, said["median"].to_numpy()) < 0.5 * wape(truth, naive)
    inner = said["high80"] - said["low80"]
    assert ((said["high95"] - said["low95"]) > inner).all()
    assert (said["low95"] >= 0).all()


def test_the_parts_of_each_number_sum_to_it(before_double_11: VolumeForecaster) -> None:
    parts = before_double_11.explain()
    median = before_double_11.predict()["median"]
    assert np.abs(parts.sum(axis=1) - median).max() < 1e-9
    assert parts["festival"].idxmax() in pd.date_range("2026-11-11", "2026-11-17")


def test_peaks_are_named_a_week_ahead_with_their_cause(
    before_double_11: VolumeForecaster,
) -> None:
    usual = usual_volume(before_double_11.counts_)
    found = peak_warnings(
        before_double_11.predict(), before_double_11.explain(), usual, times=1.5
    )
    early = [w for w in found if w.days_ahead >= 7]
    assert date(2026, 11, 14) in {w.day for w in early}
    assert {w.cause for w in early} == {"festival"}


def test_bad_input_is_refused() -> None:
    days = pd.date_range("2026-01-01", periods=40)
    counts = pd.Series(np.ones(40), days)
    with pytest.raises(ValueError, match="four periods"):
        VolumeForecaster().fit(counts.iloc[:20])
    with pytest.raises(ValueError, match="from zero"):
        VolumeForecaster().fit(-counts)
    with pytest.raises(ValueError, match="in order"):
        VolumeForecaster().fit(counts.iloc[::-1])


def test_all_models_carry_on_a_week_and_the_default_set_competes() -> None:
    counts = shop("2026-05-01", 140)
    frame = EventCalendar().regressors(counts.index)
    values = np.log1p(counts.to_numpy())
    values[50:52] = np.nan
    history = History(values[:-7], frame, 7)
    names = []
    for model in [*default_models(), EchoState()]:
        said = np.expm1(model.forecast(history))
        assert wape(counts.to_numpy()[-7:], said) < 0.25, model.name
        names.append(model.name)
    assert {"arima", "ets", "theta", "mstl", "boosting"} <= set(names)


def test_boosting_is_the_same_twice() -> None:
    counts = shop("2026-05-01", 200)
    history = History(
        np.log1p(counts.to_numpy()[:-7]), EventCalendar().regressors(counts.index), 7
    )
    assert (Boosting().forecast(history) == Boosting().forecast(history)).all()


def test_a_backtest_sees_nothing_after_its_origin() -> None:
    counts = shop("2026-05-01", 120).to_numpy()
    frame = EventCalendar().regressors(pd.date_range("2026-01-02", periods=120))
    spoiled = counts.copy()
    spoiled[90:] = 9_999
    tables = [
        backtest(QUICK, History(np.log1p(v), frame, 7), [90], 7)
        for v in (counts, spoiled)
    ]
    assert (tables[0].guesses == tables[1].guesses).all()
    assert (tables[0].truth != tables[1].truth).all()


class Broken:
    name = "broken"

    def forecast(self, history: History) -> np.ndarray:
        raise np.linalg.LinAlgError


def test_a_model_that_breaks_says_what_the_naive_one_says_and_has_no_more_say() -> None:
    counts = shop("2026-05-01", 200)
    model = VolumeForecaster(models=[EventRegression(), Broken()]).fit(counts)
    assert model.blend_.best == "regression"
    assert np.isfinite(model.predict().to_numpy()).all()


def test_the_blend_leaves_out_what_is_much_worse() -> None:
    counts = shop("2026-09-01", 800)
    frame = EventCalendar().regressors(counts.index)
    history = History(np.log1p(counts.to_numpy()), frame, 7)
    table = backtest(QUICK, history, range(700, 780, 10), 14)
    weights = dict(zip(table.names, blend(table).weights, strict=True))
    assert weights["seasonal_naive"] == 0
    assert weights["regression"] > 0
    assert np.isclose(sum(weights.values()), 1)


def test_drift_is_seen_and_chance_is_not() -> None:
    rng = np.random.default_rng(0)
    calm = np.abs(rng.normal(size=200))
    usual = float(calm.mean())
    assert not DriftMonitor(usual).observe(calm)
    watch = DriftMonitor(usual)
    assert watch.observe(2.5 * np.abs(rng.normal(size=30)))
    with pytest.raises(ValueError, match="positive"):
        DriftMonitor(0.0)


def test_misses_widen_the_intervals(before_double_11: VolumeForecaster) -> None:
    past = before_double_11.predict()
    width = (past["high80"] - past["low80"]).sum()
    for _ in range(4):
        before_double_11.observe(past, past["high95"] * 2)
    wider = before_double_11.predict()
    assert (wider["high80"] - wider["low80"]).sum() > width


def test_conformal_bands_cover_as_they_say() -> None:
    rng = np.random.default_rng(1)
    growing = np.linspace(1, 2, 10)
    bands = calibrate(rng.normal(size=(300, 10)) * growing, 1.0)
    fresh = rng.normal(size=(4000, 10)) * growing
    for share in (0.8, 0.95):
        half = bands.half(share)
        assert abs(coverage(fresh, -half, half) - share) < 0.02
    assert bands.half(0.8)[-1] > 1.5 * bands.half(0.8)[0]
    assert quantile_of(np.arange(1.0, 10), 0.8) == 8


def test_scores_by_hand() -> None:
    truth, guess = np.array([0.0, 10.0]), np.array([1.0, 8.0])
    assert mase(truth, guess, 3.0) == 0.5
    assert wape(truth, guess) == 0.3
    assert pinball(truth, guess, 0.9) == pytest.approx((0.1 + 1.8) / 2)
    assert np.isnan(wape(np.zeros(2), guess))


def test_gaps_are_filled_from_the_same_weekday() -> None:
    values = np.arange(21.0)
    values[9] = np.nan
    assert fill_seasonal(values, 7)[9] == 9.0
