"""Several matters in one message, and one matter in several messages.

Pure: understanding comes in as a function, so that it runs without Rasa.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SOURCE = Path(__file__).with_name("clauses.yml")
# Sure enough to be taken for a matter of its own.
SURE = 0.6
# A clause that says itself that it is another matter needs less.
SURE_IF_MARKED = 0.35
MIN_CHARS = 8
MAX_CLAUSES = 6
WISHES = frozenset(
    {
        "request_refund",
        "cancel_order",
        "request_exchange",
        "request_reship",
        "request_repair",
        "claim_price_protection",
    }
)
QUESTIONS = frozenset(
    {
        "track_logistics",
        "ask_delivery_time",
        "ask_order_status",
        "ask_refund_progress",
        "ask_cancel_result",
        "ask_case_progress",
        "ask_warranty",
        "ask_return_policy",
        "ask_return_shipping",
        "request_invoice",
        "change_invoice",
        "ask_repair_site",
        "ask_wait_time",
        "ask_installation",
        "ask_coupon",
        "ask_promotion",
        "ask_stock",
        "ask_payment",
        "ask_account",
    }
)
# "I want my money back, how long does it take" is one matter.
SAME_MATTER = frozenset({"ask_refund_progress", "ask_case_progress"})
Parse = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Plan:
    """What to run now, one after the other, and which wishes wait their turn.

    Attributes:
        now: texts to be handled in this order.
        later: wishes kept for later, each `{"text", "intent"}`.
    """

    now: list[str]
    later: list[dict[str, str]] = field(default_factory=list)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(SOURCE.read_text(encoding="utf-8"))
    return found


async def plan(text: str, parse: Parse, *, in_form: bool) -> Plan:
    """Return how to serve one message: usually just as it is.

    Questions come first, since an answer to them ends; then one wish, which
    asks back. A second wish waits until the first is done. Inside a form only
    what is marked as another matter is taken out of the message.
    """
    if text.startswith("/") or len(text) < MIN_CHARS:
        return Plan([text])
    clauses = _split(text)
    if in_form and len(clauses) == 1 and _is_marked(clauses[0]):
        intent = _sure(await parse(_bare(text)), SURE_IF_MARKED)
        if intent in WISHES:
            return Plan([text], [{"text": _bare(text), "intent": intent}])
    if not 1 < len(clauses) <= MAX_CLAUSES or _is_choice(text):
        return Plan([text])
    intents = [
        _sure(await parse(_bare(x)), SURE_IF_MARKED if _is_marked(x) else SURE)
        for x in clauses
    ]
    questions, rest, later = _sort(clauses, intents, in_form)
    if not questions and not later:
        return Plan([text])
    body = _joined(rest)
    now = [body, *questions] if in_form else [*questions, body]
    now = [item for item in now if item]
    return Plan(now, later) if now else Plan([text], later)


def joined_pieces(earlier: str, text: str) -> str:
    """Return two pieces of one sentence as one text."""
    return f"{earlier}{text}"


def _sort(
    clauses: list[str], intents: list[str], in_form: bool
) -> tuple[list[str], list[str], list[dict[str, str]]]:
    questions: list[str] = []
    rest: list[str] = []
    later: list[dict[str, str]] = []
    wished = ""
    for clause, intent in zip(clauses, intents, strict=True):
        marked = _is_marked(clause)
        if intent in QUESTIONS and (marked or not in_form):
            questions.append(clause)
        elif intent in WISHES and marked and (in_form or wished or rest):
            later.append({"text": _bare(clause), "intent": intent})
        else:
            wished = intent if intent in WISHES else wished
            rest.append(clause)
    if wished and any(
        intent in SAME_MATTER
        for intent, clause in zip(intents, clauses, strict=True)
        if clause in questions
    ):
        return [], clauses, []
    if not wished and not in_form and later:
        # Only questions before it: the wish need not wait.
        rest.append(later.pop(0)["text"])
    if not wished and not in_form and not later and rest and len(questions) == 1:
        # What stands around one question belongs to it.
        return [], clauses, []
    return questions, rest, later


def _joined(clauses: list[str]) -> str:
    return ",".join(clauses)


def _split(text: str) -> list[str]:
    parts = (part.strip() for part in re.split(_words()["breaks"], text))
    return [part for part in parts if part]


def _is_marked(clause: str) -> bool:
    words = _words()
    within = any(word in clause for word in words["also_within"])
    return within or clause.startswith(tuple(words["also"]))


def _bare(clause: str) -> str:
    """Return a clause without the word that joined it on."""
    for word in sorted(_words()["also"], key=len, reverse=True):
        if clause.startswith(word) and len(clause) > len(word):
            return clause[len(word) :]
    return clause


def _is_choice(text: str) -> bool:
    return any(word in text for word in _words()["choice"])


def _sure(parsed: dict[str, Any], least: float) -> str:
    intent = parsed.get("intent") or {}
    sure = (intent.get("confidence") or 0.0) >= least
    return str(intent.get("name") or "") if sure else ""
