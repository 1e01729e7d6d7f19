"""The list of the forgotten, outside the database: a restored backup is older.

Only salted hashes stand in it, so it names nobody.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

NAME = "forgotten.txt"


def remember(state: Path, customer_id: str) -> None:
    """Note that a customer was forgotten; noted twice is noted once."""
    salt, known = _read(state)
    mark = _hash(salt, customer_id)
    if mark in known:
        return
    with (state / NAME).open("a", encoding="ascii") as file:
        file.write(f"{mark}\n")


def is_forgotten(state: Path, customer_ids: list[str]) -> list[str]:
    """Return those of the customers that were forgotten before."""
    if not (state / NAME).exists():
        return []
    salt, known = _read(state)
    return [one for one in customer_ids if _hash(salt, one) in known]


def _read(state: Path) -> tuple[str, set[str]]:
    path = state / NAME
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{secrets.token_hex(16)}\n", encoding="ascii")
        path.chmod(0o600)
    salt, *marks = path.read_text(encoding="ascii").split()
    return salt, set(marks)


def _hash(salt: str, customer_id: str) -> str:
    return hashlib.scrypt(
        customer_id.encode(), salt=salt.encode(), n=2**10, r=8, p=1
    ).hex()
