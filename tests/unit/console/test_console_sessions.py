"""Signing in, the cookie, CSRF, one-time codes, and being shown the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import accounts, sessions
from aftercare.store.console import AccountRow, AuditRow, ConsoleSessionRow
from aftercare.store.unit_of_work import read, write

PASSWORD = "correct horse 1"
People = Callable[..., Any]


def test_the_first_link_makes_an_admin_once(console: FastAPI, shop: Engine) -> None:
    now = datetime.now(UTC)
    stale = accounts.first_link(shop, now)
    link = accounts.first_link(shop, now)
    assert stale and link and stale != link
    web = TestClient(console)
    token = link.rpartition("/")[2]
    assert web.get(f"/invitations/{stale.rpartition('/')[2]}").status_code == 404
    body = {"login": "Boss", "name": "Boss", "password": PASSWORD}
    joined = web.post(f"/invitations/{token}", json=body)
    assert joined.json()["account"]["role"] == "admin"
    assert joined.json()["account"]["login"] == "boss"
    assert web.get("/session").status_code == 200
    again = web.post(f"/invitations/{token}", json=body | {"login": "other"})
    assert (again.status_code, again.json()["reason"]) == (410, "expired")
    assert accounts.first_link(shop, now) is None


def test_the_cookie_is_out_of_reach_of_scripts_and_the_token_is_not_kept(
    person_of: People, shop: Engine
) -> None:
    agent = person_of("agent")
    cookie = agent.signed.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    token = agent.http.cookies["aftercare_console"]
    with read(shop) as session:
        assert token not in session.scalars(select(ConsoleSessionRow.token_hash)).all()


def test_a_wrong_password_and_no_account_look_the_same(
    person_of: People, console: FastAPI
) -> None:
    person_of("agent")
    web = TestClient(console)
    found = [
        web.post("/session", json={"login": login, "password": "wrong password 1"})
        for login in ("the-agent", "nobody")
    ]
    assert found[0].status_code == 401
    assert found[0].json() == found[1].json()
    assert found[0].json()["reason"] == "wrong_login"


def test_guessing_is_slowed_down(person_of: People, console: FastAPI) -> None:
    person_of("agent")
    web = TestClient(console)
    body = {"login": "the-agent", "password": "wrong password 1"}
    codes = [web.post("/session", json=body).status_code for _ in range(11)]
    assert codes[-1] == 429 and set(codes[:9]) == {401}


def test_without_the_csrf_token_nothing_changes(person_of: People) -> None:
    admin = person_of("admin")
    del admin.http.headers["X-CSRF-Token"]
    refused = admin.http.put("/settings", json={"cap": 3})
    assert (refused.status_code, refused.json()["reason"]) == (403, "csrf")
    assert admin.get("/settings")["cap"] == 8


def test_a_disabled_person_is_out_at_once(person_of: People) -> None:
    admin, agent = person_of("admin"), person_of("agent")
    assert agent.http.get("/session").status_code == 200
    admin.http.patch(f"/people/{agent.id}", json={"active": False})
    gone = agent.http.get("/session")
    assert (gone.status_code, gone.json()["reason"]) == (401, "unauthorised")
    login = {"login": "the-agent", "password": PASSWORD}
    assert agent.http.post("/session", json=login).status_code == 401


def test_another_role_begins_with_another_session(person_of: People) -> None:
    """What is open by the old role, a socket too, goes with its session."""
    admin, agent = person_of("admin"), person_of("agent")
    admin.http.patch(f"/people/{agent.id}", json={"name": "Li"})
    assert agent.http.get("/session").status_code == 200
    admin.http.patch(f"/people/{agent.id}", json={"role": "viewer"})
    assert agent.http.get("/session").status_code == 401


def test_the_last_admin_stays(person_of: People) -> None:
    admin = person_of("admin")
    for change in ({"active": False}, {"role": "viewer"}):
        refused = admin.http.patch(f"/people/{admin.id}", json=change)
        assert refused.status_code == 403


def test_signing_out_ends_the_session_on_the_server(person_of: People) -> None:
    agent = person_of("agent")
    token = agent.http.cookies["aftercare_console"]
    assert agent.http.delete("/session").status_code == 204
    agent.http.cookies.set("aftercare_console", token)
    assert agent.http.get("/session").status_code == 401


def test_a_session_ends_by_idleness_and_by_age(person_of: People, shop: Engine) -> None:
    token = person_of("agent").http.cookies["aftercare_console"]
    now = datetime.now(UTC)
    assert sessions.find_session(shop, token, "", now)
    assert sessions.find_session(shop, token, "", now + timedelta(hours=13)) is None
    for hours in range(0, 24 * 7, 11):
        sessions.find_session(shop, token, "", now + timedelta(hours=hours))
    assert sessions.find_session(shop, token, "", now + timedelta(days=7.1)) is None


def test_an_account_that_is_off_holds_no_session_whoever_put_it_off(
    person_of: People, shop: Engine
) -> None:
    """Also where the row was changed by other hands, and its sessions were left."""
    agent, other = person_of("agent"), person_of("viewer")
    tokens = {one.http.cookies["aftercare_console"] for one in (agent, other)}
    now = datetime.now(UTC)
    assert sessions.still_open(shop, tokens, now) == tokens
    with write(shop) as session:
        session.get_one(AccountRow, agent.id).active = False
    assert agent.http.get("/session").status_code == 401
    kept = {other.http.cookies["aftercare_console"]}
    assert sessions.still_open(shop, tokens, now) == kept


def test_a_one_time_code_counts_once(person_of: People, shop: Engine) -> None:
    admin = person_of("admin")
    secret = admin.post("/session/totp")["secret"]
    assert admin.http.post("/session/totp/confirm", json={"code": "000000"}).status_code
    code = pyotp.TOTP(secret).now()
    admin.post("/session/totp/confirm", {"code": code}, status=204)
    now = datetime.now(UTC)
    with pytest.raises(AftercareError) as missing:
        sessions.sign_in(shop, "the-admin", PASSWORD, "", "", now)
    assert missing.value.reason is Reason.TOTP_REQUIRED
    with pytest.raises(AftercareError) as used:
        sessions.sign_in(shop, "the-admin", PASSWORD, code, "", now)
    assert used.value.reason is Reason.WRONG_LOGIN
    later = now + timedelta(seconds=60)
    fresh = pyotp.TOTP(secret).at(later)
    assert sessions.sign_in(shop, "the-admin", PASSWORD, fresh, "", later)
    with pytest.raises(AftercareError) as again:
        sessions.sign_in(shop, "the-admin", PASSWORD, fresh, "", later)
    assert again.value.reason is Reason.WRONG_LOGIN


def test_a_password_changed_while_the_old_one_is_checked_lets_nobody_in(
    person_of: People, shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = person_of("agent")
    real = sessions.password_fits
    now = datetime.now(UTC)

    def rivalled(kept: str | None, given: str) -> bool:
        right = real(kept, given)
        monkeypatch.setattr(sessions, "password_fits", real)
        body = {"old": PASSWORD, "new": "another horse 2"}
        agent.post("/session/password", body, status=204)
        return right

    monkeypatch.setattr(sessions, "password_fits", rivalled)
    with pytest.raises(AftercareError) as late:
        sessions.sign_in(shop, "the-agent", PASSWORD, "", "", now)
    assert late.value.reason is Reason.WRONG_LOGIN
    assert sessions.sign_in(shop, "the-agent", "another horse 2", "", "", now)


def test_a_stolen_session_does_not_put_another_telephone_in_place(
    person_of: People, shop: Engine
) -> None:
    admin, agent = person_of("admin"), person_of("agent")
    secret = agent.post("/session/totp")["secret"]
    other = agent.post("/session/totp")["secret"]
    agent.post("/session/totp/confirm", {"code": pyotp.TOTP(other).now()}, status=204)
    refused = agent.http.post("/session/totp")
    assert (refused.status_code, refused.json()["reason"]) == (409, "illegal_move")
    code = {"code": pyotp.TOTP(secret).now()}
    assert agent.http.post("/session/totp/confirm", json=code).status_code == 409
    with read(shop) as session:
        kept = session.get_one(AccountRow, agent.id).totp_secret
    assert kept == other
    # Who has lost the telephone asks an admin; the sessions end with it.
    reset = {"reset_totp": True}
    assert admin.http.patch(f"/people/{agent.id}", json=reset).status_code == 200
    assert agent.http.get("/session").status_code == 401


def test_an_admin_without_codes_can_only_enrol_where_they_are_required(
    person_of: People,
) -> None:
    admin = person_of("admin")
    admin.http.put("/settings", json={"totp_required": True})
    assert admin.http.get("/people").json()["reason"] == "totp_required"
    assert admin.http.get("/session").status_code == 200
    secret = admin.post("/session/totp")["secret"]
    admin.post("/session/totp/confirm", {"code": pyotp.TOTP(secret).now()}, 204)
    assert admin.http.get("/people").status_code == 200


def test_a_changed_password_ends_the_other_sessions(
    person_of: People, console: FastAPI
) -> None:
    agent = person_of("agent")
    other = TestClient(console)
    login = {"login": "the-agent", "password": PASSWORD}
    assert other.post("/session", json=login).status_code == 200
    body = {"old": PASSWORD, "new": "another horse 2"}
    agent.post("/session/password", body, status=204)
    assert agent.http.get("/session").status_code == 200
    assert other.get("/session").status_code == 401
    weak = {"old": "another horse 2", "new": "short"}
    assert agent.http.post("/session/password", json=weak).status_code == 422


def test_what_was_done_is_on_record_without_secrets(
    person_of: People, shop: Engine
) -> None:
    admin = person_of("admin")
    admin.post("/people/invitations", {"role": "agent", "name": "Li"})
    admin.http.put("/settings", json={"cap": 5})
    items = admin.get("/audit")["items"]
    actions = [item["action"] for item in items]
    assert actions[:3] == ["settings.change", "people.invite", "session.open"]
    with read(shop) as session:
        kept = [str(row.detail) for row in session.scalars(select(AuditRow))]
    assert not any(PASSWORD in text for text in kept)


def test_settings_out_of_bounds_change_nothing(person_of: People) -> None:
    admin = person_of("admin")
    for wrong in ({"cap": 0}, {"warn_s": 900}, {"nothing": 1}, {"cap": 3, "x": 1}):
        assert admin.http.put("/settings", json=wrong).status_code == 422
    assert admin.get("/settings")["cap"] == 8


def test_a_forgotten_password_is_set_anew_once_and_the_code_stays_due(
    person_of: People, console: FastAPI, shop: Engine
) -> None:
    boss, agent = person_of("admin"), person_of("agent")
    secret = agent.post("/session/totp")["secret"]
    code = {"code": pyotp.TOTP(secret).now()}
    agent.post("/session/totp/confirm", code, status=204)
    stale, link = (
        boss.post(f"/people/{agent.id}/password-link")["link"].rpartition("/")[2]
        for _ in range(2)
    )
    assert boss.get("/people/invitations")["items"] == []
    assert agent.http.post(f"/people/{agent.id}/password-link").status_code == 403
    web = TestClient(console)
    assert web.get(f"/invitations/{stale}").status_code == 404
    assert web.get(f"/invitations/{link}").json()["password_only"]
    fresh = {"login": "other", "name": "Other", "password": "a quite new one 2"}
    done = web.post(f"/invitations/{link}", json=fresh)
    assert done.json() == {"password_set": True, "login": "the-agent"}
    # Nobody is in by the link alone, and who was in is out.
    assert web.get("/session").status_code == 401
    assert agent.http.get("/session").status_code == 401
    assert web.post(f"/invitations/{link}", json=fresh).status_code == 410
    login = {"login": "the-agent", "password": fresh["password"]}
    refused = web.post("/session", json=login)
    assert refused.json()["reason"] == "totp_required"
    old = web.post("/session", json=login | {"password": PASSWORD})
    assert old.json()["reason"] == "wrong_login"
