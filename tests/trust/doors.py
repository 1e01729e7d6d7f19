"""Every way in, read from the code: routes, socket events, actions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import socketio
import yaml
from fastapi.routing import APIRoute
from rasa_sdk.executor import ActionExecutor
from starlette.routing import Mount

from actions.base import ServiceAction
from aftercare.web.console.app import rule_of

DECLARED: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("doors.yml").read_text(encoding="utf-8")
)


def http_doors(app: socketio.ASGIApp) -> dict[str, str]:
    """Return "METHOD /path" of every route, mounted ones too, with what it is.

    A console's route with a right is "staff"; others are what `doors.yml` says,
    "" where it says nothing.
    """
    found = {}
    for door, route in _routes(app.other_asgi_app.routes, ""):
        guarded = isinstance(route, APIRoute) and rule_of(route) is not None
        found[door] = "staff" if guarded else DECLARED["http"].get(door, "")
    return dict(sorted(found.items()))


def _routes(routes: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for route in routes:
        if isinstance(route, Mount):
            if not route.routes:
                yield f"MOUNT {prefix}{route.path}/", route
            yield from _routes(route.routes, prefix + route.path)
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes, prefix)
        else:
            for method in sorted(route.methods):
                if method not in ("HEAD", "OPTIONS"):
                    yield f"{method} {prefix}{route.path}", route


def socket_doors(app: socketio.ASGIApp) -> dict[str, list[str]]:
    """Return the events of every namespace."""
    handlers = app.engineio_server.handlers
    return {space: sorted(events) for space, events in sorted(handlers.items())}


def all_actions() -> dict[str, ServiceAction]:
    """Return every action the server would register, by name."""
    executor = ActionExecutor()
    executor.register_package("actions")
    found = {}
    for name, run in executor.actions.items():
        owner = inspect.unwrap(run).__self__  # type: ignore[attr-defined]
        assert isinstance(owner, ServiceAction), name
        found[name] = owner
    return found
