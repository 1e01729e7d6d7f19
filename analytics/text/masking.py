"""Personal data covered up, by kind."""

from __future__ import annotations

from collections.abc import Collection

from analytics.text.extract import Entity, extract
from analytics.text.tables import table

COVER = "****"


def mask(text: str, kinds: Collection[str] | None = None) -> str:
    """Return ``text`` with what is personal in it covered (``data/mask.yml``).

    ``kinds`` narrows it to some of `extract.KINDS`; without names and addresses
    it needs no dictionary. Masked text stays as it is when it is masked again.
    """
    rules = table("mask")
    wanted = [kind for kind in rules if kinds is None or kind in kinds]
    made: list[str] = []
    done = 0
    for entity in extract(text, wanted):
        made.append(text[done : entity.start])
        made.append(cover(text[entity.start : entity.end], rules[entity.kind]))
        done = entity.end
    return "".join(made) + text[done:] if made else text


def cover(text: str, rule: dict[str, int]) -> str:
    """Return ``text`` with its middle covered; of a short one only the front stays."""
    front, back = rule["front"], rule["back"]
    if len(text) <= front + back:
        back = 0
    return text[:front] + COVER + (text[-back:] if back else "")


def personal(entity: Entity) -> bool:
    """Return whether an entity is of a kind that masking covers."""
    return entity.kind in table("mask")
