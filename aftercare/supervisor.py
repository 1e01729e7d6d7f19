"""Start everything in order, keep it running, stop it all together."""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType

import httpx
from sqlalchemy import Engine

from aftercare import model
from aftercare.children import Child, children, stop_all
from aftercare.cli_user import address
from aftercare.doctor import before_start
from aftercare.probe import one_message
from aftercare.services.assistant import serving
from aftercare.services.console.accounts import first_link
from aftercare.services.seed import seed_if_empty
from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.watchdog import Watchdog

START_LIMIT_S = 180
WHY = {
    serving.GONE: "its file is gone",
    serving.OTHER_PROJECT: "the project has changed since; train and promote again",
}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(settings: Settings) -> int:
    """Run everything until a signal; return the exit code."""
    started = time.monotonic()
    problems = list(before_start(settings))
    if problems:
        for problem in problems:
            sys.stderr.write(f"{problem}\n")
        return 1
    asked = _listen()
    running: list[Child] = []
    try:
        engine = make_engine(settings.database_url)
        upgrade(engine)
        orders = seed_if_empty(engine, datetime.now(UTC))
        say(f"database ready{f', {orders} demo orders' if orders else ''}")
        path = _model_to_use(engine, settings)
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
        link = first_link(engine, datetime.now(UTC))
        if link is not None:
            say(f"make the console's first account: {address(settings)}{link}")
        _keep(engine, settings, running, asked)
        say("stopping")
        return 0
    except KeyboardInterrupt:
        say("stopping")
        return 0
    except (RuntimeError, OSError, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        # A second Ctrl-C must not leave half of them running.
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        stop_all(running)


def _model_to_use(engine: Engine, settings: Settings) -> Path:
    """Return the promoted model if it fits this project, else the project's own."""
    found = serving.current(engine, settings)
    if found.passed_over:
        say(f"the promoted model is not used: {WHY[found.passed_over]}")
    if found.model_id is None:
        return model.ensure(settings)
    say(f"model {found.name}, promoted in the console")
    return found.path


def _keep(
    engine: Engine, settings: Settings, running: list[Child], asked: Event
) -> None:
    """Replace what dies and what no longer answers, until asked to end."""
    watchdog = Watchdog(settings)
    while not asked.wait(0.2):
        now = time.monotonic()
        hung = watchdog.hung(now)
        for child in running:
            # A slow machine may need minutes to load a model.
            if child.name in hung and now - child.started > START_LIMIT_S:
                say(f"{child.name} does not answer any more")
                child.kill()
            if child.name == "rasa" and child.is_dead():
                # It comes back with what is in use now, not with what it began with.
                child.use_model(serving.current(engine, settings).path)
            child.check(settings, say)


def _wait_until_ready(settings: Settings, running: list[Child]) -> bool:
    """Wait for all parts to answer, saying every few seconds what is missing."""
    url = f"http://127.0.0.1:{settings.web_port}/readyz"
    begun, told = time.monotonic(), 0.0
    while (waited := time.monotonic() - begun) < START_LIMIT_S:
        for child in running:
            child.check(settings, say)
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


def _listen() -> Event:
    """Return an event that a signal to end sets, besides raising `KeyboardInterrupt`.

    The exception alone is not enough: Python drops it where it falls into a finalizer
    or a database driver's callback, and a Ctrl-C at that moment would do nothing.
    """
    asked = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        raise KeyboardInterrupt

    for number in ENDING:
        signal.signal(number, interrupt)
    return asked
