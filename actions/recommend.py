"""What else would suit: advice with its why, refused by one word or one button.

Never to somebody who is upset; a model that is missing, broken or slow costs the
customer nothing but the advice (PIPL art. 24: an easy way to refuse).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

import pandas as pd

from actions.advised import ADVISED, about, hear_advised, tell_article_of
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.mood import Mood, listen
from actions.speech import Button, Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import chosen_line, human
from aftercare.services.consents import Purpose, allows, set_consent
from aftercare.services.recommend import (
    Offer,
    Suggestion,
    goes_with,
    of_name,
    product_facts,
    suggest,
)
from analytics.recommend import Content

log = logging.getLogger("aftercare.actions.recommend")
LIMIT_S = 1.5
# For so many messages after the last angry one nothing is advertised.
CALM_FOR = 3
_threads = ThreadPoolExecutor(4, thread_name_prefix="recommend")


class Recommend(ServiceAction):
    """What else would suit, and whether such advice is wanted at all."""

    action_name = "action_recommend"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Keep a word about advice, tell of one article, or suggest some."""
        wanted = wish_of_advice(turn)
        if wanted is not None:
            _keep(turn, speaker, wanted=wanted)
            return []
        if "spu" in turn.given:
            return _tell_of(turn, speaker, turn.given["spu"])
        if is_upset(listen(turn)):
            speaker.say("recommend_not_now", [human(speaker)])
            return []
        again = hear_advised(turn, speaker)
        if again is not None:
            return again
        shown = tell_named(turn, speaker) or _suggest(turn, speaker)
        # "How big is the second?" goes on about these.
        return slots(topic=ADVISED, offered=shown) if shown else []


def wish_of_advice(turn: Turn) -> bool | None:
    """Return whether the customer wants personal advice, None if not said."""
    if turn.given.get("personal") in ("on", "off"):
        return turn.given["personal"] == "on"
    words = texts()["words"]
    if has_any(turn.text, words["no_more_advice"]):
        return False
    return True if has_any(turn.text, words["advice_again"]) else None


def is_upset(mood: Mood) -> bool:
    """Return whether the customer is upset now or was angry a moment ago."""
    lately = (heard["emotion"] for heard in mood.heard[-CALM_FOR:])
    return mood.upset or "anger" in lately


def accessories(turn: Turn, speaker: Speaker, line_id: str | None) -> None:
    """Say what goes with a thing, to a calm customer who allows such advice."""
    line = chosen_line(turn, line_id)
    mine = turn.viewer.customer_id
    if line is None or is_upset(listen(turn)):
        return

    def find() -> list[Offer]:
        if not allows(shop_engine(), mine, Purpose.PERSONALISED):
            return []
        return goes_with(shop_engine(), turn.viewer, line)

    found = in_time(find)
    if not found:
        return
    told = [
        speaker.text("goes_with_item", title=o.title, price=yuan(o.price_fen))
        for o in found
    ]
    head = speaker.text("goes_with", title=line.title)
    buttons = [about(item.title, item.spu) for item in found]
    speaker.tell("\n".join([head, *told]), [*buttons, _off(speaker)])


def in_time[T](work: Callable[[], list[T]]) -> list[T]:
    """Return what was found within the limit; nothing if it fails or is late."""
    try:
        return _threads.submit(work).result(LIMIT_S)
    except TookTooLong:
        log.warning("advice took too long")
    except Exception as error:  # advice must never break a talk
        log.error("no advice: %s", type(error).__name__)
    return []


def warm() -> None:
    """Load what reads titles now: the first customer's advice would come too late."""
    Content().fit(pd.DataFrame({"title": ["x"], "category": ["x"], "price": [1.0]}))


def tell_named(turn: Turn, speaker: Speaker) -> list[str]:
    """Show what the shop has of the kind asked for, and return it; none if none.

    What somebody asks for by name is no advertisement: no consent is needed.
    """
    words = texts()["words"]
    rows = ((row, row) for row in words["same_things"])
    every = (*rows, *words["kinds_of_things"])
    said = [(x, y) for x, y in every if any(word in turn.text for word in x)]
    alike = [word for _, named in said for word in named]
    names = [*turn.things, *alike]
    found = in_time(lambda: of_name(shop_engine(), names)) if names else []
    facts = product_facts(shop_engine(), found[0].spu) if len(found) == 1 else None
    if facts is not None:
        tell_article_of(turn, speaker, facts)
    if not found or facts is not None:
        return [item.spu for item in found]
    kind = next((x for row, _ in said for x in row if x in turn.text), names[0])
    told = [
        speaker.text("goes_with_item", title=x.title, price=yuan(x.price_fen))
        for x in found
    ]
    head = speaker.text("recommend_named", thing=next(iter(turn.things), kind))
    speaker.tell("\n".join([head, *told]), [about(x.title, x.spu) for x in found])
    return [x.spu for x in found]


def _suggest(turn: Turn, speaker: Speaker) -> list[str]:
    found = in_time(lambda: suggest(shop_engine(), turn.viewer, turn.now))
    if not found:
        speaker.say("recommend_none", [human(speaker)])
        return []
    personal = any(item.because for item in found)
    head = "recommend_head" if personal else "recommend_popular"
    told = [_line_of(speaker, item) for item in found]
    buttons = [about(item.article.title, item.article.spu) for item in found]
    if turn.viewer.customer_id is not None:
        allowed = allows(shop_engine(), turn.viewer.customer_id, Purpose.PERSONALISED)
        buttons.append(_off(speaker) if allowed else _on(speaker))
    speaker.tell("\n".join([speaker.text(head), *told]), buttons)
    return [item.article.spu for item in found]


def _line_of(speaker: Speaker, item: Suggestion) -> str:
    key = "because_bought" if item.because else "because_popular"
    return speaker.text(
        key,
        title=item.article.title,
        price=yuan(item.article.price_fen),
        because=item.because or "",
    )


def _keep(turn: Turn, speaker: Speaker, *, wanted: bool) -> None:
    """Write the wish down before saying that it holds."""
    mine = turn.viewer.customer_id
    if mine is None:
        speaker.say("advice_guest")
        return
    set_consent(
        shop_engine(), mine, Purpose.PERSONALISED, turn.now, given=wanted, source="chat"
    )
    speaker.say("advice_on" if wanted else "advice_off")


def _tell_of(turn: Turn, speaker: Speaker, spu: str) -> Events:
    found = product_facts(shop_engine(), spu)
    if found is None:
        speaker.say("not_found")
        return []
    tell_article_of(turn, speaker, found)
    return slots(topic=ADVISED, offered=[spu])


def _off(speaker: Speaker) -> Button:
    payload = json.dumps({"personal": "off"})
    return (speaker.label("button", "advice_off"), f"/ask_recommendation{payload}")


def _on(speaker: Speaker) -> Button:
    payload = json.dumps({"personal": "on"})
    return (speaker.label("button", "advice_on"), f"/ask_recommendation{payload}")
