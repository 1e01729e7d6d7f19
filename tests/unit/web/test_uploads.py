"""A customer's picture: stored once, drawn anew, seen by nobody who has no link."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from aftercare.services.console.audit import Actor
from aftercare.services.console.files import save
from aftercare.services.files import MAX_BYTES
from aftercare.web.identity import shop_token


def picture(size: tuple[int, int] = (60, 40), form: str = "JPEG") -> bytes:
    made = Image.new("RGB", size, "red")
    exif = made.getexif()
    exif[0x010F] = "secret-camera"
    out = io.BytesIO()
    made.save(out, form, exif=exif)
    return out.getvalue()


def send(gate: Any, session: str, raw: bytes, **headers: str) -> httpx.Response:
    given = {"x-session": session, "x-client-id": "c1"} | headers
    url = f"{gate.url}/upload"
    return httpx.post(url, content=raw, headers=given, trust_env=False, timeout=60)


def talk(gate: Any, visitor_of: Any, token: str | None = None) -> str:
    async def run() -> str:
        visitor = await visitor_of(gate.url).open(token=token)
        await visitor.close()
        return str(visitor.session)

    return asyncio.run(run())


def history(gate: Any, visitor_of: Any, session: str) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        visitor = await visitor_of(gate.url).open(session)
        found: list[dict[str, Any]] = await visitor.history()
        await visitor.close()
        return found

    return asyncio.run(run())


def test_a_picture_is_a_message_and_holds_no_trace_of_the_camera(
    up: Any, visitor_of: Any
) -> None:
    session = talk(up, visitor_of)
    raw = picture()
    assert b"secret-camera" in raw
    answer = send(up, session, raw).json()
    assert answer["ok"] and answer["seq"] == 1
    shown = httpx.get(up.url + answer["image"], trust_env=False)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert b"secret-camera" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size == (60, 40)
    assert history(up, visitor_of, session)[0]["image"] == answer["image"]


def test_the_same_upload_twice_is_one_message(up: Any, visitor_of: Any) -> None:
    session = talk(up, visitor_of)
    first = send(up, session, picture()).json()
    second = send(up, session, picture()).json()
    assert first["seq"] == second["seq"] == 1


def test_another_customers_session_takes_no_picture(up: Any, visitor_of: Any) -> None:
    secret = up.settings.shop_jwt_secret
    anna = shop_token("anna", secret, datetime.now(UTC))
    bert = shop_token("bert", secret, datetime.now(UTC))
    session = talk(up, visitor_of, anna)
    for headers in ({}, {"authorization": f"Bearer {bert}"}, {"authorization": "x"}):
        answer = send(up, session, picture(), **headers)
        assert (answer.status_code, answer.json()["reason"]) == (404, "not_found")
    mine = send(up, session, picture(), authorization=f"Bearer {anna}")
    assert mine.status_code == 200


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", 415),
        (b"<html><script>x()</script></html>", 415),
        (b"", 415),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, 415),
        (b"%PDF-1.7", 415),
        (b"\0" * (MAX_BYTES + 1), 413),
    ],
)
def test_what_is_no_picture_is_refused_in_words(
    up: Any, visitor_of: Any, raw: bytes, status: int
) -> None:
    session = talk(up, visitor_of)
    answer = send(up, session, raw)
    assert answer.status_code == status and answer.json()["message"]
    assert history(up, visitor_of, session) == []


def test_a_bomb_of_pixels_is_refused_before_it_is_drawn(
    up: Any, visitor_of: Any
) -> None:
    raw = picture((9_000, 9_000), "PNG")
    assert len(raw) < MAX_BYTES
    assert send(up, talk(up, visitor_of), raw).status_code == 413


def test_an_unknown_file_is_not_there(up: Any) -> None:
    for path in ("/files/none", "/files/..%2fsecret.key", "/files/%00"):
        answer = httpx.get(up.url + path, trust_env=False)
        assert answer.status_code == 404


def test_what_is_no_picture_is_saved_and_not_opened(up: Any, visitor_of: Any) -> None:
    """An agent's PDF, by the link that the customer is sent."""
    shown = send(up, talk(up, visitor_of), picture()).json()["image"]
    now = datetime.now(UTC)
    sent = save(
        up.engine,
        up.settings.state_dir / "files",
        Actor(1, "li", "li", "agent"),
        'a"b.pdf',
        b"%PDF-1.7 <script>x()</script>",
        now,
    )
    for path, how in ((shown, "inline"), (sent["url"], "attachment")):
        headers = httpx.get(up.url + path, trust_env=False).headers
        assert headers["content-disposition"].startswith(f"{how}; filename")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, max-age=3600"


def test_a_picture_sent_again_is_one_picture(up: Any, visitor_of: Any) -> None:
    session = talk(up, visitor_of)
    first, again = (send(up, session, picture()).json() for _ in range(2))
    assert first["ok"] and again == first
    shown = [item.get("image") for item in history(up, visitor_of, session)]
    assert shown.count(first["image"]) == 1
    assert len(list((up.settings.state_dir / "files").iterdir())) == 1
    other = send(up, session, picture(), **{"x-client-id": "c2"}).json()
    assert other["image"] != first["image"] and other["seq"] != first["seq"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("a\u2066b\u200d.pdf", "ab.pdf"),
        ("x\r\nset-cookie: a=b.pdf", "xset-cookie: a=b.pdf"),
        ("../../etc/passwd", "passwd"),
        ("\u202e\0", "file"),
        ("\ud800.pdf", ".pdf"),
        ("y" * 300, "y" * 128),
    ],
)
def test_a_files_name_shows_itself_as_it_is(
    gate: Any, tmp_path: Path, given: str, kept: str
) -> None:
    li = Actor(None, "li", "Li", "agent")
    now = datetime.now(UTC)
    made = save(gate.engine, tmp_path / "files", li, given, b"%PDF-1.4", now)
    assert made["name"] == kept
    shown = httpx.get(f"{gate.url}{made['url']}", trust_env=False)
    where = shown.headers["content-disposition"]
    assert shown.status_code == 200 and where.startswith("attachment;")
    assert "set-cookie" not in shown.headers and "\u202e" not in where
