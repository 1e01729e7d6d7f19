"""What a customer can do instead, when a request is refused."""

from __future__ import annotations

from datetime import datetime

from aftercare.domain.decisions import Problem, Request
from aftercare.domain.orders import OrderLine
from aftercare.domain.policy import decide
from aftercare.domain.rulebook import Rules

# Best for the customer first; a complaint is always open and comes last.
_ORDER = (Request.RETURN, Request.EXCHANGE, Request.REPAIR, Request.RESHIP)
# Offered under the condition that the goods turn out to have a fault.
_IF_FAULTY = frozenset({Request.EXCHANGE, Request.REPAIR})


def alternatives(
    line: OrderLine,
    request: Request,
    *,
    faulty: bool,
    rules: Rules,
    now: datetime,
    problem: Problem = Problem.NONE,
) -> list[Request]:
    """Return the other requests the rules would allow, best first.

    Exchange and repair are weighed as for faulty goods: the customer is told
    "if something is wrong with it". A reship needs a problem on the way.

    Raises:
        ValueError: as `decide`.
    """
    found = []
    for other in _ORDER:
        if other is request or (other is Request.RESHIP and problem is Problem.NONE):
            continue
        assumed = faulty or other in _IF_FAULTY
        decision = decide(
            line, other, faulty=assumed, rules=rules, now=now, problem=problem
        )
        if decision.allowed:
            found.append(other)
    return [*found, Request.COMPLAINT] if request is not Request.COMPLAINT else found
