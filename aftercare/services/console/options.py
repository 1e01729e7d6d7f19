"""Settings of the console that an admin changes at run time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.store.console import ConsoleSettingRow
from aftercare.store.unit_of_work import read, write

DEFAULTS = yaml.safe_load(
    (Path(__file__).parent / "options.yml").read_text(encoding="utf-8")
)


class Options(BaseModel):
    """All settings with their bounds; times in seconds, money in fen.

    `limit_fen` is what a role may grant alone; None means without limit.
    """

    model_config = ConfigDict(extra="forbid")

    warn_notice_s: int = Field(60, ge=1, le=86_400)
    warn_s: int = Field(100, ge=1, le=86_400)
    alert_s: int = Field(180, ge=1, le=86_400)
    reply_target_s: int = Field(180, ge=1, le=86_400)
    report_hours: tuple[int, int] = (8, 23)
    # Share of customers answered within the target, and talks held at once.
    service_share: float = Field(0.8, ge=0.1, le=0.99)
    at_once: int = Field(3, ge=1, le=20)
    cap: int = Field(8, ge=1, le=100)
    lease_s: int = Field(1_800, ge=60, le=86_400)
    accept_s: int = Field(180, ge=30, le=86_400)
    auto_assign: bool = True
    limit_fen: dict[str, int | None] = {
        "agent": 20_000,
        "supervisor": 200_000,
        "admin": None,
    }
    sensitive_words: list[str] = Field(DEFAULTS["sensitive_words"], max_length=2_000)
    close_reasons: list[str] = Field(DEFAULTS["close_reasons"], max_length=50)
    low_confidence: float = Field(0.6, ge=0, le=1)
    recall_s: int = Field(120, ge=0, le=86_400)
    totp_required: bool = False
    survey_gap_days: int = Field(30, ge=1, le=3_650)
    survey_window_min: int = Field(30, ge=1, le=1_440)
    survey_expire_days: int = Field(14, ge=1, le=90)
    survey_low_score: int = Field(2, ge=1, le=4)
    survey_followup_hours: int = Field(24, ge=1, le=720)
    greeting: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        if not self.warn_notice_s <= self.warn_s <= self.alert_s:
            raise ValueError("the warnings must not come before one another")
        first, last = self.report_hours
        if not 0 <= first < last <= 24:
            raise ValueError("report hours are two hours of a day in order")
        return self


def options_in(session: Session) -> Options:
    """Return the settings inside a transaction."""
    rows = session.execute(select(ConsoleSettingRow.key, ConsoleSettingRow.value))
    known = {key: value for key, value in rows if key in Options.model_fields}
    return Options(**known)


def options(engine: Engine) -> Options:
    """Return the settings as they are now."""
    with read(engine) as session:
        return options_in(session)


def change(
    engine: Engine, actor: Actor, changes: dict[str, Any], now: datetime
) -> Options:
    """Change some settings; all or none.

    Raises:
        AftercareError: MALFORMED for an unknown name or a value out of bounds.
    """
    with write(engine) as session:
        before = options_in(session).model_dump()
        try:
            after = Options(**(before | changes))
        except ValidationError as error:
            raise AftercareError(Reason.MALFORMED, error.errors()[0]["msg"]) from error
        for key in changes:
            value = after.model_dump(mode="json")[key]
            session.merge(
                ConsoleSettingRow(key=key, value=value, at=now, by=actor.login)
            )
            record(session, actor, "settings.change", now, key, value=value)
        return after
