"""What is told of a case: how it stands, what comes next, what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from actions.asks import speaker_text
from actions.base import shop_engine
from actions.expect import repair_text
from actions.pointing import find_lines
from actions.speech import Speaker, yuan
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import human, own_lines
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.cases import CaseView, own_cases

# "The one just now": a case opened so lately is what is meant.
JUST_NOW = timedelta(minutes=30)
# Consumer protection law, art. 25: within seven days of receiving the goods.
REFUND_WITHIN = timedelta(days=7)
BEFORE_REPAIR = (CaseState.AWAITING_GOODS, CaseState.GOODS_RECEIVED)
# The topic of a talk after a case was opened in it.
SUBMITTED = "action_submit_case"
# The topic of a talk in which the parcel of a return was noted.
RETURN_NOTED = "return_noted"


def just_opened(turn: Turn, known: Sequence[CaseView]) -> CaseView | None:
    """Return the newest case if it was opened a moment ago; `known` newest first."""
    newest = next(iter(known), None)
    fresh = newest is not None and turn.now - newest.opened_at <= JUST_NOW
    return newest if fresh else None


def tell_sending(turn: Turn, speaker: Speaker) -> bool:
    """Tell of what the case just opened will bring; False where none is asked of.

    "How many days?" right after it means the new one, not the parcel that was lost.
    """
    words = texts()["words"]
    when = turn.intent == "ask_delivery_time"
    urged = has_any(turn.text, [*words["hurry"], *words["urges_dispatch"]])
    after = turn.slot("topic") in (SUBMITTED, "action_return_freight")
    if turn.requested or not after or not (when or urged):
        return False
    case = just_opened(turn, own_cases(shop_engine(), turn.viewer))
    if case is None or case.kind is CaseKind.COMPLAINT:
        return False
    named = find_lines(turn.text, turn.numbers, own_lines(turn), [])
    if named and all(line.line_id != case.line_id for line in named):
        return False
    tell_case(turn, speaker, case)
    if urged and case.state is CaseState.OPEN:
        speaker.say("hurry_case", [human(speaker)])
    return True


def tell_returned(turn: Turn, speaker: Speaker) -> bool:
    """Tell of the case whose parcel to the shop was just noted: "is it there yet?"."""
    noted = turn.slot("topic") == RETURN_NOTED and turn.requested is None
    if not noted or find_lines(turn.text, turn.numbers, own_lines(turn), []):
        return False
    known = own_cases(shop_engine(), turn.viewer)
    case = next((x for x in known if x.state in BEFORE_REPAIR), None)
    if case is None:
        return False
    tell_case(turn, speaker, case)
    return True


def tell_visit(turn: Turn, speaker: Speaker) -> bool:
    """Tell of the repair just begun: "when do they come?" means its visit."""
    case = just_opened(turn, own_cases(shop_engine(), turn.viewer))
    after = turn.slot("topic") == SUBMITTED and not turn.requested
    if not after or case is None or case.kind is not CaseKind.REPAIR:
        return False
    tell_case(turn, speaker, case)
    return True


def tell_case(turn: Turn, speaker: Speaker, case: CaseView) -> None:
    """Say how a case stands and what comes next."""
    paid = f"\n{money_text(case)}" if case.refunded_fen else ""
    speaker.say(
        "case_item",
        [human(speaker)] if case.state is CaseState.OPEN else None,
        case_no=case.case_no,
        kind=speaker.label("case_kind", case.kind),
        title=case.title,
        state=state_text(speaker, case),
        next=next_step(case) + _days_left(turn, speaker, case) + paid,
    )


def _days_left(turn: Turn, speaker: Speaker, case: CaseView) -> str:
    """Return how long a repair takes, while the goods are on their way to it."""
    if case.kind is not CaseKind.REPAIR or case.state not in BEFORE_REPAIR:
        return ""
    told = repair_text(turn, speaker, case.line_id)
    return f"\n{told}" if told else ""


def money_text(case: CaseView) -> str:
    """Return what is paid, or until when it must be."""
    if case.refunded_fen:
        return speaker_text("refund_paid").format(amount=yuan(case.refunded_fen))
    amount = yuan(case.amount_fen)
    if case.state in (CaseState.CANCELLED, CaseState.REFUSED):
        return speaker_text("refund_ended")
    if case.received_on is not None:
        due = case.received_on + REFUND_WITHIN
        return speaker_text("refund_due").format(amount=amount, due=due)
    key = "refund_review" if case.state is CaseState.OPEN else "refund_wait"
    return speaker_text(key).format(amount=amount)


def state_text(speaker: Speaker, case: CaseView) -> str:
    """Return where a case stands; nobody waits for bulky goods to be sent in."""
    visit = case.bulky and case.state is CaseState.AWAITING_GOODS
    return speaker.label("case_state", f"{case.state}{'_bulky' if visit else ''}")


def freight_text(speaker: Speaker, freight: str, *, bulky: bool) -> str:
    """Return who pays the way back, or the visit where goods are bulky."""
    return speaker.label("freight_bulky" if bulky else "freight", freight)


def next_step(case: CaseView) -> str:
    """Return what happens next with a case, empty where nothing does."""
    told = texts()["labels"]["next_step"]
    words = told.get(f"{case.state}_{case.kind}", told.get(str(case.state), ""))
    if case.bulky:
        words = told.get(f"{case.state}_bulky", words)
    return f"\n{words}".format(**texts()["shop"]) if words else ""
