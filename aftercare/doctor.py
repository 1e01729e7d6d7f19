"""What is wrong with an installation, one sentence each."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from aftercare import model
from aftercare.services import outbox
from aftercare.settings import ROOT, Settings
from aftercare.store import sealing
from aftercare.store.engine import make_engine
from aftercare.store.migrations import config_for

FREE_MB = 500
CONNECT_S = 3.0
READY_S = 5.0
# What /readyz of a shop names at least.
PARTS = frozenset({"database", "rasa", "actions"})
EVENTS_WAIT = timedelta(minutes=10)


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server could listen here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def before_start(settings: Settings) -> Iterator[str]:
    """Yield what stands in the way of a start."""
    if not model.rasa_python().exists():
        yield f"Rasa's environment is missing at {model.rasa_python()}: run make run"
    for folder in _folders(settings):
        yield from _room(folder)
    if ready_parts(settings) is not None:
        web = f"http://{settings.web_host}:{settings.web_port}/"
        yield (
            f"a shop runs at {web} already: stop it first, or set AFTERCARE_WEB_PORT, "
            "AFTERCARE_RASA_PORT and AFTERCARE_ACTIONS_PORT for another one"
        )
        return
    yield from _ports(settings)
    if settings.web_workers > 1 and not settings.shared:
        yield (
            "several web processes need one PostgreSQL: set AFTERCARE_DATABASE_URL, "
            "or AFTERCARE_WEB_WORKERS=1"
        )


def ready_parts(settings: Settings) -> dict[str, bool] | None:
    """Return what a shop that answers at the web port has ready; None if none does."""
    if port_is_free(settings.web_host, settings.web_port):
        return None
    url = f"http://127.0.0.1:{settings.web_port}/readyz"
    try:
        found = httpx.get(url, timeout=READY_S, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return None
    ours = isinstance(found, dict) and PARTS <= found.keys()
    return {str(k): bool(v) for k, v in found.items()} if ours else None


def _ports(settings: Settings) -> Iterator[str]:
    for name, host, first, workers in (
        ("web", settings.web_host, settings.web_port, settings.web_workers),
        ("rasa", "127.0.0.1", settings.rasa_port, settings.rasa_workers),
        ("actions", "127.0.0.1", settings.actions_port, settings.actions_workers),
    ):
        for port in range(first, first + workers):
            if port_is_free(host, port):
                continue
            setting = f"AFTERCARE_{name.upper()}_PORT"
            yield f"port {port} for {name} is in use: stop its owner or set {setting}"


def _folders(settings: Settings) -> list[Path]:
    """Return the folders that are written to: state, databases, models."""
    found = [settings.state_dir, ROOT / "models"]
    for url in (settings.database_url, settings.tracker_url):
        place = make_url(url)
        if place.get_backend_name() == "sqlite" and place.database:
            found.append(Path(place.database).parent)
    return list(dict.fromkeys(folder.resolve() for folder in found))


def _room(folder: Path) -> Iterator[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # that it can be made is the answer
    except OSError as error:
        if error.errno != errno.ENOSPC:
            yield f"cannot write in {folder}: {error.strerror}"
            return
    free = shutil.disk_usage(folder).free // 2**20
    if free < FREE_MB:
        yield f"only {free} MB free in {folder}: {FREE_MB} MB are needed"


def report(settings: Settings) -> int:
    """Print every finding; return 1 if something is wrong."""
    parts = ready_parts(settings)
    problems = [
        *(before_start(settings) if parts is None else _not_ready(settings, parts)),
        *_database(settings),
        *_rasa(),
        *_outside(settings),
        *_untold(settings),
    ]
    if not model.path_for(settings).exists():
        problems.append("no model fits the data and config: run aftercare train")
    if not (ROOT / "frontend" / "dist" / "widget.js").exists():
        problems.append("the front end is not built: run make run")
    for problem in problems:
        sys.stdout.write(f"- {problem}\n")
    if not problems:
        runs = "" if parts is None else ", and a shop runs here"
        sys.stdout.write(f"all is well{runs}\n")
    return 1 if problems else 0


def _not_ready(settings: Settings, parts: dict[str, bool]) -> Iterator[str]:
    """Yield what a running shop lacks; its own ports are no problem."""
    for folder in _folders(settings):
        yield from _room(folder)
    log = settings.state_dir / "log"
    for name, fine in parts.items():
        if not fine:
            yield f"a shop runs here, but {name} does not answer: see {log}"


def _database(settings: Settings) -> Iterator[str]:
    engine = make_engine(settings.database_url)
    head = ScriptDirectory.from_config(config_for(engine)).get_current_head()
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        yield f"the database does not answer: {type(error).__name__}"
        return
    if current != head:
        yield f"the database is at {current}, the code at {head}: run aftercare migrate"
        return
    yield from sealing.broken(engine)


def _outside(settings: Settings) -> Iterator[str]:
    """Yield which of the servers that the settings name do not answer."""
    for setting, url, port in (
        ("AFTERCARE_REDIS_URL", settings.redis_url, 6379),
        ("AFTERCARE_EVENTS_URL", settings.events_url, 5672),
        ("AFTERCARE_OTLP_ENDPOINT", settings.otlp_endpoint, 4318),
    ):
        if not url:
            continue
        where = urlsplit(url)
        address = (where.hostname or "127.0.0.1", where.port or port)
        try:
            socket.create_connection(address, timeout=CONNECT_S).close()
        except OSError as error:
            yield f"{setting}: {address[0]}:{address[1]} does not answer ({error})"


def _untold(settings: Settings) -> Iterator[str]:
    """Yield how many events wait for a queue, where a broker is set."""
    if not settings.events_url:
        return
    try:
        count, oldest = outbox.backlog(make_engine(settings.database_url))
    except SQLAlchemyError:
        return  # said by `_database`
    if oldest is not None and datetime.now(UTC) - oldest > EVENTS_WAIT:
        yield (
            f"{count} events have waited since {oldest:%Y-%m-%d %H:%M} UTC: bind a"
            f" queue to {settings.events_exchange} or name in AFTERCARE_EVENTS_KINDS"
            " what has one"
        )


def _rasa() -> Iterator[str]:
    python = model.rasa_python()
    if not python.exists():
        return
    code = "import importlib.metadata as m; print(m.version('rasa'))"
    done = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield "Rasa is not installed in its environment: run make run"
