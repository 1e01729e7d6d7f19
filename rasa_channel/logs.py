"""Rasa's logs as JSON lines, like the application's, where that is set."""

from __future__ import annotations

import json
import logging
import os
import time

from rasa_channel.trace import watched


class JsonLines(logging.Formatter):
    """One JSON object a line, with the trace of the turn that wrote it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line; of a failure its class, never its words."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "at": f"{at}.{record.msecs:03.0f}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "part": "rasa",
            "event": record.getMessage(),
        }
        found = watched()
        if found is not None and found.trace:
            line["trace"] = found.trace
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def json_logs() -> None:
    """Change the form of this process's log lines, where the setting says so."""
    if os.environ.get("AFTERCARE_LOG_FORMAT") != "json":
        return
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines())
