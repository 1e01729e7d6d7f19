"""What the trials have shown so far, for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from aftercare.services import analytics_models as models
from aftercare.services.trials.types import TRIALS, Trial
from aftercare.store.learning import ChoiceRow
from aftercare.store.unit_of_work import read

MOST = 5_000


def measured(engine: Engine) -> list[dict[str, Any]]:
    """Return each trial: its arms' rates, and the policy in use with its worth.

    An arm's `value` is what it would have earned if everybody had got it
    (self-normalised inverse propensities), so that arms drawn for different
    customers can be compared; `share` is how often it was drawn.
    """
    return [_trial(engine, trial) for trial in TRIALS]


def _trial(engine: Engine, trial: Trial) -> dict[str, Any]:
    # Statistics take a second to load; the start of the web does not wait for it.
    from analytics.bandit import snips
    from analytics.satisfaction import wilson

    with read(engine) as session:
        rows = session.execute(
            select(ChoiceRow.arm, ChoiceRow.propensity, ChoiceRow.reward)
            .where(ChoiceRow.trial == trial.name)
            .order_by(ChoiceRow.id.desc())
            .limit(MOST)
        ).all()
    known = [row for row in rows if row.reward is not None]
    rewards = np.array([row.reward for row in known])
    propensity = np.array([row.propensity for row in known])
    arms = []
    for arm in trial.arms:
        mine = np.array([row.arm == arm for row in known], bool)
        hits, count = int(rewards[mine].sum()), int(mine.sum())
        drawn = sum(row.arm == arm for row in rows)
        told = asdict(snips(rewards, propensity, mine)) if hits else None
        arms.append(
            {
                "arm": arm,
                "drawn": drawn,
                "share": drawn / len(rows) if rows else None,
                "rate": asdict(wilson(hits, count)),
                "value": told,
            }
        )
    kept = models.in_use(engine, trial.name)
    return {
        "trial": trial.name,
        "floor": trial.floor,
        "waiting": len(rows) - len(known),
        "arms": arms,
        "policy": None
        if kept is None
        else {"version": kept.version, "made_at": kept.made_at, **kept.metrics},
    }
