"""What a customer said stays out of every line of a log, however it is written."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from aftercare.cover import cover, cover_logs
from tests.trust.canaries import canaries, found_in


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What handlers of this process write, the filter being on."""
    monkeypatch.setattr(logging, "_logRecordFactory", logging.getLogRecordFactory())
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    cover_logs()
    logger = logging.getLogger("canary")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def test_whatever_a_line_is_made_of_it_is_covered(records: list[str]) -> None:
    """The belt: a line that would repeat a customer's words does not."""
    log = logging.getLogger("canary")
    for number, one in enumerate(canaries(40)):
        text = one.says(number)
        log.debug("said %s", text)
        log.info(f"{text}")
        log.warning("as json %s", json.dumps({"text": text}))
        log.error("as object %r", {"phone": one.phone, "card": int(one.bank_card)})
        log.error("%d does not fit", text)
        try:
            raise ValueError(text)
        except ValueError as error:
            log.exception("failed: %s", error)
        assert found_in("\n".join(records), [one]) == []
    assert "said ****" in records[0] or "said" in records[0]


def test_an_ordinary_line_stays_as_it_is() -> None:
    for line in (
        "turn failed: http_500",
        "GET /healthz 200 in 3 ms",
        "job purge: timed_out at 2026-11-25T03:30:00+08:00",
        "rasa ended with code -9; restart in 0 s",
    ):
        assert cover(line) == line
