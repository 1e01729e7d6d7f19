// The panel: what the customer sees and touches.
import { clip } from "./icon.ts";
import { EnterGuard } from "./ime.ts";
import words from "./locales/zh-CN.json";
import { button, element, renderHello, renderMessage, renderPending, type Choose } from "./render.ts";
import css from "./style.css";
import type { Link, Message, Owner, Pending } from "./types.ts";

const LIMIT = 1000;
const TYPING_MS = 3000;
// A page's policy may forbid style elements; a sheet made by script it lets in.
function dress(root: ShadowRoot): void {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = element("style");
  style.textContent = css;
  root.append(style);
}

export interface Signs { typing(on: boolean): void; looked(): void; opened(open: boolean): void }

export class View {
  readonly host = element("div");
  private readonly root = this.host.attachShadow({ mode: "open" });
  private readonly panel = element("section", "panel");
  private readonly launch = button("launch", words.title, () => this.toggle(true));
  private readonly badge = element("span", "badge");
  private readonly notice = element("div", "notice");
  private readonly status = element("small", "", words.bot);
  private readonly list = element("div", "log");
  private readonly typingLine = element("div", "typing");
  private readonly input = element("textarea");
  private unread = 0;
  private readSeq = 0;
  private typedAt = 0;
  private atEnd = true;
  private still = 0;

  constructor(title: string, private readonly choose: Choose, private readonly onPicture: (file: File) => void, private readonly signs: Signs) {
    dress(this.root);
    this.launch.setAttribute("aria-label", words.open);
    this.launch.append(this.badge);
    this.panel.hidden = true;
    this.panel.setAttribute("role", "dialog");
    this.panel.setAttribute("aria-label", title);
    this.list.setAttribute("role", "log");
    this.list.setAttribute("aria-live", "polite");
    this.list.setAttribute("aria-label", words.log);
    this.list.tabIndex = 0;
    this.list.addEventListener("scroll", () => { this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80; });
    // A picture has no height before it is there: who stood at the end stays there.
    this.list.addEventListener("load", () => { if (this.atEnd) this.toEnd(); }, true);
    this.notice.setAttribute("role", "status");
    this.panel.append(this.header(title), this.notice, this.list, this.typingLine, this.form());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.toggle(false);
    });
    this.root.append(this.launch, this.panel);
  }

  toggle(open: boolean): void {
    this.panel.hidden = !open;
    this.launch.hidden = open;
    this.signs.opened(open);
    if (!open) { this.launch.focus(); return; }
    this.unread = 0;
    this.badge.textContent = "";
    this.input.focus();
    this.signs.looked();
    this.toEnd();
  }

  private toEnd(): void {
    this.atEnd = true;
    this.list.scrollTop = this.list.scrollHeight;
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
  }

  show(messages: Message[], pending: Pending[], titles: Map<string, string>): void {
    const last = messages.at(-1);
    const rows = messages.map((item) => renderMessage(item, titles, item === last && !pending.length, this.choose));
    // Below the newest of the customer's that the person has read.
    let read = messages.length - 1;
    while (read >= 0 && (messages[read]!.sender !== "customer" || messages[read]!.seq > this.readSeq)) read -= 1;
    rows[read]?.append(element("small", "read", words.read));
    if (!messages.length && !pending.length) rows.push(renderHello(this.choose));
    this.list.replaceChildren(element("p", "privacy", words.privacy), ...rows, ...pending.map(renderPending));
    if (this.atEnd || pending.length) this.toEnd();
  }

  countUnread(added: number): void {
    if (this.isOpen) return;
    this.unread += added;
    this.badge.textContent = this.unread ? String(this.unread) : "";
    this.launch.setAttribute("aria-label", this.unread ? `${words.open} ${this.unread} ${words.unread}` : words.open);
  }

  link(state: Link): void {
    this.notice.textContent = state === "online" ? "" : words[state];
  }

  /** Says why, and gives the words back to be changed, unless others are being written. */
  refused(why: string, said: string): void {
    this.notice.textContent = why;
    if (said && !this.input.value) this.input.value = said;
  }

  owner(owner: Owner): void {
    const texts: Record<Owner, string> = { new: words.bot, bot: words.bot, waiting: words.waiting, human: words.human_here, closed: words.closed };
    this.status.textContent = texts[owner];
  }

  read(seq: number): void {
    this.readSeq = Math.max(this.readSeq, seq);
  }

  typing(on: boolean): void {
    this.typingLine.textContent = on ? words.typing : "";
  }

  private header(title: string): HTMLElement {
    const head = element("header");
    const name = element("strong", "", title);
    name.append(this.status);
    const close = button("", words.close, () => this.toggle(false));
    head.append(name, button("", words.human, () => this.choose("/request_human", words.human)), close);
    return head;
  }

  private picture(): HTMLElement {
    const label = element("label", "photo");
    const field = element("input");
    field.type = "file";
    field.accept = "image/jpeg,image/png,image/webp,image/gif";
    field.setAttribute("aria-label", words.photo);
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      field.value = "";
      if (file) this.onPicture(file);
    });
    label.append(clip(), field);
    return label;
  }

  /** Says at most every three seconds that somebody types, and once that nobody does. */
  private typed(): void {
    window.clearTimeout(this.still);
    this.still = window.setTimeout(() => { this.typedAt = 0; this.signs.typing(false); }, TYPING_MS);
    if (Date.now() - this.typedAt < TYPING_MS) return;
    this.typedAt = Date.now();
    this.signs.typing(true);
  }

  private form(): HTMLElement {
    const form = element("form");
    this.input.placeholder = words.placeholder;
    this.input.setAttribute("aria-label", words.placeholder);
    this.input.enterKeyHint = "send";
    const send = element("button", "", words.send);
    form.append(this.picture(), this.input, send);
    const submit = (): void => {
      const text = this.input.value.trim();
      if (!text) return;
      // Cut short by the browser, a long text would lose its end unseen.
      if ([...text].length > LIMIT) { this.notice.textContent = words.too_long; return; }
      this.input.value = "";
      this.notice.textContent = "";
      // What was sent ends the sign; the next letter is a sign of its own.
      window.clearTimeout(this.still);
      this.typedAt = 0;
      this.choose(text, text);
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
    this.input.addEventListener("input", () => this.typed());
    new EnterGuard().attach(this.input, submit);
    return form;
  }
}
