"""The systems under load: ours as the supervisor starts it, and stock Rasa."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml

from aftercare import model
from aftercare.children import Child, stop_all
from aftercare.settings import ROOT, Settings
from tests.integration.stack import Stack, free_port, running

READY_S = 300
NO_LIMITS = {"talk_messages_per_10s": 10**6, "address_messages_per_10s": 10**6}


@contextmanager
def ours(folder: Path) -> Iterator[tuple[Stack, dict[str, int]]]:
    """Yield the running system and the process ids of its parts."""
    # The load comes from one address and types faster than people do.
    with running(folder, **NO_LIMITS) as stack:
        yield stack, _pids(stack.parts.values())


@contextmanager
def stock(folder: Path, config: Path) -> Iterator[tuple[str, dict[str, int], float]]:
    """Yield stock Rasa's REST address, its processes, and the seconds of training.

    The same data and domain; the `rest` channel; stock rasa-sdk with stand-ins.
    """
    project = folder / "project"
    project.mkdir(parents=True)
    for name in ("domain.yml",):
        shutil.copy(ROOT / name, project)
    shutil.copytree(ROOT / "data", project / "data")
    shutil.copy(config, project / "config.yml")
    (project / "credentials.yml").write_text("rest:\n", "utf-8")
    rasa_port, actions_port = free_port(), free_port()
    url = f"http://127.0.0.1:{actions_port}/webhook"
    endpoints = {"action_endpoint": {"url": url}}
    (project / "endpoints.yml").write_text(yaml.safe_dump(endpoints), "utf-8")
    settings = Settings(state_dir=folder / "state")
    settings.state_dir.mkdir(exist_ok=True)
    env = model.rasa_env(settings)
    started = time.monotonic()
    rasa = str(model.rasa_python())
    subprocess.run(
        [rasa, "-m", "rasa", "train", "--fixed-model-name", "stock"],
        cwd=project,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    trained = time.monotonic() - started
    actions = [
        sys.executable,
        "-m",
        "rasa_sdk",
        "--actions",
        "benchmarks.stock.actions",
    ]
    parts = [
        Child("stock-rasa", _run_command(rasa, project, rasa_port)),
        Child("stock-actions", [*actions, "--port", str(actions_port)]),
    ]
    try:
        for part in parts:
            part.start(settings)
        address = f"http://127.0.0.1:{rasa_port}/webhooks/rest/webhook"
        _wait(address)
        yield address, _pids(parts), trained
    finally:
        stop_all(parts)


def memory_mb(pid: int) -> float:
    """Return the proportional memory of a process and its children, in MB."""
    total = 0
    for one in [pid, *_children(pid)]:
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _run_command(rasa: str, project: Path, port: int) -> list[str]:
    return [
        *(rasa, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port)),
        *("--model", str(project / "models" / "stock.tar.gz")),
        *("--endpoints", str(project / "endpoints.yml")),
        *("--credentials", str(project / "credentials.yml")),
    ]


def _wait(address: str) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            body = {"sender": "probe", "message": "/greet"}
            if httpx.post(address, json=body, timeout=20, trust_env=False).json():
                return
        except (httpx.TransportError, ValueError):
            pass
        time.sleep(0.5)
    raise TimeoutError("stock Rasa does not answer")


def _pids(parts: object) -> dict[str, int]:
    found = {}
    for part in parts:  # type: ignore[attr-defined]
        assert part.process is not None
        found[part.name] = part.process.pid
    return found


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    direct = [int(one) for one in listed]
    return direct + [two for one in direct for two in _children(one)]


assert os.name == "posix"
