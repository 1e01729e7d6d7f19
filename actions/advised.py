"""What is asked of the articles just recommended: how much, how big, the second."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Events, shop_engine, slots
from actions.pointing import find_ordinal
from actions.speech import Button, Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import human
from aftercare.services.recommend import product_facts
from aftercare.services.recommend.data import Article

# The topic of a talk in which articles were recommended; `offered` holds their ids.
ADVISED = "action_recommend"
# A longer message has a matter of its own, in characters.
SHORT = 14
Facts = tuple[Article, list[str]]


def hear_advised(turn: Turn, speaker: Speaker) -> Events | None:
    """Answer what is asked of the articles shown last; None where nothing is."""
    if turn.pressed or turn.requested or turn.slot("topic") != ADVISED:
        return None
    known = [(spu, product_facts(shop_engine(), spu)) for spu in _shown(turn)]
    shown = [(spu, facts) for spu, facts in known if facts is not None]
    work = has_any(turn.text, texts()["words"]["about_work"])
    if not shown or work or len(turn.text) > SHORT:
        return None
    chosen = _chosen(turn.text, [facts[0].title for _, facts in shown])
    asked = has_any(turn.text, texts()["words"]["asks_of_article"])
    if chosen is None and not asked:
        return None
    if chosen is None and len(shown) > 1:
        buttons = [about(facts[0].title, spu) for spu, facts in shown]
        speaker.say("article_which", buttons)
        return []
    spu, facts = shown[chosen or 0]
    tell_article_of(turn, speaker, facts)
    return slots(topic=ADVISED, offered=[spu])


def tell_article_of(turn: Turn, speaker: Speaker, facts: Facts) -> None:
    """Say what an article costs and what there is of it; no measure is guessed."""
    article, there = facts
    listed = speaker.label("mark", "list").join(there)
    told = speaker.text(
        "article" if there else "article_gone",
        title=article.title,
        price=yuan(article.price_fen),
        items=listed,
    )
    if not turn.pressed and has_any(turn.text, texts()["words"]["asks_measures"]):
        speaker.tell(told + speaker.text("article_measures"), [human(speaker)])
        return
    speaker.tell(told)


def about(title: str, spu: str) -> Button:
    """Return the button that tells of one article."""
    return (title, f'/ask_recommendation{{"spu": "{spu}"}}')


def _shown(turn: Turn) -> list[str]:
    return [str(item) for item in turn.slots.get("offered") or []]


def _chosen(text: str, titles: Sequence[str]) -> int | None:
    """Return the place of the article meant, None where none is or several are."""
    names = (set(title.split()) for title in titles)
    named = [i for i, words in enumerate(names) if any(w in text for w in words)]
    return named[0] if len(named) == 1 else find_ordinal(text, len(titles))
