"""What a customer said stays out of every log, whoever writes the line.

One place for all processes, Rasa's too: it works on the records themselves, before
any handler or format. It imports nothing of ours but `analytics.text`, and runs on
Python 3.10, so that it can be used inside Rasa.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from analytics.text import mask

# Kinds found by their signs alone, cheap enough for every line of a log.
BY_SIGNS = (
    "id_card",
    "bank_card",
    "phone",
    "email",
    "order_number",
    "tracking_number",
    "account",
)
# Our own lines are English: words in another script are a customer's, or name one,
# and no list of names is complete. Also as JSON writes them, and as bytes.
FOREIGN = re.compile(
    r"(?:[^\x00-\x7f]|\\u[0-9a-fA-F]{4}|\\x[89a-fA-F][0-9a-fA-F]|%[89a-fA-F][0-9a-fA-F])+"
)
COVER = "****"
# Its format takes the arguments apart, so they are covered one by one.
ACCESS = "uvicorn.access"
Factory = Callable[..., logging.LogRecord]


def cover(text: str) -> str:
    """Return a text without personal numbers and without words outside ASCII."""
    return FOREIGN.sub(COVER, mask(text, BY_SIGNS))


def cover_logs() -> None:
    """Cover every record of this process from now on, warnings and crashes too."""
    made: Factory = logging.getLogRecordFactory()
    if not getattr(made, "covers", False):
        logging.setLogRecordFactory(_covering(made))
    logging.captureWarnings(True)
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


def _covering(made: Factory) -> Factory:
    def record_of(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = made(*args, **kwargs)
        if record.name == ACCESS and isinstance(record.args, tuple):
            record.args = tuple(
                cover(item) if isinstance(item, str) else item for item in record.args
            )
        else:
            record.msg, record.args = cover(_said(record)), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = cover(
                "".join(traceback.format_exception(*record.exc_info))
            )
        return record

    record_of.covers = True  # type: ignore[attr-defined]
    return record_of


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        # Arguments that do not fit: logging would print them, uncovered.
        return str(record.msg)


def _crashed(
    kind: type[BaseException], error: BaseException, frames: TracebackType | None
) -> None:
    sys.stderr.write(cover("".join(traceback.format_exception(kind, error, frames))))


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and crash.exc_type is not SystemExit:
        _crashed(crash.exc_type, crash.exc_value, crash.exc_traceback)
