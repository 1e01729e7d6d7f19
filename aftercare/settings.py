"""The one settings object, read once from `AFTERCARE_…` or `.env`."""

from __future__ import annotations

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from aftercare.services.alerts.types import Mailbox

ROOT = Path(__file__).resolve().parent.parent
MIN_SECRET = 32


class Settings(BaseSettings):
    """Typed settings; secrets have a default in development only.

    Raises:
        ValueError: production without both secrets (>= 32 characters).
    """

    model_config = SettingsConfigDict(
        env_prefix="AFTERCARE_", env_file=".env", extra="ignore"
    )

    env: Literal["development", "production"] = "development"
    state_dir: Path = ROOT / "var"
    database_url: str = ""
    # Rasa's working memory; any SQLAlchemy URL (PostgreSQL: `postgresql://…`).
    tracker_url: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    rasa_port: int = 5005
    actions_port: int = 5055
    shop_jwt_secret: str = ""
    internal_secret: str = ""
    allowed_origins: list[str] = []
    # A person types one message a second at most; pieces of one come in bursts.
    talk_messages_per_10s: int = 30
    # Many customers may share an address (a company, a mobile carrier).
    address_messages_per_10s: int = 300
    turn_deadline_s: float = 9.0
    # A conversation is deleted so long after its last message (PIPL art. 19).
    keep_talks_days: int = 365
    # The checkout whose training data the console reads and commits to.
    project_dir: Path = ROOT
    # Alerts by mail: smtp://user:password@host:port or smtps://…; empty: none.
    smtp_url: str = ""
    mail_from: str = "aftercare@localhost"
    alert_mail_to: list[str] = []
    # Whether webhooks may be sent into private networks; the internet alone by default.
    webhooks_private: bool = False
    # Logs as lines for a person or as JSON for a collector.
    log_format: Literal["text", "json"] = "text"
    # Who may read /metrics from elsewhere than this machine; empty: nobody.
    metrics_token: str = ""
    # Where OpenTelemetry spans go (OTLP over HTTP, `http://…/v1/traces`).
    otlp_endpoint: str = ""
    # More than one process: `redis://…` for what they tell each other, `amqp://…`
    # for events to the outside, how many of each part `up` keeps on this machine
    # (on ports counted from the first), and where parts on other machines are.
    redis_url: str = ""
    events_url: str = ""
    events_exchange: str = "aftercare.events"
    # What the shop has queues for; another kind is not sent and waits for nobody.
    events_kinds: list[
        Literal["refund.written", "case.moved", "handover.requested"]
    ] = [
        "refund.written",
        "case.moved",
        "handover.requested",
    ]
    web_workers: int = Field(default=1, ge=1, le=32)
    # One more web process that waits, loaded, to take a dead one's place.
    web_spare: bool = True
    rasa_workers: int = Field(default=1, ge=1, le=32)
    actions_workers: int = Field(default=1, ge=1, le=32)
    rasa_urls: list[str] = []
    # Where Rasa and the actions listen; never an address the internet reaches.
    part_host: str = "127.0.0.1"
    actions_url: str = ""

    @model_validator(mode="after")
    def _fill(self) -> Settings:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.state_dir / 'aftercare.db'}"
        if not self.tracker_url:
            self.tracker_url = f"sqlite:///{self.state_dir / 'tracker.db'}"
        for name in ("shop_jwt_secret", "internal_secret"):
            if not getattr(self, name) and self.env == "development":
                setattr(self, name, _development_secret(self.state_dir, name))
            if len(getattr(self, name)) < MIN_SECRET:
                raise ValueError(
                    f"AFTERCARE_{name.upper()} needs {MIN_SECRET} characters or more"
                )
        return self

    @property
    def mailbox(self) -> Mailbox | None:
        """Return where alerts are mailed to, None without a mail server."""
        if not self.smtp_url or not self.alert_mail_to:
            return None
        return Mailbox(self.smtp_url, self.mail_from, tuple(self.alert_mail_to))

    @property
    def rasa_url(self) -> str:
        """Address of our channel in Rasa, loopback only."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def rasa_addresses(self) -> list[str]:
        """Every Rasa a turn may be asked of; those of this machine by default."""
        if self.rasa_urls:
            return [url.rstrip("/") for url in self.rasa_urls]
        ports = range(self.rasa_port, self.rasa_port + self.rasa_workers)
        return [f"http://127.0.0.1:{port}" for port in ports]

    @property
    def shared(self) -> bool:
        """Whether other processes may serve the same conversations."""
        return not self.database_url.startswith("sqlite")

    def actions_address(self, worker: int = 0) -> str:
        """Return where the Rasa of this number calls its actions."""
        if self.actions_url:
            return self.actions_url.rstrip("/")
        return f"http://127.0.0.1:{self.actions_port + worker % self.actions_workers}"

    def as_env(self) -> dict[str, str]:
        """Return what a child process needs to read the same settings."""
        return {
            "AFTERCARE_ENV": self.env,
            "AFTERCARE_STATE_DIR": str(self.state_dir),
            "AFTERCARE_DATABASE_URL": self.database_url,
            "AFTERCARE_WEB_HOST": self.web_host,
            "AFTERCARE_WEB_PORT": str(self.web_port),
            "AFTERCARE_RASA_PORT": str(self.rasa_port),
            "AFTERCARE_ACTIONS_PORT": str(self.actions_port),
            "AFTERCARE_SHOP_JWT_SECRET": self.shop_jwt_secret,
            "AFTERCARE_INTERNAL_SECRET": self.internal_secret,
            "AFTERCARE_TALK_MESSAGES_PER_10S": str(self.talk_messages_per_10s),
            "AFTERCARE_ADDRESS_MESSAGES_PER_10S": str(self.address_messages_per_10s),
            "AFTERCARE_TURN_DEADLINE_S": str(self.turn_deadline_s),
            "AFTERCARE_TRACKER_URL": self.tracker_url,
            "AFTERCARE_PROJECT_DIR": str(self.project_dir),
            "AFTERCARE_LOG_FORMAT": self.log_format,
            "AFTERCARE_METRICS_TOKEN": self.metrics_token,
            "AFTERCARE_OTLP_ENDPOINT": self.otlp_endpoint,
            "AFTERCARE_WEBHOOKS_PRIVATE": str(self.webhooks_private),
            "AFTERCARE_REDIS_URL": self.redis_url,
            "AFTERCARE_EVENTS_URL": self.events_url,
            "AFTERCARE_EVENTS_EXCHANGE": self.events_exchange,
            "AFTERCARE_EVENTS_KINDS": json.dumps(self.events_kinds),
            "AFTERCARE_PART_HOST": self.part_host,
            "AFTERCARE_WEB_WORKERS": str(self.web_workers),
            "AFTERCARE_WEB_SPARE": str(self.web_spare),
            "AFTERCARE_RASA_WORKERS": str(self.rasa_workers),
            "AFTERCARE_ACTIONS_WORKERS": str(self.actions_workers),
            "AFTERCARE_RASA_URLS": json.dumps(self.rasa_urls),
            "AFTERCARE_ACTIONS_URL": self.actions_address(),
        }


def _development_secret(state_dir: Path, name: str) -> str:
    """Return this installation's own random secret, made at the first start."""
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / f"{name}.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
