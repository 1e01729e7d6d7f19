"""What to send instead: the fitting variants first, others where one is gone."""

from __future__ import annotations

import json

from actions.asks import inform
from actions.base import Events, ServiceAction, shop_engine
from actions.mood import listen
from actions.pointing import find_variant, of_the_kind
from actions.recommend import in_time, is_upset
from actions.several import clause_of
from actions.sizes import size_named
from actions.speech import Button, Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import chosen_line, human, payload
from aftercare.services.orders import LineView, Variant, every_variant, variants
from aftercare.services.recommend import Offer, replacements
from aftercare.services.recommend.replace import size_of
from analytics.recommend.aftersales import Direction

SHOWN = 6
SAID_WHY = ("size_larger", "size_smaller", "fewer_faults", "seldom_returned")


class AskTarget(ServiceAction):
    """Ask what to send instead."""

    action_name = "action_ask_case_form_target"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer what is in stock of the same article, what fits best first."""
        line = chosen_line(turn, turn.slot("line"))
        items = variants(shop_engine(), line) if line else []
        if line is None or not items:
            self._nothing(turn, speaker, line)
            return []
        whole = len(items)
        items = of_the_kind(turn.text, every_variant(shop_engine(), line), items)
        best = fitting(turn, line, turn.slot("reason"), same_article=True)
        order = {offer.sku: place for place, offer in enumerate(best)}
        items.sort(key=lambda item: order.get(item.sku, len(order)))
        buttons = [(x.variant, inform(target=x.sku)) for x in items[:SHOWN]]
        told = speaker.text("ask_target")
        way = direction(clause_of(turn.text, line))
        if way and best and f"size_{way}" not in best[0].reasons:
            gone_way = speaker.text(f"wanted_gone_{way}", title=line.title)
            told = gone_way + told
        size = size_of(line.variant)
        other = all(size_of(x.variant) != size for x in items)
        if len(items) < whole and other and size_named(turn.text) is None:
            # "The black one", which is there in other sizes only.
            told = speaker.text("other_sizes", variant=line.variant) + told
        why = reasons_told(speaker, best)
        speaker.tell(f"{why}{told}", buttons)
        return []

    def _nothing(self, turn: Turn, speaker: Speaker, line: LineView | None) -> None:
        """Say that nothing is there; show what else there is, offer the money."""
        if line is None:
            speaker.say("no_target", [human(speaker)])
            return
        reason = turn.slot("reason") or "dislike"
        back = payload("refund", line=line.line_id, reason=reason)
        buttons: list[Button] = [(speaker.label("kind", "refund"), back)]
        told = [speaker.text("no_target")]
        if not is_upset(listen(turn)):
            others = fitting(turn, line, reason, same_article=False)
            told += [_other(speaker, offer) for offer in others]
            buttons += [_about(offer) for offer in others]
        speaker.tell("\n".join(told), [*buttons, human(speaker)])


def fitting(
    turn: Turn, line: LineView, reason: str | None, *, same_article: bool
) -> list[Offer]:
    """Return what fits better than what comes back; nothing if that is unknown."""
    # "The shoes are too big, the dress too small": each by its own part.
    own = direction(clause_of(turn.text, line))
    way = own or direction(turn.text) or direction(turn.slot("detail") or "")
    why = reason or "dislike"
    return in_time(
        lambda: replacements(
            shop_engine(), line, why, way, same_article=same_article, size=SHOWN
        )
    )


def direction(text: str) -> Direction | None:
    """Return whether a larger or a smaller one is wished for, None if not said."""
    words = texts()["words"]
    if has_any(text, words["wants_larger"]):
        return "larger"
    return "smaller" if has_any(text, words["wants_smaller"]) else None


def gone(turn: Turn, line: LineView) -> Variant | None:
    """Return the variant a message asks for that is out of stock."""
    there = {item.sku for item in variants(shop_engine(), line)}
    every = every_variant(shop_engine(), line)
    wanted = find_variant(turn.text, every)
    return wanted if wanted is not None and wanted.sku not in there else None


def reasons_told(speaker: Speaker, best: list[Offer]) -> str:
    """Return a sentence on the best one, where there is something to say of it."""
    if not best:
        return ""
    reason = next((code for code in best[0].reasons if code in SAID_WHY), None)
    if reason is None:
        return ""
    return speaker.text(f"fits_{reason}", variant=best[0].variant)


def _other(speaker: Speaker, offer: Offer) -> str:
    return speaker.text("other_article", title=offer.title, price=yuan(offer.price_fen))


def _about(offer: Offer) -> Button:
    return (offer.title, "/ask_recommendation" + json.dumps({"spu": offer.spu}))
