"""Read a folder of CSV files, with an error for every row that is not right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from aftercare.services.importer.names import names
from aftercare.services.importer.rows import KINDS, Row

# Enough to see what is wrong with a file; the rest is counted.
MAX_ERRORS = 50
# No file of ours has a tenth of it; each column is looked for among all others.
MAX_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: `row` as a spreadsheet counts it (the header is row 1)."""

    file: str
    row: int
    column: str
    words: str

    def __str__(self) -> str:
        """Return the sentence a shop's engineer reads."""
        where = f"{self.file} row {self.row}"
        return (
            f"{where}, column {self.column}: {self.words}"
            if self.column
            else (f"{where}: {self.words}")
        )


class ImportRefused(Exception):
    """Nothing was imported; `problems` says why, the first fifty of `count`."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the first problems."""
        super().__init__(f"{len(problems)} problems")
        self.count = len(problems)
        self.problems = problems[:MAX_ERRORS]


@dataclass
class Batch:
    """The rows of all files, with the row number each came from."""

    rows: dict[str, list[tuple[int, Row]]] = field(default_factory=dict)
    file_of: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, kind: str, row: int, column: str, words: str) -> None:
        """Note a problem of one row."""
        self.problems.append(Problem(self.file_of[kind], row, column, words))


def read_folder(folder: Path) -> Batch:
    """Return every row of every known file in a folder.

    Raises:
        ImportRefused: no folder, none of the files, or a file that is no text.
    """
    batch = Batch()
    for kind, model in KINDS.items():
        path = next(
            (folder / n for n in names()["files"][kind] if (folder / n).is_file()),
            None,
        )
        if path is None:
            continue
        batch.file_of[kind] = path.name
        batch.rows[kind] = list(_read(batch, kind, model, path))
    if not batch.file_of:
        expected = ", ".join(n[0] for n in names()["files"].values())
        raise ImportRefused([Problem(str(folder), 0, "", f"none of {expected} here")])
    return batch


def _read(
    batch: Batch, kind: str, model: type[Row], path: Path
) -> Iterator[tuple[int, Row]]:
    try:
        reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        titles = next(reader, [])
        if len(titles) > MAX_COLUMNS:
            batch.refuse(kind, 1, "", f"more than {MAX_COLUMNS} columns")
            return
        header = [_column(cell) for cell in titles]
        if not _fits(batch, kind, model, header):
            return
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            row = _row(
                batch, kind, model, number, dict(zip(header, cells, strict=False))
            )
            if len(cells) != len(header):
                words = f"{len(cells)} cells, the header has {len(header)}"
                batch.refuse(kind, number, "", words)
            elif row is not None:
                yield number, row
    except UnicodeDecodeError:
        batch.refuse(kind, 1, "", "neither UTF-8 nor GB18030 text")
    except csv.Error as error:
        batch.refuse(kind, 1, "", f"not a CSV file: {error}")


def _row(
    batch: Batch, kind: str, model: type[Row], number: int, cells: dict[str, str]
) -> Row | None:
    for name, cell in cells.items():
        if "\0" in cell:
            # SQLite would keep it, PostgreSQL fails on it.
            batch.refuse(kind, number, name, "there is a sign that is no text")
            return None
    given = {
        name: cell
        for name, cell in cells.items()
        # An empty cell is the default, unless the column has none.
        if cell.strip() or model.model_fields[name].is_required()
    }
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            # Never the value: it may be a name or a phone.
            column = str(item["loc"][0]) if item["loc"] else ""
            words = item["msg"].removeprefix("Value error, ")
            batch.refuse(kind, number, column, words)
        return None


def _fits(batch: Batch, kind: str, model: type[Row], header: list[str]) -> bool:
    needed = [n for n, f in model.model_fields.items() if f.is_required()]
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in model.model_fields]
    twice = sorted({name for name in header if header.count(name) > 1})
    for group, words in (
        (missing, "this column is missing"),
        (unknown, "no column of this name is known"),
        (twice, "this column is there twice"),
    ):
        for name in group:
            batch.refuse(kind, 1, name or "(empty)", words)
    return not (missing or unknown or twice)


def _column(cell: str) -> str:
    name = cell.strip()
    return str(names()["headers"].get(name, name.lower()))


def _text(path: Path) -> str:
    """Return a file's text: UTF-8, or GB18030 as Chinese spreadsheets save it."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")
