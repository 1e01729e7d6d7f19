"""What a browser tells of a page: code that ran, and markup that is not the page's."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from playwright.sync_api import BrowserContext, Page

HOOK = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.__refused.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
"""
# The page's own elements carry no handlers in attributes and no such addresses.
FOREIGN = """() => {
  const all = (root) => [...root.querySelectorAll("*")]
    .flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const places = ["href", "src", "action", "formaction", "data"];
  const bad = /^[\\s\\u0000-\\u001f]*(java\\s*script|vbscript|data:text)/i;
  return all(document).filter((e) =>
    [...e.attributes].some((a) => a.name.startsWith("on")
      || (places.includes(a.name) && bad.test(a.value)))
    || ["IFRAME", "OBJECT", "EMBED", "BASE", "MARQUEE", "MATH"].includes(e.tagName)
  ).map((e) => e.outerHTML.slice(0, 200));
}"""
# A style element that the policy refuses has no sheet.
UNSTYLED = "[...document.querySelectorAll('style')].filter((s) => !s.sheet).length"
TEXT = """() => {
  const all = (root) => [...root.querySelectorAll("*")]
    .flatMap((e) => (e.shadowRoot ? [e.shadowRoot, ...all(e.shadowRoot)] : []));
  const inside = all(document).map((r) => r.textContent);
  return [document.body.innerText, ...inside].join("\\n");
}"""
# So many looks in a row, 50 ms apart, without a request under way.
QUIET = 4
LONGEST_S = 15
MARK = re.compile(r" ~(\d+)")


@dataclass
class Watch:
    """All that went wrong in a browser, and which planted texts were read in it."""

    ran: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    read: dict[str, set[int]] = field(default_factory=dict)
    open_requests: int = 0

    def over(self, context: BrowserContext) -> Page:
        """Return a new page that is watched from before its first script."""
        context.expose_binding("__xss", lambda _, n=None: self.ran.append(str(n)))
        context.add_init_script(HOOK)
        page = context.new_page()
        page.on("dialog", self._dialog)
        for event, step in (
            ("request", 1),
            ("requestfinished", -1),
            ("requestfailed", -1),
        ):
            page.on(event, partial(self._asked, step))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def look(self, page: Page, view: str) -> None:
        """Note what there is to see in a view now."""
        self.foreign += [f"{view}: {one}" for one in page.evaluate(FOREIGN)]
        found: list[Any] = page.evaluate("window.__refused.splice(0)")
        self.refused += [f"{view}: {one}" for one in found]
        bare = page.evaluate(UNSTYLED)
        if bare:
            self.refused.append(f"{view}: {bare} style elements without a sheet")
        marks = {int(n) for n in MARK.findall(page.evaluate(TEXT))}
        self.read.setdefault(view, set()).update(marks)

    def settle(self, page: Page) -> None:
        """Wait until the page asks the server for nothing any more, or for long."""
        quiet = 0
        end = time.monotonic() + LONGEST_S
        while quiet < QUIET and time.monotonic() < end:
            page.wait_for_timeout(50)
            quiet = quiet + 1 if self.open_requests == 0 else 0
        self.open_requests = 0

    def _asked(self, step: int, request: Any) -> None:
        if request.resource_type in ("fetch", "xhr", "script", "stylesheet"):
            self.open_requests += step

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()
