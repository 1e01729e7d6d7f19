// What has been said, in the server's order: each message once, whatever the way it came.
import type { Message } from "./types.ts";

export class MessageLog {
  private bySeq = new Map<number, Message>();

  get lastSeq(): number {
    return Math.max(0, ...this.bySeq.keys());
  }

  /** Adds messages; returns whether anything was new. */
  add(messages: Message[]): boolean {
    const before = this.bySeq.size;
    for (const item of messages) if (!this.bySeq.has(item.seq)) this.bySeq.set(item.seq, item);
    return this.bySeq.size > before;
  }

  /** Empties a message that its sender took back. */
  recall(seq: number): void {
    const item = this.bySeq.get(seq);
    if (item) this.bySeq.set(seq, { seq, sender: item.sender, text: "", recalled: true });
  }

  /** The highest number below which nothing is missing. */
  get gapFreeSeq(): number {
    let seq = 0;
    while (this.bySeq.has(seq + 1)) seq += 1;
    return seq;
  }

  all(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  clear(): void {
    this.bySeq.clear();
  }
}
