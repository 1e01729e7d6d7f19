"""The messages one message stands for: several matters, or a piece of one."""

from __future__ import annotations

import time
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import UserUttered

from rasa_channel.clauses import Plan, joined_pieces, plan

FALLBACK = "nlu_fallback"
# Pieces of one sentence come one right after the other.
PIECES_S = 15.0
MAX_PIECE = 30


async def parts_of(agent: Any, message: UserMessage) -> list[UserMessage]:
    """Return the messages one message stands for, in the order to handle them."""
    text = message.text or ""
    tracker = await agent.tracker_store.retrieve(message.sender_id)
    in_form = bool(tracker and tracker.active_loop_name)
    text = await _with_earlier_piece(agent, tracker, text)
    found = await plan(text, agent.parse_message, in_form=in_form)
    if found == Plan([message.text or ""]):
        return [message]
    metadata = dict(message.metadata or {})
    parts = []
    for index, part in enumerate(found.now):
        last = index == len(found.now) - 1
        extra = {"later": found.later} if found.later and last else {}
        parts.append(
            UserMessage(
                part,
                CollectingOutputChannel(),
                message.sender_id,
                input_channel=message.input_channel,
                metadata=metadata | extra,
            )
        )
    return parts


async def _with_earlier_piece(agent: Any, tracker: Any, text: str) -> str:
    """Join a piece nobody understands to the piece sent just before it."""
    said = tracker and tracker.get_last_event_for(UserUttered)
    if not said or text.startswith("/") or (said.text or "").startswith("/"):
        return text
    recent = time.time() - said.timestamp <= PIECES_S
    short = len(text) <= MAX_PIECE and len(said.text or "") <= MAX_PIECE
    if not (recent and short) or said.intent_name != FALLBACK:
        return text
    if (await _intent(agent, text)) != FALLBACK:
        return text
    whole = joined_pieces(said.text, text)
    return whole if (await _intent(agent, whole)) != FALLBACK else text


async def _intent(agent: Any, text: str) -> str:
    parsed = await agent.parse_message(text)
    return str((parsed.get("intent") or {}).get("name"))
