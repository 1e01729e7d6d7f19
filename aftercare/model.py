"""The trained model that fits the current data and config."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from aftercare.settings import ROOT, Settings

SOURCES = ("config.yml", "domain.yml", "requirements/rasa.txt")
FOLDERS = ("data", "rasa_nlu")
OF_PROJECT = ("config.yml", "domain.yml", "data")


def rasa_python() -> Path:
    """Return the interpreter of Rasa's own environment."""
    return Path(os.environ.get("AFTERCARE_RASA_PYTHON", ROOT / ".venv-rasa/bin/python"))


def rasa_env(settings: Settings) -> dict[str, str]:
    """Return the environment of every Rasa process."""
    return (
        os.environ
        | settings.as_env()
        | {
            "RASA_TELEMETRY_ENABLED": "false",
            "PYTHONPATH": str(ROOT),
            "PYTHONHASHSEED": "0",
            # Longer than any turn; a killed worker's lock is waited for so long.
            "TICKET_LOCK_LIFETIME": "20",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }
    )


def fingerprint(project: Path = ROOT) -> str:
    """Return a hash over everything a training reads.

    `project` may be another folder with the same training data and configuration;
    the code is always this one's.
    """
    digest = hashlib.sha256()
    files = [(project if name in OF_PROJECT else ROOT, name) for name in SOURCES]
    for folder in FOLDERS:
        root = project if folder in OF_PROJECT else ROOT
        for kind in ("*.yml", "*.py"):
            found = sorted((root / folder).rglob(kind))
            files += [(root, str(path.relative_to(root))) for path in found]
    for root, name in files:
        digest.update(name.encode())
        digest.update((root / name).read_bytes())
    return digest.hexdigest()[:16]


def path_for(settings: Settings) -> Path:
    """Return where the fitting model is, or will be."""
    return ROOT / "models" / f"{fingerprint()}.tar.gz"


def ensure(settings: Settings) -> Path:
    """Return the fitting model, training it if it is not there.

    Raises:
        RuntimeError: the training failed; the log's path is in the message.
    """
    path = path_for(settings)
    if path.exists():
        return path
    log = settings.state_dir / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Rasa writes a model straight to its name: a start that was stopped there, or a
    # second one beside it, would take half a file for a whole model.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=path.parent) as folder:
        made = Path(folder) / path.name
        code = _train(settings, made, log)
        if code or not made.exists():
            raise RuntimeError(f"training failed, see {log}")
        made.replace(path)
    return path


def _train(settings: Settings, made: Path, log: Path) -> int:
    """Train a model into a file, its output into a log; return the exit code."""
    command = [
        str(rasa_python()),
        *("-m", "rasa", "train", "--out", str(made.parent)),
        *("--fixed-model-name", made.name.removesuffix(".tar.gz")),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=rasa_env(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _watch(process)
        finally:
            # Ctrl-C or a signal: nobody waits for this training any more.
            process.kill()
            process.wait()
    return process.returncode


def _watch(process: subprocess.Popen[bytes]) -> None:
    waited = 0
    while process.poll() is None:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            waited += 5
            sys.stdout.write(f"  training the model: {waited} s\n")
            sys.stdout.flush()
