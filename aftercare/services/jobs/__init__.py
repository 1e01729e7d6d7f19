"""Scheduled work, once however many processes there are."""

from aftercare.services.jobs.registry import JOBS, Context, Job, find
from aftercare.services.jobs.runs import beat, claim, finish, recent

__all__ = ["JOBS", "Context", "Job", "beat", "claim", "find", "finish", "recent"]
