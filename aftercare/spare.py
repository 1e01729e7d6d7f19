"""Processes that wait, loaded, to take the place of one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from aftercare.settings import ROOT
from aftercare.web.standby import GO

# A process that dies at once is not helped by a spare; and what has just begun to
# serve customers should not share its processor with the loading of the next.
LOAD_AFTER_S = 20
# One that cannot be loaded is not tried five times a second.
AGAIN_AFTER_S = 60


class Spare:
    """At most one waiting process of one kind."""

    def __init__(self, command: list[str]) -> None:
        """Keep the command; nothing is started."""
        self._command = command
        self._waiting: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def prepare(
        self, env: dict[str, str], log: Path, before: Callable[[], None] | None = None
    ) -> None:
        """Start to load one unless one is there, or one ended just now."""
        now = time.monotonic()
        if self._waiting is not None:
            if self._waiting.poll() is None:
                return
            self._not_before = now + AGAIN_AFTER_S
            self.drop()
        if now < self._not_before:
            return
        with log.open("ab") as output:
            self._waiting = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE,
                start_new_session=True,
                preexec_fn=before,
            )

    def take(self) -> subprocess.Popen[bytes] | None:
        """Return the waiting process, told to serve; None where there is none."""
        process, self._waiting = self._waiting, None
        if process is None or process.stdin is None or process.poll() is not None:
            return None
        try:
            process.stdin.write(f"{GO}\n".encode())
            process.stdin.close()
        except BrokenPipeError:
            return None  # it died since it was looked at
        return process

    def drop(self) -> None:
        """End the waiting process."""
        process, self._waiting = self._waiting, None
        if process is None:
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended already
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
