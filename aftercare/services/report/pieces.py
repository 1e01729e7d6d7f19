"""What every section of the report is made of: a heading, a picture, lines."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a picture (PNG) or none, and lines of text."""

    title: str
    picture: bytes | None
    lines: list[str]


def canvas() -> tuple[Figure, Any]:
    """Return an empty picture and its axes."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def png(figure: Figure) -> bytes:
    """Return a picture's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
