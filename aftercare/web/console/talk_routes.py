"""One conversation: who speaks, what is said, what is noted beside it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import (
    beside,
    composer,
    inbox,
    macros,
    mentions,
    takeover,
    transcript,
)
from aftercare.services.console.audit import Actor
from aftercare.services.console.desk import Step
from aftercare.services.console.rights import Right
from aftercare.web.console.guard import Db, Now, allow, may

router = APIRouter(prefix="/conversations/{talk_id}", tags=["conversation"])
Viewer = Annotated[Actor, allow(Right.INBOX_VIEW)]
Reviewer = Annotated[Actor, allow(Right.REVIEW_VIEW)]
Speaker = Annotated[Actor, allow(Right.INBOX_SPEAK)]
Page = Annotated[int, Field(ge=1, le=500)]


class Take(BaseModel):
    """`force` takes it from a colleague; for supervisors."""

    force: bool = False


class GiveBack(BaseModel):
    """To whom, and whether the bot answers what waits."""

    to: Literal["bot", "queue"] = "bot"
    answer_waiting: bool = True


class Close(BaseModel):
    """Why it ends."""

    reason: str = Field(max_length=32)
    summary: str = Field("", max_length=1_000)


class Snooze(BaseModel):
    """Until when; null is until the customer's next message."""

    until: datetime | None = None


class Assign(BaseModel):
    """To whom."""

    agent_id: int


class Priority(BaseModel):
    """0 as usual, 2 first."""

    priority: int = Field(ge=0, le=2)


class Send(BaseModel):
    """A message to the customer."""

    client_id: str = Field(min_length=1, max_length=56)
    text: str = Field("", max_length=4_000)
    attachment_id: str | None = Field(None, max_length=64)
    confirm_words: bool = False


class Typing(BaseModel):
    """Whether the agent is typing."""

    on: bool


class Read(BaseModel):
    """Up to which message."""

    seq: int = Field(ge=0)


class Note(BaseModel):
    """A note for colleagues."""

    text: str = Field(max_length=4_000)
    mentions: list[int] = Field([], max_length=20)


class Tags(BaseModel):
    """All tags of the conversation."""

    tags: list[str] = Field(max_length=20)


class Reveal(BaseModel):
    """Which masked value, and why it is needed."""

    field: Literal["phone", "name", "receiver_phone"]
    order_no: str | None = None
    why: str = Field(min_length=2, max_length=200)


def _after(request: Request, engine: Db, step: Step, now: datetime) -> dict[str, Any]:
    """Tell everybody what a step changed, and return the row as it is now."""
    request.app.state.live.stepped(step)
    return inbox.row(engine, step.conversation_id, now)


@router.get("")
def detail(talk_id: str, who: Viewer, engine: Db, now: Now) -> dict[str, Any]:
    """Return a conversation with all that a hand-over carries."""
    force = may(who, Right.INBOX_ASSIGN)
    return inbox.detail(engine, who, talk_id, now, may_force=force)


@router.get("/messages")
def messages(
    talk_id: str,
    who: Reviewer,
    engine: Db,
    before: int | None = None,
    after: int | None = None,
    limit: Page = 100,
) -> dict[str, Any]:
    """Return a page of messages with what the bot understood."""
    return transcript.messages(
        engine, who, talk_id, before=before, after=after, limit=limit
    )


@router.post("/take")
def take(
    talk_id: str, body: Take, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Take the conversation over: from this moment the bot is silent."""
    if body.force and not may(who, Right.INBOX_ASSIGN):
        raise AftercareError(Reason.FORBIDDEN)
    step = takeover.take(engine, who, talk_id, now, force=body.force)
    return _after(request, engine, step, now)


@router.post("/give_back")
def give_back(
    talk_id: str, body: GiveBack, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Give the conversation back to the bot or to the queue."""
    to = Owner.BOT if body.to == "bot" else Owner.WAITING
    step = takeover.give_back(
        engine, who, talk_id, now, to=to, answer_waiting=body.answer_waiting
    )
    return _after(request, engine, step, now)


@router.post("/close")
def close(
    talk_id: str, body: Close, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """End the conversation with a reason."""
    step = takeover.close(
        engine, who, talk_id, now, reason=body.reason, summary=body.summary
    )
    return _after(request, engine, step, now)


@router.post("/snooze")
def snooze(
    talk_id: str, body: Snooze, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Put the conversation aside."""
    if body.until is not None and body.until.tzinfo is None:
        raise AftercareError(Reason.MALFORMED, "until")
    step = takeover.snooze(engine, who, talk_id, body.until, now)
    return _after(request, engine, step, now)


@router.delete("/snooze")
def wake(
    talk_id: str, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Take the conversation out of its snooze."""
    return _after(request, engine, takeover.wake(engine, who, talk_id, now), now)


@router.post("/assign")
def assign(
    talk_id: str, body: Assign, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Hand the conversation to a person."""
    others = may(who, Right.INBOX_ASSIGN)
    step = takeover.assign(engine, who, talk_id, body.agent_id, now, others=others)
    found = _after(request, engine, step, now)
    request.app.state.live.to_account(body.agent_id, "assigned", found)
    return found


@router.post("/priority")
def priority(
    talk_id: str, body: Priority, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Let the conversation come before others."""
    step = takeover.set_priority(engine, who, talk_id, body.priority, now)
    return _after(request, engine, step, now)


@router.post("/messages")
def send(
    talk_id: str, body: Send, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Say something to the customer; only its owner may."""
    said = composer.send(
        engine,
        who,
        talk_id,
        client_id=body.client_id,
        text=body.text,
        attachment_id=body.attachment_id,
        confirmed=body.confirm_words,
        now=now,
    )
    request.app.state.live.stepped(Step(talk_id, [said]))
    return transcript.one(engine, who, talk_id, said.seq)


@router.post("/macros/{canned_id}")
def macro(
    talk_id: str,
    canned_id: int,
    body: Send,
    who: Speaker,
    request: Request,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Say a canned reply as it was edited, and do what it is kept with."""
    ran = macros.run(
        engine,
        who,
        talk_id,
        canned_id,
        client_id=body.client_id,
        text=body.text,
        attachment_id=body.attachment_id,
        confirmed=body.confirm_words,
        now=now,
    )
    live = request.app.state.live
    live.stepped(Step(talk_id, [ran.said]))
    if ran.step is not None:
        live.stepped(ran.step)
    return transcript.one(engine, who, talk_id, ran.said.seq)


@router.post("/messages/{seq}/recall")
def recall(
    talk_id: str, seq: int, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Take one's own message back while it is fresh."""
    composer.recall(engine, who, talk_id, seq, now)
    request.app.state.live.recalled(talk_id, seq)
    return transcript.one(engine, who, talk_id, seq)


@router.post("/typing", status_code=204)
def typing(
    talk_id: str, body: Typing, who: Speaker, request: Request, engine: Db
) -> None:
    """Show the customer that an answer is being written."""
    if not inbox.is_mine(engine, who, talk_id):
        raise AftercareError(Reason.NOT_OWNER)
    request.app.state.live.agent_types(talk_id, who.name, body.on)


@router.post("/read", status_code=204)
def read(talk_id: str, body: Read, who: Speaker, request: Request, engine: Db) -> None:
    """Note up to where the agents have read."""
    composer.mark_read(engine, talk_id, body.seq)
    # Who only looks on is not seen to read.
    if inbox.is_mine(engine, who, talk_id):
        request.app.state.live.agent_reads(talk_id, body.seq)
    request.app.state.live.changed(talk_id)


@router.post("/lease")
def lease(talk_id: str, who: Speaker, engine: Db, now: Now) -> dict[str, Any]:
    """Keep an own conversation from being returned."""
    return {"lease_until": takeover.renew(engine, who, talk_id, now)}


@router.get("/notes")
def notes(talk_id: str, who: Reviewer, engine: Db) -> dict[str, Any]:
    """List the notes."""
    return {"items": beside.notes(engine, talk_id)}


@router.post("/notes")
def add_note(
    talk_id: str, body: Note, who: Reviewer, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Write a note; the mentioned are told."""
    made = beside.add_note(engine, who, talk_id, body.text, body.mentions, now)
    live, told = request.app.state.live, {"conversation_id": talk_id, "note": made}
    live.to_watchers(talk_id, "note", told)
    for account_id in made["mentions"]:
        live.to_account(account_id, "mention", told)
    return made


@router.post("/mentions/seen", status_code=204)
def mentions_seen(talk_id: str, who: Reviewer, engine: Db, now: Now) -> None:
    """Note that one has seen the notes here that mention one."""
    mentions.mark_seen(engine, who, talk_id, now)


@router.put("/tags")
def tags(
    talk_id: str, body: Tags, who: Reviewer, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Put exactly these tags on the conversation."""
    found = beside.set_tags(engine, who, talk_id, body.tags, now)
    request.app.state.live.changed(talk_id)
    return {"tags": found}


@router.post("/reveal")
def reveal(
    talk_id: str,
    body: Reveal,
    who: Annotated[Actor, allow(Right.REVEAL)],
    engine: Db,
    now: Now,
) -> dict[str, str]:
    """Return a masked value in clear; on record."""
    value = inbox.reveal(engine, who, talk_id, body.field, body.why, now, body.order_no)
    return {"value": value}


@router.get("/events")
def events(talk_id: str, who: Reviewer, engine: Db) -> dict[str, Any]:
    """List the steps between bot and people."""
    return {"items": inbox.events(engine, talk_id)}
