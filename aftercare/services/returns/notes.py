"""Each night: what the shop should change, said with its share and its basis."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_text
from aftercare.services.returns.figures import lines_sold, rates_by
from aftercare.store.cases import CaseRow
from aftercare.store.messages import MessageRow
from aftercare.store.returns import ReturnNoteRow
from aftercare.store.unit_of_work import read, write
from analytics.returns import labels, named_causes, rank_causes

OPEN, DONE, DISMISSED = "open", "done", "dismissed"
CAUSE, RATE = "cause", "rate"
RATED = ("product", "size", "batch")
EXAMPLES, LONGEST = 20, 80
CHUNK = 500


def make_notes(engine: Engine, now: datetime) -> dict[str, Any]:
    """Write a note for each cause and each rate that is surely too high."""
    with read(engine) as session:
        table = lines_sold(session, now)
        if not len(table) or not table["returned"].any():
            return {"returns": 0, "notes": 0}
        back = table[table["returned"]].reset_index(drop=True)
        said = _words(session, back)
    wanted = _causes(back, said) + _rates(table)
    with write(engine) as session:
        known = {
            (row.spu, row.kind, row.code): row
            for row in session.scalars(select(ReturnNoteRow))
        }
        fresh = 0
        for item in wanted:
            row = known.get((item["spu"], item["kind"], item["code"]))
            if row is None:
                session.add(ReturnNoteRow(**item, state=OPEN, made_at=now, seen_at=now))
                fresh += 1
                continue
            row.detail, row.seen_at = item["detail"], now
            if row.state == DONE and row.decided_at is not None:
                newest = pd.Timestamp(item["detail"]["newest"])
                if newest > pd.Timestamp(row.decided_at):
                    row.state, row.decided_by, row.decided_at = OPEN, None, None
                    fresh += 1
    return {"returns": len(back), "notes": len(wanted), "new": fresh}


def listed(engine: Engine, state: str = OPEN) -> list[dict[str, Any]]:
    """Return the notes of a state, the largest share first."""
    with read(engine) as session:
        rows = session.scalars(
            select(ReturnNoteRow).where(ReturnNoteRow.state == state)
        ).all()
    found = [
        {
            "id": row.id,
            "spu": row.spu,
            "kind": row.kind,
            "code": row.code,
            "state": row.state,
            "made_at": row.made_at,
            "seen_at": row.seen_at,
            "decided_by": row.decided_by,
            **row.detail,
        }
        for row in rows
    ]
    return sorted(found, key=lambda note: -note["count"])


def why(engine: Engine, note_id: int, now: datetime) -> dict[str, Any]:
    """Return the cases behind a note and, masked, what their customers said.

    Read anew each time: a note keeps nobody's words. Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        note = session.get(ReturnNoteRow, note_id)
        if note is None:
            raise AftercareError(Reason.NOT_FOUND)
        table = lines_sold(session, now)
        back = table[table["returned"] & (table["spu"] == note.spu)]
        dimension, _, value = note.code.partition(" ")
        if note.kind == RATE and value:
            back = back[back[dimension] == value]
        back = back.reset_index(drop=True)
        said = _words(session, back)
    rows = [
        n
        for n in range(len(back))
        if note.kind == RATE or note.code in named_causes(said[n])
    ]
    words = labels().get(note.code, [])
    return {
        "words": [w for w in words if any(w in said[n] for n in rows)],
        "cases": [
            {
                "case_no": back["case_no"][n],
                "reason": back["reason"][n],
                "size": back["size"][n],
                "batch": back["batch"][n],
                "said": mask_text(said[n].strip())[:LONGEST],
            }
            for n in rows[:EXAMPLES]
        ],
    }


def decide(
    engine: Engine, actor: Actor, note_id: int, state: str, now: datetime
) -> None:
    """Say that a note was acted on, or is none.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(ReturnNoteRow, note_id, with_for_update=True)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        row.state, row.decided_by, row.decided_at = state, actor.login, now
        record(session, actor, "returns.note", now, f"{row.spu} {row.code}", to=state)


def _words(session: Session, back: pd.DataFrame) -> list[str]:
    """Return what the customer said of each return: the case's words and the talk's."""
    told: dict[str, list[str]] = {}
    numbers = back["case_no"].tolist()
    for start in range(0, len(numbers), CHUNK):
        rows = session.execute(
            select(CaseRow.case_no, CaseRow.detail).where(
                CaseRow.case_no.in_(numbers[start : start + CHUNK])
            )
        )
        for number, detail in rows:
            told.setdefault(number, []).append(detail)
    talks = [talk for talk in set(back["talk"]) if isinstance(talk, str)]
    heard: dict[str, list[str]] = {}
    for start in range(0, len(talks), CHUNK):
        rows = session.execute(
            select(MessageRow.conversation_id, MessageRow.text).where(
                MessageRow.conversation_id.in_(talks[start : start + CHUNK]),
                MessageRow.sender == "customer",
            )
        )
        for talk, text in rows:
            if not text.startswith("/"):
                heard.setdefault(talk, []).append(text)
    return [
        "\n".join(told.get(number, []) + heard.get(talk, []))
        for number, talk in zip(back["case_no"], back["talk"], strict=True)
    ]


def _causes(back: pd.DataFrame, said: list[str]) -> list[dict[str, Any]]:
    notes = []
    for cause in rank_causes(said, back["spu"].tolist()):
        if not cause.sure:
            continue
        rows = back.iloc[list(cause.rows)]
        notes.append(
            {
                "spu": cause.product,
                "kind": CAUSE,
                "code": cause.code,
                "detail": {
                    "title": rows["title"].iloc[0],
                    "count": len(cause.rows),
                    "of": cause.share.count,
                    "share": round(cause.share.value or 0.0, 3),
                    "low": round(cause.share.low or 0.0, 3),
                    "high": round(cause.share.high or 0.0, 3),
                    "elsewhere": cause.elsewhere and round(cause.elsewhere, 3),
                    "q": cause.q,
                    "sizes": _most(rows["size"]),
                    "batches": _most(rows["batch"]),
                    "newest": str(rows["placed_at"].max()),
                },
            }
        )
    return notes


def _rates(table: pd.DataFrame) -> list[dict[str, Any]]:
    notes = []
    for dimension in RATED:
        for row in rates_by(table, dimension):
            if not row["high"]:
                continue
            spu, _, rest = row["key"].partition(" ")
            mine = table[(table["spu"] == spu) & table["returned"]]
            mine = mine[mine[dimension] == rest] if rest else mine
            notes.append(
                {
                    "spu": spu,
                    "kind": RATE,
                    "code": f"{dimension} {rest}".strip(),
                    "detail": {
                        "title": row["title"],
                        "count": row["returned"],
                        "of": row["sold"],
                        "share": row["rate"],
                        "low": row["low95"],
                        "high": row["high95"],
                        "elsewhere": round(float(table["returned"].mean()), 3),
                        "q": round(1 - row["above"], 4),
                        "sizes": _most(mine["size"]),
                        "batches": _most(mine["batch"]),
                        "newest": str(mine["placed_at"].max()),
                    },
                }
            )
    return notes


def _most(values: pd.Series[str]) -> list[dict[str, Any]]:
    counts = values[values != ""].value_counts().head(3)
    return [{"key": str(key), "count": int(count)} for key, count in counts.items()]
