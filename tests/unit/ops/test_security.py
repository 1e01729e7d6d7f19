"""What ASVS 5.0 asks for that no other test shows (docs/security/asvs.yml)."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from aftercare import logs
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import accounts, secrets
from aftercare.services.console.rights import Role
from aftercare.settings import ROOT, Settings
from aftercare.store.engine import make_engine
from aftercare.web.app import create_app
from aftercare.web.console.app import create_console
from aftercare.web.gateway import Gateway
from aftercare.web.identity import turn_token

PASSWORD = "correct horse 1"
SECRET = "s" * 40


def test_passwords_that_are_refused() -> None:
    weak = ("short", "a" * 30, "1234567890", "Password123", "aftercare2026", "x" * 201)
    for password in weak:
        with pytest.raises(AftercareError) as caught:
            secrets.hash_password(password)
        assert caught.value.reason is Reason.PASSWORD_WEAK
    assert len(secrets.common_passwords()) > 300


def test_passwords_that_are_taken() -> None:
    cheap = (
        "lower only words",
        "\u552e\u540e\u65e0\u5fe7 \u767b\u5f55\u53e3\u4ee4 \u4e09",
        "1a2b3c" * 12,
    )
    for password in cheap:
        assert secrets.password_fits(secrets.hash_password(password), password)


def test_a_password_counts_as_it_was_given() -> None:
    kept = secrets.hash_password("Exactly So 12")
    for other in ("exactly so 12", "Exactly So 12 ", "Exactly So 1"):
        assert not secrets.password_fits(kept, other)
    longest = secrets.hash_password("ab12" * 50)
    assert not secrets.password_fits(longest, "ab12" * 50 + "more")


def test_passwords_are_kept_by_argon2id() -> None:
    assert secrets.hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_password_fields_hide_and_take_a_paste() -> None:
    pages = ROOT / "frontend" / "console" / "pages"
    found = 0
    for path in pages.glob("*.vue"):
        for field in re.findall(
            r"<n-input[^>]*password[^>]*>", path.read_text("utf-8")
        ):
            if "v-model" in field and "autocomplete" in field:
                found += 1
                assert 'type="password"' in field and "paste" not in field
                assert re.search("(current|new)-password", field)
    assert found >= 3


def test_tokens_are_long_and_never_the_same() -> None:
    made = {secrets.new_token() for _ in range(1000)}
    assert len(made) == 1000
    # 43 characters of base64 are 256 bits.
    assert min(map(len, made)) >= 43


@pytest.fixture(params=["development", "production"])
def web(
    request: pytest.FixtureRequest, shop_file: Path, tmp_path: Path
) -> Iterator[tuple[TestClient, Settings]]:
    """The whole application, as at home and as in a shop."""
    shutil.copy(shop_file, tmp_path / "demo.db")
    settings = Settings(
        env=request.param,
        state_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'demo.db'}",
        shop_jwt_secret=SECRET,
        internal_secret=SECRET[::-1] + "y",
        rasa_port=9,
    )
    engine = make_engine(settings.database_url)
    now = datetime.now(UTC)
    accounts.add(engine, "wang", "wang", PASSWORD, Role("agent"), now)
    client = TestClient(create_app(settings), base_url="https://shop.example")
    yield client, settings
    client.close()


def signed_in(client: TestClient) -> dict[str, str]:
    answer = client.post("/api/session", json={"login": "wang", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"x-csrf-token": answer.json()["csrf"]}


def test_the_cookie_of_production(web: tuple[TestClient, Settings]) -> None:
    client, settings = web
    answer = client.post("/api/session", json={"login": "wang", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    if settings.env == "production":
        assert cookie.startswith("__Host-") and "Secure" in cookie
        assert "domain=" not in cookie.lower()
    assert client.get("/api/session").status_code == 200
    headers = {"x-csrf-token": answer.json()["csrf"]}
    assert client.delete("/api/session", headers=headers).status_code < 300
    assert client.get("/api/session").status_code == 401


def test_headers_of_production(web: tuple[TestClient, Settings]) -> None:
    client, settings = web
    for path in ("/", "/console/", "/api/session", "/healthz", "/nothing"):
        headers = client.get(path).headers
        assert "object-src 'none'" in headers["content-security-policy"]
        assert "base-uri 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        strict = headers.get("strict-transport-security", "")
        assert ("max-age=31536000" in strict) is (settings.env == "production")


def test_answers_with_data_are_kept_nowhere(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    signed_in(client)
    for path in ("/api/session", "/api/conversations", "/api/nothing"):
        assert client.get(path).headers["cache-control"] == "no-store"


def test_no_other_origin_reads_answers(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    signed_in(client)
    for path in ("/api/session", "/", "/healthz"):
        headers = client.get(path, headers={"origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in headers


def test_every_answer_says_its_type_and_charset(
    web: tuple[TestClient, Settings],
) -> None:
    client, _ = web
    for path in ("/", "/healthz", "/api/session", "/api/docs", "/nothing"):
        kind = client.get(path).headers["content-type"]
        # JSON is UTF-8 by its own standard (RFC 8259).
        assert kind.startswith("application/json") or "charset=utf-8" in kind


def test_no_path_leads_out_of_the_folder(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    for path in (
        "/.git/config",
        "/.env",
        "/..%2f.env",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/files/..%2f..%2fdemo.db",
        "/files/%2e%2e%2fdemo.db",
        "/console/..%2f..%2f.git/config",
        "/static/",
        "/assets/",
    ):
        assert client.get(path).status_code in (400, 404), path


def test_an_uploaded_file_is_never_a_page(web: tuple[TestClient, Settings]) -> None:
    client, settings = web
    folder = settings.state_dir / "files"
    folder.mkdir(exist_ok=True)
    (folder / "evil.html").write_text("<script>1</script>")
    assert client.get("/files/evil.html").status_code == 404
    assert client.get("/files/evil").status_code == 404


def test_trace_is_no_method(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    for path in ("/", "/healthz", "/api/session"):
        assert client.request("TRACE", path).status_code in (404, 405)


def test_no_safe_method_changes_anything(web: tuple[TestClient, Settings]) -> None:
    _, settings = web
    gateway = Gateway(settings, make_engine(settings.database_url), {"malformed": ""})
    app = create_console(settings, make_engine(settings.database_url), gateway)
    changing = re.compile(
        r"/(take|give_back|close|assign|approve|refuse|remove|disable|confirm|recall)$"
    )
    for route in app.routes:
        methods = getattr(route, "methods", None) or set()
        if {"GET", "HEAD"} & set(methods):
            assert not changing.search(getattr(route, "path", "")), route


def test_no_token_travels_in_an_address(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    signed_in(client)
    token = next(iter(client.cookies.values()))
    client.cookies.clear()
    for name in ("token", "session", "aftercare_console", "auth"):
        assert client.get(f"/api/session?{name}={token}").status_code == 401


def test_a_parameter_twice_is_no_way_in(web: tuple[TestClient, Settings]) -> None:
    client, _ = web
    body = b'{"login": "nobody", "login": "wang", "password": "wrong", "password": "x"}'
    headers = {"content-type": "application/json"}
    answer = client.post("/api/session?login=wang", content=body, headers=headers)
    assert answer.status_code in (401, 422)


def test_a_turn_token_is_no_sign_in() -> None:
    import jwt

    from aftercare.web.identity import customer_of

    token = turn_token("talk", "C-DEMO-1", 1, SECRET, datetime.now(UTC))
    with pytest.raises(jwt.InvalidTokenError):
        customer_of(token, SECRET)


def test_production_has_no_secret_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SHOP_JWT_SECRET", "INTERNAL_SECRET"):
        monkeypatch.delenv(f"AFTERCARE_{name}", raising=False)
    with pytest.raises(ValidationError):
        Settings(env="production", state_dir=tmp_path)


def test_browser_storage_holds_no_customer() -> None:
    kept = re.compile(r"(?:local|session)Storage\.setItem\(([^,]+),")
    names = set()
    for path in (ROOT / "frontend").glob("[cw]*/**/*"):
        if path.suffix in (".ts", ".vue") and "node_modules" not in path.parts:
            names |= set(kept.findall(path.read_text("utf-8")))
    # Choices of the console, the widget's own session id, and whether it is open.
    assert names <= {
        '"console-dark"',
        '"console-language"',
        '"console-silent"',
        "this.key",
        "`${this.key}:open`",
    }


def test_a_line_says_when_in_utc_and_stays_one_line() -> None:
    said = 'first\nsecond \u2028 {"level": "error"}'
    record = logging.LogRecord("a", logging.INFO, "f", 1, said, (), None)
    line = logs.JsonLines("web").format(record)
    assert "\n" not in line
    found = json.loads(line)
    assert found["at"].endswith("+00:00") and found["level"] == "info"
    assert "\n" not in logs.TextLines().format(record)
