// The demo shop: sign in as one of three customers, see their orders, chat.
import type { Options, Widget } from "../widget/main.ts";
import words from "./locale.json";

declare global {
  interface Window { Aftercare: { mount(options: Options): Widget } }
}
interface Customer { id: string; name: string }
interface Model { name: string; in_use: boolean; accuracy: number | null }
interface Order { order_no: string; title: string; variant: string; quantity: number; paid_fen: number; image: string; fulfilment: "unshipped" | "in_transit" | "delivered" }

let widget: Widget | null = null;
let latest: HTMLButtonElement | null = null;
const customers = document.getElementById("customers")!;
const orders = document.getElementById("orders")!;

async function choose(customer: Customer | null, pressed: HTMLButtonElement): Promise<void> {
  if (latest === pressed) return;
  latest = pressed;
  sessionStorage.setItem("customer", customer?.id ?? "");
  let token: string | null = null;
  if (customer) {
    const answer = await fetch("/demo/login", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ customer_id: customer.id }) });
    token = ((await answer.json()) as { token: string }).token;
  }
  if (latest !== pressed) return; // another choice came while this one was on its way
  widget?.remove();
  widget = window.Aftercare.mount({ url: location.origin, token, title: words.title });
  await showOrders(token);
  for (const item of customers.querySelectorAll("button")) item.setAttribute("aria-pressed", String(item === latest));
}

async function showOrders(token: string | null): Promise<void> {
  if (!token) { orders.replaceChildren(words.login); return; }
  const answer = await fetch("/demo/orders", { headers: { authorization: `Bearer ${token}` } });
  orders.replaceChildren(...((await answer.json()) as Order[]).map(row));
}

function row(order: Order): HTMLElement {
  const box = document.createElement("div");
  box.className = "order";
  const image = document.createElement("img");
  if (/^(https?:|\/)/.test(order.image)) image.src = order.image;
  image.alt = "";
  const facts = document.createElement("div");
  const name = document.createElement("strong");
  name.textContent = `${order.title} ${order.variant} ×${order.quantity}`;
  const price = document.createElement("span");
  price.textContent = `${words.paid} ${(order.paid_fen / 100).toFixed(2)} ${words.yuan} · ${words[order.fulfilment]}`;
  const number = document.createElement("small");
  number.textContent = `${words.order} ${order.order_no}`;
  facts.append(name, price, number);
  box.append(image, facts);
  return box;
}

/** A colleague's link: the talk it opens is marked as a trial, in this browser alone. */
async function tryOut(token: string): Promise<void> {
  const answer = await fetch(`/api/share/${encodeURIComponent(token)}/models`);
  if (!answer.ok) { orders.replaceChildren(((await answer.json()) as { message: string }).message); return; }
  const models = ((await answer.json()) as { items: Model[] }).items;
  if (models.length < 2) { await tryModel(token, models[0]!); return; }
  for (const model of models) {
    const item = document.createElement("button");
    item.type = "button";
    item.dataset.model = model.name;
    item.textContent = model.in_use ? words.in_use : `${words.candidate} ${model.name}${model.accuracy === null ? "" : ` (${(model.accuracy * 100).toFixed(1)}%)`}`;
    item.addEventListener("click", () => {
      for (const other of customers.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === item));
      void tryModel(token, model);
    });
    customers.append(item);
  }
  // What customers are answered by is there at once; another is one press away.
  customers.querySelector<HTMLButtonElement>("button[data-model]")?.click();
}

/** Each model is tried in a talk of its own, so that two can be compared. */
async function tryModel(token: string, model: Model): Promise<void> {
  const customer = `share-${token.slice(0, 8)}${model.in_use ? "" : `-${model.name}`}`;
  const key = `aftercare:${customer}`;
  if (!localStorage.getItem(key)) {
    const body = JSON.stringify({ model: model.in_use ? null : model.name });
    const answer = await fetch(`/api/share/${encodeURIComponent(token)}/session`, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) { orders.replaceChildren(((await answer.json()) as { message: string }).message); return; }
    localStorage.setItem(key, ((await answer.json()) as { session_id: string }).session_id);
  }
  orders.replaceChildren(customers.querySelector("[data-model]") ? `${words.trial}${words.choose_model}` : words.trial);
  widget?.remove();
  widget = window.Aftercare.mount({ url: location.origin, title: words.title, customer });
  widget.open();
}

async function start(): Promise<void> {
  const shared = /^#share=([\w-]+)$/.exec(location.hash)?.[1];
  if (shared) { await tryOut(shared); return; }
  const found = (await (await fetch("/demo/customers")).json()) as Customer[];
  const before = sessionStorage.getItem("customer");
  for (const customer of [...found, null]) {
    const item = document.createElement("button");
    item.type = "button";
    item.textContent = customer?.name ?? words.guest;
    item.addEventListener("click", () => void choose(customer, item));
    customers.append(item);
    if ((before === null && customer === found[0]) || before === (customer?.id ?? "")) void choose(customer, item);
  }
}

void start();
