"""Redis, RabbitMQ and nginx from the distribution's packages, thrown away after."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REQUIRED = os.environ.get("AFTERCARE_REQUIRE_SERVICES") == "1"
RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_S = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needed(*programs: str) -> None:
    """Skip with a plain reason where a program is missing; fail in CI."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [
        name
        for name in programs
        if not shutil.which(name, path=path) and not Path(name).exists()
    ]
    if not missing:
        return
    reason = f"not installed here: {', '.join(missing)}"
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


class Server:
    """A process that can be ended and begun again on its port."""

    def __init__(self, command: list[str], port: int, env: dict[str, str]) -> None:
        self.command = command
        self.port = port
        self.env = os.environ | env
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self._listens():
                return
            assert self.process.poll() is None, self.command
            time.sleep(0.1)
        raise TimeoutError(self.command)

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # The process is a shell: its server may listen a moment longer, and a start
        # would take that for the new one.
        end = time.monotonic() + START_S
        while self._listens() and time.monotonic() < end:
            time.sleep(0.05)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


@contextmanager
def _kept(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis that keeps nothing on the disk."""
    needed("redis-server")
    port = free_port()
    options = ["--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with _kept(Server(["redis-server", *options], port, {})) as server:
        yield server


@contextmanager
def rabbitmq() -> Iterator[Server]:
    """A RabbitMQ node of its own, with its own Erlang port mapper."""
    needed(str(RABBIT))
    folder = Path(tempfile.mkdtemp(prefix="rabbit"))
    port, mapper = free_port(), free_port()
    (folder / "plugins").write_text("[].")
    env = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"t{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        "ERL_EPMD_PORT": str(mapper),
    }
    try:
        with _kept(Server([str(RABBIT)], port, env)) as server:
            yield server
    finally:
        kill = ["epmd", "-port", str(mapper), "-kill"]
        subprocess.run(kill, env=os.environ | env, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def nginx(shipped: Path, ports: dict[str, str]) -> Iterator[Server]:
    """The shipped configuration, its ports replaced; `ports["80"]` is the front."""
    needed("nginx")
    folder = Path(tempfile.mkdtemp(prefix="nginx"))
    text = shipped.read_text("utf-8")
    for old, new in ports.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/b;\n"
        f"proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;\n"
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"include {folder}/site.conf; }}\n"
    )
    port = int(ports["listen 80;"].removeprefix("listen 127.0.0.1:").rstrip(";"))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [binary, "-c", str(folder / "nginx.conf"), "-g", "master_process off;"]
    try:
        with _kept(Server(command, port, {})) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
