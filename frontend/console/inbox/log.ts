// Messages of one talk in order, each once; a changed one replaces itself.
import type { Message } from "../types.ts";

export class Log {
  private bySeq = new Map<number, Message>();
  private sure = 0;

  get lastSeq(): number {
    return Math.max(0, ...this.bySeq.keys());
  }

  /** The highest number below which nothing newer than the first page is missing. */
  get gapFreeSeq(): number {
    let seq = this.sure;
    while (this.bySeq.has(seq + 1)) seq += 1;
    return seq;
  }

  add(messages: Message[]): void {
    for (const item of messages) this.bySeq.set(item.seq, item);
  }

  /** Adds the newest page, or the one that follows `gapFreeSeq`: no message is missing in it. */
  addPage(messages: Message[]): void {
    this.add(messages);
    this.sure = Math.max(this.sure, ...messages.map((item) => item.seq));
  }

  all(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }
}
