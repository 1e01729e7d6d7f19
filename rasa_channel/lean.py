"""Spare each turn what stock Rasa does again and again to our own action server.

Rasa builds a JSON schema from all its event classes and walks the answer with it
at every action call: measured, more than half of a turn. Our action server is our
own code on loopback, so the outline of an answer is checked here; a wrong event
still fails when Rasa reads it. And for every stored event it reads, Rasa looks for
the event's class among all subclasses anew: they are the same for a whole process.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rasa.shared.utils.common
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from rasa_channel.calls import call_body, warm_session
from rasa_channel.runner import run


def check_outline(_: RemoteAction, result: Any) -> bool:
    """Return True for an answer with lists of events and responses.

    Raises:
        RasaException: anything else, so that the turn fails and says so.
    """
    if isinstance(result, dict) and all(
        isinstance(result.get(name), list) for name in ("events", "responses")
    ):
        return True
    raise RasaException("the action server's answer has no events and responses")


def lean() -> None:
    """Put the quicker ways in the place of Rasa's; once per process."""
    RemoteAction._validate_action_result = check_outline
    RemoteAction._action_call_format = call_body
    EndpointConfig.session = warm_session
    DaskGraphRunner.run = run
    common = rasa.shared.utils.common
    if not hasattr(common.all_subclasses, "cache_info"):
        common.all_subclasses = lru_cache(maxsize=None)(common.all_subclasses)
