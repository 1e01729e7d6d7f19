"""Find sentences of ours that stand in the public benchmark data.

The data is for measuring only; nothing of it may become a sentence here. Two
texts overlap when they share a run of eight characters, punctuation left out.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

RUN = 8
ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
OURS = (
    "data/**/*.yml",
    "tests/**/*.yml",
    "actions/messages/*.yml",
    "analytics/**/*.yml",
    "aftercare/**/*.yml",
)
HAN = re.compile(r"[^\u3400-\u9fff]+")


def runs(text: str) -> Iterator[str]:
    """Yield every run of eight Chinese characters of a text."""
    plain = HAN.sub("", text)
    for start in range(len(plain) - RUN + 1):
        yield plain[start : start + RUN]


def public_lines(folder: Path) -> Iterator[str]:
    """Yield the lines of every text file of the data."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".md" or not path.is_file():
            continue
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8", errors="replace") as source:
            yield from source


def main() -> int:
    """Print each overlapping line of ours; return 1 if there is one."""
    if not DATA.is_dir():
        sys.stdout.write("overlap: skipped, the public data is not here\n")
        return 0
    ours: dict[str, list[str]] = {}
    for pattern in OURS:
        for path in sorted(ROOT.glob(pattern)):
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                for run in runs(line):
                    where = f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
                    ours.setdefault(run, []).append(where)
    found: dict[str, str] = {}
    for line in public_lines(DATA):
        for run in runs(line):
            for where in ours.get(run, ()):
                found.setdefault(where, run)
    for where, run in sorted(found.items()):
        sys.stdout.write(f"{where}  <- {run}\n")
    sys.stdout.write(f"overlap: {len(found)} lines\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
