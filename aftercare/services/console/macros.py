"""A canned reply that also acts: said, tagged, and the chat put where it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import beside, composer, takeover
from aftercare.services.console.audit import Actor
from aftercare.services.console.desk import Step
from aftercare.services.console.transcript import holds
from aftercare.services.conversations import Message, as_message
from aftercare.store.console import CannedRow
from aftercare.store.desk import TagRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read


@dataclass(frozen=True, slots=True)
class Ran:
    """What was said, and the step the conversation went after it."""

    said: Message
    step: Step | None


def run(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    canned_id: int,
    *,
    client_id: str,
    text: str,
    now: datetime,
    attachment_id: str | None = None,
    confirmed: bool = False,
) -> Ran:
    """Say a reply as it was edited, then do what the reply is kept with.

    A repeat of the client id says nothing twice and goes on where it stopped.

    Raises:
        AftercareError: NOT_FOUND for no such reply, and as `composer.send`.
    """
    after, done = _before(engine, actor, talk_id, canned_id, client_id)
    if done is not None:
        return Ran(done, None)
    said = composer.send(
        engine,
        actor,
        talk_id,
        client_id=client_id,
        text=text,
        attachment_id=attachment_id,
        confirmed=confirmed,
        now=now,
    )
    if after.get("tags"):
        tags = _tags(engine, talk_id) | set(after["tags"])
        beside.set_tags(engine, actor, talk_id, sorted(tags), now)
    return Ran(said, _end(engine, actor, talk_id, after, now))


def _before(
    engine: Engine, actor: Actor, talk_id: str, canned_id: int, client_id: str
) -> tuple[dict[str, Any], Message | None]:
    """Return what is to be done, and the message of a run that was finished."""
    with read(engine) as session:
        row = session.get(CannedRow, canned_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        known = session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == talk_id,
                MessageRow.client_id == composer.PREFIX + client_id,
            )
        )
        talk = session.get(ConversationRow, talk_id)
        if talk is None or known is None or holds(session, actor, talk):
            return row.after or {}, None
        return {}, as_message(known)


def _tags(engine: Engine, talk_id: str) -> set[str]:
    with read(engine) as session:
        query = select(TagRow.tag).where(TagRow.conversation_id == talk_id)
        return set(session.scalars(query))


def _end(
    engine: Engine, actor: Actor, talk_id: str, after: dict[str, Any], now: datetime
) -> Step | None:
    end = after.get("end")
    if end == "close":
        reason = str(after["reason"])
        return takeover.close(engine, actor, talk_id, now, reason=reason)
    if end == "give_back":
        return takeover.give_back(engine, actor, talk_id, now, to=Owner.BOT)
    if end == "snooze":
        return takeover.snooze(engine, actor, talk_id, None, now)
    return None
