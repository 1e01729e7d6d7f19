"""The Rasa project: valid, free of contradictions, and telling its stories."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from aftercare import model
from aftercare.settings import ROOT, Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(state_dir=tmp_path_factory.mktemp("rasa"))


def rasa(settings: Settings, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(model.rasa_python()), "-m", "rasa", *command],
        cwd=ROOT,
        env=model.rasa_env(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def tell(settings: Settings, stories: Path, out: Path) -> int:
    trained = str(model.ensure(settings))
    return rasa(
        settings,
        *("test", "core", "--model", trained, "--stories", str(stories)),
        *("--out", str(out), "--fail-on-prediction-errors", "--no-plot"),
    ).returncode


def test_data_is_valid_without_a_warning(settings: Settings) -> None:
    done = rasa(settings, "data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Misaligned" not in done.stdout + done.stderr


def test_every_story_is_told_as_written(settings: Settings, tmp_path: Path) -> None:
    files = sorted((ROOT / "tests").glob("test_*.yml"))
    told = [yaml.safe_load(path.read_text("utf-8"))["stories"] for path in files]
    assert sum(map(len, told)) >= 60
    folder = tmp_path / "stories"
    folder.mkdir()
    for path in files:
        (folder / path.name).write_bytes(path.read_bytes())
    assert tell(settings, folder, tmp_path / "out") == 0


def test_there_are_enough_stories_and_turns_that_need_their_context(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stories = [
        story
        for path in sorted((ROOT / "tests").glob("test_*.yml"))
        for story in yaml.safe_load(path.read_text("utf-8"))["stories"]
    ]
    context = yaml.safe_load((ROOT / "tests/test_context.yml").read_text("utf-8"))
    turns = [
        step["user"].strip()
        for story in context["stories"]
        for step in [s for s in story["steps"] if "user" in s][1:]
    ]
    with capsys.disabled():
        sys.stdout.write(
            f"{len(stories)} stories, {len(turns)} turns that need their context, "
            f"{len(set(turns))} of them different\n"
        )
    assert len(stories) >= 60
    assert len(set(turns)) >= 40


def test_a_wrong_story_is_noticed(settings: Settings, tmp_path: Path) -> None:
    text = (ROOT / "tests" / "test_answers.yml").read_text("utf-8")
    wrong = text.replace("action_track_parcel", "action_invoice")
    (tmp_path / "test_wrong.yml").write_text(wrong, "utf-8")
    assert tell(settings, tmp_path, tmp_path / "out") == 1


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    assert set(executor.actions) == set(domain["actions"])


def test_every_intent_has_a_rule_inside_and_outside_the_form() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    from actions.form import ANSWERS

    inside: set[str] = set()
    outside: set[str] = set()
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            intents = {s["intent"] for s in rule["steps"] if "intent" in s}
            looped = rule["condition"] != [{"active_loop": None}]
            (inside if looped else outside).update(intents)
    known = set(domain["intents"])
    assert known - outside == set()
    assert known - inside - ANSWERS - {"stop"} == set()
