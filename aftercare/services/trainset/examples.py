"""Reading Rasa's training data, and changing single examples in its text.

Format: rasa.com/docs/rasa/training-data-format. A change touches the one line it is
about, so that comments and the order of a file stay as people wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from aftercare.domain.errors import AftercareError, Reason

KINDS = ("intent", "synonym", "lookup", "regex")
# Where examples of an intent go that no file has yet.
NEW_FILE = "data/nlu/console.yml"
HEAD = 'version: "3.1"\nnlu:\n'
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Section:
    """The examples of one intent, synonym, lookup table or pattern in one file."""

    kind: str
    name: str
    path: str
    examples: tuple[str, ...]
    # By example: who gave it and from where, as `metadata` has it.
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: bool = False


@lru_cache(maxsize=512)
def parsed(text: str) -> Any:
    """Return a YAML text as data.

    Raises:
        AftercareError: MALFORMED with the line of the fault.
    """
    try:
        return yaml.load(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise AftercareError(
            Reason.MALFORMED, f"line {line}: {error.problem}"
        ) from error
    except yaml.YAMLError as error:
        raise AftercareError(Reason.MALFORMED, "not YAML") from error


def sections_of(path: str, text: str) -> list[Section]:
    """Return the sections of one file, in its order.

    Raises:
        AftercareError: MALFORMED.
    """
    found = parsed(text)
    items = found.get("nlu") if isinstance(found, dict) else None
    made = []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            raise AftercareError(Reason.MALFORMED, f"{path}: an entry without a kind")
        kind = next((one for one in KINDS if one in item), None)
        if kind is None:
            raise AftercareError(Reason.MALFORMED, f"{path}: {sorted(item)}")
        made.append(_section(path, kind, item))
    return made


def all_sections(files: Mapping[str, str]) -> list[Section]:
    """Return the sections of all files below `data/`."""
    return [
        section
        for path, text in sorted(files.items())
        if path.startswith("data/")
        for section in sections_of(path, text)
    ]


def _section(path: str, kind: str, item: dict[str, Any]) -> Section:
    name, given = str(item[kind]), item.get("examples")
    if isinstance(given, str):
        lines = (line.strip() for line in given.splitlines())
        texts = [line[1:].strip() for line in lines if line.startswith("-")]
        return Section(kind, name, path, tuple(texts))
    texts, metadata = [], {}
    for one in given if isinstance(given, list) else []:
        text = str(one.get("text", "") if isinstance(one, dict) else one).strip()
        texts.append(text.removeprefix("-").strip())
        if isinstance(one, dict) and isinstance(one.get("metadata"), dict):
            metadata[texts[-1]] = one["metadata"]
    return Section(kind, name, path, tuple(texts), metadata, listed=True)


def with_example(
    files: Mapping[str, str], kind: str, name: str, example: str
) -> tuple[str, str]:
    """Return the file that changes and its text with one more example.

    The example goes behind the last one of the first section of that name.

    Raises:
        AftercareError: MALFORMED for a known example, a second line, or no text.
    """
    example = _one_line(example)
    homes = [s for s in all_sections(files) if (s.kind, s.name) == (kind, name)]
    if any(example in home.examples for home in homes):
        raise AftercareError(Reason.MALFORMED, f"{name} has it: {example}")
    home = next((s for s in homes if not s.listed), None)
    if home is None:
        text = files.get(NEW_FILE, HEAD)
        if kind not in KINDS or not re.fullmatch(r"[\w/+-]+", name):
            raise AftercareError(Reason.MALFORMED, f"{kind} {name}")
        block = f"- {kind}: {name}\n  examples: |\n    - {example}\n"
        return NEW_FILE, text.rstrip("\n") + "\n" + block
    lines = files[home.path].splitlines()
    first, last = _block(lines, kind, name)
    indent = re.match(r"\s*", lines[first]).group()  # type: ignore[union-attr]
    lines.insert(last + 1, f"{indent}- {example}")
    return home.path, "\n".join(lines) + "\n"


def without_example(
    files: Mapping[str, str], kind: str, name: str, example: str
) -> tuple[str, str]:
    """Return the file that changes and its text without one example.

    Raises:
        AftercareError: NOT_FOUND.
    """
    for home in all_sections(files):
        if (home.kind, home.name) != (kind, name) or example not in home.examples:
            continue
        if home.listed:
            return home.path, _unlisted(files[home.path], home, example)
        lines = files[home.path].splitlines()
        first, last = _block(lines, kind, name)
        for at in range(first, last + 1):
            if lines[at].strip() == f"- {example}":
                del lines[at]
                if first == last:  # it was the only one: the section goes too
                    del lines[first - 2 : first]
                return home.path, "\n".join(lines) + "\n"
    raise AftercareError(Reason.NOT_FOUND, example)


def dumped(nlu: list[dict[str, Any]]) -> str:
    """Return sections with listed examples (`text` and `metadata`) as a file."""
    return yaml.safe_dump(
        {"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, width=1000
    )


def _unlisted(text: str, home: Section, example: str) -> str:
    nlu = []
    for item in parsed(text)["nlu"]:
        copy = dict(item)
        if item.get(home.kind) == home.name:
            copy["examples"] = [
                one
                for one in item["examples"]
                if str(one.get("text") if isinstance(one, dict) else one).strip()
                != example
            ]
        if copy["examples"]:
            nlu.append(copy)
    return dumped(nlu)


def _block(lines: list[str], kind: str, name: str) -> tuple[int, int]:
    """Return the lines of the first and the last example of a section.

    Raises:
        AftercareError: MALFORMED where the file is written in another way.
    """
    start = re.compile(rf"\s*- {kind}: [\"']?{re.escape(name)}[\"']?\s*(#.*)?")
    at = next((i for i, line in enumerate(lines) if start.fullmatch(line)), None)
    if at is None or at + 2 >= len(lines) or "examples: |" not in lines[at + 1]:
        raise AftercareError(Reason.MALFORMED, f"change {name} in its file's text")
    first = last = at + 2
    while last + 1 < len(lines) and lines[last + 1].strip().startswith("- "):
        if _is_section(lines[last + 1]):
            break
        last += 1
    return first, last


def _is_section(line: str) -> bool:
    return re.match(rf"\s{{0,2}}- (?:{'|'.join(KINDS)}): ", line) is not None


def _one_line(example: str) -> str:
    text = example.strip().removeprefix("- ").strip()
    if not text or "\n" in text or len(text) > 1_000:
        raise AftercareError(Reason.MALFORMED, "an example is one line of text")
    return text
