// A chat as one reads it down: messages, notes, the desk's steps, a line for each day.
import type { DeskEvent, Message, Note } from "../types.ts";

export interface Line { key: string; at: string; item?: Message; note?: Note; event?: DeskEvent; day?: string }

// What the customer is told of stands there as a line of the system already.
const TOLD = new Set(["taken", "assigned", "given_back"]);

export function linesOf(messages: Message[], notes: Note[], events: DeskEvent[], hasOlder: boolean, dayOf: (at: string) => string): Line[] {
  // Steps of before the first message that is shown come with the older page.
  const from = hasOlder ? (messages[0]?.at ?? "") : "";
  const all: Line[] = [
    ...messages.map((item) => ({ key: `m${item.seq}`, at: item.at, item })),
    ...notes.map((note) => ({ key: `n${note.id}`, at: note.at, note })),
    ...events.filter((event) => !TOLD.has(event.kind) && event.at >= from).map((event, i) => ({ key: `e${i}${event.at}`, at: event.at, event })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const made: Line[] = [];
  let last = "";
  for (const line of all) {
    const day = dayOf(line.at);
    if (day !== last) made.push({ key: `d${day}`, at: line.at, day });
    last = day;
    made.push(line);
  }
  return made;
}
