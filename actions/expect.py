"""How long it will take, in words that promise no more than the data say."""

from __future__ import annotations

import logging

from actions.base import shop_engine
from actions.speech import SHOP_ZONE, Speaker
from actions.turn import Turn
from actions.wish import chosen_line
from aftercare.services.expected import refund_arrival, repair_days

log = logging.getLogger("aftercare.actions.expect")


def repair_text(turn: Turn, speaker: Speaker, line_id: str | None) -> str:
    """Return how many days a repair takes, empty where nothing supports a number."""
    line = chosen_line(turn, line_id)
    if line is None:
        return ""
    try:
        found = repair_days(shop_engine(), line.category, turn.now)
    except Exception as error:  # a forecast must never stop a repair
        log.error("no forecast of a repair: %s", type(error).__name__)
        return ""
    if found.lo80 is None or found.announce is None:
        return ""
    low, high = found.lo80, max(found.lo80, found.announce)
    key = "repair_expected_bulky" if line.bulky else "repair_expected"
    return speaker.text(key, low=low, high=high)


def arrival_text(turn: Turn, speaker: Speaker) -> str:
    """Return the day by which money sent back today should be on the account."""
    try:
        found = refund_arrival(turn.now.astimezone(SHOP_ZONE).date())
    except Exception as error:
        log.error("no forecast of a refund: %s", type(error).__name__)
        return ""
    if found.announce is None:
        return ""
    return speaker.text("refund_expected", day=found.announce)
