"""The API's own description as one page, without any address outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse

from aftercare.web.headers import with_nonce

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape()
)


def add_docs(app: FastAPI) -> None:
    """Serve /docs, made from the same OpenAPI document as /openapi.json."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        document = app.openapi()
        page = _PAGES.get_template("docs.html")
        made = page.render(routes=_routes(document), info=document)
        text, headers = with_nonce(made)
        return HTMLResponse(text, headers=headers)


def _routes(document: dict[str, Any]) -> list[dict[str, Any]]:
    shapes = document.get("components", {}).get("schemas", {})
    found = []
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            found.append(
                {
                    "method": method.upper(),
                    "path": f"/api{path}",
                    "summary": route.get("description") or route.get("summary", ""),
                    "tag": (route.get("tags") or [""])[0],
                    "right": route.get("x-right", ""),
                    "parameters": route.get("parameters", []),
                    "body": _body(route, shapes),
                }
            )
    return found


def _body(route: dict[str, Any], shapes: dict[str, Any]) -> str:
    content = route.get("requestBody", {}).get("content", {})
    for kind in content.values():
        shape = kind.get("schema", {})
        name = shape.get("$ref", "").rpartition("/")[2]
        return json.dumps(shapes.get(name, shape), indent=1, ensure_ascii=False)
    return ""
