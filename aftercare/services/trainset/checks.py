"""Faults of training data, found before anybody trains: what `rasa data validate`
looks for, and what it does not (unbalanced marks, personal numbers)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aftercare.domain.errors import AftercareError
from aftercare.services.console.mask import mask_numbers
from aftercare.services.trainset.examples import Section, parsed, sections_of
from aftercare.services.trainset.marks import entities_in, is_unbalanced, plain

KNOWN_KEYS = frozenset(
    {"version", "nlu", "rules", "stories", "responses", "intents", "entities"}
    | {"slots", "actions", "forms", "session_config", "config", "e2e_actions"}
)
# Rasa's own actions, which no domain lists.
DEFAULT_ACTIONS = frozenset(
    {"action_listen", "action_restart", "action_session_start", "action_back"}
    | {"action_default_fallback", "action_deactivate_loop", "action_extract_slots"}
    | {"action_revert_fallback_events", "action_two_stage_fallback"}
    | {"action_default_ask_affirmation", "action_default_ask_rephrase"}
    | {"action_unlikely_intent", "action_send_text", "..."}
)
DEFAULT_INTENTS = frozenset(
    {"nlu_fallback", "restart", "back", "session_start", "EXTERNAL"}
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: a code the console has words for, where, and what about."""

    path: str
    code: str
    about: str
    stops: bool = True

    def view(self) -> dict[str, Any]:
        """Return it as JSON fields."""
        return {
            "path": self.path,
            "code": self.code,
            "about": self.about,
            "stops": self.stops,
        }


@dataclass(frozen=True, slots=True)
class _Domain:
    intents: frozenset[str]
    entities: frozenset[str]
    actions: frozenset[str]


def problems(files: Mapping[str, str]) -> list[Problem]:
    """Return every fault of a version's files, sorted."""
    found: list[Problem] = []
    readable: dict[str, Any] = {}
    for path, text in files.items():
        try:
            readable[path] = parsed(text)
            sections_of(path, text)
            found += _keys(path, readable[path])
        except AftercareError as error:
            readable.pop(path, None)
            found.append(Problem(path, "not_yaml", error.detail))
    domain = _domain(readable)
    sections = [
        s
        for path in readable
        if path.startswith("data/")
        for s in sections_of(path, files[path])
    ]
    found += _examples(sections, domain)
    found += _between(sections, domain)
    for path, data in readable.items():
        found += _steps(path, data, domain)
    return sorted(set(found))


def new_problems(before: Mapping[str, str], after: Mapping[str, str]) -> list[Problem]:
    """Return the faults a change brings; those that were there stay out of it."""
    old = set(problems(before))
    found = [problem for problem in problems(after) if problem not in old]
    return found + sorted(_personal(before, after))


def _personal(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Problem]:
    """Yield added lines that hold somebody's number."""
    for path, text in after.items():
        was = set(before.get(path, "").splitlines())
        for line in text.splitlines():
            if line not in was and mask_numbers(line) != line:
                yield Problem(path, "personal", mask_numbers(line.strip()))


def _keys(path: str, data: Any) -> Iterator[Problem]:
    if path in ("config.yml",):
        return
    if not isinstance(data, dict):
        yield Problem(path, "no_content", "")
        return
    for key in sorted(map(str, data.keys() - KNOWN_KEYS)):
        yield Problem(path, "unknown_key", key)


def _domain(readable: Mapping[str, Any]) -> _Domain:
    parts = [data for data in readable.values() if isinstance(data, dict)]

    def names(key: str) -> set[str]:
        found: set[str] = set()
        for part in parts:
            items = part.get(key) or []
            for item in items if isinstance(items, list | dict) else []:
                found.add(str(next(iter(item)) if isinstance(item, dict) else item))
        return found

    actions = names("actions") | names("forms") | names("responses")
    return _Domain(
        frozenset(names("intents")) | DEFAULT_INTENTS,
        frozenset(names("entities")),
        frozenset(actions) | DEFAULT_ACTIONS,
    )


def _examples(sections: Iterable[Section], domain: _Domain) -> Iterator[Problem]:
    for section in sections:
        path, name = section.path, section.name
        if section.kind == "intent" and name not in domain.intents:
            yield Problem(path, "unknown_intent", name)
        if not section.examples:
            yield Problem(path, "no_examples", name)
        for example in section.examples:
            if not example:
                yield Problem(path, "empty_example", name)
            if section.kind != "intent":
                continue
            if is_unbalanced(example):
                yield Problem(path, "unbalanced_mark", example)
            for entity in entities_in(example):
                if entity and entity not in domain.entities:
                    yield Problem(path, "unknown_entity", f"{entity}: {example}")


def _between(sections: Iterable[Section], domain: _Domain) -> Iterator[Problem]:
    intents: dict[str, dict[str, str]] = defaultdict(dict)
    values: dict[str, dict[str, str]] = defaultdict(dict)
    told: set[str] = set()
    for section in sections:
        kept = {"intent": intents, "synonym": values}.get(section.kind)
        if section.kind == "intent":
            told.add(section.name)
        for example in section.examples if kept is not None else ():
            key = plain(example).casefold()
            if kept is not None:
                kept[key].setdefault(section.name, section.path)
    for code, kept in (("two_intents", intents), ("two_values", values)):
        for key, names in kept.items():
            if len(names) > 1:
                path = list(names.values())[-1]
                yield Problem(path, code, f"{key}: {', '.join(sorted(names))}")
    for name in domain.intents - told - DEFAULT_INTENTS:
        yield Problem("domain.yml", "intent_without_examples", name, stops=False)


def _steps(path: str, data: Any, domain: _Domain) -> Iterator[Problem]:
    if not isinstance(data, dict):
        return
    for kind in ("rules", "stories"):
        for item in data.get(kind) or []:
            name = str(item.get("rule") or item.get("story") or "")
            steps = item.get("steps")
            if not isinstance(steps, list) or not steps:
                yield Problem(path, "no_steps", name)
                continue
            for step in steps:
                yield from _step(path, name, step, domain)


def _step(path: str, name: str, step: Any, domain: _Domain) -> Iterator[Problem]:
    if not isinstance(step, dict):
        yield Problem(path, "no_steps", name)
        return
    intent, action = step.get("intent"), step.get("action")
    if intent is not None and str(intent).split("/")[0] not in domain.intents:
        yield Problem(path, "unknown_intent", f"{intent}: {name}")
    if action is not None and action not in domain.actions:
        yield Problem(path, "unknown_action", f"{action}: {name}")
    if "user" in step and is_unbalanced(str(step["user"])):
        yield Problem(path, "unbalanced_mark", str(step["user"]).strip())
