"""Talks and cases against the rules of the trade; findings for a person to read."""

from analytics.compliance.audit import ages, audit, audit_cases, audit_talk
from analytics.compliance.rules import Rule, RuleSet, load_rules
from analytics.compliance.types import CaseFact, Facts, Finding, Said

__all__ = [
    "CaseFact",
    "Facts",
    "Finding",
    "Rule",
    "RuleSet",
    "Said",
    "ages",
    "audit",
    "audit_cases",
    "audit_talk",
    "load_rules",
]
