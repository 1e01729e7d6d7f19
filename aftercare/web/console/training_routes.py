"""The training data for those who make the assistant better."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.trainset import Branch, browse, corrections, open_branch
from aftercare.services.trainset import edits as changes
from aftercare.services.trainset import words as suggest
from aftercare.services.trainset.branch import Author, diff
from aftercare.settings import Settings
from aftercare.web.console.guard import Db, Now, allow, engine_of

router = APIRouter(prefix="/training", tags=["training"])
Reader = Annotated[Actor, allow(Right.REVIEW_ANNOTATE)]
Editor = Annotated[Actor, allow(Right.TRAINING_EDIT)]
Version = Annotated[str, Field(min_length=4, max_length=40)]


def branch_of(
    request: Request, engine: Annotated[Engine, Depends(engine_of)]
) -> Branch:
    """Return where this installation keeps its training data."""
    settings: Settings = request.app.state.settings
    return open_branch(engine, settings.project_dir)


Data = Annotated[Branch, Depends(branch_of)]


class EditBody(BaseModel):
    """One change; which fields count depends on `op`."""

    op: Literal["add", "remove", "move", "file"]
    kind: Literal["intent", "synonym", "lookup", "regex"] = "intent"
    name: str = Field("", max_length=64)
    example: str = Field("", max_length=1_000)
    to: str = Field("", max_length=64)
    path: str = Field("", max_length=200)
    text: str | None = Field(None, max_length=2_000_000)


class Edits(BaseModel):
    """Changes on top of the version they were made from."""

    parent: Version
    edits: list[EditBody] = Field(min_length=1, max_length=changes.MOST_EDITS)

    def wanted(self) -> list[changes.Edit]:
        """Return them as the service takes them."""
        return [changes.Edit(**edit.model_dump()) for edit in self.edits]


class Commit(Edits):
    """Changes to store, with what they are for."""

    message: str = Field(min_length=1, max_length=500)


class Corrections(BaseModel):
    """The corrections of the NLU inbox, to store on top of a version."""

    parent: Version
    message: str = Field("", max_length=500)


class CatchUp(BaseModel):
    """The version that the project's own changes are taken into."""

    parent: Version


@router.get("/status")
def status(who: Reader, engine: Db, data: Data) -> dict[str, Any]:
    """Say where the data is kept, how new it is, and what waits to be stored."""
    head = data.head()
    return {
        "kind": data.kind,
        "branch": data.name,
        "head": head,
        "base": data.base(),
        "behind": data.behind(),
        "pending": corrections.pending(engine, data, head),
    }


@router.get("/tree")
def tree(who: Reader, data: Data) -> dict[str, Any]:
    """List files and what is in each, with numbers."""
    head = data.head()
    return {"head": head, "files": browse.tree(data, head)}


@router.get("/examples")
def examples(
    who: Reader,
    data: Data,
    kind: Literal["", "intent", "synonym", "lookup", "regex"] = "",
    name: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=2_000)] = 500,
) -> dict[str, Any]:
    """List examples of one section, or those with some words in them."""
    return browse.examples(data, data.head(), kind, name, q, limit)


@router.get("/words")
def words(
    who: Reader, engine: Db, word: Annotated[str, Query(max_length=32)] = ""
) -> dict[str, Any]:
    """Return words used like one word, or what may belong to the known synonyms."""
    return suggest.near(engine, word) if word else suggest.suggested(engine)


@router.get("/file")
def file(
    who: Reader, data: Data, path: Annotated[str, Query(max_length=200)]
) -> dict[str, Any]:
    """Return a file's text."""
    head = data.head()
    return {"head": head, "path": path, "text": data.read(path, head)}


@router.post("/preview")
def preview(body: Edits, who: Editor, data: Data) -> dict[str, Any]:
    """Show as a diff what edits would change, and the faults they would bring."""
    return changes.preview(data, body.wanted(), body.parent).view()


@router.post("/commits")
def commit(
    body: Commit, who: Editor, engine: Db, data: Data, now: Now
) -> dict[str, str]:
    """Store edits on top of the version they were made from."""
    change = changes.preview(data, body.wanted(), body.parent)
    version = changes.commit(
        engine, data, who, change, body.parent, body.message, "editor", now
    )
    return {"head": version}


@router.get("/corrections")
def corrections_preview(who: Reader, engine: Db, data: Data) -> dict[str, Any]:
    """Show what the judgements of the NLU inbox would change."""
    head = data.head()
    change, left_out = corrections.corrected(engine, data, head)
    return change.view() | {"head": head, "left_out": left_out}


@router.post("/corrections")
def commit_corrections(
    body: Corrections, who: Editor, engine: Db, data: Data, now: Now
) -> dict[str, str]:
    """Store the judgements as examples, each with its author and message."""
    change, _ = corrections.corrected(engine, data, body.parent)
    said = body.message or "Learn from corrected messages"
    version = changes.commit(
        engine, data, who, change, body.parent, said, "nlu_inbox", now
    )
    return {"head": version}


@router.post("/catch-up")
def catch_up(body: CatchUp, who: Editor, data: Data, now: Now) -> dict[str, str]:
    """Take the project's own changes into the branch."""
    author = Author(who.login, who.name, "catch_up")
    return {"head": data.catch_up(author, now)}


@router.get("/commits")
def log(
    who: Reader, data: Data, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """List the versions made here, newest first."""
    return {"items": [item.view() for item in data.log(limit)]}


@router.get("/diff")
def compare(
    who: Reader,
    data: Data,
    before: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, str]:
    """Return the difference of two versions; by default all that was changed here."""
    return {"diff": diff(data, before or data.base(), after or data.head())}
