"""Names that are guessed find nothing, and times do not tell what exists."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aftercare.domain.errors import AftercareError
from aftercare.domain.policy_rules import load_rules
from aftercare.services import access, cases, history
from aftercare.services.access import Viewer
from aftercare.services.files import find_file
from aftercare.services.knowledge.answers import note_helpful
from aftercare.settings import Settings
from aftercare.store.unit_of_work import write
from tests.trust.profile import SOAK, size
from tests.trust.world import World

# A difference a patient guesser could see through a network.
SEEN_MS = 10.0
STORES = ["sqlite", "postgresql"] if SOAK else ["sqlite"]
pytestmark = pytest.mark.parametrize("shop", STORES, indirect=True)


def lookups(world: World, state: Path) -> dict[str, Callable[[str], Any]]:
    """Return the services that find a thing by its name, as Anna asks for it."""
    engine = world.engine
    anna = Viewer(world.anna.names["talk"], world.anna.customer)
    rules = load_rules()

    def line(name: str) -> Any:
        with write(engine) as session:
            return access.access_own_line(session, anna, name).id

    return {
        "talk": lambda name: history.owns(engine, name, anna.customer_id) or None,
        "line": line,
        "case": lambda name: cases.cancel(engine, anna, name, datetime.now(UTC)),
        "nonce": lambda name: cases.confirm(
            engine, anna, name, rules, datetime.now(UTC)
        ),
        "use": lambda name: (
            note_helpful(engine, anna.conversation_id, int(name), True) or True
        ),
        "file": lambda name: find_file(engine, state, name),
    }


def found_by(look: Callable[[str], Any], name: str) -> bool:
    try:
        return look(name) is not None
    except AftercareError:
        return False


def guesses(kind: str, world: World, pick: random.Random) -> Iterator[str]:
    """Yield names near those that exist: the next number, a letter changed."""
    known = world.bob.names[kind]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    while True:
        if kind in ("line", "case", "use"):
            digits = "".join(pick.choices("0123456789", k=pick.randint(1, 4)))
            yield known[: max(0, len(known) - len(digits) - 2)] + digits + known[-2:]
        elif pick.random() < 0.5:
            at = pick.randrange(len(known))
            yield known[:at] + pick.choice(letters) + known[at + 1 :]
        else:
            yield "".join(pick.choices(letters, k=len(known)))


def test_guessed_names_find_nothing(world: World, settings: Settings) -> None:
    pick = random.Random(20261125)
    looks = lookups(world, settings.state_dir)
    each = size("GUESSES", 300, 100_000) // len(looks)
    own = set(world.anna.names.values()) | {world.anna.names["order"] + "-2"}
    for kind, look in looks.items():
        assert not found_by(look, world.bob.names[kind]) or kind == "file"
        for name, _ in zip(guesses(kind, world, pick), range(each), strict=False):
            if name not in own and name not in world.bob.names.values():
                if kind == "use" and not name.isdigit():
                    continue
                assert not found_by(look, name), (kind, name)
    # Anna's own things are found: the looks can find.
    assert all(
        found_by(look, world.anna.names[kind])
        for kind, look in looks.items()
        if kind not in ("case", "nonce")
    )


@pytest.mark.skipif(not SOAK, reason="times are compared by make soak")
def test_times_do_not_tell_anothers_thing_from_none(
    world: World, settings: Settings
) -> None:
    looks = lookups(world, settings.state_dir)
    told = {}
    for kind in ("talk", "line", "case", "nonce", "use"):
        times: dict[str, list[float]] = {"other": [], "absent": []}
        for _ in range(size("TIMES", 0, 1_000)):
            for whose, kept in times.items():
                begun = time.perf_counter()
                found_by(looks[kind], world.name(kind, whose))
                kept.append((time.perf_counter() - begun) * 1000)
        told[kind] = {
            whose: (statistics.median(kept), statistics.quantiles(kept, n=20)[-1])
            for whose, kept in times.items()
        }
    print(told)  # noqa: T201 - the figures are what the full profile is for
    for kind, found in told.items():
        apart = abs(found["other"][0] - found["absent"][0])
        assert apart < SEEN_MS, (kind, found)
