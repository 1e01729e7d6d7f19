"""What the bot's last words offered, so that a bare yes can take it up.

Kept in the slot `offer` as the payload of a button; the channel presses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from actions.texts import texts

SENTENCE = re.compile("[\u3002\uff01!\n]")
ASKS = ("\uff1f", "?")
PERSON = "/request_human"


def offered(messages: Sequence[dict[str, Any]]) -> str | None:
    """Return the payload a yes to the last message would press, None if none.

    A question with one button offers it; one about calling a person offers that.
    """
    if not messages:
        return None
    last = messages[-1]
    if last.get("response"):
        calls = last["response"] in texts()["words"]["responses_that_offer"]
        return PERSON if calls else None
    text = str(last.get("text") or "").rstrip()
    payloads = [str(button["payload"]) for button in last.get("buttons") or []]
    if not text.endswith(ASKS):
        return None
    question = SENTENCE.split(text)[-1]
    if PERSON in payloads and texts()["words"]["to_transfer"] in question:
        return PERSON
    others = [item for item in payloads if item != PERSON]
    return others[0] if len(others) == 1 else None
