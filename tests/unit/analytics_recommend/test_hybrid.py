"""The hybrid: taste, season, cold customers, cold goods, exact reasons."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from analytics.recommend import Hybrid, Interactions, Mix, Popularity, interactions, top
from analytics.recommend.tune import choose, popularity_trial, usual_mixes

DAY = 86400.0


def shop(seed: int = 0, users: int = 160) -> Interactions:
    """Two tastes; i09 and i19 rise in the last thirty of 300 days."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        for _ in range(8):
            at = float(rng.uniform(0, 300))
            side = (user + (rng.random() < 0.1)) % 2
            new = at > 270 and rng.random() < 0.6
            item = side * 10 + (9 if new else int(rng.integers(9)))
            rows.append((f"u{user:03d}", f"i{item:02d}", at * DAY))
    return interactions(pd.DataFrame(rows, columns=["user", "item", "at"]))


def history(data: Interactions, *items: str) -> sp.csr_matrix:
    row = np.zeros((1, len(data.items)), np.float32)
    row[0, [data.items.index(name) for name in items]] = 1
    return sp.csr_matrix(row)


def test_taste_and_season_meet() -> None:
    data = shop()
    model = Hybrid(Mix(learned_days=300)).fit(data)
    mine = history(data, "i01", "i02")
    assert data.items[top(model.score(mine), mine, 1)[0, 0]] == "i09"
    nobody = history(data)
    best = {data.items[i] for i in top(model.score(nobody), None, 2)[0]}
    assert best == {"i09", "i19"}


def test_who_is_new_gets_what_others_took_first_and_later_the_season() -> None:
    """All begin with i05 or i15; i09 and i19 are what is taken lately."""
    data = shop()
    events = pd.DataFrame(
        {
            "user": [data.users[u] for u in data.user],
            "item": [data.items[i] for i in data.item],
            "at": data.at + 30 * DAY,
        }
    )
    began = events.groupby("user")["at"].min().sub(DAY)
    first = pd.DataFrame(
        {
            "user": began.index,
            "item": [f"i{5 + 10 * (int(name[1:]) % 2):02d}" for name in began.index],
            "at": began.to_numpy(),
        }
    )
    data = interactions(pd.concat([events, first]))
    mix = Mix(learned_days=300, newcomer=4.0, first=1, first_days=300)
    model = Hybrid(mix).fit(data)
    nobody = history(data)
    best = {data.items[i] for i in top(model.score(nobody), None, 2)[0]}
    assert best == {"i05", "i15"}
    season = {data.items[i] for i in top(Hybrid().fit(data).score(nobody), None, 2)[0]}
    assert season == {"i09", "i19"}
    # Half of it is left after five events: with all of one taste it is the season.
    known = history(data, *(f"i{n:02d}" for n in range(9)))
    gap = model.score(known) - Hybrid(Mix(learned_days=300)).fit(data).score(known)
    assert np.abs(gap).max() < 0.5 * np.abs(model.newcomer_ - model.prior_).max()


def test_reasons_name_own_goods_or_the_season() -> None:
    data = shop()
    model = Hybrid(Mix(learned_days=300)).fit(data)
    mine = history(data, "i01")
    found = model.because(mine, np.array([data.items.index("i02")]))[0]
    assert found.basis == "bought" and data.items[found.own or 0] == "i01"
    assert model.because(history(data), np.array([0]))[0].basis == "popular"


def test_new_goods_are_found_by_their_content() -> None:
    data = shop()
    items = [*data.items, "fresh"]
    goods = pd.DataFrame(
        {"title": [n[:2] for n in items], "category": "x", "price": 100.0}, items
    )
    goods.loc["fresh", "title"] = "i0"
    events = pd.DataFrame(
        {
            "user": [data.users[u] for u in data.user],
            "item": [data.items[i] for i in data.item],
            "at": data.at,
        }
    )
    wide = interactions(events, items=["fresh"])
    model = Hybrid(Mix(learned_days=300, content=0.5, recent=0, rising=0))
    model.fit(wide, goods)
    scores = model.score(history(wide, "i01"))[0]
    assert scores[wide.items.index("fresh")] > scores[wide.items.index("i15")]
    with pytest.raises(ValueError, match="goods"):
        Hybrid(Mix(content=1)).fit(wide, goods.drop("fresh"))


def test_settings_are_chosen_on_the_past_and_beat_popularity() -> None:
    data = shop(users=300)
    trials = choose(data, mixes=usual_mixes()[:4], again=True)
    base = popularity_trial(data, again=True)
    assert trials[0].users == base.users > 100
    assert trials[0].ndcg > 1.2 * base.ndcg
    assert trials[0].ndcg + trials[0].recall >= trials[-1].ndcg + trials[-1].recall


def test_no_events_make_no_season() -> None:
    data = shop().until(-1.0)
    assert Popularity(half_life_days=3).fit(data).counts_.sum() == 0
    assert Hybrid(Mix()).fit(data).score(history(data)).max() == 0
