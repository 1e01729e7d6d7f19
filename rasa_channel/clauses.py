"""Several matters in one message, and one matter in several messages.

Pure: understanding comes in as a function, so that it runs without Rasa.
Why it is so: docs/decisions/several-matters.md.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rasa_channel.wording import (
    bare,
    is_choice,
    is_marked,
    joined,
    split,
    tells,
    tells_of_failing,
    words,
)

# Sure enough to be taken for a matter of its own.
SURE = 0.6
# A clause that says itself that it is another matter needs less.
SURE_IF_MARKED = 0.35
MIN_CHARS = 8
MAX_CLAUSES = 8
# "Quick!" beside a wish hurries it; it does not ask for the parcel.
SHORTEST_QUESTION = 3
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
        "ask_recommendation",
    }
)
FAULTS = frozenset(
    {"report_defect", "report_damage", "report_wrong_item", "report_missing_item"}
)
# "I want my money back, how long does it take" is one matter, and so is
# "it is broken, can I send it back".
SAME_MATTER = frozenset({"ask_refund_progress", "ask_case_progress"})
BROUGHT = "ask_delivery_time"
TRACKED = "track_logistics"
# Questions whose answer depends on which thing they are about.
OF_A_THING = frozenset({"track_logistics", "ask_warranty", "ask_return_policy"})
ASKS_FOR_HELP = frozenset({"ask_return_policy", "ask_warranty", "ask_stock"})
MISSED = "report_not_received"
PERSON = "request_human"
# A person sees these at once, whatever else is asked; the whole message says which.
GUARDED = frozenset({"report_danger", "report_privacy"})
# So many questions are answered before a person is called.
BEFORE_PERSON = 2
# Said with a thing's name, these ask how that thing stands.
NO_MATTER = frozenset({"", "inform", "nlu_fallback"})
Parse = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Plan:
    """What to run now, one after the other, and which wishes wait their turn.

    Attributes:
        now: texts to be handled in this order.
        later: wishes kept for later, each `{"text", "intent"}`.
        apart: the last of `now` is a wish of its own; what was asked before it
            does not say which thing it is about.
    """

    now: list[str]
    later: list[dict[str, str]] = field(default_factory=list)
    apart: bool = False


@dataclass(frozen=True)
class Clause:
    """One clause, what it is about if that is sure, and the things it names."""

    text: str
    intent: str
    marked: bool
    things: frozenset[str]

    @property
    def asks(self) -> bool:
        """Whether it is a question of its own."""
        if not self.marked and len(self.text) < SHORTEST_QUESTION:
            return False
        names_only = self.marked and self.intent in NO_MATTER and bool(self.things)
        # "The coat has not come": with its name a matter of its own.
        missed = self.intent == MISSED and bool(self.things)
        return self.intent in QUESTIONS or names_only or missed

    @property
    def wishes(self) -> bool:
        """Whether it wants something done."""
        return self.intent in WISHES


async def plan(text: str, parse: Parse, *, in_form: bool) -> Plan:
    """Return how to serve one message: usually just as it is.

    Questions come first, since an answer to them ends; then one wish, which
    asks back. A second wish waits until the first is done. Inside a form only
    what is marked as another matter is taken out of the message.
    """
    if text.startswith("/"):
        return Plan([text])
    parts = split(text)
    if any(bare(part).lstrip().startswith("/") for part in parts):
        # A clause that would look like a button is no matter of its own.
        return Plan([text])
    called = await _person(text, parts, parse, in_form=in_form)
    if called is not None:
        return called
    if len(text) < MIN_CHARS:
        return Plan([text])
    if in_form and len(parts) == 1 and is_marked(parts[0]):
        found = await _read(text, parse)
        if found.wishes:
            return Plan([text], [_kept(found)])
    if not 1 < len(parts) <= MAX_CLAUSES or is_choice(text):
        return Plan([text])
    clauses = [await _read(part, parse) for part in parts]
    return _inside(text, clauses) if in_form else _outside(text, clauses)


def joined_pieces(earlier: str, text: str) -> str:
    """Return two pieces of one sentence as one text."""
    return f"{earlier}{text}"


async def _person(
    text: str, parts: list[str], parse: Parse, *, in_form: bool
) -> Plan | None:
    """Return the plan of who asks for a person beside other matters, else None.

    A question is still answered first, since its answer costs nobody anything; a
    wish is the person's to hear. Who wants no person keeps the rest of the message.
    """
    known = words()
    named = [part for part in parts if any(w in part for w in known["person"])]
    if len(parts) < 2 or not named:
        return None
    refused = [x for x in named if re.search(known["no_person"], x)]
    if refused:
        rest = [part for part in parts if part not in refused]
        return await plan(joined(rest), parse, in_form=in_form) if rest else None
    calls = [x for x in named if (await _read(x, parse)).intent == PERSON]
    if not calls or (await _read(text, parse)).intent in GUARDED:
        return None
    others = [x for x in parts if x not in calls][:MAX_CLAUSES]
    read = [await _read(x, parse) for x in others]
    asked = [bare(x.text) for x in read if x.asks][:BEFORE_PERSON]
    return Plan([*asked, calls[-1]])


def _outside(text: str, clauses: Sequence[Clause]) -> Plan:
    every, clauses = clauses, _of_their_wish(clauses)
    text = text if len(clauses) == len(every) else joined([c.text for c in clauses])
    questions = [clause for clause in clauses if clause.asks]
    rest = [clause for clause in clauses if not clause.asks]
    main, later = _first_wish(rest)
    wished = any(clause.wishes for clause in main)
    if _is_one_matter(questions, main, later, wished=wished):
        return Plan([text])
    body = joined([clause.text for clause in main])
    if not wished and later:
        # Only questions before it: the wish need not wait.
        body = joined([body, later[0].text]) if body else later[0].text
        later = later[1:]
    now = [_with_thing(clause, clauses) for clause in questions]
    now = [*now, body] if body else now
    kept = [_kept(clause) for clause in later]
    return Plan(now, kept, apart=bool(body) and _is_apart(clauses, questions))


def _of_their_wish(clauses: Sequence[Clause]) -> Sequence[Clause]:
    """Return the clauses without what only belongs to a wish of the same message.

    "It does not work" is why money is wanted back, whatever it may ask elsewhere;
    "when will it come?" after an exchange asks of what that will bring, which is
    said once it is opened.
    """
    wish = next((i for i, clause in enumerate(clauses) if clause.wishes), None)
    if wish is None:
        return clauses
    kept: list[Clause] = []
    for place, clause in enumerate(clauses):
        when = clause.intent == BROUGHT and place > wish
        if when and not clause.marked and not clause.things:
            continue
        fails = clause.intent in QUESTIONS and tells_of_failing(clause.text)
        # "It is not sent yet, I want it no more" tells where it is.
        stands = clause.intent == TRACKED and place < wish and tells(clause.text)
        kept.append(replace(clause, intent="") if fails or stands else clause)
    return kept


def _with_thing(clause: Clause, clauses: Sequence[Clause]) -> str:
    """Return a question, with the thing named before it where it names none."""
    text = bare(clause.text)
    before = clauses[: clauses.index(clause)]
    named = [thing for one in before for thing in sorted(one.things)]
    if clause.things or clause.marked or clause.intent not in OF_A_THING or not named:
        return text
    return f"{named[-1]} {text}"


def _inside(text: str, clauses: Sequence[Clause]) -> Plan:
    asked = [clause for clause in clauses if clause.asks and clause.marked]
    later = [clause for clause in clauses if clause.wishes and clause.marked]
    rest = [c.text for c in clauses if c not in asked and c not in later]
    if not asked and not later:
        return Plan([text])
    now = [joined(rest), *(bare(clause.text) for clause in asked)]
    now = [item for item in now if item]
    return Plan(now or [text], [_kept(clause) for clause in later])


def _first_wish(rest: Sequence[Clause]) -> tuple[list[Clause], list[Clause]]:
    """Return the clauses of the first wish, and the wishes for later."""
    main: list[Clause] = []
    later: list[Clause] = []
    for clause in rest:
        before: frozenset[str] = frozenset().union(*(c.things for c in main))
        other_thing = bool(before) and bool(clause.things - before)
        begun = any(c.wishes or c.intent in FAULTS for c in main)
        other = clause.marked or (begun and other_thing)
        # A fault of another thing than the wish's is a matter for later too.
        fault = clause.intent in FAULTS and begun and other_thing
        if (clause.wishes and main and other) or fault:
            later.append(clause)
        else:
            main.append(clause)
    return main, later


def _is_one_matter(
    questions: Sequence[Clause],
    main: Sequence[Clause],
    later: Sequence[Clause],
    *,
    wished: bool,
) -> bool:
    if not questions:
        return not later
    asked = {clause.intent for clause in questions}
    if wished and len(questions) == 1 and asked & SAME_MATTER and not later:
        return True
    if wished or later or len(questions) > 1:
        return False
    # What stands around one question belongs to it, unless it tells of a fault.
    fault = any(clause.intent in FAULTS for clause in main)
    return bool(main) and (not fault or bool(asked & ASKS_FOR_HELP))


def _is_apart(clauses: Sequence[Clause], questions: Sequence[Clause]) -> bool:
    """Return whether the wish came before the questions, or is marked as other."""
    wish = next((i for i, clause in enumerate(clauses) if clause.wishes), None)
    if wish is None or not questions:
        return False
    return clauses[wish].marked or wish < clauses.index(questions[0])


async def _read(part: str, parse: Parse) -> Clause:
    marked = is_marked(part)
    found = await parse(bare(part))
    intent = _sure(found, SURE_IF_MARKED if marked else SURE)
    things = (e for e in found.get("entities") or [] if e["entity"] == "product")
    return Clause(part, intent, marked, frozenset(str(e["value"]) for e in things))


def _kept(clause: Clause) -> dict[str, str]:
    return {"text": bare(clause.text), "intent": clause.intent}


def _sure(parsed: dict[str, Any], least: float) -> str:
    intent = parsed.get("intent") or {}
    sure = (intent.get("confidence") or 0.0) >= least
    return str(intent.get("name") or "") if sure else ""
