"""What all actions of a process share: the database and the rules in force."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine

from aftercare.domain.policy_rules import Rules, load_rules
from aftercare.settings import get_settings
from aftercare.store.engine import make_engine


@lru_cache(maxsize=1)
def shop_engine() -> Engine:
    """Return the engine of this process."""
    return make_engine(get_settings().database_url)


@lru_cache(maxsize=1)
def shop_rules() -> Rules:
    """Return the rules in force."""
    return load_rules()
