"""What is said inside the form and answers nothing, yet wants to be heard."""

from __future__ import annotations

from typing import Any

from actions.base import shop_engine, shop_rules
from actions.fault import asks_for_damages
from actions.focus import tell_stranger
from actions.handover import call
from actions.knowledge import tell_repair_price
from actions.plead import accused
from actions.pointing import find_lines
from actions.service import WayBack
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_kind, find_reason, has_any, is_but, is_question
from actions.wish import (
    INTENT_OF_KIND,
    KIND_OF_INTENT,
    chosen_line,
    human,
    own_lines,
    rule_text,
)
from aftercare.services.drafts import FAULTY, Draft, judge
from aftercare.services.transfer import Trigger

# A longer message tells more than that, in characters.
SHORT = 16


def one_more(turn: Turn, values: dict[str, Any]) -> list[dict[str, str]]:
    """Return the same wish about one thing more, as `later` keeps it; mostly none.

    "And the shirt" in the middle of a form must not drop the thing it is about.
    """
    line, kind = values.get("line"), str(values.get("case_kind"))
    told = turn.given or turn.requested == "line" or len(turn.text) > SHORT
    begins = has_any(turn.text, texts()["words"]["one_more"])
    if told or not begins or line is None or kind not in INTENT_OF_KIND:
        return []
    if turn.intent not in ("inform", "nlu_fallback", INTENT_OF_KIND[kind]):
        return []
    found = find_lines(turn.text, turn.numbers, own_lines(turn), [])
    if len(found) != 1 or found[0].line_id == line:
        return []
    wish = {"text": found[0].title, "intent": INTENT_OF_KIND[kind]}
    return [wish | {"line": found[0].line_id}]


def hear_aside(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Return whether a message was heard so, and the question stands as it was.

    "What now?" and "how much?" are answered by the question itself, which shows the
    choice or the amount. A threat to go to the authorities calls a person; what else
    such a message tells is still read as the story of a complaint.
    """
    if turn.given:
        return False
    words = texts()["words"]
    asked = turn.requested
    if asked == "line" and turn.intent not in words["never_answers"]:
        if tell_stranger(turn, speaker, {}):
            return True
    plain = len(turn.text) <= SHORT and find_reason(turn.text, "") is None
    if asked not in ("detail", "line") and plain and _only_tells(turn):
        return True
    if asked != "detail" and has_any(turn.text, words["only_days"]):
        return _takes_note(turn, speaker)
    # Who also says what is wrong, or what is wanted, is heard for that.
    bare = plain and asked != "detail" and find_kind(turn.text) is None
    complains = turn.slot("case_kind") == "complaint"
    if bare and not complains and has_any(turn.text, words["accuses"]):
        accused(turn, speaker)
        return True
    if values.get("case_kind") == "repair" and plain and _asks_price(turn):
        return _tell_price(turn, speaker, values)
    if asked == "confirmed" and plain and has_any(turn.text, words["only_urges"]):
        speaker.say("press_button")
        return True
    if asked == "confirmed" and is_but(turn.text, "how_much"):
        return True
    if asked != "line" and is_but(turn.text, "what_now"):
        return True
    if has_any(turn.text, ["re:" + words["not_goods"]]) and not find_kind(turn.text):
        speaker.say("other_person", [human(speaker)])
        return True
    short = len(turn.text) <= SHORT
    if (
        short
        and asked not in ("line", "detail")
        and has_any(turn.text, words["how_bad"])
    ):
        speaker.say("cannot_judge", [human(speaker)])
        return True
    more = asks_for_damages(turn, values)
    if asked == "case_kind" and _only_angry(turn) and not more:
        speaker.say("wry", [human(speaker)])
        return True
    paid = plain and has_any(turn.text, words["paid_by"]) and asked != "detail"
    if paid and values.get("case_kind") in ("refund", "refund_only"):
        speaker.say("refund_when")
        return True
    if plain and has_any(turn.text, words["doubts"]):
        speaker.say("sure", [human(speaker)])
        return True
    if asked == "confirmed" and plain and has_any(turn.text, words["where_is_money"]):
        speaker.say("refund_when")
        return True
    way = [*words["way_back"]["address"], *words["way_back"]["pickup"]]
    again = turn.intent in KIND_OF_INTENT and asked == "confirmed"
    if again and plain and has_any(turn.text, way):
        WayBack().act(turn, speaker)
        return True
    beside = plain and asked != "detail" and turn.intent != "complain"
    if beside and asks_for_damages(turn, values):
        speaker.say("damages_beside", [human(speaker)])
        return True
    if has_any(turn.text, words["picture_how"]):
        speaker.say("picture_how")
        return True
    telling = asked in ("detail", "confirmed")
    if telling and plain and has_any(turn.text, words["has_picture"]):
        speaker.say("picture_send")
        return True
    complains = telling and turn.slot("case_kind") == "complaint"
    if complains and has_any(turn.text, words["complains_elsewhere"]):
        speaker.say("escalated", handover=call(turn, Trigger.SENTIMENT))
        return plain
    return False


def _only_tells(turn: Turn) -> bool:
    """Return whether "bought two days ago" tells of the purchase and asks nothing."""
    asks = is_question(turn.text) or has_any(turn.text, texts()["words"]["asks_orders"])
    return turn.intent == "ask_order_status" and not asks and not turn.numbers


def _takes_note(turn: Turn, speaker: Speaker) -> bool:
    """Say that how long one has had a thing was heard; a fault's story keeps it."""
    if turn.slot("reason") in FAULTY and turn.requested in ("case_kind", "confirmed"):
        return False
    speaker.say("noted_more")
    return True


def _tell_price(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Tell that the rules make this repair free, else how one is charged for."""
    line = chosen_line(turn, values.get("line"))
    if line is None:
        return tell_repair_price(turn, speaker)
    draft = Draft("repair", line.line_id, "defect")
    decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
    if not decision.allowed:
        return tell_repair_price(turn, speaker)
    rule = rule_text(speaker, decision)
    speaker.say("warranty", title=line.title, rule=rule)
    return True


def _asks_price(turn: Turn) -> bool:
    """Return whether what a repair costs is asked, or offered to be paid."""
    other = turn.intent in KIND_OF_INTENT and turn.intent != "claim_price_protection"
    return (not other or is_question(turn.text)) and has_any(
        turn.text, texts()["words"]["pays_repair"]
    )


def _only_angry(turn: Turn) -> bool:
    """Return whether anger was taken for a complaint that nobody asked to file."""
    words = texts()["words"]
    outright = [*words["complains"], *words["complains_elsewhere"]]
    return turn.intent == "complain" and not has_any(turn.text, outright)
