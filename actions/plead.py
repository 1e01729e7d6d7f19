"""A plea for an exception: no rule may be bent by a bot, a person may be asked."""

from __future__ import annotations

from actions.base import Events, shop_engine, shop_rules, slots
from actions.focus import meant
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import alternatives, human, own_lines, rule_text
from aftercare.services.drafts import Draft, judge

# The topic of a talk in which a wish was refused.
REFUSED = "refused"
COMPLAIN = "/complain"


def hear_plea(turn: Turn, speaker: Speaker, *, outright: bool = True) -> Events | None:
    """Answer a plea, and return what to remember; None where the message is none.

    Args:
        turn: what was said.
        speaker: says the answer.
        outright: the words decide alone; else only after a refusal.
    """
    refused = turn.slot("topic") == REFUSED
    words = texts()["words"]
    if refused and not turn.given and has_any(turn.text, words["why"]):
        return _say_why(turn, speaker)
    ruled = refused or turn.slot("topic") == "action_return_policy"
    if ruled and not turn.given and has_any(turn.text, words["accuses"]):
        return accused(turn, speaker)
    begged = refused and has_any(turn.text, words["begs"])
    told = begged or has_any(turn.text, words["pleads"])
    if turn.given or not told or not (outright or refused):
        return None
    line = meant(turn, own_lines(turn)).line
    if line is None:
        speaker.say("plead", [human(speaker)])
        return slots(topic=REFUSED)
    others = alternatives(turn, speaker, Draft("refund", line.line_id, "dislike"), line)
    key = "plead_for" if others else "plead"
    speaker.say(key, [human(speaker), *others], title=line.title)
    return slots(topic=REFUSED, focus=line.line_id)


def accused(turn: Turn, speaker: Speaker) -> Events:
    """Offer a person and a complaint to who calls the shop dishonest."""
    complain = (speaker.label("intent", "complain"), COMPLAIN)
    speaker.say("accused", [human(speaker), complain])
    return slots(topic=turn.slot("topic"))


def _say_why(turn: Turn, speaker: Speaker) -> Events | None:
    """Say again which rule refused, and who may judge it anew; None where unknown."""
    line = meant(turn, own_lines(turn)).line
    if line is None:
        return None
    # Asked of what was refused, the rule is the one that refused it.
    same = line.line_id == turn.slot("focus")
    reason = turn.slot("ruled") if same else None
    draft = Draft("refund", line.line_id, reason or "dislike")
    decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
    if decision.allowed:
        return None
    complain = (speaker.label("intent", "complain"), COMPLAIN)
    rule = rule_text(speaker, decision)
    speaker.say("refused_why", [human(speaker), complain], rule=rule)
    return slots(topic=REFUSED, focus=line.line_id)
