// Messages as elements. Text goes in as text, never as markup.
import words from "./locales/zh-CN.json";
import type { Card, LineItem, Message, Pending } from "./types.ts";

export type Choose = (payload: string, shown: string) => void;

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, name = "", text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export function button(name: string, text: string, act: () => void): HTMLButtonElement {
  const made = element("button", name, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** A payload is never shown: the button's title is, or nothing at all. */
export function shownText(message: Message, titles: Map<string, string>): string {
  if (message.sender !== "customer" || !message.text.startsWith("/")) return message.text;
  return titles.get(message.text) ?? words.choose;
}

export function renderMessage(message: Message, titles: Map<string, string>, isLast: boolean, choose: Choose): HTMLElement {
  const row = element("div", `row ${message.sender}`);
  // A picture speaks for itself: the words stored with it are for the assistant.
  const text = message.sender === "customer" && message.image ? "" : message.recalled ? words.recalled : shownText(message, titles);
  if (message.file && /^(https?:|\/)/.test(message.file.url)) {
    const bubble = element("div", "bubble");
    const link = element("a", "", message.file.name);
    link.href = message.file.url;
    link.target = "_blank";
    link.rel = "noopener";
    bubble.append(link);
    row.append(bubble);
  } else if (text) row.append(element("div", "bubble", text));
  if (message.card) row.append(renderCard(message.card, isLast, choose));
  if (message.image && /^(https?:|\/)/.test(message.image)) {
    const image = element("img", "picture");
    image.src = message.image;
    image.alt = "";
    row.append(image);
  }
  const offersCard = message.card?.card === "order_lines" && message.quick_replies?.every((x) => x.payload.startsWith("/inform"));
  if (isLast && message.quick_replies && !offersCard) {
    const chips = element("div", "chips");
    for (const reply of message.quick_replies) chips.append(button("chip", reply.title, () => choose(reply.payload, reply.title)));
    row.append(chips);
  }
  return row;
}

/** What stands where nothing was said yet; a choice is sent as the words it shows. */
export function renderHello(choose: Choose): HTMLElement {
  const row = element("div", "row hello");
  const chips = element("div", "chips");
  for (const ask of words.asks) chips.append(button("chip", ask, () => choose(ask, ask)));
  row.append(element("div", "bubble", words.hello), chips);
  return row;
}

export function renderPending(item: Pending): HTMLElement {
  const row = element("div", "row customer pending");
  row.append(element("div", "bubble", item.shown));
  return row;
}

function renderCard(card: Card, isLast: boolean, choose: Choose): HTMLElement {
  const box = element("div", `card ${card.card}`);
  if (card.card === "tracking") {
    const list = element("ol", "track");
    for (const event of card.events) {
      const item = element("li");
      item.append(element("time", "", event.at), element("span", "", `${event.place} ${event.text}`));
      list.append(item);
    }
    box.append(list);
    return box;
  }
  for (const line of card.items) box.append(renderLine(line, isLast, choose));
  return box;
}

function renderLine(line: LineItem, isLast: boolean, choose: Choose): HTMLElement {
  const item = element("div", "line");
  const image = element("img");
  if (/^(https?:|\/)/.test(line.image)) image.src = line.image;
  image.alt = "";
  const facts = element("div", "facts");
  facts.append(
    element("strong", "", line.title),
    element("span", "", `${line.variant} ×${line.quantity}`),
    element("span", "", `${words.paid} ${line.paid_text} ${words.yuan} · ${line.status_text}`),
    element("small", "", `${words.order_no} ${line.order_no}`),
  );
  item.append(image, facts);
  if (isLast) {
    const pick = button("pick", words.choose, () => choose(line.payload, `${line.title} ${line.variant}`));
    pick.setAttribute("aria-label", `${words.choose} ${line.title} ${line.variant}`);
    item.append(pick);
  }
  return item;
}
