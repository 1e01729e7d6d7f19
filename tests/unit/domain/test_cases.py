"""Case state machines: the way through, and every illegal move."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aftercare.domain.cases import MOVES, Case, CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason

NOW = datetime(2026, 3, 2, tzinfo=UTC)
S = CaseState
FINAL = {S.DONE, S.REFUSED, S.CANCELLED}


def walk(case: Case, *states: CaseState) -> Case:
    for state in states:
        case = case.move(state, actor="bot", rule="r", at=NOW)
    return case


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        (CaseKind.REFUND_ONLY, (S.APPROVED, S.DONE)),
        (
            CaseKind.RETURN_REFUND,
            (S.APPROVED, S.AWAITING_GOODS, S.GOODS_RECEIVED, S.DONE),
        ),
        (
            CaseKind.REPAIR,
            (
                S.APPROVED,
                S.AWAITING_GOODS,
                S.GOODS_RECEIVED,
                S.IN_REPAIR,
                S.SENT_BACK,
                S.DONE,
            ),
        ),
    ],
)
def test_the_way_through_leaves_a_history(
    kind: CaseKind, way: tuple[CaseState, ...]
) -> None:
    case = walk(Case("C1", "l1", kind), *way)
    assert tuple(event.after for event in case.history) == way
    assert case.history[0].before is S.OPEN


@pytest.mark.parametrize("kind", list(CaseKind))
def test_every_move_not_listed_is_refused(kind: CaseKind) -> None:
    for state in CaseState:
        for to in set(CaseState) - MOVES[kind].get(state, frozenset()):
            case = Case("C1", "l1", kind, state)
            with pytest.raises(AftercareError) as caught:
                walk(case, to)
            assert caught.value.reason is Reason.ILLEGAL_MOVE
            assert case.history == ()


@pytest.mark.parametrize("kind", list(CaseKind))
def test_every_case_can_end_and_ends_are_final(kind: CaseKind) -> None:
    reachable, frontier = {S.OPEN}, {S.OPEN}
    while frontier:
        frontier = {t for s in frontier for t in MOVES[kind].get(s, ())} - reachable
        reachable |= frontier
    assert reachable >= FINAL
    assert not FINAL & set(MOVES[kind])
    assert set(MOVES[kind]) == reachable - FINAL


def test_goods_that_came_back_cannot_be_cancelled_away() -> None:
    case = Case("C1", "l1", CaseKind.RETURN_REFUND, S.GOODS_RECEIVED)
    with pytest.raises(AftercareError):
        walk(case, S.CANCELLED)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Case("C1", "l1", CaseKind.REPAIR).move(
            S.APPROVED, actor="a", rule="r", at=datetime(2026, 3, 2)
        )
