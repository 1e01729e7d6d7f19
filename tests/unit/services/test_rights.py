"""A customer's copy holds everything; after being forgotten nothing is left."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import load_rules
from aftercare.services import cases, drafts, rights
from aftercare.services.access import Proof, Viewer, prove_order
from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.drafts import Draft
from aftercare.services.rights.holdings import OTHERS, OWNED
from aftercare.store.engine import make_engine
from aftercare.store.models import Base, CustomerRow, OrderRow, RefundRow
from aftercare.store.unit_of_work import read, write

RULES = load_rules()
ANNA = "C-DEMO-1"
UNSHIPPED = "8800000000010005-1"
SHOES = "8800000000010001-1"
ORDER = "8800000000010001"
PLANTED = (
    "anna-name",
    "anna-phone-0001",
    "anna-phone-0002",
    "anna-region",
    "anna-says",
)
PLANTED_LATER = ("bot-says", "anna-detail", "guest-says")


def dump(engine: Engine) -> str:
    """Return every value of every table as one text."""
    with read(engine) as session:
        rows = {
            name: [list(row) for row in session.execute(select(table))]
            for name, table in Base.metadata.tables.items()
        }
    return json.dumps(rows, default=str, ensure_ascii=False)


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    file = tmp_path / "tracker.db"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE dialogues"
            " (sender_id TEXT PRIMARY KEY, version INTEGER, events TEXT)"
        )
    return file


@pytest.fixture
def anna(shop: Engine, now: datetime, tracker: Path) -> Engine:
    """The demo shop with planted words wherever a person's data can stand."""
    with write(shop) as session:
        mine = CustomerRow.id == ANNA
        session.execute(
            update(CustomerRow).where(mine).values(name=PLANTED[0], phone=PLANTED[1])
        )
        session.execute(
            update(OrderRow)
            .where(OrderRow.customer_id == ANNA)
            .values(receiver_phone=PLANTED[2], receiver_region=PLANTED[3])
        )
    talk = open_conversation(shop, ANNA)
    say(shop, talk, ANNA, PLANTED[4], now)
    answer(
        shop,
        conversation_id=talk,
        to_seq=1,
        replies=[Reply("bot-says")],
        now=now,
        understanding={"text": "anna-says"},
    )
    guest = open_conversation(shop, None)
    prove_order(shop, Viewer(guest, None), Proof(ORDER, "0002"), "k", now)
    say(shop, guest, None, "guest-says", now)
    viewer = Viewer(talk, ANNA)
    for line, detail in ((UNSHIPPED, ""), (SHOES, "anna-detail")):
        draft = Draft("refund", line, "dislike", detail)
        asked = drafts.prepare(shop, viewer, draft, RULES, now)
        cases.confirm(shop, viewer, asked.nonce, RULES, now)
    with sqlite3.connect(tracker) as connection:
        for sender in (talk, guest, "somebody-else"):
            data = json.dumps([{"text": f"memory of {sender}"}])
            connection.execute("INSERT INTO dialogues VALUES (?, 1, ?)", (sender, data))
    return shop


def say(shop: Engine, talk: str, who: str | None, text: str, now: datetime) -> None:
    receive(
        shop,
        conversation_id=talk,
        customer_id=who,
        client_id=f"{talk}-{text}",
        text=text,
        now=now,
    )


def test_every_table_says_whether_it_holds_customers() -> None:
    assert set(Base.metadata.tables) == set(OWNED) | OTHERS
    assert not set(OWNED) & OTHERS


def test_the_copy_holds_everything_planted_and_nothing_of_others(
    anna: Engine, now: datetime, tracker: Path
) -> None:
    with write(anna) as session:
        other = CustomerRow.id == "C-DEMO-2"
        session.execute(update(CustomerRow).where(other).values(name="other-name"))
    url = f"sqlite:///{tracker}"
    found = json.dumps(rights.export_customer(anna, ANNA, url, now))
    for words in (*PLANTED, *PLANTED_LATER, "memory of"):
        assert words in found, words
    assert "other-name" not in found and "somebody-else" not in found


def test_after_being_forgotten_nothing_is_left_but_the_money(
    anna: Engine, tmp_path: Path, tracker: Path
) -> None:
    before = dump(anna)
    assert all(words in before for words in (*PLANTED, *PLANTED_LATER, ANNA))
    with read(anna) as session:
        money = session.scalars(select(RefundRow.amount_fen)).all()
    done = rights.forget_customer(anna, tmp_path, ANNA, open_cases=True)
    after = dump(anna)
    assert [w for w in (*PLANTED, *PLANTED_LATER, f'"{ANNA}"') if w in after] == []
    with read(anna) as session:
        assert session.scalars(select(RefundRow.amount_fen)).all() == money
    assert done.refunds_kept == 1
    left = tracker.read_bytes()
    assert left.count(b"memory of") == 1 and b"memory of somebody-else" in left


def test_others_are_not_touched(anna: Engine, tmp_path: Path) -> None:
    def others() -> list[object]:
        with read(anna) as session:
            mine = OrderRow.customer_id.not_like("forgotten-%")
            rows = session.scalars(
                select(OrderRow).where(mine, OrderRow.customer_id != ANNA)
            )
            return sorted((r.order_no, r.customer_id, r.receiver_phone) for r in rows)

    before = others()
    rights.forget_customer(anna, tmp_path, ANNA, open_cases=True)
    assert others() == before


def test_an_open_case_is_finished_first(anna: Engine, tmp_path: Path) -> None:
    with pytest.raises(AftercareError) as caught:
        rights.forget_customer(anna, tmp_path, ANNA)
    assert caught.value.reason is Reason.ILLEGAL_MOVE
    assert PLANTED[0] in dump(anna)


def test_who_does_not_exist_is_said_plainly(shop: Engine, tmp_path: Path) -> None:
    with pytest.raises(AftercareError):
        rights.forget_customer(shop, tmp_path, "nobody")


def test_a_restored_backup_is_forgotten_again(
    shop_file: Path, tmp_path: Path, now: datetime
) -> None:
    live, backup = tmp_path / "live.db", tmp_path / "backup.db"
    shutil.copy(shop_file, live)
    shutil.copy(shop_file, backup)
    rights.forget_customer(make_engine(f"sqlite:///{live}"), tmp_path, ANNA)
    restored = make_engine(f"sqlite:///{backup}")
    assert f'"{ANNA}"' in dump(restored)
    assert rights.forget_again(restored, tmp_path) == 1
    assert f'"{ANNA}"' not in dump(restored)
    assert ANNA not in (tmp_path / "forgotten.txt").read_text()


def test_what_is_past_its_time_goes_and_the_rest_stays(
    anna: Engine, tmp_path: Path, now: datetime
) -> None:
    kept = rights.purge(anna, tmp_path, now + timedelta(days=9), talk_days=10)
    assert kept["conversations"] == 0 and "anna-says" in dump(anna)
    gone = rights.purge(anna, tmp_path, now + timedelta(days=31), talk_days=10)
    assert gone["conversations"] == 2
    after = dump(anna)
    assert "anna-says" not in after and "guest-says" not in after
    assert "anna-detail" in after  # the case is not chat: it stays
