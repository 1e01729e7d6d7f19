import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Memory } from "../widget/memory.ts";

class Kept {
  readonly values = new Map<string, string>();
  forbidden = false;
  getItem(name: string): string | null {
    if (this.forbidden) throw new DOMException("forbidden", "SecurityError");
    return this.values.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    if (this.forbidden) throw new DOMException("full", "QuotaExceededError");
    this.values.set(name, value);
  }
  removeItem(name: string): void {
    this.values.delete(name);
  }
}

let local: Kept;
let tab: Kept;
beforeEach(() => {
  local = new Kept();
  tab = new Kept();
  Object.assign(globalThis, { localStorage: local, sessionStorage: tab });
});

test("what is kept for one customer is not found for another", () => {
  const one = new Memory("aftercare:one");
  one.session = "s1";
  one.open = true;
  assert.equal(new Memory("aftercare:one").session, "s1");
  assert.equal(new Memory("aftercare:one").open, true);
  const two = new Memory("aftercare:two");
  assert.deepEqual([two.session, two.open], [null, false]);
});

test("a browser that forbids keeping anything costs no talk", () => {
  local.forbidden = tab.forbidden = true;
  const memory = new Memory("aftercare:one");
  memory.session = "s1";
  memory.open = true;
  assert.deepEqual([memory.session, memory.open], [null, false]);
});
