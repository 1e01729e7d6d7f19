"""Learn the shop's recommender; a worse one is kept aside, the last good stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.services import analytics_models
from aftercare.services.recommend.data import articles, goods_frame, purchases
from aftercare.services.recommend.payload import pack
from aftercare.store.unit_of_work import read
from analytics.recommend import Hybrid, Mix, interactions
from analytics.recommend.tune import choose, popularity_trial, usual_mixes

MODEL = "recommend"
FEWEST_EVENTS = 200
FEWEST_USERS = 30  # of a rolling origin, before settings are chosen by it
# A few users more or less move the measure; below this share it is worse.
NOT_WORSE = 0.9


def train(engine: Engine, now: datetime) -> dict[str, Any]:
    """Fit on all kept purchases and register the model; return its figures.

    Settings are chosen by rolling origins. The version comes into use unless it
    foretells the last purchases worse than mere popularity does.
    """
    with read(engine) as session:
        bought = purchases(session)
        known = articles(session)
    bought = bought[bought["at"] < now.timestamp()]
    if len(bought) < FEWEST_EVENTS:
        return {"trained": False, "reason": "few_purchases", "rows": len(bought)}
    goods = goods_frame(known.values())
    data = interactions(bought, items=tuple(known))
    trials = choose(data, goods, mixes=usual_mixes(goods=True), again=True)
    base = popularity_trial(data, again=True)
    best = trials[0]
    enough = best.users >= FEWEST_USERS
    mix = best.mix if enough else Mix(content=0.5, chain=0.3)
    model = Hybrid(mix).fit(data, goods)
    good = not enough or best.ndcg >= NOT_WORSE * base.ndcg
    figures = {
        "ndcg10": round(best.ndcg, 4),
        "recall20": round(best.recall, 4),
        "popularity_ndcg10": round(base.ndcg, 4),
        "users": best.users,
        "articles": len(data.items),
    }
    version = analytics_models.keep(
        engine,
        MODEL,
        pack(model),
        rows=len(bought),
        metrics=figures,
        good=good,
        now=now,
    )
    return {"trained": True, "version": version, "good": good, **figures}
