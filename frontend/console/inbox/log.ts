// Messages of one talk in order, each once; a changed one replaces itself.
import type { Message } from "../types.ts";

export class Log {
  private bySeq = new Map<number, Message>();

  get lastSeq(): number {
    return Math.max(0, ...this.bySeq.keys());
  }

  add(messages: Message[]): void {
    for (const item of messages) this.bySeq.set(item.seq, item);
  }

  all(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }
}
