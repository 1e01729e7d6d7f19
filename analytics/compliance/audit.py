"""The audit: sentences against phrases, promises against rows, waits against time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics.compliance.rules import Rule, RuleSet, load_rules
from analytics.compliance.sentences import Sentence, fold, split
from analytics.compliance.types import Facts, Finding, Said

# A row may be committed in the turn that tells of it.
SLACK = timedelta(seconds=10)
# A negation reaches so many characters; beyond it speaks of something else.
REACH = 8


def audit(
    talk: Sequence[Said], facts: Facts, now: datetime, rules: RuleSet | None = None
) -> list[Finding]:
    """Return the findings on a talk (oldest first) and on its cases at ``now``."""
    rules = rules or load_rules()
    return audit_talk(talk, facts, now, rules) + audit_cases(facts, now, rules)


def audit_talk(
    talk: Sequence[Said],
    facts: Facts,
    now: datetime,
    rules: RuleSet | None = None,
    *,
    since: datetime | None = None,
) -> list[Finding]:
    """Return the findings on what was said and what was left unsaid until ``now``.

    What was said before ``since`` is not read for forbidden words again.
    """
    rules = rules or load_rules()
    found: list[Finding] = []
    for said in talk:
        if said.speaker in ("bot", "agent") and (since is None or said.at >= since):
            found += _phrases(said, facts, rules)
    return found + _late(talk, now, rules) + _owed(talk, facts, now, rules)


def ages(rules: RuleSet | None = None) -> tuple[timedelta, ...]:
    """Return how old a message is when it may come to break a rule by itself."""
    rules = rules or load_rules()
    silent = (rules.reply["target_s"], rules.owed.within_s)
    return (timedelta(), *(timedelta(seconds=float(s)) for s in silent))


def audit_cases(
    facts: Facts, now: datetime, rules: RuleSet | None = None
) -> list[Finding]:
    """Return the cases whose deadline is near or has passed."""
    rules = rules or load_rules()
    found: list[Finding] = []
    for case in facts.cases:
        if case.done or case.due is None:
            continue
        left = case.due - now
        passed = left < timedelta()
        if not passed and left > timedelta(days=rules.deadline["near_days"]):
            continue
        found.append(
            Finding(
                "deadline_passed" if passed else "deadline_near",
                rules.version,
                rules.deadline["severity_passed" if passed else "severity_near"],
                rules.deadline["basis"],
                None,
                "case",
                "",
                0,
                0,
                f"{left / timedelta(days=1):.1f} days left",
                case.case_no,
            )
        )
    return found


def _phrases(said: Said, facts: Facts, rules: RuleSet) -> list[Finding]:
    sentences = split(said.text)
    rows = {kind for kind, at in facts.rows if at <= said.at + SLACK}
    found: list[Finding] = []
    for place, sentence in enumerate(sentences):
        around = "".join(s.folded for s in sentences[max(place - 1, 0) : place + 2])
        for rule in rules.rules:
            if said.speaker not in rule.speakers:
                continue
            words = _broken(rule, sentence, around, rows, rules)
            if words is not None:
                found.append(_finding(rule, said, sentence, words, rules))
    return found


def _broken(
    rule: Rule, sentence: Sentence, around: str, rows: set[str], rules: RuleSet
) -> str | None:
    """Return the words that break a rule, None where nothing does."""
    text = sentence.folded
    if any(p.search(text) for p in rule.unless) or any(
        p.search(around) for p in rule.near
    ):
        return None
    for pattern, kind in rule.any:
        match = pattern.search(text)
        if match is None or (kind and kind in rows):
            continue
        if _turned_round(text, match, rules):
            continue
        return match.group()
    return None


def _turned_round(text: str, match: re.Match[str], rules: RuleSet) -> bool:
    before = text[max(match.start() - REACH, 0) : match.start()]
    # A negation in an earlier clause is about something else.
    before = re.split(r"[,，、:：]", before)[-1]
    inside = match.group()
    if any(word in before for word in rules.negations):
        # "不能退" starts with its own negation, which belongs to the phrase.
        return True
    if any(word in text[: match.start()] for word in rules.quotes):
        return True
    return any(word in inside[1:-1] for word in ("请勿", "不要", "切勿"))


def _finding(
    rule: Rule, said: Said, sentence: Sentence, words: str, rules: RuleSet
) -> Finding:
    return Finding(
        rule.name,
        rules.version,
        rule.severity,
        rule.basis,
        said.seq,
        said.speaker,
        sentence.text,
        sentence.start,
        sentence.end,
        words,
    )


def _late(talk: Sequence[Said], now: datetime, rules: RuleSet) -> list[Finding]:
    """Find customers' messages without a word for longer than the target.

    Only the first message of a row counts: the ones after it wait for the same.
    """
    target = timedelta(seconds=float(rules.reply["target_s"]))
    found: list[Finding] = []
    asked: Said | None = None
    for said in [*talk, None]:
        if said is not None and said.speaker == "customer":
            asked = asked or said
            continue
        if said is not None and said.speaker == "system":
            continue
        until = said.at if said is not None else now
        if asked is not None and until - asked.at > target:
            words = f"{(until - asked.at).total_seconds():.0f} s"
            found.append(
                _whole(
                    rules.reply["rule"],
                    asked,
                    rules.reply["severity"],
                    rules.reply["basis"],
                    words,
                    rules,
                )
            )
        asked = None
    return found


def _owed(
    talk: Sequence[Said], facts: Facts, now: datetime, rules: RuleSet
) -> list[Finding]:
    """Find where a person was owed and none was called in time; once a trigger."""
    owed = rules.owed
    found: list[Finding] = []
    seen: set[str] = set()
    failures = 0
    for place, said in enumerate(talk):
        if said.speaker != "customer":
            continue
        text = fold(said.text)
        if any(p.search(text) for p in owed.unless):
            continue
        for name, patterns in owed.triggers:
            words = next((m.group() for p in patterns if (m := p.search(text))), None)
            if words is None or name in seen:
                continue
            if name == "failed":
                failures += 1
                if failures < owed.failed_times:
                    continue
            seen.add(name)
            if not _served(talk, place, facts, now, rules):
                found.append(
                    _whole(
                        f"handover_owed.{name}",
                        said,
                        owed.severity,
                        owed.basis,
                        words,
                        rules,
                    )
                )
    return found


def _served(
    talk: Sequence[Said], place: int, facts: Facts, now: datetime, rules: RuleSet
) -> bool:
    """Return whether a person came, is there already, or may still come in time."""
    since = talk[place].at
    if any(said.speaker == "agent" for said in talk[:place]):
        return True
    later = talk[place + 1 :]
    replies = [said for said in later if said.speaker in ("bot", "agent")]
    last = replies[: rules.owed.within_turns]
    limit = since + timedelta(seconds=rules.owed.within_s)
    if any(since - SLACK <= at <= limit for at in facts.handed_over):
        return True
    if any(said.speaker == "agent" and said.at <= limit for said in replies):
        return True
    # With turns and time left, nothing is missed yet.
    return len(last) < rules.owed.within_turns and now <= limit


def _whole(
    name: str, said: Said, severity: str, basis: str, words: str, rules: RuleSet
) -> Finding:
    return Finding(
        name,
        rules.version,
        severity,  # type: ignore[arg-type]
        basis,
        said.seq,
        said.speaker,
        said.text,
        0,
        len(said.text),
        words,
    )
