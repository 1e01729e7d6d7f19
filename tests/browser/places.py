"""The console's places as its front end lists them, and who may see each."""

from __future__ import annotations

import re

from sqlalchemy import select

from aftercare.domain.conversation import Owner
from aftercare.services.console.rights import RIGHTS, Right, Role
from aftercare.settings import ROOT
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read
from tests.integration.stack import Stack

SOURCE = ROOT / "frontend" / "console" / "places.ts"
LINE = re.compile(r'name: "(?P<name>[a-z-]+)", right: "(?P<right>[a-z.]+)"')
# The customer with orders of every kind, who asks for a person.
ASKS = "C-DEMO-1"
PLACES: dict[str, Right] = {
    found["name"]: Right(found["right"])
    for found in LINE.finditer(SOURCE.read_text("utf-8"))
}


def handed_over(stack: Stack) -> str:
    """Return the talk of the month that asked for a person, whoever has it now."""
    with read(stack.engine) as session:
        found = select(ConversationRow.id).where(
            ConversationRow.customer_id == ASKS, ConversationRow.owner != Owner.CLOSED
        )
        return session.scalars(found).one()


def seen_by(role: Role) -> list[str]:
    """Return the places a role finds in its menu."""
    return [name for name, right in PLACES.items() if right in RIGHTS[role]]
