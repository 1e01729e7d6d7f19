"""Asking the running Rasa to take another model into use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.assistant.serving import digest
from aftercare.settings import Settings

# A model takes seconds to load, on a busy machine a minute.
LIMIT_S = 180.0


def loader(settings: Settings) -> Callable[[Path], None]:
    """Return what loads a model file beside the one in use and swaps them.

    It raises AftercareError ILLEGAL_MOVE with Rasa's reason, or that it is away.
    """

    def load(path: Path) -> None:
        # Every worker takes it, one after the other: the rest go on answering.
        for address in settings.rasa_addresses:
            load_at(address, path)

    def load_at(address: str, path: Path) -> None:
        body = {"path": str(path.resolve()), "sha256": digest(path)}
        try:
            answer = httpx.put(
                f"{address}/webhooks/aftercare/model",
                json=body,
                headers={"authorization": f"Bearer {settings.internal_secret}"},
                timeout=LIMIT_S,
                trust_env=False,
            )
        except httpx.TransportError as error:
            raise AftercareError(Reason.ILLEGAL_MOVE, "rasa is away") from error
        if answer.status_code != httpx.codes.OK:
            raise AftercareError(Reason.ILLEGAL_MOVE, _reason(answer))

    return load


def loaded(settings: Settings) -> str | None:
    """Return the name of the model that Rasa answers with, None where it is away."""
    try:
        answer = httpx.get(
            f"{settings.rasa_url}/webhooks/aftercare/", timeout=5, trust_env=False
        )
        name = answer.json().get("name")
    except (httpx.TransportError, ValueError):
        return None
    return str(name) if name else None


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return f"http_{answer.status_code}"
