"""The assistant's models: train, compare, promote, roll back."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from aftercare.services.assistant import models, tasks
from aftercare.services.assistant.loading import loaded, loader
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.settings import Settings
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(prefix="/models", tags=["models"])
Viewer = Annotated[Actor, allow(Right.MODEL_VIEW)]
Trainer = Annotated[Actor, allow(Right.MODEL_TRAIN)]
Promoter = Annotated[Actor, allow(Right.MODEL_PROMOTE)]


class Why(BaseModel):
    """What a training or a change of models is for."""

    note: str = Field(max_length=500)


@router.get("")
def listed(who: Viewer, engine: Db, request: Request) -> dict[str, Any]:
    """List models and choices; `answers` is what Rasa itself says it has."""
    settings = _settings(request)
    found = models.listed(engine, settings)
    training = tasks.newest(engine, tasks.TRAIN)
    return found | {"training": training, "answers": loaded(settings)}


@router.get("/{model_id}")
def one(model_id: int, who: Viewer, engine: Db) -> dict[str, Any]:
    """Return a model with its figures and the configuration it was trained with."""
    return models.found(engine, model_id)


@router.get("/{model_id}/replay")
def replay(
    model_id: int,
    who: Viewer,
    engine: Db,
    kind: Literal["", "intent", "entities", "action"] = "",
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List past messages the model takes otherwise, side by side; masked."""
    return models.replayed(engine, model_id, kind, offset, limit)


@router.post("/train")
def train(body: Why, who: Trainer, engine: Db, now: Now) -> dict[str, Any]:
    """Ask for a training of the branch's newest version."""
    return tasks.request(engine, who, tasks.TRAIN, {"note": body.note}, now)


@router.post("/{model_id}/promote")
def promote(
    model_id: int, body: Why, who: Promoter, engine: Db, request: Request, now: Now
) -> dict[str, Any]:
    """Put a judged model in use; talks go on, turns in flight end on the old one."""
    settings = _settings(request)
    models.promote(engine, settings, who, model_id, loader(settings), now)
    return models.listed(engine, settings)["in_use"]  # type: ignore[no-any-return]


@router.post("/roll-back")
def roll_back(
    body: Why, who: Promoter, engine: Db, request: Request, now: Now
) -> dict[str, str]:
    """Put the model before the present one in use again."""
    settings = _settings(request)
    return {"name": models.roll_back(engine, settings, who, loader(settings), now)}


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
