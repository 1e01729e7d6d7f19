"""What the assistant says: texts from YAML, filled with facts."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.executor import CollectingDispatcher

from actions.mood import Mood
from actions.texts import texts

SHOP_ZONE = ZoneInfo("Asia/Shanghai")
Button = tuple[str, str]


def yuan(fen: int) -> str:
    """Return an amount in fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


class Speaker:
    """Says texts by their key into the dispatcher of one turn."""

    def __init__(
        self, dispatcher: CollectingDispatcher, mood: Mood | None = None
    ) -> None:
        """Keep the dispatcher of this turn and the mood to answer to."""
        self._dispatcher = dispatcher
        self._mood = mood or Mood()

    def say(
        self, key: str, buttons: list[Button] | None = None, **facts: object
    ) -> None:
        """Say `say.yml`'s text of this key.

        Raises:
            KeyError: no such text, or a fact it needs is missing.
        """
        self.tell(texts()["say"][key].format(**facts), buttons)

    def tell(
        self,
        text: str,
        buttons: list[Button] | None = None,
        card: dict[str, Any] | None = None,
    ) -> None:
        """Say a text already made, with buttons and a card.

        An apology that is due comes first, and once; so does the offer of a
        person, where anger stays.
        """
        if self._mood.sorry:
            self._mood.sorry = False
            # An answer whose first sentence regrets already does not say it twice.
            first = text.split("\u3002", 1)[0]
            if not any(word in first for word in texts()["words"]["regret"]):
                text = texts()["say"]["sorry"] + text
        if self._mood.human:
            self._mood.human = False
            person = (texts()["labels"]["button"]["human"], "/request_human")
            buttons = [b for b in buttons or [] if b != person] + [person]
        self._dispatcher.utter_message(
            text=text,
            buttons=[{"title": t, "payload": p} for t, p in buttons or []],
            json_message=card or {},
        )

    def text(self, key: str, **facts: object) -> str:
        """Return `say.yml`'s text of this key, to be said together with others."""
        return str(texts()["say"][key]).format(**facts)

    def respond(self, name: str) -> None:
        """Say a response of the domain (`utter_...`), which Rasa fills in."""
        self._dispatcher.utter_message(response=name)

    def label(self, group: str, key: str) -> str:
        """Return a word or phrase of `labels.yml`; the key itself if unknown."""
        return str(texts()["labels"][group].get(key, key))

    def rule(self, code: str, **facts: object) -> str:
        """Return the plain words of a rule of the policy engine."""
        return str(texts()["rules"][code]).format(**facts)
