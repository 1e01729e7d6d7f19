"""A candidate beside the model in use: figures, and every message that changes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete

from aftercare.services.assistant import tasks
from aftercare.services.assistant.judging import asked, changed, heldout_of, scores
from aftercare.services.assistant.past import past_talks
from aftercare.services.assistant.serving import current, folder_of
from aftercare.services.trainset import open_branch
from aftercare.services.trainset.branch import texts
from aftercare.settings import Settings
from aftercare.store.assistant import ModelReplayRow, RasaModelRow
from aftercare.store.unit_of_work import read, write

Reading = dict[str, Any]


def judge(
    engine: Engine, settings: Settings, model_id: int, folder: Path, task_id: int
) -> dict[str, Any]:
    """Judge a model against the one in use; store the figures and return them.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED where a model cannot be asked.
    """
    with read(engine) as session:
        row = session.get_one(RasaModelRow, model_id)
        name, version = row.name, row.data_version
    files = texts(open_branch(engine, settings.project_dir), version)
    heldout = heldout_of(files)
    talks = past_talks(engine)
    questions = {"heldout": [item["text"] for item in heldout], "talks": talks}
    stories = folder / "stories"
    _stories(stories, files)
    in_use = current(engine, settings)
    answers = {}
    for side, path in (
        ("current", in_use.path),
        ("candidate", folder_of(settings) / f"{name}.tar.gz"),
    ):
        more = {"stories": str(stories)} if side == "candidate" else {}
        answers[side] = asked(
            settings,
            path,
            folder / side,
            questions | more,
            lambda step, told, side=side: tasks.say(  # type: ignore[misc]
                engine, task_id, f"{side}_{step}", **told
            ),
        )
    rows = _replayed(model_id, talks, answers["current"], answers["candidate"])
    metrics = {
        "current": scores(heldout, answers["current"]["heldout"]),
        "candidate": scores(heldout, answers["candidate"]["heldout"]),
        "heldout": _heldout(heldout, answers),
        "stories": answers["candidate"]["stories"],
        "replay": _counts(rows, len(answers["candidate"]["replay"])),
    }
    with write(engine) as session:
        session.execute(
            delete(ModelReplayRow).where(ModelReplayRow.model_id == model_id)
        )
        session.add_all(rows)
        row = session.get_one(RasaModelRow, model_id)
        row.metrics, row.judged_against = metrics, in_use.name
    return metrics


def _stories(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        if path.startswith("tests/test_"):
            (folder / Path(path).name).write_text(text, encoding="utf-8")


def _replayed(
    model_id: int, talks: list[dict[str, Any]], old: Reading, new: Reading
) -> list[ModelReplayRow]:
    """Return a row for each asked message that the two models take differently."""
    places = {
        turn["message"]: (talk["id"], turn["text"])
        for talk in talks
        for turn in talk["turns"]
    }
    made = []
    for before, after in zip(old["replay"], new["replay"], strict=True):
        kinds = changed(before, after)
        if not kinds:
            continue
        talk_id, text = places[before["message"]]
        made.append(
            ModelReplayRow(
                model_id=model_id,
                conversation_id=talk_id,
                message_id=before["message"],
                text=text,
                changed=f",{','.join(kinds)},",
                before={k: v for k, v in before.items() if k != "message"},
                after={k: v for k, v in after.items() if k != "message"},
            )
        )
    return made


def _counts(rows: list[ModelReplayRow], asked_for: int) -> dict[str, int]:
    kinds = Counter(kind for row in rows for kind in row.changed.strip(",").split(","))
    return {"n": asked_for, "changed": len(rows), **kinds}


def _heldout(
    wanted: list[dict[str, Any]], answers: dict[str, Reading]
) -> list[dict[str, Any]]:
    """Return the held-out messages whose intent the two models take differently."""
    old, new = answers["current"]["heldout"], answers["candidate"]["heldout"]
    return [
        {
            "text": truth["text"],
            "intent": truth["intent"],
            "before": before["intent"],
            "after": after["intent"],
        }
        for truth, before, after in zip(wanted, old, new, strict=True)
        if before["intent"] != after["intent"]
    ]
