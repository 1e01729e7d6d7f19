"""The calendar: moon, moved workdays, festivals, promotions."""

from datetime import date

import numpy as np
import pandas as pd

from analytics.forecast.calendar import (
    EventCalendar,
    Promotion,
    festival_names,
    festivals,
    spring_festivals,
)


def test_the_new_year_moves_with_the_moon() -> None:
    assert spring_festivals(2024, 2027) == [
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
        date(2027, 2, 6),
    ]


def test_every_festival_of_a_year_has_a_name_and_the_goods_festival_moves() -> None:
    found = {
        f.code: f.peak
        for f in festivals(date(2026, 1, 1), date(2026, 12, 31))
        if f.peak.year == 2026
    }
    assert found["festival_618"] == date(2026, 6, 18)
    assert found["double_11"] == date(2026, 11, 11)
    assert found["double_12"] == date(2026, 12, 12)
    assert found["new_year_goods"] == date(2026, 1, 24)
    assert set(found) <= set(festival_names())


def test_holidays_and_the_workdays_moved_for_them_are_told_apart() -> None:
    days = pd.date_range("2025-09-20", "2025-10-20")
    rows = EventCalendar().regressors(days)
    assert rows.loc["2025-10-01", "holiday:off"] == 1
    assert rows.loc["2025-09-28", "holiday:off"] == 0
    assert rows.loc["2025-09-28", "holiday:moved_workday"] == 1
    assert rows.loc["2025-10-09", "holiday:day_after"] == 1


def test_after_sales_follow_the_sale() -> None:
    rows = EventCalendar().regressors(pd.date_range("2026-10-20", "2026-12-05"))
    build = rows["festival:double_11:build"]
    assert build.loc["2026-10-20"] == 0
    assert build.loc["2026-11-10"] > build.loc["2026-11-01"] > 0
    assert build.loc["2026-11-11"] == 0
    assert rows["festival:double_11:after7"].idxmax() == pd.Timestamp("2026-11-18")


def test_a_planned_promotion_moves_days_that_have_not_come() -> None:
    sale = Promotion(date(2026, 3, 10), date(2026, 3, 12), 0.5)
    calendar = EventCalendar(shopping=False, promotions=[sale])
    rows = calendar.regressors(pd.date_range("2026-03-01", "2026-03-31"))
    during = rows["promotion:during"]
    assert during[during > 0].index.strftime("%d").tolist() == ["10", "11", "12"]
    assert during.max() == 0.5
    assert rows["promotion:after3"].idxmax() == pd.Timestamp("2026-03-15")


def test_month_ends_count_open_days() -> None:
    days = pd.bdate_range("2026-05-25", "2026-06-05")
    rows = EventCalendar("US", shopping=False, month_ends=True).regressors(days)
    assert rows.loc["2026-06-01", "month:first1"] == 1
    assert rows.loc["2026-05-29", "month:last1"] == 1
    assert np.isclose(rows["month:first2"].sum(), 1)
