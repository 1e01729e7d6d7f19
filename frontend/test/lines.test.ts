import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "../console/inbox/lines.ts";
import type { DeskEvent, Message, Note } from "../console/types.ts";

const said = (seq: number, at: string): Message => ({ seq, at }) as Message;
const step = (kind: string, at: string): DeskEvent => ({ kind, at, actor: "system", before: "", after: "", detail: null });
const dayOf = (at: string): string => at.slice(0, 10);

test("a chat is read down by time: days, words, notes and the steps the customer is not told of", () => {
  const messages = [said(3, "2026-11-27T09:00Z"), said(4, "2026-11-28T09:00Z")];
  const notes = [{ id: 7, at: "2026-11-28T09:01Z" } as Note];
  const events = [step("asked", "2026-11-26T08:00Z"), step("asked", "2026-11-28T08:59Z"), step("taken", "2026-11-28T09:00Z")];
  const keys = (older: boolean): string[] => linesOf(messages, notes, events, older, dayOf).map((line) => line.day ?? line.event?.kind ?? line.key);
  assert.deepEqual(keys(true), ["2026-11-27", "m3", "2026-11-28", "asked", "m4", "n7"]);
  assert.deepEqual(keys(false), ["2026-11-26", "asked", "2026-11-27", "m3", "2026-11-28", "asked", "m4", "n7"]);
});
