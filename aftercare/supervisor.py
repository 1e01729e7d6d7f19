"""Start everything in order, keep it running, stop it all together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType

import httpx

from aftercare import model
from aftercare.doctor import before_start
from aftercare.probe import one_message
from aftercare.services.seed import seed_if_empty
from aftercare.settings import ROOT, Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade

START_LIMIT_S = 180
STOP_LIMIT_S = 10
HEALTHY_AFTER_S = 60
LONGEST_PAUSE_S = 30


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

    def start(self, settings: Settings) -> None:
        """Start the process in its own group, its output in its own log."""
        log = settings.state_dir / "log" / f"{self.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=model.rasa_env(settings) | self.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def check(self, settings: Settings) -> None:
        """Restart the process if it has died."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if not self.retry_at:
            lasted = now - self.started
            self.failures = 1 if lasted > HEALTHY_AFTER_S else self.failures + 1
            pause = min(2 ** (self.failures - 1), LONGEST_PAUSE_S)
            self.retry_at = now + pause
            code = self.process.returncode
            say(f"{self.name} ended with code {code}; restart in {pause} s")
        if now >= self.retry_at:
            self.retry_at = 0.0
            self.start(settings)

    def stop(self) -> None:
        """Ask the whole group to end; kill what does not."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def children(settings: Settings, model_path: str) -> list[Child]:
    """Return the three processes, Rasa first because it loads longest."""
    rasa = [
        str(model.rasa_python()),
        *("-m", "rasa", "run", "--model", model_path),
        *("--endpoints", "endpoints.yml", "--credentials", "credentials.yml"),
        *("-i", "127.0.0.1", "-p", str(settings.rasa_port)),
    ]
    actions = [
        sys.executable,
        *("-m", "rasa_sdk", "--actions", "actions"),
        *("-p", str(settings.actions_port)),
    ]
    web = [
        sys.executable,
        *("-m", "uvicorn", "--factory", "aftercare.web.app:create_app"),
        *("--host", settings.web_host, "--port", str(settings.web_port)),
        "--no-access-log",
    ]
    loopback = {"SANIC_HOST": "127.0.0.1"}
    return [
        Child("rasa", rasa),
        Child("actions", actions, env=loopback),
        Child("web", web),
    ]


def up(settings: Settings) -> int:
    """Run everything until a signal; return the exit code."""
    started = time.monotonic()
    problems = list(before_start(settings))
    if problems:
        for problem in problems:
            sys.stderr.write(f"{problem}\n")
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    running: list[Child] = []
    try:
        engine = make_engine(settings.database_url)
        upgrade(engine)
        orders = seed_if_empty(engine, datetime.now(UTC))
        say(f"database ready{f', {orders} demo orders' if orders else ''}")
        path = model.ensure(settings)
        running = children(settings, str(path))
        for child in running:
            child.start(settings)
        if not _wait_until_ready(settings, running):
            sys.stderr.write(f"not ready, see {settings.state_dir / 'log'}\n")
            return 1
        one_message(settings)
        seconds = time.monotonic() - started
        say(f"answered a real message; ready after {seconds:.0f} s")
        say(f"open http://{settings.web_host}:{settings.web_port}/  (Ctrl-C stops)")
        while True:
            time.sleep(0.5)
            for child in running:
                child.check(settings)
    except KeyboardInterrupt:
        say("stopping")
        return 0
    except (RuntimeError, OSError, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for child in reversed(running):
            child.stop()


def _wait_until_ready(settings: Settings, running: list[Child]) -> bool:
    """Wait for all parts to answer, saying every few seconds what is missing."""
    url = f"http://127.0.0.1:{settings.web_port}/readyz"
    begun, told = time.monotonic(), 0.0
    while (waited := time.monotonic() - begun) < START_LIMIT_S:
        for child in running:
            child.check(settings)
        missing = ["web"]
        try:
            answer = httpx.get(url, timeout=5, trust_env=False).json()
            missing = [name for name, fine in answer.items() if not fine]
        except httpx.TransportError:
            pass  # web itself is still starting: it stays in `missing`
        if not missing:
            return True
        if waited - told >= 5:
            told = waited
            say(f"  waiting for {', '.join(missing)}: {waited:.0f} s")
        time.sleep(0.5)
    return False


def say(text: str) -> None:
    """Print one line of progress at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
