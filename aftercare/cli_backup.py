"""`aftercare backup` and `aftercare restore`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.backup import back_up, restore
from aftercare.settings import Settings

VERBS = ("backup", "restore")


def add_parsers(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both verbs."""
    out = verbs.add_parser("backup", help="write database and files to a new folder")
    out.add_argument("folder", type=Path)
    back = verbs.add_parser("restore", help="put a backup in place; stop all first")
    back.add_argument("folder", type=Path)
    back.add_argument(
        "--replace", action="store_true", help="also over what is there already"
    )


def run(engine: Engine, settings: Settings, chosen: argparse.Namespace) -> int:
    """Do what was chosen; return the exit code."""
    state = settings.state_dir
    try:
        if chosen.verb == "backup":
            made = back_up(engine, state, chosen.folder, datetime.now(UTC))
            sys.stdout.write(f"{len(made['sums'])} files in {chosen.folder}\n")
        else:
            again = restore(
                engine,
                state,
                chosen.folder,
                settings.tracker_url,
                replace=chosen.replace,
            )
            sys.stdout.write(f"restored; forgot again {again} customers\n")
    except (AftercareError, RuntimeError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
