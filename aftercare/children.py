"""The processes the supervisor keeps running."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from aftercare import model
from aftercare.settings import ROOT, Settings
from aftercare.spare import LOAD_AFTER_S, Spare

STOP_LIMIT_S = 10
HEALTHY_AFTER_S = 60
LONGEST_PAUSE_S = 30
# Below the supervisor's own limit, so that uvicorn ends by itself.
WEB_STOP_S = 3
MAX_FRAME = 1_000_000
PR_SET_PDEATHSIG = 1
# A turn's vectors are small: threads would cost more than they spare, and take the
# second core from the other processes.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)


@dataclass
class Child:
    """One process we keep running; a restart waits longer each time."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0
    env: dict[str, str] = field(default_factory=dict)
    spare: Spare | None = None

    def start(self, settings: Settings) -> None:
        """Start the process in its own group, its output in its own log.

        One that waits, loaded, is taken where there is one.
        """
        self.started = time.monotonic()
        taken = self.spare.take() if self.spare else None
        if taken is not None:
            self.process = taken
            return
        with self._log(settings).open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=model.rasa_env(settings) | self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent(),
            )

    def _log(self, settings: Settings) -> Path:
        log = settings.state_dir / "log" / f"{self.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        return log

    def is_dead(self) -> bool:
        """Return whether the process has ended and waits to be started again."""
        return self.process is not None and self.process.poll() is not None

    def use_model(self, path: Path) -> None:
        """Start with another model from the next start on."""
        place = self.command.index("--model") + 1
        if path.exists():
            self.command[place] = str(path)

    def check(self, settings: Settings, say: Callable[[str], None]) -> None:
        """Restart the process if it has died."""
        now = time.monotonic()
        if self.process is None or self.process.poll() is None:
            if self.spare and self.process and now - self.started > LOAD_AFTER_S:
                env = model.rasa_env(settings) | self.env
                self.spare.prepare(env, self._log(settings), end_with_parent())
            return
        if not self.retry_at:
            lasted = now - self.started
            self.failures = 1 if lasted > HEALTHY_AFTER_S else self.failures + 1
            # The first time at once: a customer may be waiting.
            pause = 0 if self.failures == 1 else min(2**self.failures, LONGEST_PAUSE_S)
            self.retry_at = now + pause
            code = self.process.returncode
            say(f"{self.name} ended with code {code}; restart in {pause} s")
            # A worker it left behind would keep its port.
            self._signal(signal.SIGKILL)
        if now >= self.retry_at:
            self.retry_at = 0.0
            self.start(settings)

    def ask_to_stop(self) -> None:
        """Ask the whole group to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group at once; `check` starts it again."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self) -> None:
        """Ask the whole group to end; kill what does not."""
        if self.spare:
            self.spare.drop()
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            pass  # killed below, like anything it left behind
        self.kill()

    def _signal(self, number: int) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass  # the whole group has ended already


def stop_all(running: Iterable[Child]) -> None:
    """Stop all processes together."""
    stopping = list(running)
    for child in stopping:
        child.ask_to_stop()
    for child in stopping:
        child.stop()


def become(settings: Settings, name: str) -> NoReturn:
    """Turn this process into one part, for an installation that keeps its own."""
    path = str(model.ensure(settings)) if name == "rasa" else ""
    part = next(item for item in children(settings, path) if item.name == name)
    os.chdir(ROOT)
    os.execve(part.command[0], part.command, model.rasa_env(settings) | part.env)


def children(settings: Settings, model_path: str) -> list[Child]:
    """Return the processes, Rasa first because it loads longest."""
    jobs = [sys.executable, "-m", "aftercare", "jobs", "loop"]
    events = [sys.executable, "-m", "aftercare", "events"]
    return [
        *(
            Child(
                _numbered("rasa", number),
                _rasa(settings, model_path, settings.rasa_port + number),
                env=ONE_THREAD
                | {"AFTERCARE_ACTIONS_URL": settings.actions_address(number)},
            )
            for number in range(settings.rasa_workers)
        ),
        *(
            Child(
                _numbered("actions", number),
                [sys.executable, "-m", "actions"],
                env=ONE_THREAD
                | {"AFTERCARE_ACTIONS_PORT": str(settings.actions_port + number)},
            )
            for number in range(settings.actions_workers)
        ),
        *(
            Child(
                _numbered("web", number),
                _web(settings, settings.web_port + number, "uvicorn"),
                env=ONE_THREAD,
                spare=_web_spare(settings, number),
            )
            for number in range(settings.web_workers)
        ),
        Child("jobs", jobs),
        *([Child("events", events)] if settings.events_url else []),
    ]


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number + 1}" if number else name


def _rasa(settings: Settings, model_path: str, port: int) -> list[str]:
    return [
        str(model.rasa_python()),
        *("-m", "rasa", "run", "--model", model_path),
        *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
        *("-i", settings.part_host, "-p", str(port)),
    ]


def _web_spare(settings: Settings, number: int) -> Spare | None:
    if not settings.web_spare:
        return None
    port = settings.web_port + number
    return Spare(_web(settings, port, "aftercare.web.standby"))


def _web(settings: Settings, port: int, module: str) -> list[str]:
    web = [
        sys.executable,
        *("-m", module, "--factory", "aftercare.web.serve:application"),
        *("--host", settings.web_host, "--port", str(port)),
        *("--timeout-graceful-shutdown", str(WEB_STOP_S)),
        *("--ws-max-size", str(MAX_FRAME)),
        "--no-access-log",
    ]
    if "FORWARDED_ALLOW_IPS" not in os.environ:
        # Anyone may write the header: it is read only where the installation
        # names the proxy that sets it.
        web.append("--no-proxy-headers")
    return web


def end_with_parent() -> Callable[[], None] | None:
    """Return what makes a child end when the supervisor is killed (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return prepare
