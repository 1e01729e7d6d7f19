"""The console's application: every route behind its right, mounted at /api."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from aftercare.settings import Settings
from aftercare.web.console import (
    case_routes,
    customer_routes,
    inbox_routes,
    knowledge_routes,
    model_routes,
    people_routes,
    plan_routes,
    quality_routes,
    report_routes,
    returns_routes,
    review_routes,
    satisfaction_routes,
    session_routes,
    story_routes,
    talk_routes,
    training_routes,
    watch_routes,
)
from aftercare.web.console.changes import DeskLive
from aftercare.web.console.docs import add_docs
from aftercare.web.console.errors import add_handlers
from aftercare.web.console.guard import Guard
from aftercare.web.console.own_pages import OwnPages
from aftercare.web.console.traced import Traced
from aftercare.web.gateway import Gateway
from aftercare.web.shared import Windows

ROUTERS = (
    session_routes.router,
    people_routes.router,
    inbox_routes.router,
    talk_routes.router,
    case_routes.router,
    review_routes.router,
    report_routes.router,
    knowledge_routes.router,
    satisfaction_routes.router,
    plan_routes.router,
    quality_routes.router,
    training_routes.router,
    customer_routes.router,
    watch_routes.router,
    returns_routes.router,
    story_routes.router,
    model_routes.router,
)
# The only routes without a signed-in person.
PUBLIC = frozenset(
    {
        ("POST", "/session"),
        ("GET", "/invitations/{token}"),
        ("POST", "/invitations/{token}"),
        ("GET", "/share/{token}/models"),
        ("POST", "/share/{token}/session"),
    }
)


def create_console(settings: Settings, engine: Engine, gateway: Gateway) -> FastAPI:
    """Return the API; `app.state.live` sends its events.

    Raises:
        RuntimeError: a route has neither a rule nor a place in `PUBLIC`.
    """
    app = FastAPI(
        title="Aftercare", docs_url=None, redoc_url=None, openapi_url="/openapi.json"
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.gateway = gateway
    app.state.files_folder = settings.state_dir / "files"
    app.state.window = Windows(settings)
    app.state.live = DeskLive(engine, gateway)
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                _check(route)
        app.include_router(router)
    add_handlers(app)
    app.add_middleware(OwnPages)
    app.add_middleware(Traced)
    add_docs(app)
    return app


def rule_of(route: APIRoute) -> Guard | None:
    """Return the guard of a route, None where it has none."""
    for found in route.dependant.dependencies:
        if isinstance(found.call, Guard):
            return found.call
    return None


def _check(route: APIRoute) -> None:
    guard = rule_of(route)
    if guard is None:
        for method in route.methods or ():
            if (method, route.path) not in PUBLIC:
                raise RuntimeError(f"{method} {route.path} has no rule")
        return
    extra: dict[str, Any] = route.openapi_extra or {}
    route.openapi_extra = extra | {"x-right": guard.right or "signed in"}
