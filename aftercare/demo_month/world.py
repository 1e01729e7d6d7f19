"""What every story needs: the shop, its rules, its people and the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy import Engine

from aftercare.demo_month.clock import Clock
from aftercare.demo_month.plan import Visit
from aftercare.demo_month.team import Team
from aftercare.domain.policy_rules import Rules, load_rules
from aftercare.services.knowledge.answers import Librarian

# What marks a talk of ours; the rest of its id cannot be guessed.
PREFIX = "month-"


@dataclass
class World:
    """The shop as the stories see it; `talks` are the visits by conversation."""

    engine: Engine
    team: Team
    seed: int
    clock: Clock = field(default_factory=Clock)
    rules: Rules = field(default_factory=load_rules)
    talks: dict[str, Visit] = field(default_factory=dict)
    librarian: Librarian = field(init=False)

    def __post_init__(self) -> None:
        """Open the articles; by words alone, for no model need be there."""
        self.librarian = Librarian(self.engine)

    def random(self, *about: object) -> Random:
        """Return draws of their own for one matter, whatever else is drawn."""
        return Random(":".join(map(str, (self.seed, *about))))


@dataclass
class Talk:
    """One running conversation: whose it is, its draws, and the moment it is at."""

    world: World
    visit: Visit
    id: str
    customer_id: str | None
    random: Random
    at: datetime
    nonce: str = ""
    refused: bool = False
    case_no: str = ""
    part: str = "talk"
    said: int = 0

    def key(self) -> str:
        """Return the next client id, the same in every run."""
        self.said += 1
        return f"month-{self.part}-{self.said}"

    def facts(self) -> dict[str, str]:
        """Return what the texts may name."""
        piece = self.visit.piece
        if piece is None:
            return dict.fromkeys(("item", "title", "order", "carrier", "tracking"), "")
        return {
            "item": piece.item,
            "title": piece.title,
            "order": piece.order_no,
            "carrier": piece.carrier,
            "tracking": piece.tracking,
        }
