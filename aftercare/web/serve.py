"""The web process as uvicorn starts it: logs and traces first, then the application."""

from __future__ import annotations

from starlette.types import ASGIApp

from aftercare import logs, telemetry
from aftercare.settings import get_settings
from aftercare.web.app import create_app


def application() -> ASGIApp:
    """Return the application of a process of its own."""
    settings = get_settings()
    logs.configure(settings, "web")
    telemetry.configure(settings, "web")
    return create_app(settings)
