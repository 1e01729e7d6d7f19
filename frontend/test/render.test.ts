import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../widget/icon.ts";
import words from "../widget/locales/zh-CN.json" with { type: "json" };
import { renderHello, renderMessage, shownText } from "../widget/render.ts";
import type { Message } from "../widget/types.ts";
import { openPage } from "./page.ts";

openPage();
const HOSTILE = `<img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>`;
const none = new Map<string, string>();

test("markup is shown as the text it is, in every place text can stand", () => {
  const message: Message = {
    seq: 1,
    sender: "bot",
    text: HOSTILE,
    quick_replies: [{ title: HOSTILE, payload: "/x" }],
    card: { card: "tracking", events: [{ at: HOSTILE, place: HOSTILE, text: HOSTILE }] },
  };
  const row = renderMessage(message, none, true, () => undefined);
  assert.equal(row.querySelector("img, script"), null);
  assert.equal(row.querySelector(".bubble")?.textContent, HOSTILE);
  assert.equal((globalThis as { hit?: number }).hit, undefined);
});

test("an image is shown from the web alone", () => {
  const image = (src: string) =>
    renderMessage({ seq: 1, sender: "bot", text: "", image: src }, none, true, () => undefined).querySelector("img");
  assert.equal(image("javascript:alert(1)"), null);
  assert.equal(image("data:text/html,x"), null);
  assert.ok(image("/static/img/shoes.svg"));
});

test("buttons are offered on the newest message only, and give their payload", () => {
  const message: Message = { seq: 1, sender: "bot", text: "a", quick_replies: [{ title: "t", payload: "/p" }] };
  const pressed: string[] = [];
  const choose = (payload: string) => pressed.push(payload);
  assert.equal(renderMessage(message, none, false, choose).querySelector("button"), null);
  renderMessage(message, none, true, choose).querySelector("button")?.click();
  assert.deepEqual(pressed, ["/p"]);
});

test("where nothing was said yet, what can be asked is offered as words", () => {
  const sent: string[][] = [];
  const row = renderHello((payload, shown) => sent.push([payload, shown]));
  const chips = [...row.querySelectorAll("button")];
  chips.forEach((chip) => chip.click());
  assert.deepEqual(sent, words.asks.map((ask) => [ask, ask]));
  assert.ok(sent.every(([payload]) => !payload!.startsWith("/")));
});

test("a payload is never shown to the one who pressed it", () => {
  const pressed: Message = { seq: 1, sender: "customer", text: `/affirm{"nonce":"n"}` };
  assert.equal(shownText(pressed, new Map([[pressed.text, "yes"]])), "yes");
  assert.ok(!shownText(pressed, none).includes("nonce"));
});

test("the paper clip is drawn, and no word of the widget needs an emoji font", () => {
  const icon = clip();
  assert.equal(icon.namespaceURI, "http://www.w3.org/2000/svg");
  assert.equal(icon.getAttribute("aria-hidden"), "true");
  assert.equal(icon.textContent, "");
  assert.doesNotMatch(Object.values(words).join(""), /\p{Extended_Pictographic}/u);
});
