"""An exchange offered once before a refund, beside its confirmation.

The refund stays as near as it was: its button is the first, and whoever presses it,
or is shown the question again, hears no more of the offer. Nothing is offered to
somebody upset, to a guest, or to who wants no personal advice (PIPL art. 24).
"""

from __future__ import annotations

from typing import Any

from actions.asks import inform
from actions.base import shop_engine
from actions.mood import listen
from actions.recommend import in_time, is_upset
from actions.speech import Button, Speaker
from actions.target import direction, fitting, reasons_told
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any, is_question
from actions.wish import chosen_line, is_allowed
from aftercare.services.consents import Purpose, allows
from aftercare.services.drafts import Draft
from aftercare.services.orders import LineView
from aftercare.services.recommend import Offer
from aftercare.services.returns import exchange

# A longer message tells of something else beside the size, in characters.
SHORT = 16


def asks_for_size(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether a refund is shown for confirmation and another size asked for."""
    shown = turn.requested == "confirmed" and values.get("nonce") is not None
    short = len(turn.text) <= SHORT and not turn.given
    sized = short and direction(turn.text) is not None
    # "Too big" alone may be a new reason; it is read as one.
    wished = is_question(turn.text) or has_any(turn.text, _taking())
    wished = wished or values.get("reason") == "size"
    return shown and sized and wished and values.get("case_kind") == "refund"


def take_up(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Return what turns the refund into an exchange for the size asked for.

    A question, or a size that is not there, leaves the refund as it is: it is
    answered beside the confirmation, which is then shown again.
    """
    if not asks_for_size(turn, values):
        return {}
    asks = is_question(turn.text) or not has_any(turn.text, _taking())
    line = chosen_line(turn, values.get("line"))
    found = None if asks or line is None else _in_size(turn, line, values.get("reason"))
    if found is None:
        return {"nonce": values["nonce"]}
    new: dict[str, Any] = dict.fromkeys(("nonce", "confirmed"))
    return {**new, "case_kind": "exchange", "target": found.sku}


def exchange_first(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView
) -> tuple[list[str], list[Button]]:
    """Return the words and the button of the offer; nothing for who gets none."""
    if draft.kind != "refund":
        return [], []
    said = direction(turn.text)
    if said is not None and asks_for_size(turn, turn.slots):
        return _answer(turn, speaker, draft, line)
    if is_upset(listen(turn)):
        return [], []
    mine = turn.viewer.customer_id
    way = said or direction(draft.detail)

    def find() -> list[Offer]:
        if not allows(shop_engine(), mine, Purpose.PERSONALISED):
            return []
        if not is_allowed(turn, Draft("exchange", line.line_id, draft.reason)):
            return []
        return exchange.offer_before_refund(
            shop_engine(), turn.viewer, line, draft.reason, turn.now, way
        )

    found = in_time(find)
    if not found or not exchange.show_once(shop_engine(), line.line_id):
        return [], []
    best = found[0]
    title = speaker.label("button", "exchange_for").format(variant=best.variant)
    told = speaker.text(
        "exchange_first", why=reasons_told(speaker, found[:1]), button=title
    )
    return [told], [(title, inform(case_kind="exchange", target=best.sku))]


def _answer(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView
) -> tuple[list[str], list[Button]]:
    """Answer who asked for a size: anybody, since nothing is advertised here."""
    best = _in_size(turn, line, draft.reason)
    if best is None:
        return [speaker.text(f"size_gone_{direction(turn.text)}")], []
    title = speaker.label("button", "exchange_for").format(variant=best.variant)
    told = speaker.text("size_there", variant=best.variant)
    return [told], [(title, inform(case_kind="exchange", target=best.sku))]


def _taking() -> list[str]:
    found: list[str] = texts()["words"]["takes_up"]
    return found


def _in_size(turn: Turn, line: LineView, reason: str | None) -> Offer | None:
    """Return what is there in the size asked for, where the rules would send it."""
    if not is_allowed(turn, Draft("exchange", line.line_id, reason or "size")):
        return None
    best = fitting(turn, line, "size", same_article=True)[:1]
    wanted = f"size_{direction(turn.text)}"
    return best[0] if best and wanted in best[0].reasons else None
