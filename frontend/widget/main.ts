// One script tag: <script src="…/widget.js" data-token="…" data-title="…"></script>
import words from "./locales/zh-CN.json";
import { Memory } from "./memory.ts";
import { Session } from "./session.ts";
import type { Message } from "./types.ts";
import { View } from "./view.ts";

export interface Options { url: string; token?: string | null; title?: string; customer?: string }
export interface Widget { open(): void; close(): void; remove(): void }

export function mount(options: Options): Widget {
  const titles = new Map<string, string>();
  let seen = 0;
  const view = new View(options.title ?? words.title, (payload, shown) => {
    titles.set(payload, shown);
    session.send(payload, shown);
  }, (file) => void session.sendPicture(file), {
    typing: (on) => session.typing(on),
    looked: () => session.read(),
    opened: (open) => { memory.open = open; },
  });
  const remember = (messages: Message[]): void => {
    for (const item of messages) {
      for (const reply of item.quick_replies ?? []) titles.set(reply.payload, reply.title);
      if (item.card?.card === "order_lines") for (const line of item.card.items) titles.set(line.payload, `${line.title} ${line.variant}`);
    }
  };
  const memory = new Memory(`aftercare:${options.customer ?? tokenSubject(options.token) ?? "guest"}`);
  const session = new Session(options.url, options.token ?? null, memory, {
    changed: () => {
      const messages = session.log.all();
      remember(messages);
      view.show(messages, session.pending, titles);
      const theirs = messages.filter((item) => item.sender !== "customer").length;
      view.countUnread(Math.max(0, theirs - seen));
      seen = theirs;
      if (view.isOpen && !document.hidden) session.read();
    },
    link: (state) => view.link(state),
    owner: (owner) => view.owner(owner),
    typing: (on) => view.typing(on),
    refused: (why, said) => view.refused(why, said),
    read: (seq) => { view.read(seq); view.show(session.log.all(), session.pending, titles); },
  });
  document.body.append(view.host);
  view.link("connecting");
  if (memory.open) view.toggle(true);
  return {
    open: () => view.toggle(true),
    close: () => view.toggle(false),
    remove: () => { session.close(); view.host.remove(); },
  };
}

/** The customer a token is for: only to keep sessions apart in this browser. */
function tokenSubject(token: string | null | undefined): string | null {
  const body = token?.split(".")[1];
  if (!body) return null;
  const claims = JSON.parse(atob(body.replace(/-/g, "+").replace(/_/g, "/"))) as { sub?: string };
  return claims.sub ?? null;
}

const script = typeof document === "undefined" ? null : (document.currentScript as HTMLScriptElement | null);
if (script) {
  Object.assign(window, { Aftercare: { mount } });
  const { token, title, manual } = script.dataset;
  if (manual === undefined) {
    const options: Options = { url: new URL(script.src).origin };
    if (token) options.token = token;
    if (title) options.title = title;
    const start = (): void => void mount(options);
    if (document.body) start();
    else document.addEventListener("DOMContentLoaded", start);
  }
}
