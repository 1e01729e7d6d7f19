"""A Ctrl-C ends everything, wherever in the code it falls."""

from __future__ import annotations

import signal
import subprocess
import sys

ASK_IN_A_FINALIZER = """
import os, signal, sys
from types import SimpleNamespace
from aftercare import supervisor
from aftercare.settings import Settings

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        for _ in range(1000):
            pass  # the handler runs between two instructions, in here

asked = supervisor._listen()
Dropped()
supervisor._keep(None, Settings(), [], asked)
print("ended")
"""


def test_a_signal_that_falls_into_a_finalizer_is_heard() -> None:
    """Python only prints what is raised there: seen once, a Ctrl-C without effect."""
    for number in (signal.SIGINT, signal.SIGTERM):
        done = subprocess.run(
            [sys.executable, "-c", ASK_IN_A_FINALIZER, str(int(number))],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout == "ended\n"
        assert "Exception ignored" in done.stderr
