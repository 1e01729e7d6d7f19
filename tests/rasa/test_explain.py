"""`aftercare explain`: from the typed words to the action, by a real model."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest
import yaml

from aftercare import cli_explain
from aftercare.settings import ROOT, Settings

WORDS = yaml.safe_load((ROOT / "tests/unit/nlu/guarded.yml").read_text("utf-8"))
ASKED = yaml.safe_load((ROOT / "tests/rasa/explain.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    settings = Settings(state_dir=tmp_path_factory.mktemp("explain"))
    texts = [*ASKED["texts"], WORDS["report_danger"][0]]
    chosen = argparse.Namespace(texts=texts, in_form=False, json=True)
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("sys.stdout.write", lines.append)
        assert cli_explain.run(settings, chosen) == 0
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_every_step_is_told(told: list[dict[str, Any]]) -> None:
    found = told[0]
    assert found["normalised"] == ASKED["normalised"]
    assert "".join(found["tokens"]) == found["normalised"]
    assert found["intent"] == found["ranking"][0]["intent"] == "request_refund"
    assert found["words"][0]["text"] in found["normalised"]
    assert found["rule"] == "request_refund opens a case"
    assert found["action"] == "action_begin_case"
    entities = {(item["entity"], item["value"]) for item in found["entities"]}
    assert ("order_number", ASKED["number"]) in entities


def test_several_matters_are_shown_in_the_order_they_are_served(
    told: list[dict[str, Any]],
) -> None:
    assert told[1]["parts"]["now"] == ASKED["parts"]


def test_guarded_words_are_named(told: list[dict[str, Any]]) -> None:
    assert told[2]["guard"]["text"] in told[2]["text"]
    assert told[2]["action"] == "action_danger"
    shown = cli_explain.as_text(told[2])
    assert "guard" in shown and "report_danger" in shown
