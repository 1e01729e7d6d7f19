"""Read an answer to the form: whatever of the wish it holds, asked for or not."""

from __future__ import annotations

from typing import Any

from actions.base import shop_engine
from actions.fault import can_have, likely
from actions.guest import prove
from actions.pointing import (
    find_lines,
    find_ordinal,
    find_variant,
    is_yes,
    names_it,
)
from actions.sizes import size_named
from actions.speech import Speaker
from actions.substitute import chosen_target
from actions.texts import texts
from actions.turn import Turn
from actions.understand import (
    find_kind,
    find_reason,
    find_tail,
    has_any,
    is_question,
    wants_another,
)
from actions.wish import KIND_OF_INTENT, NEEDS_REASON, chosen_line, own_lines
from aftercare.domain.errors import Reason
from aftercare.domain.orders import Fulfilment
from aftercare.services.drafts import FAULTY
from aftercare.services.orders import LineView, every_variant

# Intents that do not ask for anything: inside the form they are answers.
ANSWERS = frozenset(
    {
        "inform",
        "affirm",
        "deny",
        "nlu_fallback",
        "out_of_scope",
        "goodbye",
        "rate_service",
        "report_defect",
        "report_damage",
        "report_wrong_item",
        "report_missing_item",
    }
)
STALE_AFTER: dict[str, tuple[str, ...]] = {
    "line": ("target", "nonce", "confirmed", "narrowed"),
    "reason": ("nonce", "confirmed"),
    "target": ("nonce", "confirmed"),
    "case_kind": ("nonce", "confirmed"),
}
# Kinds that are named by words of their own (messages/words.yml).
WISHED_OUTRIGHT = frozenset({"refund", "exchange", "repair", "reship"})
# Intents of which a short message says no more than the wish.
BARE_WISHES = frozenset({"request_refund", "request_exchange", "request_repair"})
MISSING = "report_missing_item"
ABOUT_GOODS = frozenset({"ask_product_spec", "ask_product_usage", "ask_authenticity"})
# A name in a longer message tells a story; it does not change the choice.
CORRECTION_CHARS = 12
# Fewer characters describe nothing.
DESCRIBED_CHARS = 2
MAX_DETAIL = 400


def read_answer(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Return the slots this message fills; empty if it is not an answer."""
    if turn.given:
        return _given(turn)
    if turn.requested in ("order_no", "phone_tail"):
        return _proof(turn, speaker, values)
    rather = wished_rather(turn)
    if rather is not None:
        return {
            "case_kind": rather,
            **dict.fromkeys(("target", "nonce", "confirmed")),
        }
    sized = turn.requested == "target" and size_named(turn.text) is not None
    if sized and turn.intent not in texts()["words"]["never_answers"]:
        # "And the 42?" is an answer, though it asks.
        return chosen_target(turn, values)
    if _asks(turn) or _wishes_other(turn, values):
        return {}
    found = _line(turn, speaker, values)
    found.update(_kind(turn, values))
    if turn.requested == "detail" and not found:
        return {"detail": turn.text} if _describes(turn) else {}
    found.update(chosen_target(turn, values | found) or _reason(turn, values))
    if turn.requested == "line":
        found.update(_told_beside(turn, values, found))
    if not found and turn.requested in ("confirmed", "case_kind"):
        found = _more(turn, values)
    return found


def wished_rather(turn: Turn) -> str | None:
    """Return what is wished in place of the open wish, by words that sound like no.

    "Then refund it" sounds like calling off a refund, "no, exchange it then" like
    leaving the form.
    """
    said = find_kind(turn.text)
    if turn.intent == "cancel_refund":
        return said if said == "refund" else None
    instead = has_any(turn.text, texts()["words"]["rather"])
    return said if turn.intent == "stop" and instead else None


def same_wish(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether a message only says again what the open wish is."""
    kind = KIND_OF_INTENT.get(turn.intent)
    return kind is not None and kind == values.get("case_kind")


def says_again(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether a message only repeats the reason or the variant chosen."""
    reason = values.get("reason")
    if reason is not None and find_reason(turn.text, "") == reason:
        return True
    line = chosen_line(turn, values.get("line"))
    if line is None or _names_only(turn, line):
        return line is not None
    if not values.get("target"):
        return False
    item = find_variant(turn.text, every_variant(shop_engine(), line))
    return item is not None and item.sku == values["target"]


def _names_only(turn: Turn, line: LineView) -> bool:
    """Return whether a message is but the name of a thing."""
    named = find_lines(turn.text, (), own_lines(turn), [])
    bare = len(turn.text) <= CORRECTION_CHARS // 2 and named == [line]
    return bare and find_reason(turn.text, "") is None


def _asks(turn: Turn) -> bool:
    """Return whether a message is a question of its own, for another action."""
    if turn.intent == "request_human":
        return True
    asking = is_question(turn.text)
    complaint = turn.slot("case_kind") == "complaint"
    story = turn.requested == "detail" or (turn.requested == "confirmed" and complaint)
    told = story and len(turn.text) > CORRECTION_CHARS // 2
    if told and not asking:
        # A story of what went wrong, whatever it sounds like.
        return turn.intent == "cancel_refund"
    other = turn.intent not in ANSWERS and turn.intent not in KIND_OF_INTENT
    always = turn.intent in texts()["words"]["never_answers"]
    if turn.requested == "case_kind" and asking and _asks_leave(turn):
        return False
    if turn.requested == "reason" and not asking and find_reason(turn.text, ""):
        # "Waited too long" is why, though it sounds like asking how long.
        return False
    return always or (other and asking)


def _asks_leave(turn: Turn) -> bool:
    """Return whether a question is but a polite choice: "may I have it all back?"."""
    polite = has_any(turn.text, texts()["words"]["may_i"])
    return polite and find_kind(turn.text) is not None


def _wishes_other(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether a message wants another kind of case than the open one."""
    kind = KIND_OF_INTENT.get(turn.intent)
    if kind is None or turn.intent in ANSWERS or not values.get("case_kind"):
        return False
    outright = find_kind(turn.text) == kind or kind not in WISHED_OUTRIGHT
    return kind != values["case_kind"] and outright


def _line(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    if turn.requested != "line" and wants_another(turn.text):
        if not find_lines(turn.text, turn.numbers, own_lines(turn), []):
            return dict.fromkeys(("line", "target", "offered", "nonce", "narrowed"))
    if turn.requested == "line" and has_any(
        turn.text, texts()["words"]["none_of_these"]
    ):
        return {"narrowed": None, "offered": None}
    gifts = values.get("case_kind") == "reship"
    chosen_again = turn.requested != "target" and has_any(
        turn.text[:1], texts()["words"]["counts"]
    )
    asked = turn.requested == "line" or chosen_again
    offered = values.get("offered") if asked else None
    found = find_lines(
        turn.text, turn.numbers, own_lines(turn, gifts=gifts), offered or []
    )
    if turn.requested != "line" and not (turn.numbers or offered):
        # "The black one" is an answer to its question, not another thing.
        found = [line for line in found if names_it(turn.text, line)]
    if turn.numbers and not found:
        speaker.say("number_unknown")
        return {"narrowed": None} if turn.requested == "line" else {}
    narrowed = values.get("narrowed") or []
    if turn.requested == "line" and not found and narrowed:
        # What came can be too small, what is on its way cannot.
        among = [x for x in own_lines(turn) if x.line_id in narrowed]
        left = can_have(among, find_reason(turn.text, turn.intent))
        found = left if len(left) == 1 and len(among) > 1 else []
    if turn.requested == "line" and len(found) > 1:
        return {"narrowed": [line.line_id for line in found]}
    if len(found) != 1 or found[0].line_id == values.get("line"):
        return {}
    if turn.requested != "line" and not _corrects(turn):
        return {}
    return {**dict.fromkeys(STALE_AFTER["line"]), "line": found[0].line_id}


def _corrects(turn: Turn) -> bool:
    """Return whether a name outside of its question changes what was chosen."""
    marked = wants_another(turn.text) or has_any(
        turn.text, ["re:" + texts()["words"]["denied"]]
    )
    short = len(turn.text) <= CORRECTION_CHARS and turn.requested != "detail"
    return bool(turn.numbers) or marked or short


def _kind(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    said = find_kind(turn.text)
    keeps_goods = has_any(turn.text, texts()["words"]["keeps_goods"])
    if turn.requested == "case_kind":
        said = said or (None if _wishes_nothing(turn) else KIND_OF_INTENT[turn.intent])
        said = "refund_only" if said in ("refund", None) and keeps_goods else said
        return {"case_kind": said} if said else {}
    if _switches(turn, values, said):
        broken = values.get("case_kind") == "repair" and not values.get("reason")
        implied = {"reason": "defect"} if broken and said in NEEDS_REASON else {}
        return {"case_kind": said, **dict.fromkeys(STALE_AFTER["case_kind"]), **implied}
    if values.get("case_kind") == "refund" and keeps_goods:
        return {"case_kind": "refund_only", **dict.fromkeys(STALE_AFTER["case_kind"])}
    return {}


def _wishes_nothing(turn: Turn) -> bool:
    """Return whether a message tells something, though it sounds like a wish."""
    if turn.intent not in KIND_OF_INTENT:
        return True
    words = texts()["words"]
    told = [*words["done_before"], *words["in_vain"], "re:" + words["not_goods"]]
    lacks = find_reason(turn.text, "") == "missing"
    return has_any(turn.text, told) or (turn.intent == MISSING and not lacks)


def _switches(turn: Turn, values: dict[str, Any], said: str | None) -> bool:
    """Return whether a short answer to the summary names another kind of case."""
    answer = turn.intent in ("affirm", "inform", "nlu_fallback", "deny")
    short = len(turn.text) <= CORRECTION_CHARS and turn.requested == "confirmed"
    return answer and short and said is not None and said != values.get("case_kind")


def _reason(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Read why; a fault told in words also is its description."""
    kind = values.get("case_kind")
    wanted = kind in NEEDS_REASON or kind is None
    known = values.get("reason")
    # What is wrong with the goods is told to change the mind, not in passing.
    if not wanted or (known and turn.requested not in ("reason", "confirmed")):
        return {}
    line = chosen_line(turn, values.get("line"))
    reason = likely(find_reason(turn.text, turn.intent), line)
    unsent = line is not None and line.fulfilment is Fulfilment.UNSHIPPED
    insists = same_wish(turn, values) or is_yes(turn.text)
    if reason is None and turn.requested == "reason" and unsent and insists:
        # Before anything is sent no reason is needed: who insists need not find one.
        reason = "other"
    if reason is None or reason == known or _keeps(turn, known, reason):
        return {}
    found: dict[str, Any] = {"reason": reason, **dict.fromkeys(STALE_AFTER["reason"])}
    if reason in FAULTY and describes_fault(turn.text):
        found["detail"] = turn.text[:MAX_DETAIL]
    return found


def _keeps(turn: Turn, known: object, reason: str) -> bool:
    """Return whether a fault told before stands: the customer's rights hang on it.

    "I do not want them" of broken shoes is no change of mind, and more of a fault is
    more of the same one. Only the name of another reason, or one that excludes a
    fault, changes it.
    """
    if known not in FAULTY:
        return False
    words = texts()["words"]
    if reason == "dislike":
        return not has_any(turn.text, words["outright_dislike"])
    at_once = has_any(turn.text, words["not_own_doing"])
    return reason in FAULTY and describes_fault(turn.text) and not at_once


def describes_fault(text: str) -> bool:
    """Return whether a text says more of a fault than that there is one."""
    words = texts()["words"]
    bare = text.rstrip(words["particles"])
    return len(bare) >= DESCRIBED_CHARS and bare not in words["bare_faults"]


def _told_beside(
    turn: Turn, values: dict[str, Any], found: dict[str, Any]
) -> dict[str, Any]:
    """Take what is told of a thing beside its name as the description."""
    told = values.get("case_kind") in ("repair", "complaint", "reship")
    known = values.get("reason") if turn.requested == "line" else None
    if turn.requested == "line" and values.get("case_kind") == "repair":
        known = known or "defect"
    told_more = known in FAULTY and describes_fault(turn.text)
    if told_more and find_reason(turn.text, turn.intent) in FAULTY:
        # More of the fault, while the thing is still asked for.
        before = filter(None, (values.get("detail"), turn.text))
        return {"detail": "\n".join(map(str, before))[:MAX_DETAIL]}
    if not found.get("line") or not told or values.get("detail"):
        return {}
    fault = find_reason(turn.text, turn.intent) in FAULTY
    longer = values["case_kind"] == "complaint" and len(turn.text) > CORRECTION_CHARS
    return {"detail": turn.text[:MAX_DETAIL]} if fault or longer else {}


def _describes(turn: Turn) -> bool:
    """A description is free text: anything but a question or a call for help."""
    wish = find_kind(turn.text) or turn.intent in BARE_WISHES
    bare = len(turn.text) <= CORRECTION_CHARS // 2 and wish
    other = is_question(turn.text) or turn.intent == "request_human"
    return not other and not bare


def _more(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Take what is added before confirming as part of the description."""
    told = str(values.get("detail") or "")
    fault = values.get("case_kind") in ("repair", "complaint", "reship")
    fault = fault or values.get("reason") in FAULTY
    plain = turn.intent in ("affirm", "deny", "goodbye") or is_yes(turn.text)
    story = values.get("case_kind") == "complaint" and _describes(turn)
    other = turn.intent in KIND_OF_INTENT and turn.intent != "complain"
    heard = turn.intent in ANSWERS or (story and not other)
    # How the goods are, said and not asked, is what is wrong with them.
    said = turn.intent in ABOUT_GOODS and not is_question(turn.text)
    heard = heard or has_any(turn.text, texts()["words"]["in_vain"])
    heard = heard or (said and not has_any(turn.text, texts()["words"]["rather"]))
    if not fault or plain or not heard or turn.text in told:
        return {}
    line = chosen_line(turn, values.get("line"))
    if line is not None and _names_only(turn, line):
        return {}
    if find_ordinal(turn.text, len(texts()["words"]["ordinals"])) is not None:
        return {}
    if not describes_fault(turn.text) and not turn.picture:
        return {}
    whole = "\n".join(filter(None, (told, turn.text)))[:MAX_DETAIL]
    return {"detail": whole, "confirmed": None, "nonce": None}


def _given(turn: Turn) -> dict[str, Any]:
    """Read a button; what it names is checked again by the service."""
    found: dict[str, Any] = {}
    for name in ("line", "reason", "target", "case_kind"):
        if name in turn.given:
            found.update(dict.fromkeys(STALE_AFTER.get(name, ())))
            found[name] = turn.given[name]
    if "nonce" in turn.given:
        found["confirmed"] = turn.given["nonce"]
    if "other" in turn.given:
        found.update(dict.fromkeys(("line", "target", "nonce", "offered", "narrowed")))
    if "redo" in turn.given:
        found.update(dict.fromkeys(("reason", "detail", "nonce", "confirmed")))
    return found


def _proof(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Let a guest prove an order in two steps, in either one or two messages."""
    order_no = turn.numbers[0] if turn.numbers else values.get("order_no")
    tail = find_tail(turn.text)
    if order_no is None and tail is not None:
        speaker.say("guest_needs_number")
        return {"phone_tail": None}
    if order_no is None or tail is None:
        return {"order_no": order_no} if turn.numbers else {}
    failed = prove(turn, speaker, str(order_no), tail)
    if failed is Reason.TOO_MANY_TRIES:
        return {"outcome": "locked"}
    if failed is not None:
        # Most often the tail is mistyped: the number stays, until another is sent.
        return {"order_no": order_no, "phone_tail": None}
    lines = own_lines(turn)
    only = lines[0].line_id if len(lines) == 1 else values.get("line")
    return {"order_no": order_no, "phone_tail": "proved", "line": only}
