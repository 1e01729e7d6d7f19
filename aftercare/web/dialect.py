"""A stored message in Rasa's Socket.IO dialect, and as our history."""

from __future__ import annotations

import re
from typing import Any

from aftercare.services.conversations import Message

# Some widgets render Markdown and follow any link in it. Only web addresses
# and paths stay links; of the rest the brackets are pulled apart.
INLINE_LINK = re.compile(r"\]\((?!\s*(?:https?://|/))", re.IGNORECASE)
REFERENCE = re.compile(r"\]:(?!\s*(?:https?://|/))", re.IGNORECASE)
AUTOLINK = re.compile(r"<(?!https?://)(?=[a-z][a-z0-9+.-]*:)", re.IGNORECASE)


def safe_text(text: str) -> str:
    """Return a text in which no Markdown link leads anywhere but the web."""
    text = INLINE_LINK.sub("] (", text)
    text = REFERENCE.sub("] :", text)
    return AUTOLINK.sub("< ", text)


def as_bot_uttered(message: Message) -> list[dict[str, Any]]:
    """Return a message as its events; what is ours goes under `metadata`.

    An unknown key beside `text` would make third-party widgets drop the text.
    """
    extra = message.payload or {}
    metadata: dict[str, Any] = {"seq": message.seq, "sender": message.sender}
    for name in ("card", "file"):
        if name in extra:
            metadata[name] = extra[name]
    sent: list[dict[str, Any]] = []
    if message.text or "image" not in extra:
        # Where a widget knows no files, their name tells at least that there is one.
        shown = message.text or str((extra.get("file") or {}).get("name", ""))
        item: dict[str, Any] = {"text": safe_text(shown), "metadata": metadata}
        if extra.get("quick_replies"):
            item["quick_replies"] = extra["quick_replies"]
        sent.append(item)
    if "image" in extra:
        source = {"type": "image", "payload": {"src": extra["image"]}}
        sent.append({"attachment": source, "metadata": metadata})
    return sent


def as_history(message: Message) -> dict[str, Any]:
    """Return a message as our own widget reads it after a reconnect.

    A pressed button shows its title, not the payload behind it.
    """
    extra = dict(message.payload or {})
    return {
        "seq": message.seq,
        "sender": message.sender,
        "text": extra.pop("title", message.text),
        "at": message.at.isoformat(),
        **extra,
    }
