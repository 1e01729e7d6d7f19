"""What is no longer needed goes: conversations, buttons, sessions, old tries."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, func, select

from aftercare.domain.conversation import Owner
from aftercare.services import outbox, proof_tries
from aftercare.services.rights.forget import (
    attachment_files,
    erase_talks,
    forget_customer,
)
from aftercare.services.rights.holdings import customer_ids, of_conversations
from aftercare.services.rights.ledger import is_forgotten
from aftercare.services.rights.orphans import sweep
from aftercare.services.rights.tracker import forget_events, tracker_url
from aftercare.store import leases
from aftercare.store.cases import ConfirmationRow
from aftercare.store.console import ConsoleSessionRow, DeliveryRow
from aftercare.store.engine import empty_log
from aftercare.store.jobs import JobRunRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.sealing import head_of
from aftercare.store.unit_of_work import read, write

log = logging.getLogger("aftercare.purge")
SHORT = timedelta(days=30)
# So many conversations go at once: tens of milliseconds of the lock customers wait for.
BATCH = 50
# The files and Rasa's memory of so many go together: that memory is another file.
TOGETHER = 500


def purge(
    engine: Engine,
    state: Path,
    now: datetime,
    talk_days: int,
    tracker: str | None = None,
) -> dict[str, int]:
    """Delete what is past its time and return how much of each.

    Conversations go `talk_days` after their last message; buttons, deliveries
    and ended console sessions after thirty days. A conversation that waits for
    a person is never purged.
    """
    memory = tracker or tracker_url(state)
    old = now - timedelta(days=talk_days)
    gone = {"conversations": _talks(engine, state, memory, old)}
    before = now - SHORT
    gone["never_begun"] = _never_begun(engine, before)
    with write(engine) as session:
        for name, query in (
            (
                "confirmations",
                delete(ConfirmationRow).where(ConfirmationRow.created_at < before),
            ),
            ("deliveries", delete(DeliveryRow).where(DeliveryRow.at < before)),
            (
                "sessions",
                delete(ConsoleSessionRow).where(ConsoleSessionRow.expires_at < before),
            ),
            ("job_runs", delete(JobRunRow).where(JobRunRow.started_at < before)),
        ):
            gone[name] = session.execute(query).rowcount  # type: ignore[attr-defined]
    gone["events"] = outbox.drop_old(engine, now)
    gone["order_tries"] = proof_tries.drop_old(engine, now)
    _note_the_record(engine)
    gone["leases"] = leases.drop_old(engine, SHORT.total_seconds())
    gone |= sweep(engine, state, memory, now)
    empty_log(engine)
    return gone


def forget_again(engine: Engine, state: Path, tracker: str | None = None) -> int:
    """Forget whom a restored backup brought back; return how many."""
    with read(engine) as session:
        everyone = customer_ids(session)
    back = is_forgotten(state, everyone)
    for customer_id in back:
        forget_customer(engine, state, customer_id, open_cases=True, tracker=tracker)
    return len(back)


def _note_the_record(engine: Engine) -> None:
    """Say in the log where the audit chain ends, out of the database's reach."""
    place, seal = head_of(engine)
    # In letters alone: runs of figures are covered in logs, and this is no secret.
    shown = seal.translate(str.maketrans("0123456789", "ghijklmnop"))
    fields = {"rows": place, "seal": shown}
    log.info("audit record ends", extra={"fields": fields})


def _never_begun(engine: Engine, before: datetime) -> int:
    """Delete conversations nobody ever spoke in; every page that is opened makes one.

    They have no last message, so their own age counts, where it was noted.
    """
    made = ConversationRow.created_at
    empty = (
        ConversationRow.owner == Owner.NEW,
        ConversationRow.next_seq == 1,
        made.is_(None) | (made < before),
    )
    total = 0
    while True:
        with read(engine) as session:
            query = select(ConversationRow.id).where(*empty)
            talks = set(session.scalars(query.limit(BATCH)))
        if not talks:
            return total
        with write(engine) as session:
            # Somebody may have spoken since.
            still = select(ConversationRow.id).where(
                *empty, ConversationRow.id.in_(talks)
            )
            quiet = set(session.scalars(still.with_for_update()))
            erase_talks(session, of_conversations(session, quiet))
        total += len(quiet)


def _talks(engine: Engine, state: Path, memory: str, before: datetime) -> int:
    last = (
        select(func.max(MessageRow.at))
        .where(MessageRow.conversation_id == ConversationRow.id)
        .scalar_subquery()
    )
    idle = ConversationRow.owner.not_in((Owner.WAITING, Owner.HUMAN))
    total = 0
    while True:
        with read(engine) as session:
            query = select(ConversationRow.id).where(idle, last < before)
            talks = list(session.scalars(query.limit(TOGETHER)))
        if not talks:
            return total
        gone: set[str] = set()
        for start in range(0, len(talks), BATCH):
            part = ConversationRow.id.in_(talks[start : start + BATCH])
            with write(engine) as session:
                # Somebody may have spoken since.
                still = select(ConversationRow.id).where(idle, last < before, part)
                quiet = set(session.scalars(still.with_for_update()))
                person = of_conversations(session, quiet)
                files = attachment_files(session, person, state)
                erase_talks(session, person)
            for file in files:
                file.unlink(missing_ok=True)
            gone |= quiet
        forget_events(memory, gone)
        total += len(gone)
