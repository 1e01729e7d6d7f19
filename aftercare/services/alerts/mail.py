"""Alerts by e-mail, where the shop has set a mail server."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from sqlalchemy import Engine, select

from aftercare.services.alerts.types import Mailbox
from aftercare.store.alerts import AlertRow
from aftercare.store.unit_of_work import read, write

log = logging.getLogger(__name__)
WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "mail.yml").read_text(encoding="utf-8")
)
TIMEOUT_S = 10.0
# After a long stop nobody wants yesterday's news by mail.
SINCE = timedelta(hours=24)


def mail_new(engine: Engine, box: Mailbox | None, now: datetime) -> int:
    """Send one mail with the alerts nobody was told of; return how many they are.

    Without a mail server nothing is sent and nothing marked. A mail that fails
    is tried with the next run.
    """
    if box is None or not box.url or not box.to:
        return 0
    with read(engine) as session:
        rows = session.scalars(
            select(AlertRow)
            .where(
                AlertRow.mailed_at.is_(None),
                AlertRow.raised_at > now - SINCE,
                AlertRow.state == "open",
            )
            .order_by(AlertRow.id)
        ).all()
    if not rows:
        return 0
    try:
        _send(box, _message(box, rows))
    except (OSError, smtplib.SMTPException) as error:
        log.error("alerts not mailed: %s", type(error).__name__)
        return 0
    with write(engine) as session:
        for row in rows:
            session.get_one(AlertRow, row.id).mailed_at = now
    return len(rows)


def _message(box: Mailbox, rows: Sequence[AlertRow]) -> EmailMessage:
    """Return the mail: kinds and numbers alone, no customer's words or names."""
    mail = EmailMessage()
    mail["Subject"] = WORDS["subject"].format(count=len(rows))
    mail["From"], mail["To"] = box.sender, ", ".join(box.to)
    lines = [
        WORDS["line"].format(
            kind=WORDS["kinds"].get(row.kind, row.kind),
            subject=row.figures.get("title")
            or WORDS["intents"].get(row.subject, row.subject),
            seen=row.figures.get("seen", "-"),
            usual=row.figures.get("usual", "-"),
            propose=WORDS["propose"].get(row.kind, ""),
        )
        for row in rows
    ]
    mail.set_content("\n".join([*lines, "", WORDS["end"]]))
    return mail


def _send(box: Mailbox, mail: EmailMessage) -> None:
    at = urlsplit(box.url)
    host, port = at.hostname or "localhost", at.port or 25
    kind = smtplib.SMTP_SSL if at.scheme == "smtps" else smtplib.SMTP
    with kind(host, port, timeout=TIMEOUT_S) as server:
        if at.username:
            if at.scheme != "smtps":
                server.starttls()
            server.login(unquote(at.username), unquote(at.password or ""))
        server.send_message(mail)
