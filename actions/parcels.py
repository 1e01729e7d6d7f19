"""The customer's own parcel to the shop, and hurry about one of the shop's."""

from __future__ import annotations

from actions.base import shop_engine
from actions.speech import Speaker
from actions.turn import Turn
from actions.wish import chosen_line
from aftercare.domain.orders import Fulfilment
from aftercare.services.cases import note_return


def note_waybill(turn: Turn, speaker: Speaker, waybill: str) -> bool:
    """Note a parcel for the case that waits for goods; False where none waits."""
    case = note_return(shop_engine(), turn.viewer, waybill, turn.now)
    if case is None:
        return False
    speaker.say("return_noted", case_no=case.case_no, waybill=waybill)
    return True


def hurry_key(turn: Turn) -> str:
    """Return what to say to who urges on what was just told of."""
    line = chosen_line(turn, turn.slot("focus"))
    unsent = line is not None and line.fulfilment is Fulfilment.UNSHIPPED
    return "hurry_dispatch" if unsent else "hurry"
