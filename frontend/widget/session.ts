// The connection: Rasa's Socket.IO dialect, with our acknowledgements and history.
import { io, type Socket } from "socket.io-client";
import { MessageLog } from "./log.ts";
import type { Memory } from "./memory.ts";
import type { Ack, Link, Message, Owner, Pending } from "./types.ts";

const ACK_LIMIT_MS = 8000;
const HISTORY_PAUSE_MS = 5000;
interface BotUttered {
  text?: string; quick_replies?: Message["quick_replies"];
  attachment?: { type: string; payload: { src?: string } };
  metadata?: { seq?: number; sender?: Message["sender"]; card?: Message["card"]; file?: Message["file"] };
}
export interface Listener {
  changed(): void;
  link(state: Link): void;
  owner(owner: Owner): void;
  typing(on: boolean): void;
  /** Why the server would not take a message, and the words of it. */
  refused(why: string, words: string): void;
  read(seq: number): void;
}

/** An address of the web, whole; nothing for what is none, or would run as code. */
export function webAddress(path: string, base: string): string {
  try {
    const found = new URL(path, base);
    return /^https?:$/.test(found.protocol) ? found.href : "";
  } catch {
    return "";
  }
}

export class Session {
  readonly log = new MessageLog();
  pending: Pending[] = [];
  private readonly socket: Socket;
  private id: string | null;
  private readSeq = 0;
  private signedOut = false;
  private begin!: () => void;
  private readonly begun = new Promise<void>((resolve) => { this.begin = resolve; });

  constructor(private readonly url: string, private readonly token: string | null, private readonly memory: Memory, private readonly listener: Listener) {
    this.id = memory.session;
    this.socket = io(url, { path: "/socket.io", auth: { notice: true, ...(token ? { token } : {}) }, reconnectionDelayMax: 5000 });
    this.socket.on("connect", () => this.socket.emit("session_request", { session_id: this.id }));
    this.socket.on("disconnect", () => listener.link(this.signedOut ? "unauthorised" : "offline"));
    this.socket.on("signed_out", () => { this.signedOut = true; });
    this.socket.on("connect_error", (error) => listener.link(error.message === "unauthorised" ? "unauthorised" : "offline"));
    this.socket.on("session_confirm", (id: string) => this.confirmed(id));
    this.socket.on("bot_uttered", (said: BotUttered) => this.heard(said));
    this.socket.on("typing", (state: { on: boolean }) => listener.typing(state.on));
    this.socket.on("read", (state: { seq: number }) => listener.read(state.seq));
    this.socket.on("recalled", (gone: { seq: number }) => { this.log.recall(gone.seq); listener.changed(); });
    this.socket.on("state", (state: { owner: Owner }) => listener.owner(state.owner));
  }

  send(text: string, shown = text): void {
    this.pending.push({ clientId: crypto.randomUUID(), text, shown });
    this.listener.changed();
    if (this.pending.length === 1) this.flush();
  }

  /** Sends a picture once there is a session; the server answers with the message it has stored. */
  async sendPicture(file: File): Promise<void> {
    await this.begun;
    const headers: Record<string, string> = { "x-session": this.id ?? "", "x-client-id": crypto.randomUUID() };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    try {
      const answer = await fetch(`${this.url}/upload`, { method: "POST", headers, body: file });
      const ack = (await answer.json()) as Ack & { image?: string };
      if (!ack.ok || !ack.seq) { this.listener.refused(ack.message ?? "", ""); return; }
      const image = new URL(ack.image ?? "", this.url).href;
      this.log.add([{ seq: ack.seq, sender: "customer", text: "", image }]);
      this.listener.changed();
    } catch {
      this.listener.link("offline"); // said in the panel; the customer tries again
    }
  }

  /** Tells the person who answers that an answer is being written, or read. */
  typing(on: boolean): void {
    if (this.socket.connected && this.id) this.socket.emit("typing", { on });
  }

  read(): void {
    const seq = this.log.lastSeq;
    if (!this.socket.connected || !this.id || seq <= this.readSeq) return;
    this.readSeq = seq;
    this.socket.emit("read", { seq });
  }

  close(): void {
    this.socket.close();
  }

  /** Sends what waits, oldest first; the next only after an acknowledgement. */
  private flush(): void {
    const next = this.pending[0];
    if (!next || !this.socket.connected || !this.id) return;
    const body = { message: next.text, session_id: this.id, client_id: next.clientId };
    this.socket.timeout(ACK_LIMIT_MS).emit("user_uttered", body, (lost: Error | null, ack: Ack) => {
      if (this.pending[0] !== next) return;
      if (lost) { this.flush(); return; }
      this.pending.shift();
        if (ack.ok && ack.seq) this.log.add([{ seq: ack.seq, sender: "customer", text: next.shown }]);
      else this.listener.refused(ack.message ?? "", next.text === next.shown ? next.text : "");
      this.listener.changed();
      this.flush();
    });
  }

  private confirmed(id: string): void {
    if (id !== this.id) { this.log.clear(); this.id = id; this.memory.session = id; }
    this.begin();
    this.listener.link("online");
    this.catchUp();
    this.flush();
  }

  /** Asks for what follows the last message without a gap, until there is none. */
  private catchUp(): void {
    const after = this.log.gapFreeSeq;
    this.socket.emit("history_request", { session_id: this.id, after_seq: after }, (found: { messages?: Message[] }) => {
      if (!found.messages) { window.setTimeout(() => this.catchUp(), HISTORY_PAUSE_MS); return; }
      if (after === 0 && found.messages[0]) this.log.beginsAt(found.messages[0].seq);
      const news = this.log.add(found.messages.map((item) => this.placed(item)));
      // Nothing was ever said: only now is that known.
      if (!news && !this.log.lastSeq) this.listener.changed();
      if (!news) return;
      this.listener.changed();
      if (this.log.gapFreeSeq < this.log.lastSeq) this.catchUp();
    });
  }

  private heard(said: BotUttered): void {
    const meta = said.metadata ?? {};
    if (typeof meta.seq !== "number") return;
    const message: Message = { seq: meta.seq, sender: meta.sender ?? "bot", text: said.text ?? "", at: new Date().toISOString() };
    if (said.quick_replies) message.quick_replies = said.quick_replies;
    if (meta.card) message.card = meta.card;
    if (meta.file) message.file = meta.file;
    if (said.attachment?.payload.src) message.image = said.attachment.payload.src;
    this.log.add([this.placed(message)]);
    this.listener.changed();
    // Said in another tab, or lost on the way: the server has what is missing.
    if (this.log.gapFreeSeq < this.log.lastSeq) this.catchUp();
  }

  /** Pictures are the server's, whatever page the widget stands on. */
  private placed(message: Message): Message {
    const whole = (path: string): string => webAddress(path, this.url);
    if (message.image) message.image = whole(message.image);
    if (message.file) message.file = { ...message.file, url: whole(message.file.url) };
    if (message.card?.card === "order_lines") for (const line of message.card.items) if (line.image) line.image = whole(line.image);
    return message;
  }
}
