// The connection: Rasa's Socket.IO dialect, with our acknowledgements and history.
import { io, type Socket } from "socket.io-client";
import { MessageLog } from "./log.ts";
import type { Ack, Link, Message, Owner, Pending } from "./types.ts";

const ACK_LIMIT_MS = 8000;
interface BotUttered {
  text?: string; quick_replies?: Message["quick_replies"];
  attachment?: { type: string; payload: { src?: string } };
  metadata?: { seq?: number; sender?: Message["sender"]; card?: Message["card"] };
}
export interface Listener {
  changed(): void;
  link(state: Link): void;
  owner(owner: Owner): void;
  typing(on: boolean): void;
  refused(text: string): void;
}

export class Session {
  readonly log = new MessageLog();
  pending: Pending[] = [];
  private readonly socket: Socket;
  private id: string | null;

  constructor(url: string, token: string | null, private readonly key: string, private readonly listener: Listener) {
    this.id = localStorage.getItem(key);
    this.socket = io(url, { path: "/socket.io", auth: token ? { token } : {}, reconnectionDelayMax: 5000 });
    this.socket.on("connect", () => this.socket.emit("session_request", { session_id: this.id }));
    this.socket.on("disconnect", () => listener.link("offline"));
    this.socket.on("connect_error", (error) => listener.link(error.message === "unauthorised" ? "unauthorised" : "offline"));
    this.socket.on("session_confirm", (id: string) => this.confirmed(id));
    this.socket.on("bot_uttered", (said: BotUttered) => this.heard(said));
    this.socket.on("typing", (state: { on: boolean }) => listener.typing(state.on));
    this.socket.on("state", (state: { owner: Owner }) => listener.owner(state.owner));
  }

  send(text: string, shown = text): void {
    this.pending.push({ clientId: crypto.randomUUID(), text, shown });
    this.listener.changed();
    if (this.pending.length === 1) this.flush();
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
      else this.listener.refused(ack.message ?? "");
      this.listener.changed();
      this.flush();
    });
  }

  private confirmed(id: string): void {
    if (id !== this.id) { this.log.clear(); this.id = id; localStorage.setItem(this.key, id); }
    this.listener.link("online");
    this.catchUp();
    this.flush();
  }

  private catchUp(): void {
    const ask = { session_id: this.id, after_seq: this.log.gapFreeSeq };
    this.socket.emit("history_request", ask, (found: { messages: Message[] }) => {
      if (this.log.add(found.messages)) this.listener.changed();
    });
  }

  private heard(said: BotUttered): void {
    const meta = said.metadata ?? {};
    if (typeof meta.seq !== "number") return;
    const message: Message = { seq: meta.seq, sender: meta.sender ?? "bot", text: said.text ?? "", at: new Date().toISOString() };
    if (said.quick_replies) message.quick_replies = said.quick_replies;
    if (meta.card) message.card = meta.card;
    if (said.attachment?.payload.src) message.image = said.attachment.payload.src;
    this.log.add([message]);
    this.listener.changed();
  }
}
