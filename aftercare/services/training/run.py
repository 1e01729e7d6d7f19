"""Training under a limit, each model in a process of its own."""

from __future__ import annotations

import json
import logging
import math
import os
import subprocess
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.services import analytics_models as models
from aftercare.services.training.pack import pack, unpack
from aftercare.services.training.registry import TRAINABLE
from aftercare.services.training.trainable import TooFewError, Trainable, Trained
from aftercare.settings import ROOT

log = logging.getLogger(__name__)
Report = dict[str, Any]


def train_one(engine: Engine, item: Trainable, now: datetime) -> Report:
    """Train one model here; keep it, and use it if it is no worse than the last.

    Whatever goes wrong is a code in the report; the version in use stays.
    """
    try:
        made = item.train(engine, now)
        figure = float(made.metrics[item.metric])
        old = _old_figure(engine, item, made)
        good = item.good(figure, old)
        # NaN is no JSON.
        kept = {k: v if math.isfinite(v) else None for k, v in made.metrics.items()}
        payload = pack(made.model)
        unpack(payload)
        version = models.keep(
            engine,
            item.name,
            payload,
            rows=made.rows,
            metrics=kept,
            good=good,
            now=now,
        )
    except TooFewError as few:
        return {"name": item.name, "state": "too_few", "rows": few.rows}
    except Exception as error:  # a night's failure must not take the others along
        log.exception("training %s", item.name)
        return {"name": item.name, "state": "failed", "error": type(error).__name__}
    return {
        "name": item.name,
        "state": models.LIVE if good else models.REFUSED,
        "version": version,
        "rows": made.rows,
        "metrics": kept,
        "before": old,
    }


def train_all(engine: Engine, now: datetime, only: str | None = None) -> list[Report]:
    """Train all models, or one of them, one after the other.

    Raises:
        LookupError: there is no such model.
    """
    chosen = [item for item in TRAINABLE if only in (None, item.name)]
    if not chosen:
        raise LookupError(only)
    return [_apart(engine, item, now) for item in chosen]


def _apart(engine: Engine, item: Trainable, now: datetime) -> Report:
    command = [sys.executable, "-m", "aftercare", "train-analytics", "--here"]
    # The address may hold a password: not in a command line that others can list.
    address = engine.url.render_as_string(hide_password=False)
    try:
        ended = subprocess.run(
            [*command, "--only", item.name, "--at", now.isoformat()],
            cwd=ROOT,
            env=os.environ | {"AFTERCARE_DATABASE_URL": address},
            timeout=item.limit.total_seconds(),
            stdout=subprocess.PIPE,
            check=False,
            text=True,
        )
        found: Report = json.loads(ended.stdout.splitlines()[-1])
        return found
    except subprocess.TimeoutExpired:
        return {"name": item.name, "state": "timed_out"}
    except (IndexError, json.JSONDecodeError):
        return {"name": item.name, "state": "crashed", "code": ended.returncode}


def _old_figure(engine: Engine, item: Trainable, made: Trained) -> float | None:
    """Return what the version in use measures; None where it is none or broken."""
    old = models.in_use(engine, item.name)
    if old is None:
        return None
    if made.rival is None:
        figure = old.metrics.get(item.metric)
        return None if figure is None else float(figure)
    try:
        return float(made.rival(unpack(old.payload)))
    except Exception as error:  # an old version that no longer runs is no rival
        log.warning("old %s not measured: %s", item.name, type(error).__name__)
        return None
