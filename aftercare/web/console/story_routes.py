"""From a conversation to a test: written, tried, and kept among the tests."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from aftercare.services.assistant import tasks
from aftercare.services.console import stories
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.web.console.guard import Db, Now, allow
from aftercare.web.console.training_routes import Data

router = APIRouter(tags=["tests"])
Viewer = Annotated[Actor, allow(Right.REVIEW_VIEW)]
Writer = Annotated[Actor, allow(Right.STORY_SAVE)]


class Trial(BaseModel):
    """A story test to run; `e2e` also holds the understanding to it."""

    yaml: str = Field(min_length=1, max_length=100_000)
    e2e: bool = False


class Story(BaseModel):
    """A story test to save."""

    name: str = Field(max_length=61)
    yaml: str = Field(max_length=100_000)


@router.get("/conversations/{talk_id}/story.yml", response_class=PlainTextResponse)
def story(
    talk_id: str,
    who: Viewer,
    engine: Db,
    kind: Literal["story", "test", "e2e"] = "test",
) -> PlainTextResponse:
    """Return a conversation as a story, a test story, or an end-to-end test."""
    text = stories.story_of(engine, talk_id, kind)
    return PlainTextResponse(text, media_type="text/yaml")


@router.post("/stories/run")
def run_story(body: Trial, who: Writer, engine: Db, now: Now) -> dict[str, Any]:
    """Ask for a test to be run against the model in use; `/tasks` says how it went."""
    stories.check(body.yaml)
    payload = {"yaml": stories.masked(body.yaml), "e2e": body.e2e}
    return tasks.request(engine, who, tasks.STORY, payload, now)


@router.post("/stories")
def save_story(
    body: Story, who: Writer, engine: Db, data: Data, now: Now
) -> dict[str, str]:
    """Save a story test among the tests, on the branch of the training data."""
    return {"path": stories.save(engine, data, who, body.name, body.yaml, now)}


@router.get("/tasks/{task_id}")
def task(task_id: int, who: Viewer, engine: Db) -> dict[str, Any]:
    """Return work that was asked for: its progress, and what came out."""
    return tasks.found(engine, task_id)
