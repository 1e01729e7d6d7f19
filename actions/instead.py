"""An exchange offered once before a refund, beside its confirmation.

The refund stays as near as it was: its button is the first, and whoever presses it,
or is shown the question again, hears no more of the offer. Nothing is offered to
somebody upset, to a guest, or to who wants no personal advice (PIPL art. 24).
"""

from __future__ import annotations

from actions.asks import inform
from actions.base import shop_engine
from actions.mood import listen
from actions.recommend import in_time, is_upset
from actions.speech import Button, Speaker
from actions.target import direction, reasons_told
from actions.turn import Turn
from actions.wish import is_allowed
from aftercare.services.consents import Purpose, allows
from aftercare.services.drafts import Draft
from aftercare.services.orders import LineView
from aftercare.services.recommend import Offer
from aftercare.services.returns import exchange


def exchange_first(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView
) -> tuple[list[str], list[Button]]:
    """Return the words and the button of the offer; nothing for who gets none."""
    if draft.kind != "refund" or is_upset(listen(turn)):
        return [], []
    mine = turn.viewer.customer_id
    way = direction(turn.text) or direction(draft.detail)

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
