"""What can stand in the way of a start: one clear sentence each, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aftercare import cli, doctor, model
from aftercare.settings import ROOT, Settings, get_settings

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("AFTERCARE_RASA_PYTHON", sys.executable)
    return Settings(state_dir=tmp_path, **{f"{n}_port": _free() for n in PORTS})


PORTS = ("web", "rasa", "actions")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nothing_in_the_way_says_nothing(settings: Settings) -> None:
    assert list(doctor.before_start(settings)) == []


@pytest.mark.parametrize("name", PORTS)
def test_a_port_in_use_is_named_with_its_setting(settings: Settings, name: str) -> None:
    port = getattr(settings, f"{name}_port")
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", port))
        owner.listen()
        (said,) = doctor.before_start(settings)
    assert str(port) in said and f"AFTERCARE_{name.upper()}_PORT" in said


@contextmanager
def _shop(settings: Settings, ready: dict[str, bool]) -> Iterator[None]:
    """Answer /readyz at the web port, as a running shop does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(ready).encode()
            self.send_response(200 if all(ready.values()) else 503)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", settings.web_port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def test_a_second_start_beside_a_running_shop_is_one_sentence(
    settings: Settings,
) -> None:
    with _shop(settings, dict.fromkeys(doctor.PARTS, True)):
        (said,) = doctor.before_start(settings)
    assert "a shop runs at" in said and "AFTERCARE_WEB_PORT" in said
    # Another server at the port is no shop of ours.
    with _shop(settings, {"ready": True}):
        (said,) = doctor.before_start(settings)
    assert "in use" in said and "a shop runs" not in said


def test_doctor_beside_a_running_shop_names_what_is_not_ready(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = dict.fromkeys(doctor.PARTS, True)
    with _shop(settings, parts):
        doctor.report(settings)
    assert "in use" not in capsys.readouterr().out
    with _shop(settings, parts | {"rasa": False}):
        assert doctor.report(settings) == 1
    said = capsys.readouterr().out
    assert "rasa does not answer" in said and "actions does not answer" not in said


def test_a_full_disk_is_said_in_megabytes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: Usage(9 * 2**20, 6 * 2**20, 3 * 2**20)
    )
    said = list(doctor.before_start(settings))
    assert said and all("only 3 MB free" in line for line in said)


def test_a_folder_of_the_database_that_is_read_only_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    settings.database_url = f"sqlite:///{folder / 'shop.db'}"

    def refused(dir: Path) -> None:
        if dir == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", _opened(refused))
    assert list(doctor.before_start(settings)) == [
        f"cannot write in {folder}: {os.strerror(errno.EROFS)}"
    ]


def _opened(check: object) -> object:
    class File:
        def __init__(self, dir: Path) -> None:
            check(dir)  # type: ignore[operator]

        def __enter__(self) -> File:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    return File


def test_without_rasas_environment_the_way_is_said(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERCARE_RASA_PYTHON", str(tmp_path / "none"))
    (said,) = doctor.before_start(settings)
    assert "run make run" in said and str(model.rasa_python()) in said


@pytest.mark.parametrize("verb", ["up", "doctor", "migrate"])
def test_a_folder_that_cannot_be_made_ends_every_verb_with_a_sentence(
    verb: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AFTERCARE_STATE_DIR", str(tmp_path / "file" / "state"))
    get_settings.cache_clear()
    try:
        assert cli.main([verb]) != 0
    finally:
        get_settings.cache_clear()
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and os.strerror(errno.ENOTDIR) in said


def test_a_database_that_fails_is_said_without_its_statement(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.database_url = f"sqlite:///{settings.state_dir}"
    monkeypatch.setattr(cli, "get_settings", lambda: settings)
    assert cli.main(["seed"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("the database failed: ") and said.count("\n") == 1
    assert "SELECT" not in said and "PRAGMA" not in said


@pytest.mark.parametrize(
    ("python", "words"),
    [("no-such-python", "3.10 or newer"), ("false", "3.10 or newer")],
)
def test_without_a_python_make_says_which(
    python: str, words: str, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(
        ["make", f"PYTHON={python}", ".venv-tools/bin/uv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and words in done.stdout + done.stderr


def test_without_room_make_says_how_much(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(
        ["make", "ROOM=999999999", ".venv-tools/bin/uv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "the environments need 999999999 MB" in done.stdout
