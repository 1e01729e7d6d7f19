"""The sections of the report that the loops fill."""

from __future__ import annotations

from typing import Any

from aftercare.services.report.outlook import Outlook
from aftercare.services.report.pictures import Section, canvas, png

MOST = 8
Words = dict[str, Any]


def loop_sections(found: Outlook, words: Words) -> list[Section]:
    """Return forecast, staffing, parts, satisfaction, alerts, risk."""
    return [
        _forecast(found, words),
        _staffing(found, words),
        _parts(found, words),
        _satisfaction(found, words),
        _alerts(found, words),
        _risk(found, words),
    ]


def _forecast(found: Outlook, words: Words) -> Section:
    days = found.plan.get("days", [])
    if not days:
        return Section(words["forecast"], None, [words["no_plan"]])
    figure, axes = canvas()
    labels = [f"{day['day']:%m-%d}" for day in days]
    axes.fill_between(
        labels,
        [day["low80"] for day in days],
        [day["high80"] for day in days],
        color="#8ab",
        alpha=0.4,
    )
    axes.plot(labels, [day["contacts"] for day in days], color="#4878a8")
    lines = [words["forecast_note"].format(**found.plan["total"])]
    lines += [
        words["peak"].format(day=item["day"], times=item["expected"] / item["usual"])
        for item in found.plan["warnings"]
        if item.get("usual")
    ]
    money = found.plan["refunds"]
    if money:
        yuan = {
            key: money[key] / 100 for key in ("total_fen", "low80_fen", "high80_fen")
        }
        lines.append(words["refunds"].format(**yuan))
    errors = found.past["groups"].get("all")
    if errors and errors["contacts"]["ratio"] is not None:
        lines.append(words["plan_error"].format(**errors["contacts"]))
    return Section(words["forecast"], png(figure), lines)


def _staffing(found: Outlook, words: Words) -> Section:
    days = found.plan.get("days", [])
    if not days:
        return Section(words["staffing"], None, [words["no_plan"]])
    lines = [words["staffing_note"].format(**found.plan["total"])]
    short = [day for day in days if day["missing"] > 0]
    lines += [
        words["gap"].format(
            day=day["day"], people=day["missing"], hours=day["missing_hours"]
        )
        for day in sorted(short, key=lambda day: -day["missing_hours"])[:MOST]
    ]
    return Section(words["staffing"], None, lines)


def _parts(found: Outlook, words: Words) -> Section:
    lines = [
        words["part"].format(
            part=item["part_no"],
            order=item["order"],
            short=item["cost_too_few_now_fen"] / 100,
        )
        for item in found.parts[:MOST]
    ]
    return Section(words["parts"], None, lines or [words["parts_none"]])


def _satisfaction(found: Outlook, words: Words) -> Section:
    told = found.satisfaction
    if not told["answered"]:
        return Section(words["satisfaction"], None, [words["satisfaction_none"]])
    lines = [
        words["satisfaction_note"].format(
            answered=told["answered"],
            asked=told["asked"],
            **{key: told["csat"][key] for key in ("value", "low", "high")},
        )
    ]
    if told["silent"]:
        lines.append(words["silent"].format(**told["silent"]))
    figure, axes = canvas()
    axes.bar(list(told["scores"]), list(told["scores"].values()), color="#4878a8")
    return Section(words["satisfaction"], png(figure), lines)


def _alerts(found: Outlook, words: Words) -> Section:
    lines = [
        words["alert"].format(
            at=item["raised_at"],
            kind=words["alert_kinds"].get(item["kind"], item["kind"]),
            subject=item["figures"].get("title") or item["subject"],
            seen=item["figures"].get("seen", "-"),
            usual=item["figures"].get("usual", "-"),
        )
        for item in found.alerts
    ]
    return Section(words["alerts"], None, lines or [words["alerts_none"]])


def _risk(found: Outlook, words: Words) -> Section:
    costs = found.risk_costs
    lines = [words["risk_note"].format(open=found.risk_open, judged=costs["judged"])]
    share = costs["false_alarms"]["value"]
    if share is not None:
        lines.append(
            words["risk_costs"].format(
                share=share,
                honest=costs["honest_fen"] / 100,
                saved=costs["saved_fen"] / 100,
            )
        )
    if found.quality["score"] is not None:
        lines.append(words["quality_note"].format(**found.quality))
    return Section(words["risk"], None, lines)
