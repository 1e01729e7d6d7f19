"""The knowledge base for the people who write and approve it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from aftercare.domain.policy_rules import load_rules
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.knowledge import answers, articles, faults
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["knowledge"])
Reader = Annotated[Actor, allow(Right.REVIEW_VIEW)]
Writer = Annotated[Actor, allow(Right.KNOWLEDGE_EDIT)]
Approver = Annotated[Actor, allow(Right.KNOWLEDGE_APPROVE)]
Line = Annotated[str, Field(max_length=200)]


class NewVersion(BaseModel):
    """What a person wrote; the key is made for a new article."""

    key: str = Field("", max_length=64, pattern=r"^[a-z0-9-]*$")
    title: str = Field(min_length=1, max_length=articles.LONGEST_TITLE)
    questions: list[Line] = Field([], max_length=articles.MOST_QUESTIONS)
    body: str = Field(max_length=articles.LONGEST_BODY)
    intents: list[Line] = Field([], max_length=20)
    categories: list[Line] = Field([], max_length=20)
    claims: dict[str, bool | int | str] = Field({}, max_length=20)
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None


@router.get("/articles")
def listed(
    who: Reader,
    engine: Db,
    now: Now,
    state: Literal["draft", "live", "retired"] | None = None,
    text: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """Return the newest version of each article, how it served, what is wrong."""
    served = answers.served(engine, now - timedelta(days=30))
    nothing = {"used": 0, "helpful": 0, "unhelpful": 0}
    items = articles.listed(engine, state=state, text=text)
    return {
        "items": [item | served.get(item["key"], nothing) for item in items],
        "faults": faults.faults(engine, load_rules(on=now.date()), now),
        "asked": answers.asked(engine, now - timedelta(days=30)),
    }


@router.get("/articles/{key}")
def versions(who: Reader, engine: Db, key: str) -> dict[str, Any]:
    """Return every version of an article, newest first."""
    return {"items": articles.versions(engine, key)}


@router.post("/articles")
def propose(who: Writer, engine: Db, now: Now, wanted: NewVersion) -> dict[str, Any]:
    """Keep a draft; what is live stays as it is until somebody approves."""
    fields: dict[str, Any] = wanted.model_dump()
    fields["key"] = wanted.key or f"desk-{secrets.token_hex(4)}"
    for name in ("questions", "intents", "categories"):
        fields[name] = tuple(fields[name])
    return articles.propose(engine, who, articles.Article(**fields), now)


@router.post("/articles/{key}/{version}/approve")
def approve(
    who: Approver, engine: Db, now: Now, key: str, version: int
) -> dict[str, Any]:
    """Put a draft into use; running talks find it within seconds."""
    return articles.approve(engine, who, key, version, now)


@router.post("/articles/{key}/{version}/retire")
def retire(
    who: Approver, engine: Db, now: Now, key: str, version: int
) -> dict[str, Any]:
    """Take a version out of use; it stays on record."""
    return articles.retire(engine, who, key, version, now)


@router.get("/articles-test")
def try_out(
    who: Reader,
    engine: Db,
    now: Now,
    text: Annotated[str, Query(min_length=1, max_length=200)],
) -> dict[str, Any]:
    """Return what would answer a question now, and which characters decided."""
    return {"items": _found(engine, text, now)}


def _found(engine: Any, text: str, now: datetime) -> list[dict[str, Any]]:
    return [
        {"key": a.key, "title": a.title, "score": round(a.score, 3), "shared": a.shared}
        for a in answers.Librarian(engine).best(text, now)
    ]
