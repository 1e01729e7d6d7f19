"""The report as HTML and as PDF, from one list of sections."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer

from aftercare.services.report.causes import cause_sections
from aftercare.services.report.gather import DAYS, Week
from aftercare.services.report.loops import loop_sections
from aftercare.services.report.pictures import Section, canvas, png

# Every PDF reader brings this font along; none has to be found or embedded.
FONT = "STSong-Light"
WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)


def write_report(week: Week, folder: Path) -> tuple[Path, Path]:
    """Write the HTML and the PDF of a week into a folder; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    title = WORDS["title"].format(first=week.first, last=week.last)
    parts = sections(week)
    page, paper = (folder / f"week-{week.last}.{end}" for end in ("html", "pdf"))
    page.write_text(_html(title, parts), encoding="utf-8")
    _pdf(title, parts, paper)
    return page, paper


def sections(week: Week) -> list[Section]:
    """Return the sections in their order."""
    total: Counter[str] = sum(week.volume.values(), Counter())
    senders = {name: total[name] for name in ("customer", "bot", "agent")}
    return [
        Section(
            WORDS["volume"], _volume(week), [WORDS["volume_note"].format(**senders)]
        ),
        _waits(week),
        _findings(week),
        _topics(week),
        *(loop_sections(week.outlook, WORDS) if week.outlook else ()),
        *(cause_sections(week.causes, WORDS) if week.causes else ()),
    ]


def _waits(week: Week) -> Section:
    if not week.waits:
        return Section(WORDS["waits"], None, [WORDS["waits_none"]])
    middle, most = np.quantile(week.waits, [0.5, 0.9])
    line = WORDS["waits_note"].format(
        count=len(week.waits), median=round(middle), p90=round(most)
    )
    figure, axes = canvas()
    axes.hist(week.waits, bins=20, color="#4878a8")
    axes.set_xlabel("s")
    return Section(WORDS["waits"], png(figure), [line])


def _findings(week: Week) -> Section:
    counts = Counter(item.rule for item in week.findings)
    lines = [WORDS["findings_note"].format(talks=week.talks, count=len(week.findings))]
    for rule, count in counts.most_common():
        first = next(item for item in week.findings if item.rule == rule)
        lines.append(
            WORDS["finding_row"].format(
                rule=rule, count=count, sentence=first.sentence, basis=first.basis
            )
        )
    if not counts:
        return Section(WORDS["findings"], None, lines)
    figure, axes = canvas()
    axes.barh(list(counts), list(counts.values()), color="#b85c4c")
    return Section(WORDS["findings"], png(figure), lines)


def _topics(week: Week) -> Section:
    lines = [
        WORDS["topic_row"].format(
            words=" ".join(topic.words),
            count=len(topic.rows),
            example=topic.examples[0],
            p=f"{topic.p:.1g}",
        )
        for topic in week.topics
    ]
    return Section(WORDS["topics"], None, lines or [WORDS["topics_none"]])


def _volume(week: Week) -> bytes:
    days = [week.first + timedelta(days=n) for n in range(DAYS + 1)]
    figure, axes = canvas()
    bottom = np.zeros(len(days))
    for name, colour in (("customer", "#4878a8"), ("bot", "#8ab"), ("agent", "#da5")):
        heights = np.array([week.volume.get(day, Counter())[name] for day in days])
        labels = [f"{day:%m-%d}" for day in days]
        axes.bar(labels, heights, bottom=bottom, label=name, color=colour)
        bottom = bottom + heights
    axes.legend(frameon=False)
    return png(figure)


def _html(title: str, parts: list[Section]) -> str:
    body = [f"<h1>{html.escape(title)}</h1>"]
    for part in parts:
        body.append(f"<h2>{html.escape(part.title)}</h2>")
        if part.picture:
            data = base64.b64encode(part.picture).decode()
            name = html.escape(part.title)
            body.append(f'<img alt="{name}" src="data:image/png;base64,{data}">')
        body += [f"<p>{html.escape(line)}</p>" for line in part.lines]
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    style = "<style>body{max-width:50em;margin:auto;font-family:sans-serif}</style>"
    return f'<!doctype html><html lang="zh">{head}{style}{"".join(body)}</html>\n'


def _pdf(title: str, parts: list[Section], path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    text = ParagraphStyle(
        "text", fontName=FONT, fontSize=10, leading=16, wordWrap="CJK"
    )
    large = ParagraphStyle("large", parent=text, fontSize=18, leading=28)
    middle = ParagraphStyle("middle", parent=text, fontSize=13, leading=22)
    flow: list[Any] = [Paragraph(html.escape(title), large)]
    for part in parts:
        flow.append(Paragraph(html.escape(part.title), middle))
        if part.picture:
            flow.append(Image(io.BytesIO(part.picture), 16 * cm, 6.4 * cm))
        flow += [Paragraph(html.escape(line), text) for line in part.lines]
        flow.append(Spacer(1, 0.4 * cm))
    SimpleDocTemplate(str(path), pagesize=A4, title=title).build(flow)
