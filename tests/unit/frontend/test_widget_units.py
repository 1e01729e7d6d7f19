"""The widget's own unit tests, run by Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from aftercare.settings import ROOT

FRONTEND = ROOT / "frontend"
TOOLS = ROOT / ".venv-tools" / "bin"


def test_the_widgets_units_pass() -> None:
    path = f"{os.environ['PATH']}:{TOOLS}"
    npm = shutil.which("npm", path=path)
    if npm is None or not (FRONTEND / "node_modules").exists():
        reason = "no Node or no frontend/node_modules: make setup"
        if os.environ.get("AFTERCARE_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(
        [npm, "test", "--silent"],
        cwd=FRONTEND,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    passed = re.search(r"pass (\d+)", done.stdout)
    assert passed and int(passed.group(1)) >= 10
