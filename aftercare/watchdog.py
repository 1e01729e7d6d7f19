"""Notices a process that lives but no longer answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import httpx

from aftercare.settings import Settings

EVERY_S = 10.0
ANSWER_S = 5.0
# Rasa works on one turn at a time, so a busy one may stay silent for a while.
SILENT_LIMIT_S = 60.0


@dataclass
class Watchdog:
    """Asks every part in turn, and remembers since when one is silent."""

    settings: Settings
    asked_at: float = 0.0
    silent_since: dict[str, float] = field(default_factory=dict)

    def hung(self, now: float) -> list[str]:
        """Return the names of the parts that have been silent for too long.

        Asks at most every `EVERY_S` seconds of the monotonic clock `now`; a
        part that is returned starts afresh.
        """
        if now - self.asked_at < EVERY_S:
            return []
        self.asked_at = now
        found = []
        for name, url in self._urls().items():
            if _answers(url):
                self.silent_since.pop(name, None)
            elif now - self.silent_since.setdefault(name, now) >= SILENT_LIMIT_S:
                found.append(name)
                self.forget(name)
        return found

    def forget(self, name: str) -> None:
        """Give a part that was just started its time."""
        self.silent_since[name] = time.monotonic()

    def _urls(self) -> dict[str, str]:
        settings = self.settings
        found = {}
        for name, port, workers, path in (
            ("rasa", settings.rasa_port, settings.rasa_workers, "webhooks/aftercare/"),
            ("actions", settings.actions_port, settings.actions_workers, "health"),
            ("web", settings.web_port, settings.web_workers, "healthz"),
        ):
            for number in range(workers):
                address = f"http://127.0.0.1:{port + number}/{path}"
                found[f"{name}-{number + 1}" if number else name] = address
        return found


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=ANSWER_S, trust_env=False)
    except httpx.TransportError:
        return False
    # A refusal is an answer too: the process works.
    return True
