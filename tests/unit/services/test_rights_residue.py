"""What stays behind beside the rows: free pages, the log, files and memories."""

from __future__ import annotations

import os
import sqlite3
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from aftercare.services import rights
from aftercare.services.conversations import open_conversation, receive
from aftercare.services.files import store_picture
from aftercare.services.rights import forget
from aftercare.store.desk import AttachmentRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import CustomerRow
from aftercare.store.unit_of_work import read, write
from tests.unit.web.test_uploads import picture

ANNA = "C-DEMO-1"
DAY = timedelta(days=1)
sqlite = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)


def say(shop: Engine, talk: str, who: str | None, text: str, now: datetime) -> None:
    receive(
        shop,
        conversation_id=talk,
        customer_id=who,
        client_id=text,
        text=text,
        now=now,
    )


def on_disk(shop: Engine) -> bytes:
    """Return the database's file and its log, as a thief of the disk reads them."""
    file = Path(str(shop.url.database))
    log = file.with_name(f"{file.name}-wal")
    return file.read_bytes() + (log.read_bytes() if log.exists() else b"")


@sqlite
@pytest.mark.parametrize("how", ["forgotten", "purged"])
def test_what_is_deleted_is_gone_from_the_disk(
    shop: Engine, tmp_path: Path, now: datetime, how: str
) -> None:
    talk = open_conversation(shop, ANNA)
    for number in range(300):
        say(shop, talk, ANNA, f"planted words {number} " + "x" * 300, now)
        with write(shop) as session:
            row = session.get_one(ConversationRow, talk)
            row.owner = "human"
    with write(shop) as session:
        session.execute(
            update(CustomerRow).where(CustomerRow.id == ANNA).values(name="planted me")
        )
        session.get_one(ConversationRow, talk).owner = "closed"
    assert b"planted words" in on_disk(shop) and b"planted me" in on_disk(shop)
    if how == "forgotten":
        rights.forget_customer(shop, tmp_path, ANNA)
        assert b"planted me" not in on_disk(shop)
    else:
        rights.purge(shop, tmp_path, now + 40 * DAY, talk_days=30)
    assert b"planted words" not in on_disk(shop)


@sqlite
def test_a_reader_in_the_way_holds_nobody_up(
    shop: Engine, tmp_path: Path, now: datetime
) -> None:
    with read(shop) as session:
        session.scalars(select(CustomerRow.id)).all()
        rights.forget_customer(shop, tmp_path, ANNA)
    assert rights.purge(shop, tmp_path, now, talk_days=30)["conversations"] == 0


def tracker_with(tmp_path: Path, talks: list[str]) -> Path:
    file = tmp_path / "tracker.db"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS dialogues"
            " (sender_id TEXT PRIMARY KEY, version INTEGER, events TEXT)"
        )
        for talk in talks:
            connection.execute("INSERT INTO dialogues VALUES (?, 1, '[]')", (talk,))
    return file


def memories(tracker: Path) -> set[str]:
    with sqlite3.connect(tracker) as connection:
        return {row[0] for row in connection.execute("SELECT sender_id FROM dialogues")}


def old(file: Path, now: datetime, age: timedelta) -> None:
    moment = (now - age).timestamp()
    os.utime(file, (moment, moment))


def test_who_was_forgotten_by_a_process_that_was_killed_is_forgotten_wholly(
    shop: Engine, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, other = open_conversation(shop, ANNA), open_conversation(shop, None)
    say(shop, talk, ANNA, "hello", now)
    say(shop, other, None, "hello", now)
    mine = store_picture(shop, tmp_path, talk, picture(), now)
    theirs = store_picture(shop, tmp_path, other, picture(), now)
    tracker = tracker_with(tmp_path, [talk, other])
    files = tmp_path / "files"
    for path in (mine, theirs):
        old(files / Path(path).name, now, DAY)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(forget, "remember", killed)
        rights.forget_customer(shop, tmp_path, ANNA)
    assert memories(tracker) == {talk, other} and len(list(files.iterdir())) == 2
    gone = rights.purge(shop, tmp_path, now, talk_days=30)
    assert (gone["stray_files"], gone["stray_memories"]) == (1, 1)
    assert memories(tracker) == {other}
    assert [file.name for file in files.iterdir()] == [Path(theirs).name]


def test_a_file_whose_row_is_still_on_its_way_stays(
    shop: Engine, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, age in (("fresh", timedelta(minutes=5)), ("stray", 2 * DAY)):
        (folder / name).write_bytes(b"x")
        old(folder / name, now, age)
    assert rights.purge(shop, tmp_path, now, talk_days=30)["stray_files"] == 1
    assert [file.name for file in folder.iterdir()] == ["fresh"]


def test_what_an_agent_uploaded_and_never_sent_goes_after_thirty_days(
    shop: Engine, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    with write(shop) as session:
        for name, age in (("kept", 29), ("unsent", 31)):
            (folder / name).write_bytes(b"x")
            old(folder / name, now, age * DAY)
            row = AttachmentRow(id=name, name="a", type="b", size=1, by="li")
            row.at = now - age * DAY
            session.add(row)
    assert rights.purge(shop, tmp_path, now, talk_days=365)["stray_files"] == 1
    assert [file.name for file in folder.iterdir()] == ["kept"]


def test_conversations_nobody_spoke_in_do_not_pile_up(
    shop: Engine, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The function of the same name hides the module.
    module = sys.modules["aftercare.services.rights.purge"]
    monkeypatch.setattr(module, "BATCH", 2)
    never = [open_conversation(shop, None) for _ in range(5)]
    spoken = open_conversation(shop, None)
    say(shop, spoken, None, "hello", now)
    with read(shop) as session:
        made = session.get_one(ConversationRow, never[0]).created_at
    assert made is not None
    assert rights.purge(shop, tmp_path, made + 29 * DAY, 365)["never_begun"] == 0
    assert rights.purge(shop, tmp_path, made + 31 * DAY, 365)["never_begun"] == 5
    with read(shop) as session:
        left = set(session.scalars(select(ConversationRow.id)))
    assert spoken in left and not left & set(never)

