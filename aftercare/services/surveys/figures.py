"""How content customers are, who answers at all, and what the silent would say."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from aftercare.services.surveys.ask import ANSWERED, ASKED, DECLINED, WAITING
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read


def figures(engine: Engine, first: datetime, last: datetime) -> dict[str, Any]:
    """Return the surveys of services that ended in [first, last).

    `silent` is the mean the model guesses for those who did not answer, with the
    error of a single guess and of the mean; `bias` is the answered mean minus
    the mean over all, so above 0 the content answer more.
    """
    # Statistics take a second to load; the start of the web does not wait for it.
    from analytics.satisfaction import csat, wilson

    with read(engine) as session:
        rows = session.scalars(
            select(SurveyRow).where(SurveyRow.due_at >= first, SurveyRow.due_at < last)
        ).all()
    scores = [row.score for row in rows if row.score is not None]
    asked = [row for row in rows if row.asked_at is not None]
    return {
        "ended": len(rows),
        "asked": len(asked),
        "answered": len(scores),
        "declined": sum(row.state == DECLINED for row in rows),
        "waiting": sum(row.state == WAITING for row in rows),
        "not_asked": dict(Counter(row.why for row in rows if row.why)),
        "rate": asdict(wilson(len(scores), len(asked))),
        "csat": asdict(csat(scores)),
        "mean": _mean([float(score) for score in scores]),
        "scores": {str(n): scores.count(n) for n in range(1, 6)},
        "reasons": dict(Counter(code for row in rows for code in row.reasons)),
        "by_kind": [_side(rows, kind) for kind in ("case", "handover")],
        "by_outcome": _by_state(rows),
        "silent": _silent(rows, scores),
    }


def _side(rows: Any, kind: str) -> dict[str, Any]:
    from analytics.satisfaction import csat, wilson

    mine = [row for row in rows if row.subject_kind == kind]
    scores = [row.score for row in mine if row.score is not None]
    asked = sum(row.asked_at is not None for row in mine)
    return {
        "kind": kind,
        "asked": asked,
        "rate": asdict(wilson(len(scores), asked)),
        "csat": asdict(csat(scores)),
    }


def _by_state(rows: Any) -> dict[str, int]:
    return dict(Counter(row.state for row in rows))


def _silent(rows: Any, scores: list[int]) -> dict[str, Any] | None:
    """Return the guess for the silent; None before a model has guessed."""
    guessed = [
        row
        for row in rows
        if row.score is None and row.predicted is not None and row.state != ANSWERED
    ]
    if not guessed or not scores:
        return None
    values = [row.predicted for row in guessed]
    single = max(row.predicted_error or 0.0 for row in guessed)
    mean = sum(values) / len(values)
    # What a guess misses, and what the sample of talks happens to be.
    spread = math.sqrt(single**2 + _variance(values))
    error = spread / math.sqrt(len(values))
    answered = sum(scores) / len(scores)
    own_error = math.sqrt(_variance([float(s) for s in scores]) / len(scores))
    everyone = (answered * len(scores) + mean * len(values)) / (
        len(scores) + len(values)
    )
    share = len(values) / (len(scores) + len(values))
    return {
        "count": len(values),
        "mean": mean,
        "error_single": single,
        "error_mean": error,
        "everyone": everyone,
        "bias": answered - everyone,
        # The bias is the silent's share times the gap of the two means.
        "bias_error": 1.96 * share * math.hypot(error, own_error),
        "not_asked_too": sum(row.state != ASKED for row in guessed),
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _variance(values: list[float]) -> float:
    if len(values) < 2:
        return 0.0
    middle = sum(values) / len(values)
    return sum((value - middle) ** 2 for value in values) / (len(values) - 1)
