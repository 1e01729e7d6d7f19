"""The `aftercare` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aftercare import cli_backup, cli_explain, cli_jobs, cli_month, cli_train, cli_user
from aftercare.cover import cover_logs
from aftercare.settings import Settings, get_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; errors are one sentence."""
    chosen = parser().parse_args(argv)
    cover_logs()
    try:
        settings = get_settings()
    except ValidationError as error:
        sys.stderr.write(f"settings: {error.errors()[0]['msg']}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"no settings: {said_by(error)}\n")
        return 2
    try:
        return _run(chosen, settings)
    except (OSError, SQLAlchemyError) as error:
        sys.stderr.write(f"{said_by(error)}\n")
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    made = argparse.ArgumentParser(prog="aftercare", description=__doc__)
    verbs = made.add_subparsers(dest="verb", required=True)
    for name, words in (
        ("up", "start everything and keep it running"),
        ("train", "train a model if none fits the data and config"),
        ("seed", "fill an empty database with the demo shop"),
        ("demo-talks", "let invented customers talk with the running demo shop"),
        ("demo-month", "fill the demo shop's console with an invented month"),
        ("migrate", "bring the database to the newest schema"),
        ("doctor", "say what is wrong with this installation"),
        ("events", "tell RabbitMQ what happens (`up` starts this)"),
    ):
        verbs.add_parser(name, help=words)
    part = verbs.add_parser("part", help="be one part, where something else keeps it")
    part.add_argument("name", choices=("web", "rasa", "actions"))
    taking = verbs.add_parser("import", help="take in a shop's CSV files")
    taking.add_argument("folder", type=Path, help="the folder with the files")
    taking.add_argument(
        "--dry-run", action="store_true", help="check everything, write nothing"
    )
    user_verb = verbs.add_parser("user", help="the people of the console")
    cli_user.add_parser(user_verb)
    cli_jobs.add_parser(verbs.add_parser("jobs", help="scheduled work"))
    cli_train.add_parser(
        verbs.add_parser("train-analytics", help="train the shop's own models")
    )
    cli_explain.add_parser(
        verbs.add_parser("explain", help="why a sentence is understood as it is")
    )
    cli_backup.add_parsers(verbs)
    weekly = verbs.add_parser("report", help="write the weekly report")
    weekly.add_argument("--folder", type=Path, default=Path("var/reports"))
    copy = verbs.add_parser("export-customer", help="a copy of all data of one")
    copy.add_argument("customer_id")
    forget = verbs.add_parser("forget-customer", help="erase one for good")
    forget.add_argument("customer_id")
    forget.add_argument(
        "--open-cases", action="store_true", help="also while a case is open"
    )
    cleaning = verbs.add_parser("purge", help="delete what is past its time")
    cleaning.add_argument(
        "--after-restore",
        action="store_true",
        help="also forget again whom a restored backup brought back",
    )
    return made


def said_by(error: Exception) -> str:
    """Return a failure of disk or database in one sentence, without its statement."""
    if isinstance(error, DBAPIError):
        # The statement may hold a customer's data: the driver's own words only.
        return f"the database failed: {error.orig}"
    if isinstance(error, OSError) and error.strerror:
        place = f" at {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}"
    return f"{type(error).__name__}: {error}"


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    from aftercare import children, doctor, model, relay, supervisor
    from aftercare.store.engine import make_engine
    from aftercare.store.migrations import upgrade

    if chosen.verb == "up":
        return supervisor.up(settings)
    if chosen.verb == "part":
        children.become(settings, chosen.name)
    if chosen.verb == "doctor":
        return doctor.report(settings)
    if chosen.verb == "train":
        try:
            sys.stdout.write(f"model: {model.ensure(settings)}\n")
        except RuntimeError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        return 0
    if chosen.verb == "explain":
        return cli_explain.run(settings, chosen)
    engine = make_engine(settings.database_url)
    upgrade(engine)
    if chosen.verb == "seed":
        return _seed(engine)
    if chosen.verb == "demo-talks":
        return _demo_talks(engine, settings)
    if chosen.verb == "demo-month":
        return cli_month.run(engine, settings)
    if chosen.verb == "import":
        return _import(engine, chosen.folder, chosen.dry_run, settings.state_dir)
    if chosen.verb == "user":
        return cli_user.run(engine, settings, chosen)
    if chosen.verb == "events":
        return relay.run(engine, settings)
    if chosen.verb == "jobs":
        return cli_jobs.run(engine, settings, chosen)
    if chosen.verb in cli_backup.VERBS:
        return cli_backup.run(engine, settings, chosen)
    if chosen.verb == "report":
        from aftercare.services.report import gather, write_report

        for path in write_report(gather(engine, datetime.now(UTC)), chosen.folder):
            sys.stdout.write(f"{path}\n")
        return 0
    if chosen.verb == "train-analytics":
        return cli_train.run(engine, chosen)
    if chosen.verb in ("export-customer", "forget-customer", "purge"):
        return _rights(engine, settings, chosen)
    return 0


def _rights(engine: Engine, settings: Settings, chosen: argparse.Namespace) -> int:
    from aftercare.domain.errors import AftercareError
    from aftercare.services import rights

    state, now = settings.state_dir, datetime.now(UTC)
    tracker = settings.tracker_url
    try:
        if chosen.verb == "purge":
            again = (
                rights.forget_again(engine, state, tracker)
                if chosen.after_restore
                else 0
            )
            gone = rights.purge(engine, state, now, settings.keep_talks_days, tracker)
            words = ", ".join(f"{count} {name}" for name, count in gone.items())
            sys.stdout.write(f"deleted {words}; forgot again {again} customers\n")
        elif chosen.verb == "export-customer":
            copy = rights.export_customer(engine, chosen.customer_id, tracker, now)
            json.dump(copy, sys.stdout, ensure_ascii=False, indent=1)
            sys.stdout.write("\n")
        else:
            done = rights.forget_customer(
                engine,
                state,
                chosen.customer_id,
                open_cases=chosen.open_cases,
                tracker=tracker,
            )
            kept = f"{done.refunds_kept} refunds kept without a name"
            sys.stdout.write(f"forgotten: {done.deleted} rows deleted, {kept}\n")
    except AftercareError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _seed(engine: Engine) -> int:
    from aftercare.services.seed import seed_if_empty

    orders = seed_if_empty(engine, datetime.now(UTC))
    sys.stdout.write(f"{orders} orders seeded\n")
    return 0


def _demo_talks(engine: Engine, settings: Settings) -> int:
    from socketio.exceptions import ConnectionError as NobodyThere

    from aftercare import demo_talks

    if settings.env != "development":
        sys.stderr.write("invented customers talk with a demo shop only\n")
        return 1
    url = cli_user.address(settings)
    try:
        done = demo_talks.hold(engine, settings, url)
    except NobodyThere:
        sys.stderr.write(f"nothing answers at {url}: `make run` first\n")
        return 1
    left = f", {done.unanswered} without an answer" if done.unanswered else ""
    sys.stdout.write(f"{done.talks} talks, {done.said} messages{left}\n")
    return 0


def _import(
    engine: Engine, folder: Path, dry_run: bool, state: Path | None = None
) -> int:
    from aftercare.services.importer import ImportRefused, import_folder

    try:
        taken = import_folder(engine, folder, dry_run=dry_run, state=state)
    except ImportRefused as refused:
        for problem in refused.problems:
            sys.stderr.write(f"{problem}\n")
        rest = refused.count - len(refused.problems)
        more = f" (and {rest} more)" if rest else ""
        sys.stderr.write(f"nothing was imported: {refused.count} problems{more}\n")
        return 1
    words = ", ".join(f"{count} {kind}" for kind, count in taken.items())
    sys.stdout.write(f"{'would import' if dry_run else 'imported'} {words}\n")
    return 0
