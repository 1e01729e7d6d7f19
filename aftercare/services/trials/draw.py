"""Drawing an arm, and keeping the draw with its probability in the same commit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.training.serving import current
from aftercare.services.trials.types import Trial
from aftercare.store.learning import ChoiceRow

if TYPE_CHECKING:
    from analytics.bandit import Thompson


def policy_of(engine: Engine, trial: Trial) -> Thompson | None:
    """Return what was learned, None before that or if it fits the trial no more."""
    # Loaded on use: the start of the web does not wait for the arithmetic.
    from analytics.bandit import Thompson

    found = current(engine, trial.name, Thompson)
    if found is None:
        return None
    same = (found.arms, found.features) == (len(trial.arms), len(trial.features))
    return found if same else None


def draw(
    session: Session,
    policy: Thompson | None,
    trial: Trial,
    *,
    subject: str,
    conversation_id: str,
    context: Mapping[str, float],
    now: datetime,
) -> str:
    """Return the arm for a subject; who comes again gets the same.

    An empty context, as of a customer who wants nothing personal, draws all arms
    alike, and nothing is learned about the customer from it.
    """
    from analytics.bandit import pick, uniform

    row = session.scalars(
        select(ChoiceRow)
        .where(ChoiceRow.trial == trial.name, ChoiceRow.subject == subject)
        .limit(1)
    ).first()
    if row is not None:
        return row.arm
    shares = uniform(1, len(trial.arms))[0]
    if policy is not None and context:
        shares = policy.probabilities([[context[name] for name in trial.features]])[0]
    arm = pick(shares, _place(trial, subject))
    session.add(
        ChoiceRow(
            trial=trial.name,
            arm=trial.arms[arm],
            propensity=float(shares[arm]),
            context=dict(context),
            conversation_id=conversation_id,
            subject=subject,
            at=now,
        )
    )
    return trial.arms[arm]


def _place(trial: Trial, subject: str) -> float:
    """Return a number in [0, 1) that nobody chooses: a digest."""
    digest = hashlib.sha256(f"{trial.name}\n{subject}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
