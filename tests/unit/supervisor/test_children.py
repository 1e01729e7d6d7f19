"""A process that dies comes back; nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aftercare import doctor
from aftercare.children import Child, children
from aftercare.settings import ROOT, Settings

SLEEP = "import time; time.sleep(600)"
# Starts a worker in the same group, writes its id, and sleeps.
BOSS = (
    "import subprocess, sys, time; "
    f"worker = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    "open(sys.argv[1], 'w').write(f'{worker.pid} '); time.sleep(600)"
)
STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "open(sys.argv[1], 'w').write('1 '); time.sleep(600)"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def started(code: str, settings: Settings, tmp_path: Path) -> tuple[Child, int]:
    note = tmp_path / "note"
    child = Child("sleeper", [sys.executable, "-c", code, str(note)])
    child.start(settings)
    wait_for(lambda: note.exists() and note.read_text().endswith(" "))
    return child, int(note.read_text())


def test_a_dead_process_is_replaced_and_its_worker_does_not_stay(
    settings: Settings, tmp_path: Path
) -> None:
    said: list[str] = []
    child, worker = started(BOSS, settings, tmp_path)
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not lives(first))
    wait_for(lambda: child.check(settings, said.append) or len(said) == 1)
    wait_for(lambda: not lives(worker))
    assert child.process.pid != first and lives(child.process.pid)
    assert said == ["sleeper ended with code -9; restart in 0 s"]
    child.stop()
    assert not lives(child.process.pid)


def test_the_second_death_waits_before_it_is_replaced(settings: Settings) -> None:
    said: list[str] = []
    child = Child("crasher", [sys.executable, "-c", "raise SystemExit(3)"])
    child.start(settings)
    wait_for(lambda: child.check(settings, said.append) or len(said) == 2)
    assert said[1] == "crasher ended with code 3; restart in 4 s"
    assert child.process is not None and child.process.poll() == 3
    child.stop()


def test_who_ignores_the_request_is_killed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aftercare.children.STOP_LIMIT_S", 0.2)
    child, _ = started(STUBBORN, settings, tmp_path)
    child.stop()
    assert child.process is not None and child.process.returncode == -9


@pytest.mark.skipif(sys.platform != "linux", reason="a feature of Linux")
def test_a_killed_supervisor_leaves_no_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from aftercare.children import Child\n"
        "from aftercare.settings import Settings\n"
        "folder = Path(sys.argv[1])\n"
        f"child = Child('sleeper', [sys.executable, '-c', {SLEEP!r}])\n"
        "child.start(Settings(state_dir=folder))\n"
        "(folder / 'pid').write_text(f'{child.process.pid} ')\n"
        "time.sleep(600)\n"
    )
    boss = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    note = tmp_path / "pid"
    wait_for(lambda: note.exists() and note.read_text().endswith(" "))
    boss.kill()
    boss.wait()
    wait_for(lambda: not lives(int(note.read_text())))


def test_rasa_and_actions_listen_on_loopback_only(settings: Settings) -> None:
    rasa, actions, web, _jobs = children(settings, "model.tar.gz")
    assert "-i 127.0.0.1" in " ".join(rasa.command)
    assert actions.command[1:] == ["-m", "actions"]
    assert "--no-proxy-headers" in web.command


def test_a_port_in_use_is_one_sentence(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.web_port = taken.getsockname()[1]
        found = list(doctor.before_start(settings))
    assert (
        f"port {settings.web_port} for web is in use: "
        "stop its owner or set AFTERCARE_WEB_PORT" in found
    )


def test_a_full_disk_is_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "FREE_MB", 10**9)
    assert any("MB are needed" in found for found in doctor.before_start(settings))


def test_a_missing_environment_is_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERCARE_RASA_PYTHON", "/nowhere/python")
    assert "run make run" in next(iter(doctor.before_start(settings)))
