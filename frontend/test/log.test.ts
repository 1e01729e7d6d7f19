import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageLog } from "../widget/log.ts";
import type { Message } from "../widget/types.ts";

const said = (seq: number, text = `m${seq}`): Message => ({ seq, sender: "bot", text });

test("a message that comes twice is kept once, as it first came", () => {
  const log = new MessageLog();
  assert.equal(log.add([said(1)]), true);
  assert.equal(log.add([said(1, "other")]), false);
  assert.deepEqual(log.all().map((item) => item.text), ["m1"]);
});

test("messages stand in the server's order, whatever the order they came in", () => {
  const log = new MessageLog();
  log.add([said(3), said(1)]);
  log.add([said(2)]);
  assert.deepEqual(log.all().map((item) => item.seq), [1, 2, 3]);
});

test("what is asked for after a reconnect begins at the first gap", () => {
  const log = new MessageLog();
  assert.equal(log.gapFreeSeq, 0);
  log.add([said(1), said(2), said(5)]);
  assert.equal(log.gapFreeSeq, 2);
  assert.equal(log.lastSeq, 5);
  log.add([said(3), said(4)]);
  assert.equal(log.gapFreeSeq, 5);
});

test("another customer's log starts empty", () => {
  const log = new MessageLog();
  log.add([said(1)]);
  log.clear();
  assert.deepEqual([log.all().length, log.lastSeq, log.gapFreeSeq], [0, 0, 0]);
});

test("a long talk is read from where its newest page begins", () => {
  const log = new MessageLog();
  log.add([said(101), said(102), said(104)]);
  log.beginsAt(101);
  assert.equal(log.gapFreeSeq, 102);
  log.clear();
  assert.equal(log.gapFreeSeq, 0);
});
