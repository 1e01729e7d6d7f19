"""A loaded process waits, serves nothing, and takes the place of one that died."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from aftercare import children as parts
from aftercare.children import Child, children
from aftercare.settings import ROOT, Settings
from aftercare.spare import Spare
from tests.unit.supervisor.test_children import SLEEP, lives, wait_for

# Says that it waits, and when it was told to go.
WAITS = (
    "import sys, time; open(sys.argv[1], 'w').write('waits'); "
    "word = sys.stdin.readline(); "
    "open(sys.argv[1], 'w').write(word); word and time.sleep(600)"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Settings(state_dir=tmp_path, web_port=free.getsockname()[1])


def test_the_waiting_one_takes_over_and_nothing_stays_behind(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note"
    spare = Spare([sys.executable, "-c", WAITS, str(note)])
    child = Child("web", [sys.executable, "-c", SLEEP], spare=spare)
    child.start(settings)
    child.check(settings, print)
    assert not note.exists()  # not beside a process that has just begun
    monkeypatch.setattr(parts, "LOAD_AFTER_S", 0)
    child.check(settings, print)
    wait_for(lambda: note.exists() and note.read_text() == "waits")
    first, waiting = child.process, spare._waiting
    child.check(settings, print)
    assert spare._waiting is waiting  # one is enough
    assert first is not None and waiting is not None
    child.kill()
    child.check(settings, print)
    assert child.process is waiting
    wait_for(lambda: note.read_text() == "go\n")
    child.check(settings, print)
    third = spare._waiting
    assert third is not None and third is not waiting
    child.stop()
    assert not any(lives(one.pid) for one in (first, waiting, third))


def test_one_that_cannot_be_loaded_is_not_tried_again_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    spare = Spare([sys.executable, "-c", "raise SystemExit(1)"])
    log = tmp_path / "web.log"
    spare.prepare(dict(os.environ), log)
    dead = spare._waiting
    assert dead is not None
    dead.wait()
    for _ in range(3):
        spare.prepare(dict(os.environ), log)
        assert spare._waiting is None
    assert spare.take() is None


def test_the_real_one_holds_no_port_until_it_is_told_to(settings: Settings) -> None:
    web = next(c for c in children(settings, "") if c.name == "web")
    assert web.spare is not None
    url = f"http://127.0.0.1:{settings.web_port}/healthz"
    web.spare.prepare(os.environ | settings.as_env(), settings.state_dir / "web.log")
    loaded = web.spare._waiting
    assert loaded is not None
    wait_for_map(loaded.pid)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    web.start(settings)
    try:
        assert web.process is loaded
        wait_for(lambda: answers(url))
    finally:
        web.stop()


def test_without_whom_it_waits_for_it_ends_and_serves_nothing() -> None:
    command = [sys.executable, "-m", "aftercare.web.standby"]
    ended = subprocess.run(command, cwd=ROOT, input=b"", check=False, timeout=120)
    assert ended.returncode == 0


def test_none_is_kept_where_the_setting_says_so(settings: Settings) -> None:
    without = Settings(state_dir=settings.state_dir, web_spare=False)
    assert all(c.spare is None for c in children(without, ""))
    assert without.as_env()["AFTERCARE_WEB_SPARE"] == "False"


def wait_for_map(pid: int) -> None:
    """Wait until the process has loaded the last of the big libraries."""
    wait_for(lambda: "_stats" in Path(f"/proc/{pid}/maps").read_text())


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.ConnectError:
        return False
