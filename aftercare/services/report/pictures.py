"""A section of the report, and how its pictures are made."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a picture (PNG) or none, and lines of text."""

    title: str
    picture: bytes | None
    lines: list[str]


def canvas() -> tuple[Figure, Any]:
    """Return an empty figure with its axes."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
