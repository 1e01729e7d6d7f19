"""The customer's own parcel to the shop: its number belongs to a case."""

from __future__ import annotations

from actions.base import shop_engine
from actions.speech import Speaker
from actions.turn import Turn
from aftercare.services.cases import note_return


def note_waybill(turn: Turn, speaker: Speaker, waybill: str) -> bool:
    """Note a parcel for the case that waits for goods; False where none waits."""
    case = note_return(shop_engine(), turn.viewer, waybill, turn.now)
    if case is None:
        return False
    speaker.say("return_noted", case_no=case.case_no, waybill=waybill)
    return True
