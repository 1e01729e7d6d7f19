import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, named, offered, type Colleague } from "../console/inbox/mentions.ts";
import { Log } from "../console/inbox/log.ts";
import { choices, nextHour, untilOf } from "../console/inbox/snooze.ts";
import type { Message } from "../console/types.ts";
import { MessageLog } from "../widget/log.ts";

const person = (id: number, name: string): Colleague => ({ id, name, state: "online", load: 0, cap: 8 });
const people = [person(1, "anna"), person(2, "bert")];
// Noon in Shanghai on 24 November 2026.
const NOON = Date.parse("2026-11-24T04:00:00Z");

test("a snooze ends on the shop's clock, whatever the browser's", () => {
  assert.equal(untilOf("message", NOON), null);
  assert.equal(untilOf("30", NOON), "2026-11-24T04:30:00.000Z");
  assert.equal(untilOf("evening", NOON), "2026-11-24T10:00:00.000Z");
  assert.equal(untilOf("morning", NOON), "2026-11-25T01:00:00.000Z");
  // At one in the morning, "tomorrow at nine" is the next calendar day's.
  assert.equal(untilOf("morning", Date.parse("2026-11-24T17:00:00Z")), "2026-11-26T01:00:00.000Z");
  assert.equal(new Date(nextHour(NOON, 12)).toISOString(), "2026-11-25T04:00:00.000Z");
});

test("this evening is offered only while it is ahead", () => {
  assert.ok(choices(NOON).includes("evening"));
  assert.ok(!choices(Date.parse("2026-11-24T11:00:00Z")).includes("evening"));
});

test("an @ at the end offers colleagues; the text says who is meant", () => {
  assert.deepEqual(offered("ask @be", people).map((x) => x.name), ["bert"]);
  assert.deepEqual(offered("mail a@b and on", people), []);
  assert.equal(complete("ask @be", "bert"), "ask @bert ");
  assert.deepEqual(named("ask @bert and @anna", people), [1, 2]);
});

test("a recalled message leaves the customer's log empty of its words", () => {
  const log = new MessageLog();
  log.add([{ seq: 1, sender: "agent", text: "wrong" }]);
  log.recall(1);
  log.recall(7);
  assert.deepEqual(log.all(), [{ seq: 1, sender: "agent", text: "", recalled: true }]);
});

test("a message that one's own overtook is still asked for at the desk", () => {
  const item = (seq: number): Message => ({ seq }) as Message;
  const log = new Log();
  assert.equal(log.gapFreeSeq, 0);
  log.addPage([item(1901), item(1902)]);
  assert.equal(log.gapFreeSeq, 1902);
  // The customer's 1903 was stored while this browser was offline; one's own answer is 1904.
  log.add([item(1904)]);
  assert.equal(log.gapFreeSeq, 1902);
  log.add([item(1905)]);
  assert.equal(log.gapFreeSeq, 1902);
  log.addPage([item(1903), item(1904), item(1905)]);
  assert.equal(log.gapFreeSeq, 1905);
  assert.deepEqual(log.all().map((x) => x.seq), [1901, 1902, 1903, 1904, 1905]);
  // What the server does not hold is no gap to ask for again and again.
  log.addPage([item(1907)]);
  assert.equal(log.gapFreeSeq, 1907);
});
