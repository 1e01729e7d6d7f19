"""Cancel a case of the customer's own, or say why that cannot be."""

from __future__ import annotations

from actions.asks import inform
from actions.base import Events, ServiceAction, shop_engine
from actions.case_text import just_opened
from actions.pointing import find_line
from actions.speech import Speaker
from actions.turn import Turn
from actions.wish import human, own_lines
from aftercare.domain.cases import CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import cases

CANCELLABLE = frozenset({CaseState.OPEN, CaseState.APPROVED, CaseState.AWAITING_GOODS})


class CancelCase(ServiceAction):
    """Cancel a case of the customer's own."""

    action_name = "action_cancel_case"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Cancel the one meant, or ask which."""
        chosen = turn.given.get("case_no")
        if chosen is not None:
            return self._cancel(turn, speaker, chosen)
        known = cases.own_cases(shop_engine(), turn.viewer)
        running = [case for case in known if case.state in CANCELLABLE]
        meant = _case_meant(turn, known)
        if meant is not None and meant.state is CaseState.DONE:
            facts = {"case_no": meant.case_no, "title": meant.title}
            speaker.say("cancel_done_before", [human(speaker)], **facts)
            return []
        running = [meant] if meant in running and meant else running
        if not running:
            speaker.say("case_none")
            return []
        speaker.say(
            "cancel_which",
            [
                (f"{case.case_no} {case.title}", _cancel_payload(case.case_no))
                for case in running
            ],
        )
        return []

    def _cancel(self, turn: Turn, speaker: Speaker, case_no: str) -> Events:
        try:
            cases.cancel(shop_engine(), turn.viewer, case_no, turn.now)
        except AftercareError as error:
            if error.reason is Reason.NOT_FOUND:
                speaker.say("not_found")
                return []
            states = {
                case.case_no: case.state
                for case in cases.own_cases(shop_engine(), turn.viewer, 50)
            }
            state = speaker.label("case_state", states[case_no])
            speaker.say("cancel_late", [human(speaker)], case_no=case_no, state=state)
            return []
        speaker.say("cancel_done", case_no=case_no)
        return []


def _case_meant(turn: Turn, known: list[cases.CaseView]) -> cases.CaseView | None:
    """Return the case of the thing a message names, else the one just opened."""
    line = find_line(turn.text, turn.numbers, own_lines(turn), [])
    if line is not None:
        return next((case for case in known if case.line_id == line.line_id), None)
    return just_opened(turn, known)


def _cancel_payload(case_no: str) -> str:
    return inform(case_no=case_no).replace("/inform", "/cancel_refund")
