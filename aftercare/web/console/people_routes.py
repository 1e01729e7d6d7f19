"""People, invitations, roles, settings and the audit record."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from aftercare.services.console import accounts, audit, people
from aftercare.services.console import options as settings_of
from aftercare.services.console.accounts import Invited
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import RIGHTS, Right, Role
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["people"])
Manager = Annotated[Actor, allow(Right.PEOPLE_MANAGE)]
Anyone = Annotated[Actor, allow()]
Names = Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=30)]


class NewInvitation(BaseModel):
    """Whom to invite."""

    role: Role
    name: str = Field(min_length=1, max_length=64)
    login: str | None = Field(None, max_length=64)
    skills: Names = []
    languages: Names = ["zh"]


class AccountChange(BaseModel):
    """What to change about a person; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=1, max_length=64)
    role: Role | None = None
    active: bool | None = None
    skills: Names | None = None
    languages: Names | None = None
    cap: int | None = Field(None, ge=1, le=100)
    reset_totp: bool = False


@router.get("/people")
def everybody(who: Manager, engine: Db) -> dict[str, Any]:
    """List the people."""
    return {"items": people.everybody(engine)}


@router.post("/people/invitations")
def invite(body: NewInvitation, who: Manager, engine: Db, now: Now) -> dict[str, Any]:
    """Make a one-time link for a new person."""
    invited = Invited(body.role, body.name, body.login, body.skills, body.languages)
    token, ends = accounts.invite(engine, who, invited, now)
    return {"token": token, "link": accounts.link_path(token), "expires_at": ends}


@router.get("/people/invitations")
def invitations(who: Manager, engine: Db) -> dict[str, Any]:
    """List the invitations."""
    return {"items": accounts.invitations(engine)}


@router.delete("/people/invitations/{invitation_id}", status_code=204)
def withdraw(invitation_id: int, who: Manager, engine: Db, now: Now) -> None:
    """Take an invitation back."""
    accounts.withdraw(engine, who, invitation_id, now)


@router.patch("/people/{account_id}")
def change(
    account_id: int,
    body: AccountChange,
    who: Manager,
    request: Request,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Change a person; who is disabled is signed out at once."""
    changes = body.model_dump(exclude_unset=True)
    accounts.change_account(engine, who, account_id, dict(changes), now)
    if changes.keys() & {"active", "role", "reset_totp"}:
        request.app.state.live.signed_out(account_id)
    return people.person(engine, account_id)


@router.post("/people/{account_id}/password-link")
def password_link(
    account_id: int, who: Manager, engine: Db, now: Now
) -> dict[str, Any]:
    """Make a one-time link by which a person sets a forgotten password anew."""
    login = people.person(engine, account_id)["login"]
    token, ends = accounts.password_link(engine, who, login, now)
    return {"link": accounts.link_path(token), "expires_at": ends}


@router.get("/roles")
def roles(who: Anyone) -> dict[str, Any]:
    """Say which role has which rights."""
    return {"roles": {role: sorted(rights) for role, rights in RIGHTS.items()}}


@router.get("/settings")
def settings(who: Anyone, engine: Db) -> dict[str, Any]:
    """Return the console's settings."""
    return settings_of.options(engine).model_dump(mode="json")


@router.put("/settings")
def change_settings(
    body: dict[str, Any],
    who: Annotated[Actor, allow(Right.SETTINGS_EDIT)],
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Change some of the console's settings."""
    return settings_of.change(engine, who, body, now).model_dump(mode="json")


@router.get("/audit")
def audited(
    who: Annotated[Actor, allow(Right.AUDIT_VIEW)],
    engine: Db,
    cursor: int | None = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    actor: str | None = None,
    action: str | None = None,
) -> dict[str, Any]:
    """Return what was done, newest first."""
    items, following = audit.entries(
        engine, cursor=cursor, limit=limit, actor=actor, action=action
    )
    return {"items": items, "next": following}
