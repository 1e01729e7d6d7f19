"""The branch `console/training`, written by plumbing alone.

Neither HEAD nor the index nor a file of the working tree is ever touched: blobs go
in by `hash-object`, a tree is made in an index of its own, and `update-ref` moves
the branch only from where it was (git-scm.com/book, "Git Internals").
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.trainset.branch import (
    FOLDERS,
    READABLE,
    SINGLE,
    Author,
    Commit,
    Files,
    check_paths,
)

BRANCH = "console/training"
LIMIT_S = 30
NOBODY = "0" * 40
SOURCE = "Source: "
FIELDS = "%H%x00%P%x00%an%x00%aI%x00%B%x01"


class GitFailed(Exception):
    """Git refused; the text is Git's own and no customer's."""


class GitBranch:
    """A branch of the repository the project is checked out from."""

    kind = "git"
    name = BRANCH

    def __init__(self, root: Path) -> None:
        """Work on the repository around a project.

        Raises:
            GitFailed: the folder is in no repository, or it has no commit.
        """
        self._root = root
        # The project may be a folder of a larger repository.
        self._prefix = self._git("rev-parse", "--show-prefix").strip()
        self._ref = f"refs/heads/{BRANCH}"
        self.base()
        if self._git("ls-files", "-z", "--", "data", "domain.yml") == "":
            raise GitFailed("the training data is not in the repository")

    def base(self) -> str:
        """Return the commit the project is checked out at."""
        return self._git("rev-parse", "--verify", "HEAD^{commit}").strip()

    def head(self) -> str:
        """Return the branch's newest commit, the project's where it has none."""
        return self._tip() or self.base()

    def files(self, version: str) -> list[str]:
        """Return the readable paths of a commit."""
        listed = self._git(
            *("ls-tree", "-r", "-z", "--name-only", _safe(version), "--"),
            *FOLDERS,
            *SINGLE,
        )
        return sorted(p for p in listed.split("\0") if READABLE.fullmatch(p))

    def read(self, path: str, version: str) -> str:
        """Return a file's text at a commit (AftercareError NOT_FOUND)."""
        if not READABLE.fullmatch(path):
            raise AftercareError(Reason.NOT_FOUND, path)
        try:
            return self._git("cat-file", "blob", f"{_safe(version)}:{self._at(path)}")
        except GitFailed as error:
            raise AftercareError(Reason.NOT_FOUND, path) from error

    def changed(self, before: str, after: str) -> list[str]:
        """Return the readable paths that differ between two commits."""
        listed = self._git(
            *("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--relative"),
            *(_safe(before), _safe(after)),
        )
        return sorted(p for p in listed.split("\0") if READABLE.fullmatch(p))

    def log(self, limit: int) -> list[Commit]:
        """Return the commits of the branch that the project has not, newest first."""
        if self._tip() is None:
            return []
        told = self._git("log", f"-{limit}", f"--format={FIELDS}", f"HEAD..{self._ref}")
        return [_commit(part) for part in told.split("\x01") if part.strip()]

    def behind(self) -> bool:
        """Return whether the project has commits that the branch has not."""
        return self._tip() is not None and not self._is_in(self.base(), self.head())

    def catch_up(self, author: Author, now: datetime) -> str:
        """Merge the project's commits into the branch, in no working tree.

        Raises:
            AftercareError: CHANGED_MEANWHILE with the files in conflict.
        """
        tip = self._tip()
        if tip is None or not self.behind():
            return self.head()
        base = self.base()
        done = self._run("merge-tree", "--write-tree", "--name-only", tip, base)
        tree, *rest = done.stdout.splitlines()
        if done.returncode == 1:
            files = ", ".join(line for line in rest[: rest.index("")] if line)
            raise AftercareError(Reason.CHANGED_MEANWHILE, files)
        if done.returncode:
            raise GitFailed(done.stderr.strip())
        message = f"Take in the project at {base[:10]}"
        made = self._commit_tree(tree, [tip, base], author, message, now)
        self._move(made, tip)
        return made

    def commit(
        self, files: Files, author: Author, message: str, parent: str, now: datetime
    ) -> str:
        """Write one commit on top of `parent`; see `Branch.commit`."""
        check_paths(files)
        tip = self._tip()
        if parent != (tip or self.base()):
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        self._free()
        made = self._commit_tree(
            self._tree(files, parent), [parent], author, message, now
        )
        self._move(made, tip)
        return made

    def _tree(self, files: Files, parent: str) -> str:
        with tempfile.TemporaryDirectory(prefix="aftercare-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", _safe(parent), env=index)
            lines = []
            for path, text in files.items():
                if text is None:
                    lines.append(f"0 {NOBODY}\t{self._at(path)}")
                    continue
                blob = self._git("hash-object", "-w", "--stdin", given=text).strip()
                lines.append(f"100644 {blob}\t{self._at(path)}")
            given = "\0".join(lines) + "\0"
            self._git("update-index", "-z", "--index-info", env=index, given=given)
            return self._git("write-tree", env=index).strip()

    def _commit_tree(
        self, tree: str, parents: list[str], author: Author, message: str, now: datetime
    ) -> str:
        stamp = now.astimezone(UTC).isoformat(timespec="seconds")
        who = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (
                ("NAME", author.name or author.login),
                ("EMAIL", f"{author.login}@console.invalid"),
                ("DATE", stamp),
            )
        }
        given = f"{message.strip()}\n\n{SOURCE}{author.source}\n"
        options = [word for parent in parents for word in ("-p", parent)]
        return self._git("commit-tree", tree, *options, env=who, given=given).strip()

    def _move(self, made: str, before: str | None) -> None:
        done = self._run("update-ref", self._ref, made, before or NOBODY)
        if done.returncode:
            # Somebody else was quicker: their commit stays, ours is not there.
            raise AftercareError(Reason.CHANGED_MEANWHILE)

    def _free(self) -> None:
        """Refuse to move a branch under somebody's working tree."""
        listed = self._git("worktree", "list", "--porcelain")
        if f"branch {self._ref}" in listed.splitlines():
            raise AftercareError(Reason.ILLEGAL_MOVE, f"{BRANCH} is checked out")

    def _tip(self) -> str | None:
        done = self._run("rev-parse", "--verify", "--quiet", self._ref)
        return done.stdout.strip() or None

    def _is_in(self, commit: str, other: str) -> bool:
        done = self._run("merge-base", "--is-ancestor", commit, other)
        return done.returncode == 0

    def _at(self, path: str) -> str:
        return self._prefix + path

    def _git(
        self, *words: str, env: dict[str, str] | None = None, given: str | None = None
    ) -> str:
        done = self._run(*words, env=env, given=given)
        if done.returncode:
            raise GitFailed(done.stderr.strip())
        return done.stdout

    def _run(
        self, *words: str, env: dict[str, str] | None = None, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        # What a hook or another tool set must not send us to its repository.
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        return subprocess.run(
            ["git", "-C", str(self._root), *words],
            input=given,
            capture_output=True,
            env=clean | {"LC_ALL": "C"} | (env or {}),
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )


def _safe(version: str) -> str:
    """Return a commit's id; nothing else may reach Git as a word."""
    if len(version) != 40 or not set(version) <= set("0123456789abcdef"):
        raise AftercareError(Reason.NOT_FOUND, "version")
    return version


def _commit(part: str) -> Commit:
    made, parents, author, at, body = part.lstrip("\n").split("\0", 4)
    message, _, source = body.strip().rpartition(SOURCE)
    return Commit(
        id=made,
        parent=parents.split(" ")[0] or None,
        author=author,
        at=datetime.fromisoformat(at),
        message=(message or body).strip(),
        source=source.strip() if message else "",
    )
