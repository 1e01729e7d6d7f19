"""The messages one message stands for: several matters, or a piece of one."""

from __future__ import annotations

import time
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_channel.clauses import Plan, joined_pieces, plan
from rasa_channel.wording import says_yes
from rasa_nlu.normalise import normalise

FALLBACK = "nlu_fallback"
# The slot in which the actions keep the payload of what they offered last.
OFFER = "offer"
# Pieces of one sentence come one right after the other.
PIECES_S = 15.0
MAX_PIECE = 30
SLASH = "/"


def harmless(text: str) -> str:
    """Return a typed text, or piece of one, that Rasa cannot take for an intent.

    Rasa looks for the leading slash after our normaliser has dropped emoji and
    the like, and a clause begins where the gateway has never looked.
    """
    bare = normalise(text).text.lstrip()
    if not bare.startswith(SLASH) and not text.lstrip().startswith(SLASH):
        return text
    return bare.lstrip(f"{SLASH} ") or "?"


class Reader:
    """What Rasa understands of the texts of one turn, each read once."""

    def __init__(self, processor: Any) -> None:
        """Read with this processor's model."""
        self._processor = processor
        self._known: dict[str, dict[str, Any]] = {}

    async def __call__(self, text: str) -> dict[str, Any]:
        """Return Rasa's reading of a typed text."""
        return await self._read(harmless(text))

    async def _read(self, text: str) -> dict[str, Any]:
        if text not in self._known:
            message = UserMessage(text)
            self._known[text] = await self._processor.parse_message(message)
        return self._known[text]

    async def give(self, message: UserMessage) -> UserMessage:
        """Put its reading into a message, so that Rasa does not read it again."""
        own = {"message_id": message.message_id, "metadata": message.metadata}
        message.parse_data = (await self._read(message.text or "")) | own
        return message


async def parts_of(
    read: Reader, tracker: DialogueStateTracker, message: UserMessage
) -> list[UserMessage]:
    """Return the messages one message stands for, read, in the order to handle.

    A bare yes to what was offered is the pressing of its button.
    """
    offered = offered_last(tracker)
    if offered and says_yes(message.text or ""):
        return [await read.give(_instead(message, offered, {}))]
    if offered:
        message.metadata = dict(message.metadata or {}) | {OFFER: offered}
    if (message.text or "").startswith(SLASH):
        # A button of this conversation: the channel lets no other slash in.
        return [await read.give(message)]
    message.text = harmless(message.text or "")
    text = await _with_earlier_piece(read, tracker, message.text)
    found = await plan(text, read, in_form=bool(tracker.active_loop_name))
    if found == Plan([message.text]):
        return [await read.give(message)]
    parts = []
    for index, part in enumerate(found.now):
        last = index == len(found.now) - 1
        extra: dict[str, Any] = {"later": found.later} if found.later and last else {}
        if found.apart and last:
            extra["apart"] = True
        parts.append(await read.give(_instead(message, harmless(part), extra)))
    return parts


def offered_last(tracker: DialogueStateTracker) -> str | None:
    """Return what the last turn offered, as a payload; an older offer is over."""
    if tracker.active_loop_name:
        return None
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, SlotSet) and event.key == OFFER:
            return None if event.value is None else str(event.value)
    return None


def _instead(message: UserMessage, text: str, extra: dict[str, Any]) -> UserMessage:
    """Return a message of the same customer with another text."""
    return UserMessage(
        text,
        CollectingOutputChannel(),
        message.sender_id,
        input_channel=message.input_channel,
        metadata=dict(message.metadata or {}) | extra,
    )


async def _with_earlier_piece(
    read: Reader, tracker: DialogueStateTracker, text: str
) -> str:
    """Join a piece nobody understands to the piece sent just before it."""
    said = tracker.get_last_event_for(UserUttered)
    if not said or (said.text or "").startswith(SLASH):
        return text
    recent = time.time() - said.timestamp <= PIECES_S
    short = len(text) <= MAX_PIECE and len(said.text or "") <= MAX_PIECE
    if not (recent and short) or said.intent_name != FALLBACK:
        return text
    if (await _intent(read, text)) != FALLBACK:
        return text
    whole = joined_pieces(said.text, text)
    return whole if (await _intent(read, whole)) != FALLBACK else text


async def _intent(read: Reader, text: str) -> str:
    return str(((await read(text)).get("intent") or {}).get("name"))
