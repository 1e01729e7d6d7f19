"""What part a word can play in an address, a sum or a day."""

from __future__ import annotations

from functools import cache, lru_cache

from analytics.text.tables import table

WEAK_LENGTH = 2
SHORT_CODE = 4  # "A", "B2", "3F": a building or a door


def role(word: str, tag: str) -> str:
    """Return a word's role, or "" for one that ends any address.

    ``region`` 省市区县, ``town`` a place name of the dictionary, ``street``
    路街镇村, ``site`` 小区大厦, ``unit`` 号栋室, ``num`` 12 or 3A, ``figure``
    十二, ``fill`` a noun that may be a name, ``weak`` a word that is one only
    between parts of an address, ``joint`` a space or a dash.
    """
    if word in _set("joints"):
        return "joint"
    if word[0].isdigit() or (word.isascii() and word.isalnum()):
        return "num" if _code(word) else "fill" if word.isalnum() else "num"
    if all(sign in _figures() for sign in word):
        return "figure"
    if word in _set("unit"):
        return "unit"
    ending = _ending(word)
    if ending:
        return ending
    if tag == "ns":
        return "town"
    if tag in _set("fill"):
        return "fill"
    return "weak" if tag in _set("weak") and len(word) <= WEAK_LENGTH else ""


def _code(word: str) -> bool:
    return word.isdigit() or len(word) <= SHORT_CODE


@lru_cache(maxsize=8192)
def _ending(word: str) -> str:
    lists = table("places")
    for name in ("region", "street", "site"):
        for ending in lists[name]:
            if word.endswith(ending):
                bare = len(word) == len(ending)
                if bare or word not in _set("never"):
                    return name
    return ""


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(table("places")[name])


@cache
def _figures() -> frozenset[str]:
    return frozenset(str(table("spoken")["figures"]))
