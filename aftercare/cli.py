"""The `aftercare` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from aftercare.settings import Settings, get_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; errors are one sentence."""
    parser = argparse.ArgumentParser(prog="aftercare", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, words in (
        ("up", "start everything and keep it running"),
        ("train", "train a model if none fits the data and config"),
        ("seed", "fill an empty database with the demo shop"),
        ("migrate", "bring the database to the newest schema"),
        ("doctor", "say what is wrong with this installation"),
    ):
        verbs.add_parser(name, help=words)
    chosen = parser.parse_args(argv)
    try:
        settings = get_settings()
    except ValidationError as error:
        sys.stderr.write(f"settings: {error.errors()[0]['msg']}\n")
        return 2
    return _run(chosen.verb, settings)


def _run(verb: str, settings: Settings) -> int:
    from aftercare import doctor, model, supervisor
    from aftercare.services.seed import seed_if_empty
    from aftercare.store.engine import make_engine
    from aftercare.store.migrations import upgrade

    if verb == "up":
        return supervisor.up(settings)
    if verb == "doctor":
        return doctor.report(settings)
    if verb == "train":
        sys.stdout.write(f"model: {model.ensure(settings)}\n")
        return 0
    engine = make_engine(settings.database_url)
    upgrade(engine)
    if verb == "seed":
        orders = seed_if_empty(engine, datetime.now(UTC))
        sys.stdout.write(f"{orders} orders seeded\n")
    return 0
