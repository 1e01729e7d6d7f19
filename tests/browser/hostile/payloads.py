"""More than three hundred texts that run code where they are taken for markup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SOURCE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("payloads.yml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Payload:
    """One text; `fires` if a page that writes it as markup runs it by itself."""

    number: int
    text: str
    fires: bool


def _styled(text: str, style: str, code: str) -> str:
    """Return a vector as somebody writes it who was refused before."""
    if style in ("slashes", "newlines"):
        between = "/" if style == "slashes" else "\n"
        head, _, rest = text.partition(" ")
        text = f"{head}{between}{rest}" if rest else text
    elif style == "upper":
        head, _, rest = text.partition("=")
        text = f"{head.swapcase()}={rest}" if rest else text
    elif style == "entities":
        code = code.replace("(", "&#40;").replace(")", "&#x29;")
    elif style == "computed":
        code = code.replace("__xss", "window[`__x`+`ss`]").replace("parent.", "")
    elif style == "quoted":
        code = f'"{code}"' if "=CODE" in text else code
    closers = {
        "closed_double": '">',
        "closed_single": "'>",
        "closed_title": "</title>",
        "closed_textarea": "</textarea>",
        "closed_comment": "-->",
    }
    return closers.get(style, "") + text.replace("CODE", code)


def payloads() -> list[Payload]:
    """Return all of them, numbered from 0; each calls `__xss` with its number."""
    found: list[Payload] = []
    for vector in SOURCE["vectors"]:
        for style in SOURCE["styles"]:
            number = len(found)
            text = _styled(vector["text"], style, f"__xss({number})")
            fires = vector.get("fires", False) and style in ("plain", "upper")
            found.append(Payload(number, text, fires))
    for text in SOURCE["others"]:
        number = len(found)
        whole = text.replace("CODE", f"__xss({number})").replace("N", str(number), 1)
        found.append(Payload(number, whole, False))
    return found
