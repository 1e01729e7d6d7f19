"""The console's places as its front end lists them, and who may see each."""

from __future__ import annotations

import re

from aftercare.services.console.rights import RIGHTS, Right, Role
from aftercare.settings import ROOT

SOURCE = ROOT / "frontend" / "console" / "places.ts"
LINE = re.compile(r'name: "(?P<name>[a-z-]+)", right: "(?P<right>[a-z.]+)"')
PLACES: dict[str, Right] = {
    found["name"]: Right(found["right"])
    for found in LINE.finditer(SOURCE.read_text("utf-8"))
}


def seen_by(role: Role) -> list[str]:
    """Return the places a role finds in its menu."""
    return [name for name, right in PLACES.items() if right in RIGHTS[role]]
