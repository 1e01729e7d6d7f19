"""Other people's clients talk to the real gateway, and an old one is told why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from aftercare.settings import ROOT
from tests.integration.stack import Stack

FOLDER = ROOT / "frontend" / "conformance"
SOURCE = Path(__file__).with_name("words.yml")
WORDS: dict[str, str] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
REQUIRED = os.environ.get("AFTERCARE_REQUIRE_SERVICES") == "1"


@pytest.fixture(scope="module")
def node() -> str:
    bundled = ROOT / ".venv-tools" / "bin" / "node"
    found = shutil.which("node") or (str(bundled) if bundled.exists() else None)
    missing = "Node" if found is None else "node_modules of frontend/conformance"
    if found is not None and (FOLDER / "node_modules").exists():
        return found
    if REQUIRED:
        pytest.fail(f"no {missing}: make setup")
    pytest.skip(f"no {missing}: make setup")


def run(node: str, *command: str) -> dict[str, Any]:
    done = subprocess.run(
        [node, *command],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.mark.parametrize("client", ["sio3", "sio4"])
def test_socket_io_clients_hold_a_whole_talk(
    stack: Stack, node: str, client: str
) -> None:
    words = (WORDS["first"], WORDS["ask"])
    seen = run(node, "socketio.mjs", client, stack.url, *words)
    assert seen["error"] is None
    assert seen["notice"]
    assert len(seen["said"]) == 2 and WORDS["answer"] in seen["said"][1]
    assert seen["buttons"] == ["/request_human"]
    assert seen["again"] == seen["session"]
    assert seen["history"] == 4


def test_the_old_client_is_refused_with_a_reason(stack: Stack, node: str) -> None:
    seen = run(node, "socketio.mjs", "sio2", stack.url, "a", "b")
    assert not seen["connected"]
    assert seen["error"]


def test_rasa_webchat_works_unchanged(stack: Stack, node: str) -> None:
    seen = run(node, "webchat.mjs", stack.url, WORDS["ask"])
    assert seen["greeted"], seen
    assert seen["answered"], seen
    assert any(WORDS["answer"] in text for text in seen["shown"]), seen
