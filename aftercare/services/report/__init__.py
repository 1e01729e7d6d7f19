"""The weekly report: one HTML page and one PDF, with pictures."""

from aftercare.services.report.gather import Week, gather
from aftercare.services.report.render import write_report

__all__ = ["Week", "gather", "write_report"]
