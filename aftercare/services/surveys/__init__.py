"""Asking customers how it was: once, in time, and with something done about it."""

from aftercare.services.surveys.answers import answer_here
from aftercare.services.surveys.ask import ask_due, ask_on_visit, plan

__all__ = ["answer_here", "ask_due", "ask_on_visit", "plan"]
