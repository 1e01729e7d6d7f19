import assert from "node:assert/strict";
import { test } from "node:test";
import { EnterGuard } from "../widget/ime.ts";
import { openPage } from "./page.ts";

function field() {
  const { window } = openPage();
  const input = window.document.createElement("textarea");
  let sent = 0;
  new EnterGuard().attach(input, () => (sent += 1));
  const at = (event: Event, time: number) => {
    Object.defineProperty(event, "timeStamp", { value: time });
    input.dispatchEvent(event);
  };
  return {
    sent: () => sent,
    key: (time: number, more: KeyboardEventInit = {}) =>
      at(new window.KeyboardEvent("keydown", { key: "Enter", ...more }), time),
    composition: (kind: "start" | "end", time: number) => at(new window.CompositionEvent(`composition${kind}`), time),
  };
}

test("Enter sends, with Shift it does not", () => {
  const input = field();
  input.key(100);
  input.key(200, { shiftKey: true });
  assert.equal(input.sent(), 1);
});

test("Enter that chooses a candidate does not send", () => {
  const input = field();
  input.composition("start", 100);
  input.key(200);
  input.key(210, { isComposing: true });
  input.key(220, { keyCode: 229 });
  assert.equal(input.sent(), 0);
});

test("Safari's Enter right after the composition does not send, the next one does", () => {
  const input = field();
  input.composition("start", 100);
  input.composition("end", 200);
  input.key(210);
  assert.equal(input.sent(), 0);
  input.key(300);
  assert.equal(input.sent(), 1);
});
