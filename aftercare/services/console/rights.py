"""Who may do what in the console: rights per area, roles as sets of rights."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One thing a person may do; every route names the one it needs."""

    INBOX_VIEW = "inbox.view"
    INBOX_SPEAK = "inbox.speak"
    INBOX_ASSIGN = "inbox.assign"
    REVEAL = "reveal"
    CASE_VIEW = "case.view"
    CASE_DECIDE = "case.decide"
    CASE_SECOND = "case.second"
    REVIEW_VIEW = "review.view"
    REVIEW_ANNOTATE = "review.annotate"
    NLU_EXPORT = "nlu.export"
    STORY_SAVE = "story.save"
    REPORT_VIEW = "report.view"
    REPORT_EXPORT = "report.export"
    CANNED_EDIT = "canned.edit"
    PEOPLE_MANAGE = "people.manage"
    AUDIT_VIEW = "audit.view"
    SETTINGS_EDIT = "settings.edit"
    WEBHOOK_MANAGE = "webhook.manage"
    SHARE_MANAGE = "share.manage"
    TRAINING_EDIT = "training.edit"
    MODEL_VIEW = "model.view"
    MODEL_TRAIN = "model.train"
    MODEL_PROMOTE = "model.promote"
    KNOWLEDGE_EDIT = "knowledge.edit"
    KNOWLEDGE_APPROVE = "knowledge.approve"
    SATISFACTION_VIEW = "satisfaction.view"
    SATISFACTION_FOLLOW = "satisfaction.follow"
    PLAN_VIEW = "plan.view"
    PLAN_EDIT = "plan.edit"
    QUALITY_VIEW = "quality.view"
    QUALITY_JUDGE = "quality.judge"
    QUALITY_OWN = "quality.own"
    CUSTOMER_VIEW = "customer.view"
    CAMPAIGN_MANAGE = "campaign.manage"
    ALERT_VIEW = "alert.view"
    ALERT_HANDLE = "alert.handle"
    RISK_JUDGE = "risk.judge"
    RETURNS_VIEW = "returns.view"
    RETURNS_DECIDE = "returns.decide"


class Role(StrEnum):
    """What a person is in the shop."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


R = Right
_ADMIN_ONLY = {R.PEOPLE_MANAGE, R.SETTINGS_EDIT, R.WEBHOOK_MANAGE, R.MODEL_PROMOTE}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.SUPERVISOR: frozenset(Right) - _ADMIN_ONLY,
    Role.AGENT: frozenset(
        {
            R.INBOX_VIEW,
            R.INBOX_SPEAK,
            R.REVEAL,
            R.CASE_VIEW,
            R.CASE_DECIDE,
            R.CUSTOMER_VIEW,
            R.REVIEW_VIEW,
            R.KNOWLEDGE_EDIT,
            R.QUALITY_OWN,
            R.ALERT_VIEW,
        }
    ),
    Role.ANNOTATOR: frozenset(
        {
            R.REVIEW_VIEW,
            R.REVIEW_ANNOTATE,
            R.NLU_EXPORT,
            R.STORY_SAVE,
            R.TRAINING_EDIT,
            R.SHARE_MANAGE,
            R.MODEL_VIEW,
            R.KNOWLEDGE_EDIT,
        }
    ),
    Role.VIEWER: frozenset(
        {
            R.REVIEW_VIEW,
            R.REPORT_VIEW,
            R.SATISFACTION_VIEW,
            R.PLAN_VIEW,
            R.RETURNS_VIEW,
        }
    ),
}
