"""Versions of the training data: in Git by plumbing, in the database without."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.trainset import Branch, open_branch
from aftercare.services.trainset.branch import diff
from tests.unit.trainset.conftest import WHO, WORDS, git

FILE = "data/nlu/talk.yml"


def with_line(branch: Branch, line: str) -> dict[str, str | None]:
    return {FILE: branch.read(FILE, branch.head()) + f"# {line}\n"}


def test_a_version_is_made_read_and_compared(branch: Branch, now: datetime) -> None:
    first = branch.head()
    made = branch.commit(with_line(branch, "one"), WHO, "One more", first, now)
    assert branch.head() == made != first
    assert "# one" in branch.read(FILE, made)
    assert "# one" not in branch.read(FILE, first)
    assert branch.changed(first, made) == [FILE]
    shown = diff(branch, first, made)
    assert f"+++ b/{FILE}\n" in shown and "\n+# one\n" in shown
    (told,) = branch.log(10)
    assert (told.message, told.author, told.source) == ("One more", "Dora", "editor")
    assert told.at == now and told.id == made


def test_a_file_is_added_and_deleted(branch: Branch, now: datetime) -> None:
    path = "data/nlu/corrections.yml"
    text = 'version: "3.1"\n'
    one = branch.commit({path: text}, WHO, "add", branch.head(), now)
    assert path in branch.files(one) and branch.read(path, one) == text
    two = branch.commit({path: None}, WHO, "drop", one, now)
    assert path not in branch.files(two)
    with pytest.raises(AftercareError, match="not_found"):
        branch.read(path, two)
    assert branch.read(path, one) == text


def rivals(branch: Branch, now: datetime) -> list[str]:
    parent = branch.head()

    def attempt(number: int) -> str:
        files = with_line(branch, str(number))
        try:
            return branch.commit(files, WHO, "rival", parent, now)
        except AftercareError as error:
            return str(error.reason)

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(attempt, range(4)))


def test_of_many_at_once_one_wins(branch: Branch, now: datetime) -> None:
    assert rivals(branch, now).count(Reason.CHANGED_MEANWHILE) == 3
    assert len(branch.log(10)) == 1


def test_of_many_at_once_one_wins_on_each_database(
    plain_project: Path, empty: Engine, now: datetime
) -> None:
    branch = open_branch(empty, plain_project)
    assert rivals(branch, now).count(Reason.CHANGED_MEANWHILE) == 3
    assert len(branch.log(10)) == 1


@pytest.mark.parametrize(
    "path",
    ["config.yml", "../x.yml", "aftercare/cli.py", "data/../x.yml", "data/x.py"]
    + ["tests/nlu/heldout.yml", "/etc/x.yml", "tests/conftest.py", ".git/config"],
)
def test_what_is_not_training_data_is_out_of_reach(
    branch: Branch, now: datetime, path: str
) -> None:
    with pytest.raises(AftercareError, match="malformed"):
        branch.commit({path: "x: 1"}, WHO, "no", branch.head(), now)
    if path != "config.yml":
        with pytest.raises(AftercareError, match="not_found"):
            branch.read(path, branch.head())


def test_working_tree_index_and_head_stay_as_they_were(
    project: Path, shop: Engine, now: datetime
) -> None:
    (project / FILE).write_text("half written by a colleague", "utf-8")
    git(project, "add", FILE)
    (project / "domain.yml").write_text("also unsaved: 1", "utf-8")

    def state() -> tuple[str, ...]:
        head = (project / ".git" / "HEAD").read_text("utf-8")
        index = (project / ".git" / "index").read_bytes().hex()
        shown = git(project, "status", "--porcelain", "-uall")
        return head, index, shown, git(project, "rev-parse", "HEAD")

    git(project, "status")  # lets Git refresh its index before it is compared
    before = state()
    branch = open_branch(shop, project)
    branch.commit(with_line(branch, "one"), WHO, "x", branch.head(), now)
    assert state() == before
    assert git(project, "log", "-1", "--format=%an <%ae>", "console/training") == (
        "Dora <dora@console.invalid>\n"
    )
    git(project, "fsck", "--strict")


def test_a_branch_somebody_works_on_is_not_moved(
    project: Path, shop: Engine, now: datetime
) -> None:
    branch = open_branch(shop, project)
    made = branch.commit(with_line(branch, "one"), WHO, "x", branch.head(), now)
    git(project, "switch", "-q", "console/training")
    with pytest.raises(AftercareError, match="is checked out"):
        branch.commit(with_line(branch, "two"), WHO, "x", made, now)


@pytest.fixture
def moved_on(
    project: Path, shop: Engine, now: datetime
) -> Callable[[str, str], Branch]:
    """A branch with a commit of its own, and a project that has moved on."""

    def make(path: str, line: str) -> Branch:
        branch = open_branch(shop, project)
        branch.commit(with_line(branch, "ours"), WHO, "x", branch.head(), now)
        with (project / path).open("a", encoding="utf-8") as file:
            file.write(line)
        git(project, "commit", "-q", "-a", "-m", "the project moves on")
        return branch

    return make


def test_the_projects_own_changes_are_taken_in(
    moved_on: Callable[[str, str], Branch], project: Path, now: datetime
) -> None:
    branch = moved_on("domain.yml", "# theirs\n")
    assert branch.behind()
    made = branch.catch_up(WHO, now)
    assert not branch.behind() and branch.head() == made
    assert "# theirs" in branch.read("domain.yml", made)
    assert "# ours" in branch.read(FILE, made)
    assert branch.catch_up(WHO, now) == made
    assert "# ours" not in (project / FILE).read_text("utf-8")


def test_what_both_changed_is_named_and_nothing_is_lost(
    moved_on: Callable[[str, str], Branch], now: datetime
) -> None:
    branch = moved_on(FILE, "# theirs\n")
    head = branch.head()
    with pytest.raises(AftercareError, match=f"changed_meanwhile: {FILE}"):
        branch.catch_up(WHO, now)
    assert branch.head() == head


def test_a_version_of_another_kind_is_no_version(branch: Branch) -> None:
    for wrong in ("HEAD", "--help", "0" * 39, WORDS["hello"]):
        with pytest.raises(AftercareError, match="not_found"):
            branch.files(wrong)
