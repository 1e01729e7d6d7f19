"""Finding and judging conversations; training data and story tests out of them."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

import yaml
from fastapi import APIRouter, Depends, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from aftercare.services.console import nlu, review
from aftercare.services.console.audit import Actor
from aftercare.services.console.review import Filter
from aftercare.services.console.rights import Right
from aftercare.settings import ROOT
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["review"])
Viewer = Annotated[Actor, allow(Right.REVIEW_VIEW)]
Annotator = Annotated[Actor, allow(Right.REVIEW_ANNOTATE)]
Exporter = Annotated[Actor, allow(Right.NLU_EXPORT)]
Hour = Annotated[int | None, Query(ge=0, le=24)]


def filter_of(
    q: Annotated[str, Query(max_length=100)] = "",
    owner: str | None = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    hour_from: Hour = None,
    hour_to: Hour = None,
    channel: str | None = None,
    intent: str | None = None,
    not_intent: str | None = None,
    action: str | None = None,
    slot: str | None = None,
    max_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    fallback: bool | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    sentiment: Literal["negative", "neutral", "positive"] | None = None,
    trigger: str | None = None,
    family: str | None = None,
    satisfaction: Literal["low", "middle", "high"] | None = None,
    case_reason: str | None = None,
    agent: int | None = None,
    tag: str | None = None,
    review: Literal["none", "reviewed", "later"] | None = None,
    test: bool = False,
) -> Filter:
    """Return the query of a review as a filter."""
    return Filter(
        q=q.strip(),
        owner=owner,
        first=first,
        last=last,
        hour_from=hour_from,
        hour_to=hour_to,
        channel=channel,
        intent=intent,
        not_intent=not_intent,
        action=action,
        slot=slot,
        max_confidence=max_confidence,
        fallback=fallback,
        min_length=min_length,
        max_length=max_length,
        sentiment=sentiment,
        trigger=trigger,
        family=family,
        satisfaction=satisfaction,
        case_reason=case_reason,
        agent=agent,
        tag=tag,
        review=review,
        test=test,
    )


Wanted = Annotated[Filter, Depends(filter_of)]


class SavedFilter(BaseModel):
    """A filter with a name."""

    name: str = Field(min_length=1, max_length=64)
    query: dict[str, Any]
    shared: bool = False


class State(BaseModel):
    """Where a conversation stands in the review."""

    state: Literal["reviewed", "later", "none"]


class Entity(BaseModel):
    """A marked part of a text; `end` is behind its last character."""

    entity: str = Field(min_length=1, max_length=64)
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    value: str | None = None


class Judgement(BaseModel):
    """How a message should have been understood."""

    verdict: Literal["correct", "corrected", "out_of_scope", "ignore"]
    intent: str | None = Field(None, max_length=64)
    entities: list[Entity] | None = Field(None, max_length=50)
    flag: bool = False
    note: str = Field("", max_length=1_000)


class Bulk(BaseModel):
    """One judgement for many messages."""

    message_ids: list[int] = Field(min_length=1, max_length=500)
    verdict: Literal["correct", "corrected", "out_of_scope", "ignore"]
    intent: str | None = Field(None, max_length=64)


@router.get("/review/conversations")
def search(
    who: Viewer,
    wanted: Wanted,
    engine: Db,
    now: Now,
    cursor: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Find conversations, last spoken in first."""
    return review.search(engine, wanted, now, cursor, limit)


@router.get("/review/facets")
def facets(who: Viewer, engine: Db) -> dict[str, Any]:
    """Say what can be filtered by."""
    return review.facets(engine)


@router.get("/review/filters")
def filters(who: Viewer, engine: Db) -> dict[str, Any]:
    """List one's own and the shared filters."""
    return {"items": review.saved_filters(engine, who)}


@router.post("/review/filters")
def save_filter(body: SavedFilter, who: Viewer, engine: Db) -> dict[str, Any]:
    """Keep a filter under a name."""
    return review.save_filter(engine, who, body.name, body.query, body.shared)


@router.delete("/review/filters/{filter_id}", status_code=204)
def delete_filter(filter_id: int, who: Viewer, engine: Db) -> None:
    """Forget a filter."""
    review.delete_filter(engine, who, filter_id)


@router.put("/review/conversations/{talk_id}/state")
def set_state(
    talk_id: str, body: State, who: Annotator, engine: Db, now: Now
) -> dict[str, str]:
    """Mark a conversation reviewed, or for later; the answer has what it was."""
    return review.set_state(engine, who, talk_id, body.state, now)


@router.put("/annotations/{message_id}")
def annotate(
    message_id: int, body: Judgement, who: Annotator, engine: Db, now: Now
) -> dict[str, Any]:
    """Judge how a message was understood."""
    entities = (
        None
        if body.entities is None
        else [item.model_dump(exclude_none=True) for item in body.entities]
    )
    made = nlu.annotate(
        engine,
        who,
        [message_id],
        now,
        verdict=body.verdict,
        intent=body.intent,
        entities=entities,
        flag=body.flag,
        note=body.note,
    )
    return made[0]


@router.delete("/annotations/{message_id}", status_code=204)
def undo(message_id: int, who: Annotator, engine: Db, now: Now) -> None:
    """Take a judgement back."""
    nlu.undo(engine, who, message_id, now)


@router.get("/nlu/meta")
def meta(who: Viewer) -> dict[str, list[str]]:
    """List the intents and entities of the domain."""
    return _domain()


@router.get("/nlu/inbox")
def nlu_inbox(
    who: Viewer,
    engine: Db,
    now: Now,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    reason: str | None = None,
    days: Annotated[int | None, Query(ge=1, le=366)] = None,
) -> dict[str, Any]:
    """List the messages worth a person's minute, alike ones together."""
    since = now - timedelta(days=days) if days else None
    return nlu.inbox(engine, limit, reason, since)


@router.post("/nlu/bulk")
def bulk(body: Bulk, who: Annotator, engine: Db, now: Now) -> dict[str, int]:
    """Judge many messages at once; all or none."""
    made = nlu.annotate(
        engine, who, body.message_ids, now, verdict=body.verdict, intent=body.intent
    )
    return {"changed": len(made)}


@router.get("/nlu/corrections")
def corrections(who: Viewer, engine: Db) -> dict[str, Any]:
    """List the judgements."""
    return nlu.corrections(engine)


@router.get("/nlu/export.yml", response_class=PlainTextResponse)
def export(who: Exporter, engine: Db) -> PlainTextResponse:
    """Return the judgements as Rasa training data, personal data masked."""
    return PlainTextResponse(nlu.export_yaml(engine), media_type="text/yaml")


@lru_cache(maxsize=1)
def _domain() -> dict[str, list[str]]:
    found = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))

    def names(items: list[Any]) -> list[str]:
        plain = (next(iter(i)) if isinstance(i, dict) else i for i in items)
        return sorted(str(name) for name in plain)

    return {
        "intents": names(found.get("intents") or []),
        "entities": names(found.get("entities") or []),
    }
