"""How long until the first answer: from a clone, from a cold disk, and again.

    python -m benchmarks.starts [--clone]

Each is the real thing: `aftercare up` (or `git clone` and `make run`) on free ports,
timed until it says that it has answered a real message, then ended with Ctrl-C.
`--clone` downloads both environments anew, with an empty cache.
"""

from __future__ import annotations

import argparse
import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from aftercare import model
from aftercare.settings import ROOT, Settings
from benchmarks.turns import machine
from tests.integration.stack import free_port

ANSWERED = "answered a real message"
CACHES = Path("/proc/sys/vm/drop_caches")
WIDGET = ("widget.js", "socket.io.min.js")
STOP_S = 60


def started(command: Sequence[str], folder: Path, **more: str) -> float:
    """Return the seconds from a command to the first answer; end it after that.

    Raises:
        RuntimeError: it ended without an answer; its last words are the message.
    """
    ports = ("WEB", "RASA", "ACTIONS")
    env = os.environ | {f"AFTERCARE_{name}_PORT": str(free_port()) for name in ports}
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if ANSWERED in line:
            seconds = time.monotonic() - begun
            os.killpg(process.pid, signal.SIGINT)
            process.wait(STOP_S)
            return seconds
    raise RuntimeError("".join(said[-5:]))


def training(folder: Path) -> float:
    """Return the seconds of a training with nothing remembered of earlier ones."""
    command = [str(model.rasa_python()), "-m", "rasa", "train", "--out", str(folder)]
    env = model.rasa_env(Settings(state_dir=folder))
    begun = time.monotonic()
    subprocess.run(
        command,
        cwd=ROOT,
        env=env | {"RASA_CACHE_DIRECTORY": str(folder / "cache" / "cache")},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.monotonic() - begun


def drop_caches() -> bool:
    """Empty the system's disk cache; False where this user may not."""
    subprocess.run(["sync"], check=True)
    try:
        CACHES.write_text("3")
    except OSError:
        return False
    return True


def clone(folder: Path) -> float:
    """Return the seconds from `git clone` to the first answer of `make run`."""
    place = folder / "clone"
    begun = time.monotonic()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)
    cache = str(folder / "cache")
    return (time.monotonic() - begun) + started(
        ["make", "run"], place, UV_CACHE_DIR=cache, npm_config_cache=cache
    )


def main() -> None:
    """Measure each once and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clone", action="store_true")
    parser.add_argument("--no-training", action="store_true")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    up = [sys.executable, "-m", "aftercare", "up"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dist in WIDGET:
            path = ROOT / "frontend" / "dist" / dist
            if path.exists():
                size = len(gzip.compress(path.read_bytes(), 9))
                print(f"{dist}: {size} bytes gzipped", flush=True)
        if not chosen.no_training:
            print(f"training: {training(folder):.0f} s", flush=True)
        model.ensure(Settings(state_dir=folder))
        state = {"AFTERCARE_STATE_DIR": str(folder / "state")}
        first = started(up, ROOT, **state)
        print(f"first start, demo data made: {first:.1f} s", flush=True)
        print(f"second start: {started(up, ROOT, **state):.1f} s", flush=True)
        if drop_caches():
            print(f"start from a cold disk: {started(up, ROOT, **state):.1f} s")
        if chosen.clone:
            print(f"clone to first answer: {clone(folder):.0f} s", flush=True)


if __name__ == "__main__":
    main()
