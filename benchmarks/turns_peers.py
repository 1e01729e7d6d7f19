"""Stock Rasa as the peer of the turns' benchmark, its trained model kept.

    python -m benchmarks.turns_peers same|defaults|defaults-full   # train it ahead

Training stock Rasa's defaults on all our data takes over twenty minutes (1,355 s
were seen). A turn through the nets costs the same however long they were trained:
`defaults` sees the data 10 times instead of 100, `defaults-full` is the peer as it
is. A peer's model is kept in var/bench by a hash of all it was trained from.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from aftercare import model
from aftercare.children import Child, stop_all
from aftercare.settings import ROOT, Settings
from tests.integration.stack import free_port

READY_S = 300
KEPT = ROOT / "var" / "bench"
HERE = Path(__file__).with_name("stock")
# What the product uses in the place of Rasa's own, and Rasa's own.
OURS, STOCK = "rasa_channel.rules.RememberingRulePolicy", "RulePolicy"
NAMES = ("same", "defaults", "defaults-full")
EPOCHS = ("epochs: 100", "epochs: 10")


@dataclass(frozen=True)
class Peer:
    """A trained peer: where it is, what it was trained from, how long it took."""

    name: str
    path: Path
    fingerprint: str
    trained_s: float


@dataclass(frozen=True)
class Running:
    """A peer that answers: its REST address, its processes, its seconds to start."""

    address: str
    pids: dict[str, int]
    started_s: float


def config_of(name: str) -> str:
    """Return a peer's config: our pipeline under Rasa's own policy, or the defaults."""
    if name == "same":
        return (ROOT / "config.yml").read_text("utf-8").replace(OURS, STOCK)
    full = (HERE / "config_defaults.yml").read_text("utf-8")
    return full if name == "defaults-full" else full.replace(*EPOCHS)


def trained(name: str) -> Peer:
    """Return the peer trained from today's data, training it where none is kept."""
    mark = _fingerprint(name)
    path = KEPT / f"{name}-{mark}.tar.gz"
    noted = path.with_suffix(".json")
    if not noted.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            seconds = _train(Path(folder), config_of(name), path)
        noted.write_text(json.dumps({"trained_s": round(seconds)}), "utf-8")
    return Peer(name, path, mark, json.loads(noted.read_text("utf-8"))["trained_s"])


@contextmanager
def running(peer: Peer, folder: Path) -> Iterator[Running]:
    """Yield the peer behind its own `rest` channel and its own rasa-sdk.

    Its trackers stay in memory, as Rasa does it where nothing is set, and its
    actions are stand-ins that look nothing up: the shop's work is spared it.
    """
    rasa_port, actions_port = free_port(), free_port()
    folder.mkdir(parents=True)
    url = f"http://127.0.0.1:{actions_port}/webhook"
    (folder / "endpoints.yml").write_text(
        yaml.safe_dump({"action_endpoint": {"url": url}})
    )
    (folder / "credentials.yml").write_text("rest:\n", "utf-8")
    settings = Settings(state_dir=folder)
    rasa = str(model.rasa_python())
    run = [
        *(rasa, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(rasa_port)),
        *("--model", str(peer.path), "--endpoints", str(folder / "endpoints.yml")),
        *("--credentials", str(folder / "credentials.yml")),
    ]
    actions = [
        sys.executable,
        "-m",
        "rasa_sdk",
        "--actions",
        "benchmarks.stock.actions",
    ]
    parts = [
        Child("rasa", run),
        Child("actions", [*actions, "--port", str(actions_port)]),
    ]
    started = time.monotonic()
    try:
        for part in parts:
            part.start(settings)
        address = f"http://127.0.0.1:{rasa_port}/webhooks/rest/webhook"
        _wait(address)
        yield Running(address, pids_of(parts), time.monotonic() - started)
    finally:
        stop_all(parts)


def pids_of(parts: list[Child]) -> dict[str, int]:
    """Return the process ids of started parts by their names."""
    return {part.name: part.process.pid for part in parts if part.process is not None}


def memory_mb(pid: int) -> float:
    """Return the proportional memory (PSS) of a process and its children, in MB."""
    total = 0
    for one in [pid, *_children(pid)]:
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def processor_s(pid: int) -> float:
    """Return the processor time a process and its children have used, in seconds."""
    ticks = 0
    for one in [pid, *_children(pid)]:
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Return the highest resident memory a process has had, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmHWM")


def _train(project: Path, config: str, path: Path) -> float:
    shutil.copy(ROOT / "domain.yml", project)
    shutil.copytree(ROOT / "data", project / "data")
    (project / "config.yml").write_text(config, "utf-8")
    started = time.monotonic()
    subprocess.run(
        [
            *(str(model.rasa_python()), "-m", "rasa", "train"),
            *("--out", str(path.parent)),
            *("--fixed-model-name", path.name.removesuffix(".tar.gz")),
        ],
        cwd=project,
        env=model.rasa_env(Settings(state_dir=project / "state")),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.monotonic() - started


def _fingerprint(name: str) -> str:
    digest = hashlib.sha256(config_of(name).encode())
    folders = ("data", "rasa_nlu") if name == "same" else ("data",)
    files = [ROOT / "domain.yml", ROOT / "requirements" / "rasa.txt"]
    for folder in folders:
        files += sorted((ROOT / folder).rglob("*.yml"))
        files += sorted((ROOT / folder).rglob("*.py"))
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _wait(address: str) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            body = {"sender": "probe", "message": "/greet"}
            if httpx.post(address, json=body, timeout=20, trust_env=False).json():
                return
        except (httpx.TransportError, ValueError):
            pass  # still loading: asked again until the limit
        time.sleep(0.2)
    raise TimeoutError("stock Rasa does not answer")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    direct = [int(one) for one in listed]
    return direct + [two for one in direct for two in _children(one)]


def main() -> None:
    """Train one peer and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    print(trained(parser.parse_args().name))


if __name__ == "__main__":
    main()
