"""The list of conversations, presence, canned replies and words."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aftercare.domain.conversation import Owner
from aftercare.services.console import beside, composer, inbox, mentions, people
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["inbox"])
Viewer = Annotated[Actor, allow(Right.INBOX_VIEW)]
Speaker = Annotated[Actor, allow(Right.INBOX_SPEAK)]
Editor = Annotated[Actor, allow(Right.CANNED_EDIT)]


class Presence(BaseModel):
    """Whether one takes new conversations."""

    state: Literal["online", "break", "offline"]


class Words(BaseModel):
    """A text to look at before it is sent."""

    text: str = Field(max_length=4_000)


class After(BaseModel):
    """What is done to the chat once the reply is sent."""

    tags: list[Annotated[str, Field(min_length=1, max_length=32)]] = Field(
        [], max_length=10
    )
    end: Literal["", "snooze", "give_back", "close"] = ""
    reason: str = Field("", max_length=32)


class Canned(BaseModel):
    """A reply inserted by its short name."""

    short: str = Field(min_length=1, max_length=32)
    title: str = Field("", max_length=64)
    text: str = Field(min_length=1, max_length=1_000)
    after: After | None = None

    def kept(self) -> dict[str, Any] | None:
        """Return what is done after it, None where nothing is."""
        after = self.after
        return after.model_dump() if after and (after.tags or after.end) else None


@router.get("/inbox")
def page(
    who: Viewer,
    engine: Db,
    now: Now,
    tab: Literal["mine", "waiting", "all", "snoozed"] = "all",
    owner: Owner | None = None,
    cursor: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List conversations: unanswered first, the longest wait on top."""
    return inbox.page(
        engine, who, now, tab=tab, owner=owner, offset=cursor, limit=limit
    )


@router.get("/presence")
def presence(who: Viewer, engine: Db) -> dict[str, Any]:
    """List who is there."""
    return {"items": people.colleagues(engine)}


@router.put("/presence")
def set_presence(
    body: Presence, who: Speaker, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Say that one is there, has a break, or is gone."""
    beside.set_presence(engine, who, body.state, now)
    item = people.colleagues(engine, who.account_id)[0]
    request.app.state.live.send("presence", item)
    return item


@router.get("/mentions")
def mentioned(who: Annotated[Actor, allow()], engine: Db) -> dict[str, Any]:
    """List the notes that mention one and were not seen yet."""
    return {"items": mentions.unseen(engine, who)}


@router.get("/tags")
def tags(who: Annotated[Actor, allow()], engine: Db) -> dict[str, Any]:
    """List the tags in use."""
    return {"items": beside.all_tags(engine)}


@router.post("/words/check")
def check_words(body: Words, who: Speaker, engine: Db) -> dict[str, Any]:
    """Return the sensitive words a text holds."""
    return {"words": composer.sensitive(engine, body.text)}


@router.get("/canned")
def canned(who: Viewer, engine: Db, q: str = "") -> dict[str, Any]:
    """List the canned replies."""
    return {"items": beside.canned(engine, q)}


@router.post("/canned")
def add_canned(body: Canned, who: Editor, engine: Db, now: Now) -> dict[str, Any]:
    """Add a canned reply."""
    return beside.save_canned(
        engine, who, body.short, body.title, body.text, now, after=body.kept()
    )


@router.put("/canned/{canned_id}")
def change_canned(
    canned_id: int, body: Canned, who: Editor, engine: Db, now: Now
) -> dict[str, Any]:
    """Change a canned reply."""
    return beside.save_canned(
        engine, who, body.short, body.title, body.text, now, canned_id, body.kept()
    )


@router.delete("/canned/{canned_id}", status_code=204)
def delete_canned(canned_id: int, who: Editor, engine: Db, now: Now) -> None:
    """Take a canned reply away."""
    beside.delete_canned(engine, who, canned_id, now)
