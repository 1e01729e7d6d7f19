// Moving between chats by keys, also while an answer is written.
import type { Row } from "../types.ts";
import { waitedSeconds } from "../alarm.ts";

/** Whether the chat that is left for another was being written in. */
export const writing = { on: false };

const inComposer = (): boolean => Boolean(document.activeElement?.closest("#composer-text"));

/** Notes whether the next chat is to be written in at once; to be called before a move. */
export function leaveChat(): void {
  writing.on = inComposer();
  // Else Enter would press the row that was clicked before.
  if (!writing.on) (document.activeElement as HTMLElement | null)?.blur();
}

export const write = (): void => document.querySelector<HTMLElement>("#composer-text textarea")?.focus();

/** Who has waited longest of the rows, null where nobody waits. */
export function longest(rows: Row[], now: number): Row | null {
  const waits = rows.filter((row) => row.waiting_since);
  return waits.sort((a, b) => waitedSeconds(b, now)! - waitedSeconds(a, now)!)[0] ?? null;
}

/** The keys that move also while somebody types: Alt with an arrow or a number. */
export function movingKey(event: KeyboardEvent): { by: number } | { to: number } | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return null;
  if (event.key === "ArrowDown") return { by: 1 };
  if (event.key === "ArrowUp") return { by: -1 };
  const digit = /^Digit([1-9])$/.exec(event.code);
  return digit ? { to: Number(digit[1]) - 1 } : null;
}
