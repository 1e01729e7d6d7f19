"""Questions that an article answers: the article named, and a verdict asked for."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy.exc import SQLAlchemyError

from actions.advised import ADVISED
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.case_text import tell_visit
from actions.heard import hear_first
from actions.pointing import find_line
from actions.recommend import tell_named
from actions.speech import Button, Speaker
from actions.stock import tell_stock
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any, is_but
from actions.wanted import STOCK
from actions.wish import human, own_lines, wish_buttons
from aftercare.domain.errors import AftercareError
from aftercare.services.knowledge.answers import (
    LEAST_SCORE,
    Answer,
    Librarian,
    note_helpful,
    note_use,
)
from aftercare.settings import ROOT

log = logging.getLogger("aftercare.actions.knowledge")
INVOICES = "action_invoice"
REPAIRS = ("action_warranty", "action_repair_site")
# So short a question, in characters, needs what was talked of before.
SHORT = 8
# A message that was not understood is answered only by an article that fits well.
SURE_SCORE = 0.5


@lru_cache(maxsize=1)
def librarian() -> Librarian:
    """Return the one that finds articles in this process."""
    return Librarian(shop_engine(), ROOT / "models" / "knowledge.npz")


def warm() -> None:
    """Read the articles now, so that the first question does not wait for it.

    Where the database is away just now, the first question reads them.
    """
    try:
        librarian().find("warm", datetime.now(UTC))
    except SQLAlchemyError as error:
        log.warning("articles not read yet: %s", type(error).__name__)


class Knowledge(ServiceAction):
    """A question about how the shop does things, or about its goods."""

    action_name = "action_knowledge"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Tell the article that answers; else what is always true, and a person."""
        heard = hear_first(turn, speaker)
        if heard is not None:
            return heard
        prices = turn.intent == "ask_price" and not turn.given
        if prices and has_any(turn.text, texts()["words"]["price_of_thing"]):
            shown = tell_named(turn, speaker)
            if shown:
                return slots(topic=ADVISED, offered=shown)
        line = tell_stock(turn, speaker) if turn.intent == "ask_stock" else None
        if line is not None:
            # "And the 43?" goes on about the same thing.
            return slots(focus=line.line_id, topic=STOCK)
        if turn.intent == "ask_installation" and tell_visit(turn, speaker):
            return []
        if is_but(turn.text, "what_now"):
            speaker.say("what_with_it", wish_buttons(speaker, turn.slot("focus")))
            return []
        if not tell_article(turn, speaker):
            speaker.respond(f"utter_{turn.intent}")
        named = find_line(turn.text, turn.numbers, own_lines(turn), [])
        kept = {} if named is None else {"focus": named.line_id}
        return slots(topic=self.action_name, **kept)


def tell_article(turn: Turn, speaker: Speaker, least: float = LEAST_SCORE) -> bool:
    """Tell the article that answers this turn's question, if there is one.

    The question is noted either way: what no article answered becomes a draft.
    """
    if turn.pressed:
        return _tell_named(turn, speaker)
    answer = librarian().find(
        _asked(turn, speaker),
        turn.now,
        intent=turn.intent,
        category=_category(turn),
        least=least,
    )
    use = _note(turn, answer)
    if answer is None:
        return False
    _tell(speaker, answer, use)
    return True


def _asked(turn: Turn, speaker: Speaker) -> str:
    """Return the question; a short one says what it goes on about: invoices, repair."""
    topic = turn.slot("topic")
    about = ""
    if topic == INVOICES and len(turn.text) <= SHORT:
        about = speaker.label("intent", "request_invoice")
    elif turn.intent == "ask_price" and topic in REPAIRS:
        about = speaker.label("kind", "repair")
    return f"{about}{turn.text}"


def tell_repair_price(turn: Turn, speaker: Speaker) -> bool:
    """Tell what a repair costs, however it was asked while one is open."""
    question = texts()["words"]["repair_price_question"]
    answer = librarian().find(
        question, turn.now, intent="request_repair", category=_category(turn)
    )
    if answer is not None:
        _tell(speaker, answer, _note(turn, answer))
    return answer is not None


def _tell_named(turn: Turn, speaker: Speaker) -> bool:
    """A pressed button names its matter only; its words find the article."""
    words = speaker.label("intent", turn.intent)
    answer = librarian().find(words, turn.now, intent=turn.intent)
    if answer is None:
        return False
    _tell(speaker, answer, _note(turn, answer))
    return True


def _tell(speaker: Speaker, answer: Answer, use: int | None) -> None:
    buttons: list[Button] = [human(speaker)]
    if use is not None:
        buttons = [_verdict(speaker, use, word) for word in ("yes", "no")] + buttons
    speaker.say("knowledge", buttons, title=answer.title, body=answer.body)


def _verdict(speaker: Speaker, use: int, word: str) -> Button:
    payload = json.dumps({"use": str(use), "helpful": word})
    return speaker.label("button", f"helpful_{word}"), f"/rate_service{payload}"


def _note(turn: Turn, answer: Answer | None) -> int | None:
    """Keep the use; a failure to keep it must not cost the customer the answer."""
    if turn.seq is None:
        return None
    talk = turn.viewer.conversation_id
    try:
        return note_use(shop_engine(), talk, turn.seq, turn.intent, answer, turn.now)
    except Exception as error:
        log.error("a use was not kept: %s", type(error).__name__)
        return None


def _category(turn: Turn) -> str | None:
    line = find_line(turn.text, turn.numbers, own_lines(turn), [])
    return line.category if line else None


class Rate(ServiceAction):
    """A rating, or a verdict on an article."""

    action_name = "action_rate"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Keep a verdict if this is one, then thank for it."""
        use, verdict = turn.given.get("use", ""), turn.given.get("helpful")
        if not use.isdigit() or verdict not in ("yes", "no"):
            speaker.say("rate", [human(speaker)])
            return []
        talk, helpful = turn.viewer.conversation_id, verdict == "yes"
        try:
            note_helpful(shop_engine(), talk, int(use), helpful)
        except AftercareError:
            speaker.say("not_found", [human(speaker)])
            return []
        speaker.say("helped" if helpful else "helped_not", [human(speaker)])
        return []
