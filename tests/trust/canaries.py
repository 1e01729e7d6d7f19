"""Personal data of people who do not exist, each value only once in the world."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analytics.text.checks import bank_card, id_card

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("canaries.yml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Canary:
    """One invented person."""

    name: str
    phone: str
    id_card: str
    bank_card: str
    address: str

    def says(self, number: int) -> str:
        """Return a sentence in which this person gives themselves away."""
        sentence: str = WORDS["says"][number % len(WORDS["says"])]
        return sentence.format(
            name=self.name,
            phone=self.phone,
            id_card=self.id_card,
            bank_card=self.bank_card,
            address=self.address,
        )

    @property
    def values(self) -> tuple[str, ...]:
        """Return what must not be found again."""
        return (self.name, self.phone, self.id_card, self.bank_card, self.address)


def canaries(count: int, seed: int = 20261125) -> list[Canary]:
    """Return invented people; numbers have right check digits."""
    pick = random.Random(seed)
    return [_canary(pick) for _ in range(count)]


def _canary(pick: random.Random) -> Canary:
    digits = lambda n: "".join(pick.choices("0123456789", k=n))  # noqa: E731
    road = f"{pick.choice(WORDS['roads'])}{pick.randint(1, 99999)}号"
    return Canary(
        name=pick.choice(WORDS["families"]) + pick.choice(WORDS["given"]),
        phone=f"1{pick.choice('3578')}{digits(9)}",
        id_card=_checked(f"330106{pick.randint(1950, 2005)}0{digits(1)}", pick),
        bank_card=next(
            number
            for number in (f"622202{digits(13)}" for _ in range(10_000))
            if bank_card(number)
        ),
        address=pick.choice(WORDS["towns"]) + road,
    )


def _checked(start: str, pick: random.Random) -> str:
    """Return an identity number of a day that exists, with its check sign."""
    while True:
        month, day = pick.randint(1, 12), pick.randint(1, 28)
        body = f"{start[:10]}{month:02d}{day:02d}{pick.randint(0, 999):03d}"
        for sign in "0123456789X":
            if id_card(body + sign):
                return body + sign


def found_in(text: str, people: list[Canary]) -> list[str]:
    """Return the planted values a text holds, as written or as JSON escapes them."""
    return [
        value
        for one in people
        for value in one.values
        if value in text or json.dumps(value)[1:-1] in text
    ]
