"""The gateway of the web tests."""

from tests.unit.web.conftest import gate, rasa, settings, up

__all__ = ["gate", "rasa", "settings", "up"]
