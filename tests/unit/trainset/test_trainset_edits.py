"""Examples added, removed and moved; faults found before they are stored."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.console.audit import Actor, entries
from aftercare.services.trainset import Branch, open_branch
from aftercare.services.trainset.branch import texts
from aftercare.services.trainset.checks import problems
from aftercare.services.trainset.edits import Edit, commit, preview
from aftercare.services.trainset.examples import all_sections, with_example
from aftercare.settings import ROOT
from tests.unit.trainset.conftest import WORDS

FILE = "data/nlu/talk.yml"
DORA = Actor(1, "dora", "Dora", "annotator")


def shown(branch: Branch, *edits: Edit) -> tuple[list[str], list[str]]:
    """Return the changed lines and the codes of the faults."""
    change = preview(branch, edits, branch.head())
    lines = change.diff.splitlines()
    kept = [x for x in lines if x[:1] in "+-" and not x.startswith(("+++", "---"))]
    return kept, [problem.code for problem in change.problems]


def test_adding_removing_and_moving_change_one_line_each(branch: Branch) -> None:
    hello, known = WORDS["hello"], WORDS["known"]
    add = Edit("add", "intent", "greet", hello)
    assert shown(branch, add) == ([f"+    - {hello}"], [])
    away = Edit("remove", "intent", "request_refund", known)
    assert shown(branch, away) == ([f"-    - {known}"], [])
    move = Edit("move", "intent", "request_refund", known, to="greet")
    lines, faults = shown(branch, move)
    assert sorted(lines) == [f"+    - {known}", f"-    - {known}"] and not faults
    # A synonym and a lookup table are changed in the same way.
    other = Edit("add", "synonym", WORDS["product"], "AirBuds")
    assert shown(branch, other) == (["+    - AirBuds"], [])
    assert shown(branch, Edit("add", "lookup", "product", "AirBuds"))[1] == []


def test_comments_and_order_stay(branch: Branch) -> None:
    before = texts(branch, branch.head())
    change = preview(
        branch, [Edit("add", "intent", "greet", WORDS["hello"])], branch.head()
    )
    after = str(change.files[FILE])
    assert [line for line in after.splitlines() if WORDS["hello"] not in line] == (
        before[FILE].splitlines()
    )


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Edit("add", "intent", "greet", WORDS["bracket"]), "unbalanced_mark"),
        (Edit("add", "intent", "greet", WORDS["wrong_entity"]), "unknown_entity"),
        (Edit("add", "intent", "greet", WORDS["known"]), "two_intents"),
        (Edit("add", "intent", "greet", WORDS["phone"]), "personal"),
        (Edit("add", "intent", "sing", WORDS["hello"]), "unknown_intent"),
        (Edit("file", path="data/rules.yml", text="rules: ["), "not_yaml"),
        (
            Edit(
                "file",
                path="data/rules.yml",
                text="rules:\n- rule: x\n  steps:\n  - action: action_fly\n",
            ),
            "unknown_action",
        ),
    ],
)
def test_a_fault_is_named_and_not_stored(
    branch: Branch, shop: Engine, now: datetime, edit: Edit, code: str
) -> None:
    head = branch.head()
    change = preview(branch, [edit], head)
    assert code in [problem.code for problem in change.problems if problem.stops]
    assert "13812348000" not in str([p.view() for p in change.problems])
    with pytest.raises(AftercareError, match="malformed"):
        commit(shop, branch, DORA, change, head, "x", "editor", now)
    assert branch.head() == head


def test_a_good_example_is_stored_with_its_author(
    branch: Branch, shop: Engine, now: datetime
) -> None:
    head = branch.head()
    change = preview(
        branch, [Edit("add", "intent", "request_refund", WORDS["marked"])], head
    )
    made = commit(shop, branch, DORA, change, head, WORDS["phone"], "editor", now)
    assert WORDS["marked"] in branch.read(FILE, made)
    (told,) = branch.log(5)
    assert told.author == "Dora" and "13812348000" not in told.message
    (line,), _ = entries(shop, action="training")
    assert (line["actor"], line["action"]) == ("dora", "training.commit")
    with pytest.raises(AftercareError, match="changed_meanwhile"):
        commit(shop, branch, DORA, change, head, "again", "editor", now)


def test_what_is_there_already_or_not_there_is_said(branch: Branch) -> None:
    for edit, reason in (
        (Edit("add", "intent", "request_refund", WORDS["known"]), "malformed"),
        (Edit("remove", "intent", "greet", WORDS["known"]), "not_found"),
        (Edit("add", "intent", "greet", "a\nb"), "malformed"),
        (Edit("file", path="config.yml", text="x: 1"), "malformed"),
    ):
        with pytest.raises(AftercareError, match=reason):
            preview(branch, [edit], branch.head())


def test_the_last_example_takes_its_section_along(branch: Branch) -> None:
    files = texts(branch, branch.head())
    edit = Edit("remove", "synonym", WORDS["product"], WORDS["synonym"])
    change = preview(branch, [edit], branch.head())
    after = files | {k: v for k, v in change.files.items() if v is not None}
    names = [(s.kind, s.name) for s in all_sections(after)]
    assert ("synonym", WORDS["product"]) not in names and len(names) == 3


def test_the_real_training_data_is_without_fault_and_fully_editable(
    shop: Engine,
) -> None:
    branch = open_branch(shop, ROOT)
    files = texts(branch, branch.base())
    assert [problem.view() for problem in problems(files)] == []
    sections = [section for section in all_sections(files) if not section.listed]
    assert len({section.name for section in sections}) > 60
    for section in sections:
        path, text = with_example(files, section.kind, section.name, "zzz")
        assert text.replace("    - zzz\n", "", 1) == files[path]
