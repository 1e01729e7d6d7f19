"""The last question of the form: everything repeated, and the one-time button."""

from __future__ import annotations

import json

from actions.asks import inform, speaker_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.case_text import freight_text, state_text
from actions.instead import exchange_first
from actions.repairs import as_return
from actions.speech import Button, Speaker, yuan
from actions.turn import Turn
from actions.wish import (
    NEEDS_REASON,
    chosen_line,
    draft_of,
    human,
    is_allowed,
    refuse,
    rule_text,
)
from aftercare.domain.decisions import Freight, Rule
from aftercare.domain.orders import Fulfilment
from aftercare.domain.policy import Decision
from aftercare.services.cases import running_on
from aftercare.services.drafts import FAULTY, Draft, prepare
from aftercare.services.orders import LineView, variants


class AskConfirmed(ServiceAction):
    """Repeat everything and hand out the one-time button."""

    action_name = "action_ask_case_form_confirmed"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Store what would be confirmed, then show it."""
        line = chosen_line(turn, turn.slot("line"))
        if line is None:
            speaker.say("not_found", [human(speaker)])
            return []
        draft = draft_of(turn.slots)
        asked = prepare(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
        if not asked.decision.allowed:
            return refuse(turn, speaker, draft, line, asked.decision)
        buttons: list[Button] = [
            (
                speaker.label("button", "confirm"),
                "/affirm" + json.dumps({"nonce": asked.nonce}, separators=(",", ":")),
            ),
            (speaker.label("button", "other_item"), inform(other="1")),
        ]
        if draft.kind in NEEDS_REASON:
            buttons.append((speaker.label("button", "redo"), inform(redo="reason")))
        buttons += _keeping(turn, speaker, draft, line)
        offered, instead = exchange_first(turn, speaker, draft, line)
        buttons += instead
        buttons.append((speaker.label("button", "cancel"), "/stop"))
        lines = offered + summary(turn, speaker, draft, line, asked.decision)
        lines += _runs_already(turn, speaker, draft)
        speaker.tell("\n".join(lines), buttons)
        return slots(nonce=asked.nonce)


def _runs_already(turn: Turn, speaker: Speaker, draft: Draft) -> list[str]:
    """Return a warning where confirming would meet a case that runs."""
    case = running_on(shop_engine(), turn.viewer, draft.line_id, draft.kind)
    if case is None:
        return []
    kind = speaker.label("case_kind", case.kind)
    state = state_text(speaker, case)
    facts = {"case_no": case.case_no, "kind": kind, "state": state}
    return [speaker.text("preview_runs", **facts)]


def summary(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView, decision: Decision
) -> list[str]:
    """Return what would be done, one fact a line, without what does not matter."""
    kind = speaker.label("kind", draft.kind)
    head = speaker_text("preview").format(
        title=line.title, variant=line.variant, order_no=line.order_no, kind=kind
    )
    told = [head]
    if draft.kind in NEEDS_REASON:
        reason = speaker.label("reason", draft.reason)
        told.append(speaker_text("preview_reason").format(reason=reason))
    if draft.detail:
        told.append(speaker_text("preview_detail").format(detail=draft.detail))
    if draft.target_sku:
        told.append(speaker_text("preview_target").format(target=_target(draft, line)))
    if decision.amount_fen:
        told.append(_money(draft, line, decision))
    told.append(rule_text(speaker, decision))
    if decision.freight is not Freight.NOBODY and draft.kind != "reship":
        told.append(freight_text(speaker, decision.freight, bulky=line.bulky))
    for key, holds in (
        ("preview_gift", decision.gift_back),
        ("preview_evidence", decision.evidence),
        ("who_human", decision.needs_human and draft.kind != "complaint"),
        ("preview_repairs", _could_be_more(turn, draft, decision)),
        ("preview_end", True),
    ):
        if holds:
            told.append(speaker_text(key))
    return told


def _could_be_more(turn: Turn, draft: Draft, decision: Decision) -> bool:
    """Return whether the law gives more than what is asked for after two repairs."""
    if draft.kind == "repair":
        return as_return(turn, draft.line_id).rule == Rule.TWO_FAILED_REPAIRS
    return draft.kind == "exchange" and decision.rule == Rule.TWO_FAILED_REPAIRS


def _money(draft: Draft, line: LineView, decision: Decision) -> str:
    back = line.fulfilment is Fulfilment.DELIVERED and draft.kind == "refund"
    days = "days_return" if back else "days_now"
    if decision.needs_human:
        days = "days_review"
    return speaker_text("preview_amount").format(
        amount=yuan(decision.amount_fen), days=speaker_text(days)
    )


def _target(draft: Draft, line: LineView) -> str:
    wanted = [
        item.variant
        for item in variants(shop_engine(), line)
        if item.sku == draft.target_sku
    ]
    return "".join(wanted)


def _keeping(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView
) -> list[Button]:
    """Offer money without sending back, where the fault allows to ask for it."""
    only = Draft("refund_only", draft.line_id, draft.reason)
    # What is not there yet cannot be sent back anyway.
    there = line.fulfilment is Fulfilment.DELIVERED and not line.digital
    if draft.kind != "refund" or draft.reason not in FAULTY or not there:
        return []
    if not is_allowed(turn, only):
        return []
    return [(speaker.label("button", "keep_goods"), inform(case_kind="refund_only"))]
