"""A throw-away PostgreSQL cluster for tests, on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGKILL

import pytest
from sqlalchemy import create_engine, text

REQUIRED = os.environ.get("AFTERCARE_REQUIRE_SERVICES") == "1"
FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30
KILLED_TRIES = 50
_number = count(1)


def find_binaries() -> Path | None:
    """Return the folder of `initdb` and `postgres`, None where there is none."""
    on_path = shutil.which("initdb")
    candidates = ([Path(on_path).parent] if on_path else []) + FOLDERS
    return next((x for x in candidates if (x / "initdb").exists()), None)


class Cluster:
    """A running server; `url` names a database in it."""

    def __init__(
        self, folder: Path, restart: Callable[[], None], kill: Callable[[], None]
    ) -> None:
        self._folder = folder
        # Ends every connection at once and comes back, as an upgrade does.
        self.restart = restart
        # kill -9 of the server, which comes back by reading its write-ahead log.
        self.kill = kill

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://tester@/{name}?host={self._folder}"

    def create(self, template: str | None = None) -> str:
        """Make a database, as a copy of another if one is named; return its URL."""
        name = f"t{next(_number)}"
        like = f" TEMPLATE {template}" if template else ""
        self._do(f"CREATE DATABASE {name}{like}")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database: some hundred files, and there are some hundred tests."""
        self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(statement))
        admin.dispose()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server for the time of the tests; skip plainly where there is none."""
    binaries = find_binaries()
    if binaries is None:
        reason = "PostgreSQL is not installed here (Debian: postgresql)"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=_in_memory()))
    become = _unprivileged(folder)
    data = folder / "data"
    run = lambda *c: subprocess.run(  # noqa: E731
        [*become, *map(str, c)], check=True, capture_output=True, cwd="/"
    )
    try:
        run(
            binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8"
        )
        options = (
            f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=60"
        )
        log = folder / "log"
        again = ("-D", data, "-w", "-l", log, "-o", options, "-m", "immediate")
        run(binaries / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")

        def restart() -> None:
            run(binaries / "pg_ctl", *again, "restart")

        def kill() -> None:
            os.kill(int((data / "postmaster.pid").read_text().split()[0]), SIGKILL)
            # It is not let in before the last of the old processes has gone.
            for _ in range(KILLED_TRIES):
                try:
                    run(binaries / "pg_ctl", *again[:-2], "start")
                    return
                except subprocess.CalledProcessError:
                    time.sleep(0.2)
            raise TimeoutError("the killed server does not start again")

        try:
            yield Cluster(folder, restart, kill)
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """Return a folder held in memory, where there is one with room enough."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else None


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: become its own user there."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [
        "setpriv",
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
    ]
