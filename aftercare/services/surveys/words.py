"""What a survey says, and its buttons: payloads that the gateway issued itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from aftercare.services.conversations import Reply

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "texts.yml").read_text(encoding="utf-8")
)
INTENT = "/rate_service"
LOW = 2  # of 1…5: a score that somebody follows up unless the shop says otherwise


def question(token: str, kind: str, case_no: str, words: str = "plain") -> Reply:
    """Return the question with a button for each score, and one for peace.

    `words` is one of the wordings that are tried (trials.types.SURVEY_WORDS).
    """
    buttons = [
        _button(title, token, score=score) for score, title in WORDS["scores"].items()
    ]
    buttons.append(_button(WORDS["stop"], token, stop="yes"))
    return Reply(
        WORDS["ask"][words][kind].format(case_no=case_no), {"quick_replies": buttons}
    )


def why(token: str, *, low: bool) -> Reply:
    """Return the question for reasons."""
    side = "low" if low else "fine"
    return _with_reasons(WORDS[f"why_{side}"], token, side)


def more(token: str, *, low: bool) -> Reply:
    """Return thanks for a reason, with the buttons again: there may be several."""
    return _with_reasons(WORDS["thanks"], token, "low" if low else "fine")


def plain(name: str) -> Reply:
    """Return a line without buttons."""
    return Reply(WORDS[name])


def reason_codes() -> frozenset[str]:
    """Return all codes a reason may have."""
    return frozenset(code for side in WORDS["reasons"].values() for code in side)


def pressed(text: str) -> dict[str, str] | None:
    """Return what a survey's button holds, None where the text is none."""
    if not text.startswith(INTENT + "{"):
        return None
    try:
        found = json.loads(text.removeprefix(INTENT))
    except json.JSONDecodeError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("survey"), str):
        return None
    return {str(key): str(value) for key, value in found.items()}


def _with_reasons(text: str, token: str, side: str) -> Reply:
    buttons = [
        _button(title, token, reason=code)
        for code, title in WORDS["reasons"][side].items()
    ]
    buttons.append(_button(WORDS["comment"], token, comment="yes"))
    return Reply(text, {"quick_replies": buttons})


def _button(title: str, token: str, **holds: str) -> dict[str, str]:
    payload = INTENT + json.dumps({"survey": token} | holds)
    return {"content_type": "text", "title": title, "payload": payload}
