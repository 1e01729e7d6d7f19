"""How well the words of a page stand out, from what the browser really computed.

axe leaves what lies under another element undecided, as the frame of every tag does;
undecided is not failed. Here each word's colour is laid over every colour behind it.
Source of the limits: WCAG 2.2, 1.4.3 (4.5, and 3 for large letters).
"""

from __future__ import annotations

from playwright.sync_api import Page

FAINT = r"""
() => {
  const parse = (text) => {
    const found = text.match(/[\d.]+/g).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    const [r, g, b, a] = found;
    return [r * scale, g * scale, b * scale, a === undefined ? 1 : a];
  };
  const over = (top, under) => {
    const a = top[3] + under[3] * (1 - top[3]);
    if (!a) return [0, 0, 0, 0];
    const mix = (i) => (top[i] * top[3] + under[i] * under[3] * (1 - top[3])) / a;
    return [mix(0), mix(1), mix(2), a];
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((x) => {
      const c = x / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const seen = (element) => {
    const hidden = { checkOpacity: true, checkVisibilityCSS: true };
    if (!element.checkVisibility(hidden)) return false;
    // What is disabled need not stand out, and what is clipped is for ears.
    const idle = "[disabled], [aria-disabled=true], .sr, [class*=--disabled]";
    return !element.closest(idle);
  };
  const shown = (element, ink) => {
    let text = parse(ink), under = [0, 0, 0, 0];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const back = parse(style.backgroundColor);
      text = over(text, back);
      under = over(under, back);
      text[3] *= Number(style.opacity);
      under[3] *= Number(style.opacity);
    }
    const dark = document.documentElement.dataset.form === "dark";
    const canvas = dark ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return contrast(over(text, canvas), over(under, canvas));
  };
  const faint = new Map();
  const check = (element, words, ink) => {
    // A kit that draws placeholders of its own makes the browser's clear.
    if (!words || !seen(element) || parse(ink)[3] === 0) return;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = shown(element, ink);
    if (found < (large ? 3 : 4.5)) {
      const place = `${element.tagName.toLowerCase()}.${element.classList}`;
      const where = `${place} in ${element.parentElement.className}`;
      faint.set(where, `${found.toFixed(2)} ${where}: ${words.slice(0, 30)}`);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName)) continue;
    check(element, node.data.trim(), getComputedStyle(element).color);
  }
  const written = "input:not([type=range], [type=checkbox], [type=radio]), textarea";
  for (const field of document.querySelectorAll(written)) {
    const words = field.value || field.placeholder;
    const pseudo = field.value ? null : "::placeholder";
    check(field, words, getComputedStyle(field, pseudo).color);
  }
  return [...faint.values()];
}
"""


def faint(page: Page) -> list[str]:
    """Return each kind of element whose words stand out too little, with an example."""
    found: list[str] = page.evaluate(FAINT)
    return found
