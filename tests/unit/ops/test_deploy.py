"""What can be shown of `deploy/` without a container engine: it is read as meant."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from aftercare.settings import ROOT, Settings
from tests.integration import services

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load(
    (DEPLOY / "compose" / "compose.yml").read_text(encoding="utf-8")
)
OWN = {name: part for name, part in COMPOSE["services"].items() if "build" in part}
KNOWN = {f"AFTERCARE_{name.upper()}" for name in Settings.model_fields}
UNITS = sorted((DEPLOY / "systemd").iterdir())


def test_every_setting_that_is_named_exists() -> None:
    named: set[str] = set()
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            found = re.findall(
                r"^[# ]*(?:Environment=)?(AFTERCARE_[A-Z_]+)[=:]",
                path.read_text(encoding="utf-8"),
                re.MULTILINE,
            )
            named |= set(found)
    assert len(named) > 15
    assert named <= KNOWN


@pytest.mark.parametrize("file", ["environment.example", "compose/env.example"])
def test_an_example_that_is_filled_in_starts(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is, it does not: production has no secret by default."""
    values = {k: v or "" for k, v in dotenv_values(DEPLOY / file).items()}
    values |= {"AFTERCARE_STATE_DIR": str(tmp_path), "AFTERCARE_ENV": "production"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="SECRET"):
        Settings(_env_file=None)
    for name in ("SHOP_JWT", "INTERNAL"):
        monkeypatch.setenv(f"AFTERCARE_{name}_SECRET", "s" * 40)
    assert Settings(_env_file=None).allowed_origins == ["https://shop.example"]


def test_what_the_compose_file_names_is_there() -> None:
    parts, networks = COMPOSE["services"], COMPOSE["networks"]
    example = dotenv_values(DEPLOY / "compose" / "env.example")
    for name, part in parts.items():
        assert set(part.get("depends_on", [])) <= set(parts), name
        assert set(part["networks"]) <= set(networks), name
        for volume in part.get("volumes", []):
            source = volume.split(":")[0]
            own = (DEPLOY / "compose" / source).is_file()
            assert own if source.startswith("./") else source in COMPOSE["volumes"]
    text = (DEPLOY / "compose" / "compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)\}", text)) <= set(example)


def test_only_the_front_is_published_and_rasa_reaches_nothing_outside() -> None:
    parts = COMPOSE["services"]
    assert [name for name, part in parts.items() if "ports" in part] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("rasa1", "rasa2", "actions", "db", "redis", "broker"):
        assert parts[name]["networks"] == ["inside"], name
    # Webhooks and mail are sent by these; inside alone they would reach nobody.
    for name in ("web1", "web2", "jobs"):
        assert "outside" in parts[name]["networks"], name
    assert all("mem_limit" in parts[name] for name in ("rasa1", "rasa2"))


def test_nothing_starts_before_the_tables_are_there() -> None:
    done = {"condition": "service_completed_successfully"}
    for name, part in OWN.items():
        if name != "migrate":
            assert part["depends_on"]["migrate"] == done, name
    assert "migrate" not in OWN["migrate"]["depends_on"]


def test_commands_of_the_containers_are_verbs_of_ours() -> None:
    from aftercare.cli import parser

    for name, part in OWN.items():
        assert parser().parse_args(part["command"]).verb, name


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_reads_every_unit_without_a_word(unit: Path, tmp_path: Path) -> None:
    services.needed("systemd-analyze")
    for other in UNITS:
        # The programs are not installed on a machine that only runs the tests.
        text = other.read_text(encoding="utf-8")
        text = text.replace("/opt/aftercare/.venv/bin/python", sys.executable)
        (tmp_path / other.name).write_text(text, encoding="utf-8")
    name = unit.name.replace("@.", "@5005.")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in done.stderr.splitlines() if "aftercare" in line]
    assert own == [] and done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", ["nginx/aftercare.conf", "compose/nginx.conf"])
def test_nginx_takes_the_file(file: str, tmp_path: Path) -> None:
    services.needed("nginx")
    text = (DEPLOY / file).read_text(encoding="utf-8")
    # Names of containers are known among containers alone.
    (tmp_path / "site.conf").write_text(re.sub(r"web[12]:", "127.0.0.1:", text))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n"
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    done = subprocess.run(
        [binary, "-t", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr
