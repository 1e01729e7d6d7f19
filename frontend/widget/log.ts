// What has been said, in the server's order: each message once, whatever the way it came.
import type { Message } from "./types.ts";

export class MessageLog {
  private bySeq = new Map<number, Message>();
  private first = 1;

  get lastSeq(): number {
    return Math.max(0, ...this.bySeq.keys());
  }

  /** Adds messages; returns whether anything was new. */
  add(messages: Message[]): boolean {
    const before = this.bySeq.size;
    for (const item of messages) if (!this.bySeq.has(item.seq)) this.bySeq.set(item.seq, item);
    return this.bySeq.size > before;
  }

  /** Says where the server's newest page begins: what is older is not asked for. */
  beginsAt(seq: number): void {
    this.first = seq;
  }

  /** Empties a message that its sender took back. */
  recall(seq: number): void {
    const item = this.bySeq.get(seq);
    if (item) this.bySeq.set(seq, { seq, sender: item.sender, text: "", recalled: true });
  }

  /** The highest number up to which nothing is missing since the page begins. */
  get gapFreeSeq(): number {
    let seq = this.first - 1;
    while (this.bySeq.has(seq + 1)) seq += 1;
    return seq;
  }

  all(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  clear(): void {
    this.bySeq.clear();
    this.first = 1;
  }
}
