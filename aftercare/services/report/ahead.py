"""The report's sections about what comes, what moves customers, and what is odd."""

from __future__ import annotations

from typing import Any

import numpy as np

from aftercare.services.report.outlook import Outlook
from aftercare.services.report.pieces import WORDS, Section, canvas, png

MOST = 8
SURE = 0.05


def outlook_sections(found: Outlook) -> list[Section]:
    """Return forecast, staffing, parts, satisfaction, risk and returns, in order."""
    return [
        _forecast(found),
        _staffing(found),
        _parts(found.parts),
        _satisfaction(found),
        _risk(found),
        _returns(found.returns),
    ]


def _forecast(found: Outlook) -> Section:
    plan = found.plan
    if plan["state"] != "planned":
        return Section(WORDS["forecast"], None, [WORDS["forecast_none"]])
    days = plan["days"]
    mean = np.array([day["contacts"] for day in days])
    low = np.array([day["low80"] for day in days])
    high = np.array([day["high80"] for day in days])
    figure, axes = canvas()
    labels = [f"{day['day']:%m-%d}" for day in days]
    axes.fill_between(labels, low, high, color="#4878a8", alpha=0.25)
    axes.plot(labels, mean, color="#4878a8", marker="o", markersize=3)
    axes.tick_params(axis="x", labelrotation=60)
    axes.set_ylim(bottom=0)
    lines = [
        WORDS["forecast_note"].format(
            total=round(float(mean.sum())), low=round(low.sum()), high=round(high.sum())
        )
    ]
    if plan["refunds"]:
        money = plan["refunds"]
        lines.append(
            WORDS["refunds_note"].format(
                total=_yuan(money["total_fen"]),
                low=_yuan(money["low80_fen"]),
                high=_yuan(money["high80_fen"]),
            )
        )
    for peak in plan["warnings"]:
        cause = WORDS["cause_of"].get(peak["cause"], peak["cause"])
        lines.append(
            WORDS["peak_row"].format(
                day=peak["day"],
                expected=round(peak["expected"]),
                usual=round(peak["usual"]),
                cause=cause,
            )
        )
    errors = found.past["groups"].get("all")
    if errors and errors["contacts"]["wape"] is not None:
        lines.append(
            WORDS["past_note"].format(
                days=errors["days"],
                ours=_percent(errors["contacts"]["wape"]),
                naive=_percent(errors["contacts"]["naive_wape"]),
                inside=_percent(errors["in80"]),
            )
        )
    return Section(WORDS["forecast"], png(figure), lines)


def _staffing(found: Outlook) -> Section:
    plan = found.plan
    if plan["state"] != "planned":
        return Section(WORDS["staffing"], None, [WORDS["forecast_none"]])
    days = plan["days"]
    labels = [f"{day['day']:%m-%d}" for day in days]
    at = np.arange(len(days))
    figure, axes = canvas()
    axes.bar(at - 0.2, [day["need_hours"] for day in days], 0.4, color="#4878a8")
    axes.bar(at + 0.2, [day["duty_hours"] for day in days], 0.4, color="#da5")
    axes.set_xticks(at, labels, rotation=60)
    axes.set_ylabel("h")
    total = plan["total"]
    lines = [
        WORDS["staffing_note"].format(
            need=round(total["need_hours"]),
            duty=round(total["duty_hours"]),
            missing=round(total["missing_hours"]),
        )
    ]
    short = sorted(days, key=lambda day: -day["missing_hours"])
    lines += [
        WORDS["staffing_row"].format(
            day=day["day"],
            missing=day["missing"],
            at=_clock(day["missing_at"]),
            hours=day["missing_hours"],
        )
        for day in short[:3]
        if day["missing"] > 0
    ]
    return Section(WORDS["staffing"], png(figure), lines)


def _parts(items: list[dict[str, Any]]) -> Section:
    lines = [
        WORDS["part_row"].format(
            name=part["name"],
            order=part["order"],
            have=part["on_hand"],
            low=part["low80"],
            high=part["high80"],
            few=_yuan(part["cost_too_few_now_fen"]),
            many=_yuan(part["cost_too_many_fen"]),
        )
        for part in items[:MOST]
    ]
    return Section(WORDS["parts"], None, lines or [WORDS["parts_none"]])


def _satisfaction(found: Outlook) -> Section:
    figures = found.satisfaction
    csat = figures["csat"]
    if not csat["count"]:
        lines = [WORDS["satisfaction_none"]]
    else:
        lines = [
            WORDS["satisfaction_note"].format(
                asked=figures["asked"],
                count=csat["count"],
                csat=_percent(csat["value"]),
                low=_percent(csat["low"]),
                high=_percent(csat["high"]),
            )
        ]
    for one in found.drivers:
        if one.spearman_p < SURE:
            lines.append(
                WORDS["driver_row"].format(
                    name=WORDS["driver_of"][one.driver],
                    side=WORDS["worse" if one.spearman < 0 else "better"],
                    rho=f"{one.spearman:.2f}",
                    p=f"{one.spearman_p:.2g}",
                )
            )
    if len(lines) == 1:
        lines.append(WORDS["drivers_none"].format(count=found.answers))
    return Section(WORDS["satisfaction"], None, lines)


def _risk(found: Outlook) -> Section:
    if not found.risks:
        return Section(WORDS["risk"], None, [WORDS["risk_none"]])
    rings = {item["ring"] for item in found.risks if item["ring"]}
    lines = [WORDS["risk_note"].format(count=len(found.risks), rings=len(rings))]
    counts: dict[str, int] = {}
    for item in found.risks:
        for reason in item["reasons"]:
            name = str(reason[0])
            counts[name] = counts.get(name, 0) + 1
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1])[:MOST]:
        said = WORDS["risk_of"].get(name, name)
        lines.append(WORDS["risk_row"].format(reason=said, count=count))
    return Section(WORDS["risk"], None, lines)


def _returns(items: list[dict[str, Any]]) -> Section:
    lines = []
    for note in items[:MOST]:
        key = "return_cause" if note["kind"] == "cause" else "return_rate"
        lines.append(
            WORDS[key].format(
                title=note["title"],
                cause=WORDS["return_of"].get(note["code"], note["code"]),
                share=_percent(note["share"]),
                low=_percent(note["low"]),
                high=_percent(note["high"]),
                count=note["count"],
                of=note["of"],
            )
        )
    return Section(WORDS["returns"], None, lines or [WORDS["returns_none"]])


def _yuan(fen: float) -> str:
    return f"\u00a5{fen / 100:,.0f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


def _clock(slot: int | None) -> str:
    return "" if slot is None else f"{slot // 2:02d}:{slot % 2 * 30:02d}"
